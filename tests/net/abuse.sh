# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# abuse.sh - what others do to the gateway, and what its own hosts can still do meanwhile.

# shellcheck source=tests/net/lifecycle.sh
. "$net/lifecycle.sh" # say, says, talk_begin, ping_begin, ping_end

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

# ---- floods, while another host does its work ---------------------------------------------------

# victim: client2 has a connection open, and is pinging
victim() {
	needs hping3
	serve server tcp 10.0.100.2 7000
	serve server udp 10.0.100.2 7001
	attach
	pinged=0
	talk_begin client2
	ping_begin client2 -i 0.01
}

# under NAME HOST COMMAND...: as long as this runs, client2 talks on and opens new flows
under() {
	local attack opened=0 before after
	before=$(refused)
	start "${@:2}" >"$work/attack" 2>&1
	attack=$!
	while kill -0 $attack 2>/dev/null; do
		says "under $1"
		on client2 "$peer" ask udp 10.0.100.2 7001 >/dev/null
		opened=$((opened + 1))
	done
	wait $attack || true # hping3 fails when nobody answers
	after=$(refused)
	say "$1: $(hping3_sent) packets sent, $((after - before)) refused; meanwhile $opened new flows" \
		"of another host, and its connection"
	[ $opened -ge 3 ] || fail "$1 ended too soon: $(cat "$work/attack")"
}

hping3_sent() {
	sed -nE 's/^([0-9]+) packets transmitted.*/\1/p' "$work/attack"
}

# refused: how many packets natctl has dropped, for whatever reason
refused() {
	gw stats eth1 -j | jq '[.reasons[] | select(.verdict == "dropped").packets] | add'
}

# unharmed: nothing of what client2 has was lost
unharmed() {
	ping_end
	says end
	say "$pinged pings of the other host, all answered"
	# Whatever was made of what was forged: it has the two hours of an open connection.
	is "its connection" "$(gw sessions eth1 -j proto tcp internal 192.168.99.2:5555 |
		jq -c '[.[].expires_s > 7400]')" '[true]'
}

# holders: who holds bindings, the most first: "4096 192.168.99.1"
holders() {
	gw bindings eth1 -j | jq -r '[.[] | .internal.addr] | group_by(.) | sort_by(-length)[] |
		"\(length) \(.[0])"'
}

# Each from another port: more than a host may have, and on a fast machine faster.
flood=(-q -i u200 -c 3000)

test_floods_from_inside_take_nothing_from_other_hosts() {
	network
	victim
	under "SYN flood" client1 hping3 "${flood[@]}" -c 6000 -S -p 80 10.0.100.2
	under "UDP flood" client1 hping3 "${flood[@]}" -2 -p 7 10.0.100.2
	under "ICMP flood" client1 hping3 "${flood[@]}" -1 10.0.100.2
	under "fragments" client1 hping3 "${flood[@]}" -2 -x -g 64 -d 32 10.0.100.2
	under "forged sources" client1 hping3 "${flood[@]}" -2 -p 7 --rand-source 10.0.100.2
	under "resets and acks of nothing" client1 hping3 "${flood[@]}" -R -A -p 80 10.0.100.2
	unharmed
	# Why it was refused and who holds the most can be seen.
	[ $(($(counted host-limit) + $(counted host-rate))) -gt 4000 ] || fail "too few were refused"
	[ "$(counted spoofed-source)" -gt 1000 ] || fail "spoofed-source: $(counted spoofed-source)"
	holders >"$work/holders"
	say "who holds bindings: $(paste -sd, "$work/holders")"
	[[ $(head -n 1 "$work/holders") == *" 192.168.99.1" ]]
	[ "$(head -n 1 "$work/holders" | cut -d' ' -f1)" -le 4096 ]
}

test_one_host_cannot_exhaust_what_is_for_all() {
	network
	victim
	gw set eth1 host-rate=100000 max-sessions=3000 per-host=2000
	under "2000 bindings and more" client1 hping3 "${flood[@]}" -c 4000 -2 -p 7 10.0.100.2
	[ "$(counted host-limit)" -gt 1000 ] || fail "host-limit: $(counted host-limit)"
	[[ $(holders | head -n 1) == "2000 192.168.99.1" ]] || fail "$(holders)"
	unharmed
}

test_floods_from_outside_take_nothing_from_internal_hosts() {
	local before
	network
	captures=() # forged sources are internal addresses, too
	victim
	before=$(count_bindings proto tcp)
	under "SYN flood" server hping3 "${flood[@]}" -S -p ++1024 --rand-source 10.0.100.1
	under "SYN flood of one port" server hping3 "${flood[@]}" -S -p 5555 --rand-source 10.0.100.1
	under "UDP flood" server hping3 "${flood[@]}" -2 -p ++1024 --rand-source 10.0.100.1
	under "ICMP flood" server hping3 "${flood[@]}" -1 --rand-source 10.0.100.1
	under "fragments" server hping3 "${flood[@]}" -2 -x -g 64 -d 32 --rand-source 10.0.100.1
	under "unreachables" server hping3 "${flood[@]}" -1 -C 3 -K 1 --rand-source 10.0.100.1
	unharmed
	is "bindings that strangers have made" "$(($(count_bindings proto tcp) - before))" 0
	[ "$(counted syn-held)" -gt 1000 ] || fail "syn-held: $(counted syn-held)"
}

test_a_port_scan_leaves_the_flows_of_internal_hosts_alone() {
	network
	captures=()
	victim
	on server ip address add 10.0.100.66/24 dev eth0
	start server "$peer" scan 10.0.100.1 10.0.100.66
	scanning=$!
	while kill -0 $scanning 2>/dev/null; do
		says scanned
		on client2 "$peer" ask udp 10.0.100.2 7001 >/dev/null
	done
	wait $scanning
	unharmed
	is "bindings of TCP" "$(count_bindings proto tcp)" 1
}

# Somebody who knows all four of address and port, but not where the connection is.
test_forged_resets_and_errors_end_no_connection() {
	network
	captures=() # the errors quote what never was on the wire
	victim
	under "resets" server hping3 "${flood[@]}" -R -s 7000 -k -p 5555 10.0.100.1
	under "SYNs" server hping3 "${flood[@]}" -S -s 7000 -k -p 5555 10.0.100.1
	under "FINs" server hping3 "${flood[@]}" -F -s 7000 -k -p 5555 10.0.100.1
	on server ip address add 10.0.100.66/24 dev eth0
	strangers "IP(src='10.0.100.66', dst='10.0.100.1')/ICMP(type=3, code=1)/IP(src='10.0.100.1', dst='10.0.100.2')/TCP(sport=5555, dport=7000, seq=1)" \
		"IP(src='10.0.100.66', dst='10.0.100.1')/ICMP(type=3, code=3)/IP(src='10.0.100.1', dst='10.0.100.2')/TCP(sport=5555, dport=7000, seq=99)" \
		"IP(src='10.0.100.66', dst='10.0.100.1')/ICMP(type=3, code=4, nexthopmtu=68)/IP(src='10.0.100.1', dst='10.0.100.2')/TCP(sport=5555, dport=7000, seq=7)" \
		"IP(src='10.0.100.66', dst='10.0.100.1')/ICMP(type=5, code=1)/IP(src='10.0.100.1', dst='10.0.100.2')/TCP(sport=5555, dport=7000)"
	says "after forged errors"
	unharmed
}
