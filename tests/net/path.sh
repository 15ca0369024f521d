# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# path.sh - the way to the server as traceroute, tracepath and mtr see it from inside, and the
# way to the client from outside.

way="192.168.99.3 10.0.100.254 198.51.100.9" # from a client to the server

# path: the network, with routers that answer every probe
path() {
	local host
	needs mtr traceroute tracepath
	network "$net/isp.topo"
	# Linux limits the errors that it sends; what is judged here is what becomes of them.
	for host in natbox isp server client1; do
		on "$host" sysctl -qw net.ipv4.icmp_ratemask=0
	done
}

# hops HOST TARGET OPTION...: the addresses that traceroute prints, on one line
hops() {
	on "$1" traceroute -n -q 1 -w 3 -m 8 "${@:3}" "$2" | awk 'NR > 1 { print $2 }' | paste -sd' '
}

# report CLIENT OPTION...: mtr's hops, each with its loss in percent
report() {
	on "$1" mtr -r -n -C -c 3 -i 0.1 -G 3 -m 8 "${@:2}" 198.51.100.9 |
		awk -F, 'NR > 1 { print $6, $7 }' | paste -sd' '
}

test_traceroute_by_every_method() {
	path
	serve_page server 198.51.100.9 80
	serve server udp 198.51.100.9 7000
	attach
	is "UDP" "$(hops client1 198.51.100.9)" "$way"
	is "UDP to one port" "$(hops client1 198.51.100.9 -U -p 7000)" "$way"
	is "ICMP" "$(hops client1 198.51.100.9 -I)" "$way"
	is "TCP to an open port" "$(hops client1 198.51.100.9 -T -p 80)" "$way"
	is "TCP to a closed port" "$(hops client1 198.51.100.9 -T -p 81)" "$way"
	is "TCP with ECN, SACK and timestamps" \
		"$(hops client1 198.51.100.9 -T -p 80 -O ecn,sack,timestamps,window_scaling)" "$way"
}

test_mtr_loses_no_probe() {
	local clean=${way// / 0.00 }" 0.00" name pids=()
	path
	serve_page server 198.51.100.9 80
	attach
	report client1 >"$work/ICMP" & pids+=($!)
	report client1 -u >"$work/UDP" & pids+=($!)
	report client1 -T -P 80 >"$work/TCP" & pids+=($!)
	wait "${pids[@]}"
	for name in ICMP UDP TCP; do
		is "$name" "$(cat "$work/$name")" "$clean"
	done
}

test_two_clients_trace_at_once_from_one_port() {
	local clean=${way// / 0.00 }" 0.00" first
	path
	attach
	report client1 -u -L 6002 -P 33434 >"$work/client1" &
	first=$!
	is "client2" "$(report client2 -u -L 6002 -P 33434)" "$clean"
	wait $first
	is "client1" "$(cat "$work/client1")" "$clean"
	is "bindings" "$(count_bindings proto udp)" 2
}

test_probes_from_one_port_share_a_binding() {
	path
	attach
	# Each probe goes to a port of its own.
	on client1 traceroute -n -q 10 -N 30 -w 3 --sport=6000 198.51.100.9 >"$work/hops"
	lacks "$work/hops" '\*'
	is "bindings" "$(count_bindings proto udp)" 1
	is "as whom" "$(gw bindings eth1 -j proto udp | jq -r '.[].external | "\(.addr):\(.port)"')" \
		10.0.100.1:6000
	# Not those that ended at the first hop, which is the gateway.
	[ "$(count_sessions proto udp)" -ge 20 ]
	on client1 traceroute -n -q 3 -w 3 -T -p 80 --sport=6000 198.51.100.9 >"$work/hops"
	lacks "$work/hops" '\*'
	is "bindings of TCP" "$(count_bindings proto tcp)" 1
}

test_tracepath_finds_mtu_and_hops() {
	path
	on isp ip route add 198.51.100.9/32 dev eth1 mtu lock 1300
	attach
	on client1 tracepath -n -m 8 198.51.100.9 >"$work/tracepath"
	grep -q 'Resume: pmtu 1300 hops 3 back 3' "$work/tracepath"
	# Another host, which has not learnt it.
	on client2 traceroute -n -q 1 -w 3 -m 8 --mtu 198.51.100.9 >"$work/mtu"
	grep -qE '^ 3  198.51.100.9 .*F=1300' "$work/mtu"
}

# Behind the gateway is the client, and nobody outside can tell.
test_an_outsider_traces_to_a_binding() {
	path
	serve server udp 198.51.100.9 7000
	attach --filtering independent
	on client1 "$peer" ask udp 198.51.100.9 7000 --from 0.0.0.0:5000 >/dev/null
	is "to the binding" "$(hops server 10.0.100.1 -U -p 5000)" "198.51.100.254 10.0.100.1 10.0.100.1"
	is "to the gateway" "$(hops server 10.0.100.1 -I)" "198.51.100.254 10.0.100.1"
	# The gateway's own error is about a packet that it had translated already.
	has wan 1 'icmp[icmptype] == icmp-timxceed and src 10.0.100.1'
	has wan 1 'icmp[icmptype] == icmp-unreach and src 10.0.100.1'
}
