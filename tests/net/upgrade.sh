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
