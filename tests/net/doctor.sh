# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# doctor.sh - natctl doctor names what a gateway lacks, the remedy it names helps, and it changes
# nothing. What others have put in a gateway's way is in coexist.sh, for attach says that, too.

# examine: natctl doctor eth1, into $work/doctor
examine() {
	local status=0
	gw doctor eth1 -j >"$work/doctor" || status=$?
	is "exit code, 1 with a problem" $status \
		"$(jq 'if any(.severity == "problem") then 1 else 0 end' "$work/doctor")"
}

# finds CHECK SEVERITY: among what examine() has found
finds() {
	jq -e --arg check "$1" --arg severity "$2" \
		'any(.check == $check and .severity == $severity)' "$work/doctor" >/dev/null ||
		fail "$1 is no $2: $(jq -c --arg check "$1" '.[] | select(.check == $check)' "$work/doctor")"
}

# heeding CHECK: run the commands of its remedy, words in capitals replaced by the arguments
heeding() {
	local command check=$1 word
	shift
	jq -r --arg check "$check" '.[] | select(.check == $check) | .remedy' "$work/doctor" |
		grep -oE '"[^"]*"' | tr -d '"' >"$work/remedy"
	[ -s "$work/remedy" ] || fail "no command in the remedy of $check"
	while read -r command; do
		for word; do
			command=${command/${word%%=*}/${word#*=}}
		done
		# shellcheck disable=SC2086 # words
		case $command in
		natctl*) gw ${command#natctl} ;;
		*) on natbox $command ;;
		esac
	done <"$work/remedy"
}

test_before_attach_and_after() {
	network
	examine
	finds kernel ok
	finds capabilities ok
	finds address ok
	finds lan ok
	finds link ok
	attach --ingress tc
	examine
	finds gateway ok
	finds keeper ok
	finds forwarding ok
	is "checks, each of the machine and of the gateway" \
		"$(jq '[.[].check] | unique | length' "$work/doctor")" "$(jq length "$work/doctor")"
}

test_each_finding_stands_on_a_line_of_its_own_with_its_remedy() {
	network
	on natbox ip link set eth1 down
	gw doctor eth1 >"$work/said" && fail "exit code 0, and a problem"
	grep -A 1 '^problem  eth1: link: eth1 is down$' "$work/said" >"$work/link"
	is "the remedy" "$(tail -n 1 "$work/link")" '         -> "ip link set eth1 up"'
	grep -q '^ok       kernel: ' "$work/said"
	gw doctor eth1 -q >"$work/said" || true
	lacks "$work/said" '^ok'
}

test_it_changes_nothing() {
	network
	trace natbox >"$work/before"
	gw doctor >/dev/null 2>&1 || true
	examine
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
}

test_all_gateways_or_the_way_out() {
	network
	gw doctor -j >"$work/doctor" 2>"$work/err" || true
	grep -q 'no default route leads out' "$work/err"
	on natbox ip route add default via 10.0.100.2
	gw doctor -j >"$work/doctor" || true
	is "interface" "$(jq -r '[.[].interface | select(.)] | unique | join(" ")' "$work/doctor")" eth1
	on natbox ip route delete default
	attach
	gw doctor >"$work/said" || true
	is "looks at the machine" "$(grep -c ' kernel: ' "$work/said")" 1
	gw doctor -j >"$work/doctor" || true
	is "interface" "$(jq -r '[.[].interface | select(.)] | unique | join(" ")' "$work/doctor")" eth1
}

test_misuse() {
	network
	refuses 1 'eth9: no such interface' doctor eth9 -q
	refuses 2 'one interface' doctor eth0 eth1
	refuses 2 'cannot be an interface' doctor an-interface-without-end
}

test_a_dead_keeper() {
	network
	attach
	kill -9 "$(status_of keeper.pid)"
	eventually 10 problem keeper
	heeding keeper
	examine
	finds keeper ok
}

# problem CHECK: is there one by now?
problem() {
	examine
	(finds "$1" problem) 2>/dev/null 9>&2
}

test_forwarding_that_somebody_has_turned_off() {
	network
	attach
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=0
	examine
	finds forwarding problem
	heeding forwarding
	examine
	finds forwarding ok
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
}

test_an_interface_that_is_down_or_without_address() {
	network
	on natbox ip link set eth1 down
	examine
	finds link problem
	heeding link
	eventually 10 carrier
	on natbox ip link add bare type veth peer name bare-end
	on natbox ip link set bare up
	gw doctor bare -j >"$work/doctor" && fail "exit code 0 without an address"
	finds address problem
	finds link problem
	on natbox ip link set bare-end up
	heeding address ADDRESS/LEN=203.0.113.7/24
	gw doctor bare -j >"$work/doctor"
	finds address ok
	finds double-nat ok
}

carrier() {
	examine
	(finds link ok) 2>/dev/null 9>&2
}

test_addresses_that_are_not_public() {
	local address
	network
	for address in 100.64.0.1 172.31.255.1 192.168.7.1 169.254.3.3 10.255.0.1; do
		on natbox ip address flush dev eth1
		on natbox ip address add $address/24 dev eth1
		examine
		finds double-nat note
	done
	for address in 100.128.0.1 172.32.0.1 192.169.0.1 9.255.255.1 11.0.0.1; do
		on natbox ip address flush dev eth1
		on natbox ip address add $address/24 dev eth1
		examine
		finds double-nat ok
	done
	attach --address 203.0.113.4/31
	examine
	finds double-nat ok
	attach --address 203.0.113.4 --address 192.168.200.4
	examine
	finds double-nat note
}

test_nobody_to_translate_for() {
	network
	on natbox ip address flush dev eth0
	examine
	finds lan note
	heeding lan ADDRESS/LEN=192.168.99.254/24 INTERFACE=eth0
	examine
	finds lan ok
}

test_larger_packets_inside_than_outside() {
	network
	on natbox ip link set eth1 mtu 1400
	examine
	finds mtu ok
	attach --clamp-mss off
	examine
	finds mtu note
	heeding mtu
	examine
	finds mtu ok
	is "clamp-mss" "$(status_of 'settings["clamp-mss"]')" 1360
}

test_bulk_traffic_through_tc() {
	network
	attach --ingress tc
	examine
	finds gro note # network() has turned it off
	heeding gro
	examine
	finds gro ok
	on natbox ethtool -K eth1 gro off
}

test_a_table_that_is_nearly_full() {
	network
	attach
	gw set eth1 max-sessions=1
	examine
	finds sessions ok
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	examine
	finds sessions problem
	heeding sessions
	examine
	finds sessions ok
}

test_routes() {
	network
	examine
	finds default-route note
	heeding default-route GATEWAY=10.0.100.2
	examine
	finds default-route ok
	on natbox ip route delete default
}

test_ipv6_forwarding_and_router_advertisements() {
	network
	on natbox sysctl -qw net.ipv6.conf.eth1.forwarding=1 2>/dev/null || skip "no IPv6"
	on natbox sysctl -qw net.ipv6.conf.eth1.disable_ipv6=0 net.ipv6.conf.eth1.accept_ra=1
	examine
	finds accept-ra note
	on natbox ip -6 address add 2001:db8::2/64 dev eth1 nodad
	on natbox ip -6 route add default via 2001:db8::1 dev eth1
	examine
	finds accept-ra ok
	on natbox ip -6 route delete default
	examine
	heeding accept-ra
	examine
	finds accept-ra ok
}

test_an_attach_that_was_interrupted() {
	local pins
	network
	attach
	pins=$(status_of pin_path)
	mv "$pins/progs/nat_reap" "$pins/progs/nat_reap-away" 2>/dev/null ||
		skip "pins cannot be renamed here"
	examine
	finds gateway problem
	mv "$pins/progs/nat_reap-away" "$pins/progs/nat_reap"
	examine
	finds gateway ok
}

test_daemons_that_do_the_same() {
	network
	cp "$(command -v sleep)" "$work/einat"
	start natbox "$work/einat" 60
	eventually 10 runs_einat
	grep -q 'systemctl stop einat' "$work/doctor"
	# Elsewhere it is nobody's business here.
	on client1 "$natctl" doctor eth0 -j >"$work/doctor" 2>/dev/null || true
	finds daemons ok
}

runs_einat() {
	examine
	(finds daemons note) 2>/dev/null 9>&2
}

test_without_privileges() {
	network
	attach
	on natbox setpriv --bounding-set -all --inh-caps -all "$natctl" doctor eth1 -j \
		>"$work/doctor" && fail "exit code 0 without a capability"
	finds capabilities problem
	finds address ok
}
