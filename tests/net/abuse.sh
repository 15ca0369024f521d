# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# abuse.sh - what others do to the gateway, and what its own hosts can still do meanwhile.

# mac_of HOST INTERFACE
mac_of() {
	on "$1" ip -o link show "$2" | sed -nE 's/.*link\/ether ([^ ]+).*/\1/p'
}

# has_counted REASON TIMES
has_counted() {
	[ "$(counted "$1")" -ge "$2" ]
}

# strangers EXPRESSION...: the server puts these on the wire to the gateway
strangers() {
	on server "$net/emit" eth0 "$(mac_of natbox eth1)" "$@"
}

test_neighbours_outside_are_routed_and_not_translated() {
	network
	attach
	on natbox ip route add default via 10.0.100.2
	strangers "IP(src='198.51.100.1', dst='203.0.113.9')/UDP(sport=1111, dport=2222)" \
		"IP(src='172.16.9.9', dst='203.0.113.9')/UDP(sport=1111, dport=2222)"
	eventually 2 has wan 1 'src 198.51.100.1 and dst 203.0.113.9'
	is "sessions" "$(count_sessions)" 0
	is "routed" "$(counted not-internal)" 1
	is "dropped" "$(counted private-source)" 1
	is "relayed" "$(show wan 'src 10.0.100.1 and udp' | wc -l)" 0
	on natbox ip route del default
}

test_forged_sources_inside_take_nothing_from_others() {
	local i expressions=()
	network
	serve server udp 10.0.100.2 7000
	attach
	on natbox ip route add default via 10.0.100.2
	for i in {1..200}; do
		expressions+=("IP(src='203.0.113.$i', dst='10.0.100.2')/UDP(sport=$((5000 + i)), dport=7000)")
	done
	on client1 "$net/emit" eth0 "$(mac_of natbox eth0)" "${expressions[@]}"
	eventually 5 has_counted spoofed-source 200
	is "bindings" "$(count_bindings)" 0
	on client2 "$peer" ask udp 10.0.100.2 7000 --from 192.168.99.2:5000
	is "bindings" "$(count_bindings)" 1
	on natbox ip route del default
}

test_strangers_leave_sessions_to_internal_hosts() {
	local i expressions=()
	network
	serve server udp 10.0.100.2 7000
	serve server udp 10.0.100.2 7001
	attach --filtering independent
	gw set eth1 max-sessions=100
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 192.168.99.1:5000
	for i in {1..120}; do
		expressions+=("IP(src='203.0.113.$i', dst='10.0.100.1')/UDP(sport=1111, dport=5000)")
	done
	strangers "${expressions[@]}"
	eventually 5 has_counted session-limit 45
	is "sessions" "$(count_sessions)" 75
	on client1 "$peer" ask udp 10.0.100.2 7001 --from 192.168.99.1:5000
	on client2 "$peer" ask udp 10.0.100.2 7000 --from 192.168.99.2:5000
}

test_an_error_from_outside_does_not_change_the_way_inside() {
	network
	captures=() # what the stranger sends has an internal address in it
	attach
	strangers "IP(src='10.0.100.2', dst='10.0.100.1')/ICMP(type=3, code=4, nexthopmtu=600)/IP(src='10.0.100.1', dst='192.168.99.1')/ICMP(type=0, id=5)/Raw('x' * 20)"
	eventually 2 has_counted spoofed-source 1
	on natbox ip route get 192.168.99.1 >"$work/route"
	lacks "$work/route" mtu
}
