# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# upgrade.sh - attach where a gateway is at work: what it keeps, and that it can fail.

# in_force FILE: all that an upgrade could change, in text that can be compared
in_force() {
	local pins prog
	pins=$(status_of pin_path)
	{
		trace natbox | sort
		gw status eth1 -j | jq 'del(.ports, .drops)'
		gw show-settings eth1
		for prog in "$pins"/progs/*; do
			bpftool -j prog show pinned "$prog" | jq -c '[.name, .id]'
		done
		bpftool -j map dump pinned "$pins/maps/internal_nets" | jq -c '.[].formatted.key'
		bpftool -j map dump pinned "$pins/maps/excluded_nets" | jq -c '.[].formatted.key'
		bpftool -j map dump pinned "$pins/maps/externals" | jq -c ".[].formatted" | sort
	} >"$1"
}

test_one_that_fails_leaves_everything_as_it_was() {
	network
	odd_interface odd0 24
	attach --lan none --exclude 192.0.2.0/24 --address 10.0.100.5 --ingress tc
	in_force "$work/was"
	refuses 1 'odd0: cannot attach' attach eth1 --lan odd0 --ingress xdp --per-host 5 \
		--internal 192.168.0.0/16 --exclude 198.51.100.0/24 --address auto --no-sysctl
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
	on natbox ip address del 192.168.97.3/24 dev odd0
	attach --lan auto --address auto --ingress xdp
	in_force "$work/was"
	refuses 1 'odd0: cannot attach' attach eth1 --lan odd0 --ingress tc --address 10.0.100.5
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
	detach_odd
}

# detach_odd: the address of odd0 is no longer what it was before attach
detach_odd() {
	on natbox ip address add 192.168.97.3/24 dev odd0
	detach
}

test_an_unnumbered_interface_with_a_pool() {
	network
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip route add 10.0.100.0/24 dev eth1
	serve server udp 10.0.100.2 7000
	refuses 1 'eth1: .*no IPv4 address' attach eth1
	attach --address 10.0.100.5
	on natbox ip route list table all >"$work/routes"
	attach --per-host 100
	is "pool" "$(status_of addresses[0])" 10.0.100.5
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	refuses 1 'eth1: .*no IPv4 address' attach eth1 --address auto
	is "pool" "$(status_of addresses[0])" 10.0.100.5
}

test_a_new_keeper_while_the_address_is_away() {
	network
	serve server udp 10.0.100.2 7000
	attach
	on natbox ip address del 10.0.100.1/24 dev eth1
	kill -KILL "$(status_of keeper.pid)"
	attach
	is "pool" "$(status_of addresses[0])" 10.0.100.1
	on natbox ip address add 10.0.100.7/24 dev eth1
	eventually 5 pool_is 10.0.100.7
	on natbox ip address del 10.0.100.7/24 dev eth1
	on natbox ip address add 10.0.100.1/24 dev eth1
	eventually 5 pool_is 10.0.100.1
}

# pool_is ADDR
pool_is() {
	[ "$(status_of addresses[0])" = "$1" ]
}

test_addresses_that_there_is_no_room_for() {
	network
	# With its own one, one less than there is room for.
	printf 'address add 10.7.%s/32 dev eth1\n' {1..2}.{1..255} >"$work/batch"
	on natbox ip -batch "$work/batch"
	attach
	in_force "$work/was"
	refuses 1 'eth1: cannot set the external addresses: ' attach eth1 \
		--address 10.0.100.1 --address 10.0.100.5-10.0.100.8
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
}

test_an_answer_that_was_not_noted_yet() {
	network
	attach --address 10.0.100.5
	# As from an attach that was killed between the two.
	on natbox ip route add local 10.0.100.6 dev eth1 proto 78 table local
}

# ---- larger tables -------------------------------------------------------------------------------

# what_stays FILE: of in_force, what larger tables must not change
what_stays() {
	in_force "$1.all"
	grep -vE '"?(max.sessions|sessions|bindings|pid)\b|^\["nat_|links?/|libbpf' "$1.all" |
		sed -E 's/(driver|filter) id [0-9]+/\1/' >"$1"
}

test_a_larger_table_says_what_it_costs() {
	local what='more than the table holds: 1000 .*--force.* ends all sessions: 1 now'
	network
	serve server udp 10.0.100.2 7000
	attach --max-sessions 1000
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	in_force "$work/was"
	refuses 1 "max-sessions: 2000 is $what" set eth1 max-sessions=2000
	refuses 1 "max-sessions 2000 is $what" attach eth1 --max-sessions 2000
	refuses 1 "max-sessions 2000 is $what" attach eth1 --max-sessions 2000 --dry-run
	is "said" "$(gw attach eth1 --max-sessions 2000 --force --dry-run 2>"$work/err")" \
		"eth1: would upgrade: xdp in, tc out; nothing was changed"
	grep -q 'new tables would be made: 1 sessions would end' "$work/err"
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
	gw set eth1 max-sessions=10
	is "limit" "$(status_of max_sessions)" 10
	# Below the ceiling an attach moves the limit as well, and ends nothing.
	gw attach eth1 --max-sessions 500 --force
	is "limit" "$(status_of max_sessions)" 500
	is "sessions" "$(count_sessions)" 1
}

test_a_larger_table_with_all_that_was_chosen() {
	network
	serve server udp 10.0.100.2 7000
	attach --max-sessions 1000 --address 10.0.100.5 --exclude 192.0.2.0/24 \
		--internal 192.168.0.0/16 --per-host 77 --lan eth0
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >"$work/seen"
	what_stays "$work/was"
	gw attach eth1 --max-sessions 300000 --force 2>"$work/err"
	grep -q 'new tables: 1 sessions were ended' "$work/err"
	what_stays "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
	is "limit" "$(status_of max_sessions)" 300000
	gw set eth1 max-sessions=300000
	is "sessions" "$(count_sessions)" 0
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >"$work/seen-again"
	same "the answer before and after" "$work/seen" "$work/seen-again"
	attach --per-host 78
	is "limit" "$(status_of max_sessions)" 300000
}

test_a_larger_table_keeps_port_forwards() {
	network
	serve client1 tcp 192.168.99.1 7000
	attach --max-sessions 1000
	gw forward add eth1 tcp 8080 192.168.99.1:7000
	gw forward add eth1 tcp 8081-8083 192.168.99.1:7000-7002 from 10.0.100.0/24
	gw forward list eth1 -j | jq -S 'del(.[].age, .[].sessions)' >"$work/was"
	[ "$(jq length "$work/was")" -gt 0 ]
	gw attach eth1 --max-sessions 2000 --force
	gw forward list eth1 -j | jq -S 'del(.[].age, .[].sessions)' >"$work/is"
	same "the port forwards before and after" "$work/was" "$work/is"
	on server "$peer" ask tcp 10.0.100.1 8080 >"$work/answer"
	on server "$peer" ask tcp 10.0.100.1 8081 >"$work/answer"
}

test_a_larger_table_that_fails_leaves_everything_as_it_was() {
	network
	serve server tcp 10.0.100.2 7000
	odd_interface odd0 24
	attach --max-sessions 1000 --lan eth0 --ingress tc --address 10.0.100.5
	on client1 "$peer" ask tcp 10.0.100.2 7000 --from 0.0.0.0:5555 --hold "$work/release" \
		--wait 10 >"$work/held" &
	held=$!
	eventually 3 grep -q hello "$work/held"
	in_force "$work/was"
	refuses 1 'odd0: cannot attach' attach eth1 --max-sessions 2000 --force --lan odd0 --per-host 5 \
		--ingress xdp
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
	touch "$work/release"
	wait "$held"
	is "sessions" "$(count_sessions)" 1
}

test_more_addresses_than_there_is_room_for() {
	network
	attach --max-sessions 1000
	refuses 1 '20 addresses are more than there is room for: 16 .*--force' attach eth1 \
		--address 10.0.100.100-10.0.100.119
	gw attach eth1 --address 10.0.100.100-10.0.100.119 --force
	is "addresses" "$(status_of 'addresses | length')" 20
	is "limit" "$(status_of max_sessions)" 1000
}

test_more_bindings_than_there_is_room_for() {
	network
	# Beyond the default ceiling there is room for the bindings of the addresses that it has.
	attach --max-sessions 400000
	refuses 1 '2 addresses are more than there is room for: 1 .*--force' attach eth1 \
		--address 10.0.100.100-10.0.100.101
	gw attach eth1 --address 10.0.100.100-10.0.100.102 --force
	# With three there is a binding for each session, whatever the addresses.
	gw attach eth1 --address 10.0.100.100-10.0.100.115
	is "addresses" "$(status_of 'addresses | length')" 16
}
