# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# udp.sh - datagrams: bindings that do not depend on the remote, filtering, bulk.

# seen_as HOST:PORT-TO-ASK-FROM REMOTE PORT: the endpoint that the remote sees
seen_as() {
	on "${1%%:*}" "$peer" ask udp "$2" "$3" --from "0.0.0.0:${1#*:}" | awk '{ print $1 }'
}

test_a_free_port_is_kept() {
	network
	serve server udp 10.0.100.2 7000
	attach
	is "client1 is seen as" "$(seen_as client1:5000 10.0.100.2 7000)" 10.0.100.1:5000
}

test_the_binding_does_not_depend_on_the_remote() {
	local first
	network
	on server ip address add 10.0.100.9/24 dev eth0
	serve server udp 10.0.100.2 7000
	serve server udp 10.0.100.9 7001
	attach
	seen_as client1:5000 10.0.100.2 7000
	first=$(seen_as client2:5000 10.0.100.2 7000)
	[ "$first" != 10.0.100.1:5000 ]
	is "client2 is seen by another as" "$(seen_as client2:5000 10.0.100.9 7001)" "$first"
	is "bindings of client2" "$(count_bindings internal 192.168.99.2)" 1
	is "sessions of client2" "$(count_sessions internal 192.168.99.2)" 2
}

# reaches PORT SOURCE: does a datagram from SOURCE to this external port get through?
reaches() {
	local addr=${2%:*} port=${2#*:} before
	before=$(show lan "udp and dst 192.168.99.1 and src $addr and src port $port" | wc -l)
	on server "$peer" ask udp 10.0.100.1 "$1" --from "$2" --wait 0.3 >/dev/null 2>&1 || true
	[ "$(show lan "udp and dst 192.168.99.1 and src $addr and src port $port" | wc -l)" -gt \
		"$before" ]
}

# filtering WORD SAME-ADDRESS OTHER-ADDRESS: who may send to a binding
filtering() {
	network
	on server ip address add 10.0.100.9/24 dev eth0
	serve server udp 10.0.100.2 7000
	attach --filtering "$1"
	seen_as client1:5000 10.0.100.2 7000
	is "another port of the same address" "$(reaches 5000 10.0.100.2:7001 && echo yes || echo no)" "$2"
	is "another address" "$(reaches 5000 10.0.100.9:7001 && echo yes || echo no)" "$3"
}

test_filtering_independent_lets_everybody_in() {
	filtering independent yes yes
}

test_filtering_by_address_lets_known_addresses_in() {
	filtering address yes no
	[ "$(counted filtered)" -ge 1 ]
}

test_filtering_by_address_and_port_lets_nobody_else_in() {
	filtering address-port no no
	[ "$(counted filtered)" -ge 2 ]
}

receives() {
	on client1 iperf3 -c 10.0.100.2 -u -b 50M -l 1400 -t 1 -R >"$work/iperf"
}

test_iperf3_in_both_directions() {
	network
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
	attach
	on client1 iperf3 -c 10.0.100.2 -u -b 50M -l 1400 -t 1 >/dev/null
	# The server takes a moment to be free again.
	eventually 10 receives
	# The receiver's line: nothing may be lost at a rate this low.
	awk '/receiver/ { split($0, part, /[()%]/); lost = part[2] } END { exit lost > 5 }' "$work/iperf"
}
