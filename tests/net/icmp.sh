# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# icmp.sh - echo identifiers as a port space of their own, and what traceroute sees.

# ids CAPTURE [and FILTER]: the identifiers of the echo requests in it
ids() {
	show "$1" "icmp[icmptype] == icmp-echo ${2-}" |
		sed -nE 's/.* id ([0-9]+), .*/\1/p' | sort -nu
}

test_two_clients_ping_at_once_with_one_identifier() {
	local first second
	network
	attach
	on client1 ping -e 4660 -c 5 -i 0.2 -W 2 10.0.100.2 >"$work/1" &
	first=$!
	on client2 ping -e 4660 -c 5 -i 0.2 -W 2 10.0.100.2 >"$work/2" &
	second=$!
	wait $first
	wait $second
	grep -q ' 5 received' "$work/1"
	grep -q ' 5 received' "$work/2"
	eventually 2 has wan 20 icmp
	is "identifiers inside" "$(ids lan | paste -sd' ')" 4660
	is "identifiers outside" "$(ids wan 'and src 10.0.100.1' | wc -l)" 2
	ids wan | grep -qx 4660 # the first to come keeps its own
	is "sessions" "$(count_sessions proto icmp)" 2
}

test_two_hundred_hosts_ping_with_one_identifier() {
	local sources
	network
	mapfile -t sources < <(printf '192.168.99.%s\n' {11..210})
	printf 'address add %s/24 dev eth0\n' "${sources[@]}" | on client1 ip -batch -
	attach
	on client1 "$peer" ping 10.0.100.2 4660 "${sources[@]}" >"$work/answered"
	is "hosts that got their own answer" "$(wc -l <"$work/answered")" 200
	eventually 2 has wan 400 icmp
	is "identifiers outside" "$(ids wan | wc -l)" 200
	is "bindings" "$(count_bindings proto icmp)" 200
}

# hops OPTION...: traceroute from client1, the addresses of its hops on one line
hops() {
	on client1 traceroute -n -q 1 -w 2 "$@" 198.51.100.9 | awk 'NR > 1 { print $2 }' |
		paste -sd' '
}

test_traceroute_sees_every_hop() {
	network "$net/isp.topo"
	attach
	# The router answers at a limited rate, so each way is asked alone.
	is "hops by UDP" "$(hops)" "192.168.99.3 10.0.100.254 198.51.100.9"
	is "hops by ICMP" "$(hops -I)" "192.168.99.3 10.0.100.254 198.51.100.9"
	is "hops by TCP" "$(hops -T)" "192.168.99.3 10.0.100.254 198.51.100.9"
	[ "$(counted icmp-error-in)" -ge 4 ]
}

test_a_port_unreachable_finds_its_way_back() {
	network
	attach
	# A connected socket is told; without the error this would be a timeout.
	on client1 "$peer" ask udp 10.0.100.2 9 --from 192.168.99.1:5000 2>"$work/err" && fail "an answer"
	grep -q refused "$work/err"
}

test_an_error_from_an_internal_host_does_not_tell_who_it_is() {
	network
	serve server udp 10.0.100.2 7000
	attach --filtering independent
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 192.168.99.1:5000
	# Nobody has port 5000 now: the client answers with an error that quotes itself.
	on server "$peer" ask udp 10.0.100.1 5000 --from 10.0.100.2:7001 2>"$work/err" && fail "an answer"
	grep -q refused "$work/err"
	eventually 2 has wan 1 'icmp[icmptype] == icmp-unreach and src 10.0.100.1'
	[ "$(counted icmp-error-out)" -ge 1 ]
}

test_the_path_mtu_is_found() {
	network "$net/isp.topo"
	# A router that forwards no more than this, between two links that carry more.
	on isp ip route add 198.51.100.9/32 dev eth1 mtu lock 1300
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
	attach
	on client1 ping -c 1 -W 1 -M "do" -s 1400 198.51.100.9 >"$work/ping" && fail "an answer"
	grep -q 'mtu = 1300' "$work/ping"
	# Another host, which has not learnt it from the ping: an upload stalls without it.
	on client2 timeout 10 iperf3 -c 198.51.100.9 -n 2M >/dev/null
	[ "$(counted icmp-error-in)" -ge 2 ]
	has wan 100 'src 10.0.100.1 and tcp and greater 1000'
}
