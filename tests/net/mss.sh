# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# mss.sh - connections through a WAN that carries less than Ethernet. Its other end sends
# 1500 octets all the same, and what is too long vanishes without a word.

# offered CAPTURE ADDR MSS: is that in the last SYN that the capture has from this address?
offered() {
	[ "$(show "$1" "tcp[tcpflags] & tcp-syn != 0 and src $2" |
		sed -nE 's/.*\<mss ([0-9]+).*/\1/p' | tail -n 1)" = "$3" ]
}

# hears SERVER CLIENT: the MSS that each was offered by the other last
hears() {
	eventually 3 offered wan 10.0.100.1 "$1"
	eventually 3 offered lan 10.0.100.2 "$2"
}

# narrow MTU
narrow() {
	on natbox ip link set eth1 mtu "$1"
}

bulk() {
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
	on client1 iperf3 -c 10.0.100.2 -t 1 >/dev/null
	on client1 iperf3 -c 10.0.100.2 -t 1 -R >/dev/null
}

test_both_sides_hear_what_a_narrow_wan_carries() {
	network
	narrow 1400
	attach
	bulk
	hears 1360 1360
}

test_both_sides_hear_it_without_xdp() {
	network
	narrow 1400
	attach --ingress tc
	bulk
	hears 1360 1360
}

test_both_sides_hear_it_with_sender_offloads() {
	judge=(--unfinished)
	network
	offload on
	narrow 1400
	attach
	bulk
	hears 1360 1360
	attach --ingress tc
	bulk
	hears 1360 1360
}

test_without_clamping_long_answers_do_not_arrive() {
	page=$(head -c 50000 /dev/zero | tr '\0' x)
	network
	serve_page server 10.0.100.2 80
	narrow 1400
	attach --clamp-mss off
	! on client1 curl -sS --max-time 2 http://10.0.100.2/ >"$work/page" ||
		fail "a page of 50000 octets arrives"
	hears 1460 1460
	gw set eth1 clamp-mss=auto
	fetch client1 http://10.0.100.2/
	hears 1360 1360
}

test_a_change_counts_from_the_next_connection_on() {
	network
	serve_page server 10.0.100.2 80
	attach
	fetch client1 http://10.0.100.2/
	hears 1460 1460
	gw set eth1 clamp-mss=1000
	fetch client1 http://10.0.100.2/
	hears 1000 1000
	is "the setting" "$(status_of 'settings["clamp-mss"]')" 1000
	attach
	is "the setting after an upgrade" "$(status_of 'settings["clamp-mss"]')" 1000
	gw set eth1 clamp-mss=auto
	narrow 1300
	fetch client1 http://10.0.100.2/
	hears 1260 1260
	narrow 1500
	fetch client1 http://10.0.100.2/
	hears 1460 1460
	refuses 2 'clamp-mss: not valid: "535" \(auto, off or 536 to 65495 octets\)' \
		set eth1 clamp-mss=535
	refuses 2 '"on" \(valid: auto, off or 536 to 65495 octets\)' attach eth1 --clamp-mss on
}
