# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# fast.sh - attach --fast: what goes past the stack, what does not, and that both are right.
#
# The far ends of the gateway's two links are the server's eth0 and a port of the switch. XDP
# sends to a veth only while its far end runs GRO, so that is turned on first.

# gro on|off: of the far ends
gro() {
	on server ethtool -K eth0 gro "$1"
	on br0 ethtool -K "$(port_of natbox)" gro "$1"
}

# port_of HOST: the switch's port to a host
port_of() {
	on br0 ip -o link show | sed -nE "s/^[0-9]+: ([^@:]+)@.*link-netns natlab-$1( .*|)$/\1/p"
}

# lanes ENTRY/EXIT [INTERFACE]: of the internal interface; nothing if it is none
lanes() {
	[ "$(status_of 'lan[] | select(.interface == "'"${2-eth0}"'").lane | "\(.entry)/\(.exit)"')" = "$1" ]
}

# traffic: a little of everything, both ways
traffic() {
	on client1 ping -c 20 -i 0.05 -W 2 10.0.100.2 >/dev/null
	fetch client1 http://10.0.100.2/
	on client2 "$peer" ask udp 10.0.100.2 7000
	on client1 iperf3 -c 10.0.100.2 -t 1 -b 50M >/dev/null
	on client1 iperf3 -c 10.0.100.2 -t 1 -b 50M -R >/dev/null
	on client2 iperf3 -c 10.0.100.2 -t 1 -u -b 5M -l 200 --bidir >/dev/null
}

servers() {
	serve_page server 10.0.100.2 80
	serve server udp 10.0.100.2 7000
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
}

# counted_above REASON NUMBER
counted_above() {
	[ "$(counted "$1")" -gt "$2" ]
}

# past_the_stack: most of what is translated goes past it, in both directions
past_the_stack() {
	[ "$(counted lane-out)" -gt "$(counted translated-out)" ] &&
		[ "$(counted lane-in)" -gt "$(counted translated-in)" ]
}

test_xdp_lane() {
	network
	gro on
	servers
	attach --fast
	lanes xdp/xdp
	traffic
	past_the_stack
}

test_tc_lane() {
	network
	servers
	attach --fast --ingress tc
	lanes tc/tc
	traffic
	past_the_stack
}

# A local stack leaves checksums to its device, and segments; XDP leaves these to TC's lane.
test_unfinished_checksums() {
	judge=(--unfinished)
	network
	gro on
	on client1 ethtool -K eth0 tx on >/dev/null
	on server ethtool -K eth0 tx on >/dev/null
	servers
	attach --fast
	traffic
	past_the_stack
}

test_segments_stay_whole_in_the_lane_of_tc() {
	judge=(--unfinished)
	network
	offload on
	servers
	attach --fast --ingress tc
	traffic
	past_the_stack
}

# A veth takes frames from XDP while its far end runs GRO: nobody tells when that ends.
test_a_driver_that_takes_no_frames_gets_packets() {
	network
	gro on
	servers
	attach --fast
	lanes xdp/xdp
	gro off
	eventually 20 lanes xdp/tc
	traffic
	past_the_stack
	gro on
	eventually 20 lanes xdp/xdp
	traffic
}

test_it_begins_and_ends_while_traffic_flows() {
	network
	gro on
	servers
	attach
	is "fast" "$(status_of fast)" false
	start client1 ping -i 0.01 10.0.100.2 >"$work/pings"
	local pings=$!
	eventually 10 grep -q icmp_seq=20 "$work/pings"
	attach --fast
	is "fast" "$(status_of fast)" true
	eventually 10 counted_above lane-in 50
	attach --ingress tc
	is "kept when not given" "$(status_of fast)" true
	lanes tc/tc
	attach --no-fast
	is "fast" "$(status_of fast)" false
	is "sessions" "$(count_sessions)" 1
	local seen
	seen=$(counted lane-out)
	eventually 10 counted_above translated-out $(($(counted translated-out) + 50))
	is "past the stack after --no-fast" "$(counted lane-out)" "$seen"
	is "programs on eth0" "$(find "$(status_of pin_path)/links" -name '*lan*' | wc -l)" 1
	kill -INT $pings
}

test_what_cannot_be_is_refused() {
	network
	refuses 1 'lan none.*--lan' attach eth1 --fast --lan none
	refuses 2 'contradict' attach eth1 --fast --no-fast
	attach --fast
	refuses 1 'lan none' attach eth1 --lan none
	lanes xdp/tc
}

test_the_file_may_say_it() {
	network
	gro on
	printf 'fast\nlan eth0\n' >"$work/eth1.conf"
	attach --config "$work/eth1.conf"
	lanes xdp/xdp
	gw reload eth1 --config "$work/eth1.conf"
	echo 'lan eth0' >"$work/eth1.conf"
	refuses 1 '"fast".*--no-fast' reload eth1 --config "$work/eth1.conf"
	is "fast" "$(status_of fast)" true
}

invalid() {
	on natbox nft -j list counter inet firewall invalid | jq '.nftables[1].counter.packets'
}

# What is new goes through netfilter, what is known does not; tracking is told to be liberal.
test_a_firewall_decides_about_new_connections() {
	network
	gro on
	servers
	on natbox nft -f - <<-'END'
		table inet firewall {
			counter invalid {}
			chain forward_filter {
				type filter hook forward priority 0; policy drop;
				ct state invalid counter name invalid drop
				ct state established,related accept
				iifname eth0 tcp dport { 80, 5201 } accept
			}
		}
	END
	attach --fast
	fetch client1 http://10.0.100.2/
	gw attach eth1 2>"$work/said"
	grep -q 'nf_conntrack_tcp_be_liberal=1' "$work/said" || fail "no word about tracking: $(cat "$work/said")"
	on natbox sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=1
	gw attach eth1 2>"$work/said"
	lacks "$work/said" be_liberal
	local refused
	refused=$(invalid)
	serve server udp 10.0.100.2 7000
	! on client2 "$peer" ask udp 10.0.100.2 7000 || fail "the firewall was not asked"
	on client1 iperf3 -c 10.0.100.2 -t 7 -b 20M >/dev/null
	past_the_stack
	is "segments that tracking has refused since" "$(invalid)" "$refused"
}

test_too_big_is_told() {
	network
	gro on
	attach --fast
	on natbox ip link set eth1 mtu 1300
	on client1 ping -c 20 -i 0.05 -W 2 10.0.100.2 >/dev/null
	on client1 ping -c 3 -i 0.2 -W 1 -M "do" -s 1350 10.0.100.2 >"$work/big" 2>&1 || true
	grep -q 'mtu = 1300' "$work/big" || fail "nobody told: $(cat "$work/big")"
	on natbox ip link set eth1 mtu 1500
	on client1 ping -c 1 -t 1 10.0.100.2 >"$work/ttl" 2>&1 || true
	grep -q '192.168.99.3.*Time to live exceeded' "$work/ttl"
}

test_an_internal_interface_that_comes_gets_a_lane() {
	network
	attach --fast
	on natbox ip link add lan2 type veth peer name far2
	on natbox ip link set far2 up
	on natbox ip link set lan2 up
	on natbox ip addr add 192.168.77.1/24 dev lan2
	eventually 20 lanes xdp/tc lan2
	on natbox ip link del lan2
	eventually 20 lanes "" lan2
	lanes xdp/tc
}
