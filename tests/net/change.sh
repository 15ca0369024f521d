# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# change.sh - links, addresses and natctl itself come and go while packets flow.

# hold: a connection of client1 from port 5555, until release
hold() {
	on client1 "$peer" ask tcp 10.0.100.2 7000 --from 0.0.0.0:5555 --hold "$work/release" \
		--wait 20 >"$work/held" &
	held=$!
	eventually 3 grep -q hello "$work/held"
}

release() {
	touch "$work/release"
	wait "$held"
	is "words to client1" "$(uniq -c <"$work/held" | awk '{ print $1, $2 }')" "2 10.0.100.1:5555"
}

test_sessions_survive_a_link_that_goes_down_and_up() {
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold
	on natbox ip link set eth1 down
	on natbox ip link set eth1 up
	release
	is "established" "$(count_sessions proto tcp internal 192.168.99.1)" 1
	is "ingress" "$(status_of ingress)" xdp
}

test_sessions_survive_the_other_end_of_the_link_going_down() {
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold
	on server ip link set eth0 down
	# Until the keeper has been told.
	eventually 3 on natbox ip -o link show eth1 up
	on server ip link set eth0 up
	release
}

# new_flow_uses ADDR: does one of client2, from a port that it has not used before?
new_flow_uses() {
	on client2 "$peer" ask udp 10.0.100.2 7000 --wait 0.5 2>/dev/null | grep -q "^$1:"
}

test_new_flows_use_the_new_address() {
	local before
	network
	serve server udp 10.0.100.2 7000
	attach
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >"$work/seen"
	grep -q '^10.0.100.1:5000 ' "$work/seen"
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip address add 10.0.100.7/24 dev eth1
	eventually 10 new_flow_uses 10.0.100.7
	before=$(show wan 'src 10.0.100.1' | wc -l)
	is "sessions on the old address" "$(count_sessions external 10.0.100.1)" 0
	new_flow_uses 10.0.100.7
	# What hung on the old address is over, and nothing leaves from it any more.
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 --wait 0.3 2>/dev/null || true
	is "packets from the old address" "$(show wan 'src 10.0.100.1' | wc -l)" "$before"
	on natbox ip address del 10.0.100.7/24 dev eth1
	on natbox ip address add 10.0.100.1/24 dev eth1
	eventually 10 new_flow_uses 10.0.100.1
}

# seen_from ADDR: is that how the server sees the endpoint that has spoken before?
seen_from() {
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 --wait 0.3 2>/dev/null |
		grep -q "^$1:5000 "
}

# forwarding INTERFACE: of the gateway
forwarding() {
	on natbox sysctl -n "net.ipv4.conf.$1.forwarding"
}

forwards_no_more() {
	[ "$(forwarding eth0)" = 0 ]
}

test_pins_removed_by_hand_leave_nothing_that_forwards() {
	local pins
	network
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=0 net.ipv4.conf.eth1.forwarding=0
	attach
	is "forwarding" "$(forwarding eth0)" 1
	pins=$(status_of pin_path)
	rm -r "$pins"
	eventually 5 forwards_no_more
	attached=no # there is nothing left that could be detached
	is "packets with an internal source" "$(show wan 'src net 192.168.99.0/24' | wc -l)" 0
}

# As a remake leaves it that is killed once the new tables have taken the place of the old ones,
# and the next attach, which clears these away.
test_a_keeper_whose_tables_were_replaced_leaves_forwarding_alone() {
	local keeper maps map
	network
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=0 net.ipv4.conf.eth1.forwarding=0
	attach
	keeper=$(status_of keeper.pid)
	maps=$(status_of pin_path)/maps
	kill -STOP "$keeper"
	mkdir "$maps-new"
	for map in "$maps"/*; do
		bpftool map pin pinned "$map" "$maps-new/${map##*/}"
	done
	mv "$maps" "$maps-old"
	mv "$maps-new" "$maps"
	rm -r "$maps-old"
	kill -CONT "$keeper"
	eventually 10 keeper_is_gone
	is "forwarding" "$(forwarding eth0)" 1
	attach
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
}

keeper_is_gone() {
	[ "$(status_of keeper.alive)" = false ]
}

test_a_flow_that_goes_on_gets_the_new_address() {
	network
	serve server udp 10.0.100.2 7000
	attach
	seen_from 10.0.100.1
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip address add 10.0.100.7/24 dev eth1
	eventually 3 seen_from 10.0.100.7
	on natbox ip address del 10.0.100.7/24 dev eth1
	on natbox ip address add 10.0.100.1/24 dev eth1
	eventually 3 seen_from 10.0.100.1
}

test_sessions_go_on_when_their_address_returns() {
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold
	on natbox ip address del 10.0.100.1/24 dev eth1
	is "bindings while it is away" "$(count_bindings proto tcp)" 1
	on natbox ip address add 10.0.100.1/24 dev eth1
	release
}

test_nothing_is_lost_when_the_keeper_dies_and_natctl_attaches_again() {
	local pings
	network
	attach
	on client1 ping -i 0.01 -c 300 -W 2 -q 10.0.100.2 >"$work/pings" &
	pings=$!
	eventually 3 has wan 20 icmp
	kill -KILL "$(status_of keeper.pid)"
	attach
	attach
	wait $pings
	grep -q '300 packets transmitted, 300 received' "$work/pings" || fail "$(cat "$work/pings")"
}

# D-detach: forwarding is off before natctl comes and after it has gone, and in between
# everything is translated.
test_no_internal_source_gets_out_while_natctl_comes_and_goes() {
	local senders=()
	network
	capture leak server eth0 'src net 192.168.99.0/24'
	start client1 ping -i 0.01 -q 10.0.100.2 >/dev/null
	senders+=($!)
	start client2 ping -i 0.01 -q 10.0.100.2 >/dev/null
	senders+=($!)
	for _ in 1 2 3; do
		gw attach eth1 >/dev/null
		eventually 3 has_sessions 2
		gw detach eth1
	done
	kill "${senders[@]}"
	capture_end leak
	is "packets with an internal source outside" "$(show leak | wc -l)" 0
	has wan 20 'src 10.0.100.1 and icmp'
}

has_sessions() {
	[ "$(count_sessions proto icmp)" -ge "$1" ]
}

# ---- order -------------------------------------------------------------------------------------

# bursts HOST FROM TO PORT: 50 sockets, ten datagrams of each at once, 1 to 10 octets long
bursts() {
	on "$1" /usr/bin/python3 - "${@:2}" <<-'END'
	import socket, sys
	source, to, port = sys.argv[1:]
	for number in range(50):
	    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
	        sock.bind((source, 9000 + number))
	        for length in range(1, 11):
	            sock.sendto(b"x" * length, (to, int(port)))
	END
}

# in_order CAPTURE FILTER: all 500, and of each source port in the order in which they were sent
in_order() {
	eventually 3 has "$1" 500 "$2"
	show "$1" "$2" | sed -nE 's/.*\.([0-9]+) > .* length ([0-9]+)$/\1 \2/p' >"$work/order"
	awk '{ if ($2 != ++at[$1]) exit 1 } END { exit NR != 500 }' "$work/order" ||
		fail "not in order: $(uniq "$work/order" | paste -sd' ')"
}

test_the_first_packets_of_a_flow_stay_in_order() {
	network
	attach
	bursts client1 192.168.99.1 10.0.100.2 9999
	in_order wan 'udp and dst port 9999'
	# From outside the first of each is TC's, and XDP has the others as soon as it can.
	on client1 "$peer" ask udp 10.0.100.2 9 --from 0.0.0.0:5000 --wait 0.2 2>/dev/null || true
	bursts server 10.0.100.2 10.0.100.1 5000
	in_order lan 'udp and dst port 5000'
}
