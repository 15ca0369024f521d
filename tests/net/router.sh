# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# router.sh - a NAT is a router: TTL, MTU, fragments, and the errors that the kernel of the
# gateway makes itself, about packets that have been translated already or not yet.

# mtu_of_wan MTU: of the link between the gateway and the server
mtu_of_wan() {
	on natbox ip link set eth1 mtu "$1"
	on server ip link set eth0 mtu "$1"
}

# quoted CAPTURE FILTER PATTERN: a captured packet, shown with what it quotes, must match
quoted() {
	eventually 3 has "$1" 1 "$2"
	# Four lines a packet, the third and fourth of what it quotes.
	show "$1" -v "$2" | paste - - - - >"$work/quoted"
	grep -qE "$3" "$work/quoted" || fail "no packet like \"$3\": $(cat "$work/quoted")"
}

# ---- too big -----------------------------------------------------------------------------------

too_big='icmp[icmptype] == icmp-unreach and icmp[icmpcode] == 4'

test_too_big_with_df_is_answered_with_the_mtu() {
	network
	mtu_of_wan 1400
	attach
	on client1 ping -e 4660 -c 1 -W 1 -M "do" -s 1472 10.0.100.2 >"$work/ping" && fail "an answer"
	grep -q 'From 192.168.99.3 .*mtu = 1400' "$work/ping" || fail "$(cat "$work/ping")"
	# It quotes what client1 had sent, not what it would have become.
	quoted lan "$too_big and src 192.168.99.3" \
		'mtu 1400.*192\.168\.99\.1 > 10\.0\.100\.2: ICMP echo request, id 4660'
	is "packets outside" "$(show wan icmp | wc -l)" 0
	is "bindings" "$(count_bindings)" 0
	on client1 ping -c 1 -W 2 -M "do" -s 1372 10.0.100.2 >/dev/null
}

test_the_mtu_of_the_route_counts() {
	network
	on natbox ip route add 10.0.100.2/32 dev eth1 mtu lock 1300
	attach
	on client1 ping -c 1 -W 1 -M "do" -s 1400 10.0.100.2 >"$work/ping" && fail "an answer"
	grep -q 'From 192.168.99.3 .*mtu = 1300' "$work/ping" || fail "$(cat "$work/ping")"
	is "packets outside" "$(show wan icmp | wc -l)" 0
}

# fragments_in_order CAPTURE FILTER: every datagram in one piece after the other
fragments_in_order() {
	show "$1" -v "$2" | sed -nE 's/.* id ([0-9]+), offset ([0-9]+), flags \[([^]]*)\].*/\1 \2 \3/p' |
		awk '{ if ($2 < at[$1] || ($2 == 0 && seen[$1]++)) bad = 1; at[$1] = $2 }
			$2 > 0 { later++ } END { exit bad || !later }'
}

test_too_big_without_df_leaves_in_fragments_in_order() {
	network
	mtu_of_wan 1000
	attach
	on client1 ping -c 3 -i 0.2 -W 2 -M dont -s 2500 10.0.100.2 >"$work/ping"
	grep -q ' 3 received' "$work/ping"
	on client2 ping -c 3 -i 0.2 -W 2 -M dont -s 1400 10.0.100.2 >"$work/ping"
	grep -q ' 3 received' "$work/ping"
	eventually 2 has wan 15 'src 10.0.100.1 and icmp'
	is "packets with DF" "$(show wan 'icmp and ip[6] & 0x40 != 0' | wc -l)" 0
	fragments_in_order wan 'src 10.0.100.1'
	fragments_in_order wan 'dst 10.0.100.1'
	[ "$(show wan 'greater 1015' | wc -l)" = 0 ]
}

test_the_gateways_own_too_big_about_a_translated_packet() {
	network
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
	# The other end of the internal link takes more than the gateway sends on it.
	on natbox ip link set eth0 mtu 1280
	attach
	on client1 timeout 20 iperf3 -c 10.0.100.2 -n 500K -R >"$work/iperf"
	quoted wan "$too_big and src 10.0.100.1" \
		'mtu 1280.*10\.0\.100\.2\.5201 > 10\.0\.100\.1\.[0-9]+:'
	[ "$(counted icmp-error-out)" -ge 1 ]
}

# ---- TTL ---------------------------------------------------------------------------------------

# ttls CAPTURE FILTER: the different TTLs in it
ttls() {
	show "$1" -v "$2" | sed -nE 's/.*, ttl ([0-9]+),.*/\1/p' | sort -nu | paste -sd' '
}

ttl_goes_down_by_one() {
	network
	serve server udp 10.0.100.2 7000
	serve_page server 10.0.100.2 80
	attach --ingress "$1"
	on client1 ping -t 10 -c 3 -i 0.2 -W 2 10.0.100.2 >/dev/null
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	fetch client1 http://10.0.100.2/
	eventually 2 has wan 3 'icmp and src 10.0.100.1'
	is "TTL of echo requests outside" "$(ttls wan 'icmp and src 10.0.100.1')" 9
	is "TTL of echo replies inside" "$(ttls lan 'icmp and dst 192.168.99.1')" 63
	is "TTL outside" "$(ttls wan '(udp or tcp) and src 10.0.100.1')" 63
	is "TTL inside" "$(ttls lan '(udp or tcp) and dst 192.168.99.1')" 63
}

test_ttl_goes_down_by_one_both_ways_with_xdp() {
	ttl_goes_down_by_one xdp
}

test_ttl_goes_down_by_one_both_ways_with_tc() {
	ttl_goes_down_by_one tc
}

expired='icmp[icmptype] == icmp-timxceed'

test_ttl_ends_at_the_gateway_outbound() {
	network
	attach
	on client1 ping -e 4660 -t 1 -c 1 -W 1 10.0.100.2 >"$work/ping" && fail "an answer"
	grep -q 'From 192.168.99.3 .*Time to live exceeded' "$work/ping" || fail "$(cat "$work/ping")"
	quoted lan "$expired and src 192.168.99.3" \
		'192\.168\.99\.1 > 10\.0\.100\.2: ICMP echo request, id 4660'
	on client1 "$peer" ask udp 10.0.100.2 9 --from 0.0.0.0:5000 --ttl 1 --wait 0.3 2>/dev/null &&
		fail "an answer"
	quoted lan "$expired and src 192.168.99.3" '192\.168\.99\.1\.5000 > 10\.0\.100\.2\.9:'
	is "packets outside" "$(show wan 'icmp or udp' | wc -l)" 0
	is "bindings" "$(count_bindings)" 0
}

# RFC 1812 section 4.3.2.5; what RFC 5508 would rather have is in decision 0011.
test_errors_of_the_gateway_have_precedence_six() {
	network
	attach
	on client1 ping -Q 0xb8 -t 1 -c 1 -W 1 10.0.100.2 >/dev/null && fail "an answer"
	quoted lan "$expired and src 192.168.99.3" '^IP \(tos 0xd8,.*IP \(tos 0xb8,'
}

ttl_ends_inbound() {
	network
	serve server udp 10.0.100.2 7000
	attach --ingress "$1"
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >/dev/null
	on server "$peer" ask udp 10.0.100.1 5000 --from 10.0.100.2:9 --ttl 1 --wait 0.3 2>/dev/null &&
		fail "an answer"
	quoted wan "$expired and src 10.0.100.1" '10\.0\.100\.2\.9 > 10\.0\.100\.1\.5000:'
	is "of it inside" "$(show lan 'src 10.0.100.2 and port 9' | wc -l)" 0
	[ "$(counted icmp-error-out)" -ge 1 ]
}

test_ttl_ends_at_the_gateway_inbound_with_xdp() {
	ttl_ends_inbound xdp
}

test_ttl_ends_at_the_gateway_inbound_with_tc() {
	ttl_ends_inbound tc
}

test_the_gateway_itself_takes_any_ttl() {
	network
	serve natbox udp 10.0.100.1 7000
	attach
	on server ping -t 1 -c 1 -W 2 10.0.100.1 >/dev/null
	on server "$peer" ask udp 10.0.100.1 7000 --ttl 1 >/dev/null
	on client1 ping -t 1 -c 1 -W 2 10.0.100.1 >/dev/null
}

# ---- fragments ---------------------------------------------------------------------------------

test_long_pings_of_two_clients_arrive() {
	local first second
	network
	attach
	on client1 ping -e 7 -c 5 -i 0.2 -W 2 -s 4000 10.0.100.2 >"$work/1" &
	first=$!
	on client2 ping -e 7 -c 5 -i 0.2 -W 2 -s 4000 10.0.100.2 >"$work/2" &
	second=$!
	wait $first
	wait $second
	grep -q ' 5 received' "$work/1"
	grep -q ' 5 received' "$work/2"
	eventually 2 has wan 60 icmp
	is "bindings" "$(count_bindings proto icmp)" 2
}

test_datagrams_in_fragments_in_both_directions() {
	network
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
	attach
	on client1 iperf3 -c 10.0.100.2 -u -b 20M -l 8000 -t 1 >"$work/out"
	on client1 iperf3 -c 10.0.100.2 -u -b 20M -l 8000 -t 1 -R >"$work/in"
	for way in out in; do
		awk '/receiver/ { split($0, part, /[()%]/); lost = part[2]; seen = 1 }
			END { exit lost > 5 || !seen }' "$work/$way" || fail "$(cat "$work/$way")"
	done
	has wan 100 'src 10.0.100.1 and ip[6:2] & 0x1fff != 0'
	has wan 100 'dst 10.0.100.1 and ip[6:2] & 0x1fff != 0'
}

# flooded COUNT: has the gateway seen that many fragments of nothing?
flooded() {
	[ "$(($(counted host-fragment) + $(counted fragment)))" -ge "$1" ]
}

test_a_flood_of_orphans_hurts_neither_fragments_nor_whole_packets() {
	local flood
	network
	on server ip address add 10.0.100.66/24 dev eth0
	serve_page server 10.0.100.2 80
	attach
	start server "$peer" orphans 10.0.100.1 10.0.100.66
	flood=$!
	eventually 10 flooded 5000
	on client1 ping -s 4000 -c 50 -i 0.02 -W 2 -q 10.0.100.2 >"$work/1"
	on client2 ping -c 50 -i 0.02 -W 2 -q 10.0.100.2 >"$work/2"
	fetch client1 http://10.0.100.2/
	eventually 10 flooded 10000
	kill "$flood"
	grep -q ' 50 received' "$work/1" || fail "$(cat "$work/1")"
	grep -q ' 50 received' "$work/2" || fail "$(cat "$work/2")"
	is "sessions with the flood" "$(count_sessions remote 10.0.100.66)" 0
}
