# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# hairpin.sh - internal hosts that reach each other by their external endpoints, and the
# interfaces on which they can.

# bound HOST ADDR:PORT [PROTO]: give it a binding, by asking the server; prints the external port
bound() {
	on "$1" "$peer" ask "${3-udp}" 10.0.100.2 7000 --from "$2" | sed -nE 's/^[^:]*:([0-9]+) .*/\1/p'
}

# udp_pair [OPTION...]: client1 has a binding, $port, and a server behind it
udp_pair() {
	network
	serve server udp 10.0.100.2 7000
	attach "$@"
	port=$(bound client1 192.168.99.1:5000)
	serve client1 udp 192.168.99.1 5000
}

# tcp_pair [on|off]: the same for TCP, by a listener on the port whose binding exists; whether
# senders leave segmentation to their device
tcp_pair() {
	network
	offload "${1-off}"
	serve server tcp 10.0.100.2 7000
	attach --filtering independent
	port=$(bound client1 192.168.99.1:5000 tcp)
}

# answered HOST [FROM]: does client1 answer the host at its external endpoint?
answered() {
	on "$1" "$peer" ask udp 10.0.100.1 "$port" --from "${2-0.0.0.0:0}" --wait 0.5
}

# hairpin_on NAMES: is the program on these interfaces, in the order of status?
hairpin_on() {
	[ "$(status_of 'lan | map(select(.hairpin).interface) | join(" ")')" = "$1" ]
}

lacks_file() {
	[ ! -e "$1" ]
}

internal_count() {
	[ "$(status_of 'lan | length')" = "$1" ]
}

has_counted() {
	[ "$(counted "$1")" = "$2" ]
}

# new_host HOST IF NET: behind a new interface of the gateway, NET.1 at NET.3
new_host() {
	[ -e "/run/netns/natlab-$1" ] || ip netns add "natlab-$1"
	on "$1" ip link set lo up
	on natbox ip link add "$2" type veth peer name eth0 netns "natlab-$1"
	on natbox ip address add "$3.3/24" dev "$2"
	on natbox ip link set "$2" up
	on "$1" ip address add "$3.1/24" dev eth0
	on "$1" ip link set eth0 up
	on "$1" ip route add default via "$3.3"
	on "$1" ethtool -K eth0 tx off >/dev/null
	judge+=(--private "$3.0/24")
}

# no_host HOST IF: take both away again
no_host() {
	on natbox ip link delete "$2"
	ip netns delete "natlab-$1"
}

# trace_now: what natbox must look like after detach, for a case that changes it before attach
trace_now() {
	trace natbox >"$work/before"
	attached=yes
}

# ---- what hosts see ---------------------------------------------------------------------

test_udp_reaches_the_other_client() {
	local port seen outside
	udp_pair --filtering independent
	outside=$(bound client2 192.168.99.2:6000)
	seen=$(on client2 "$peer" ask udp 10.0.100.1 "$port" --from 192.168.99.2:6000)
	# One mapping, whether it speaks to the server or to its neighbour.
	is "client2, as client1 sees it" "${seen%% *}" "10.0.100.1:$outside"
	is "hairpinned" "$(counted hairpin)" 2
	is "bindings of client2" "$(count_bindings internal 192.168.99.2)" 1
}

test_a_filter_by_address_wants_to_be_asked_first() {
	local port outside
	udp_pair --filtering address
	outside=$(bound client2 192.168.99.2:6000)
	serve client2 udp 192.168.99.2 6001
	answered client2 192.168.99.2:6000 && fail "an answer"
	[ "$(counted filtered)" -ge 1 ]
	# From the same socket as its server's: the kernel lets two share a port that ask for it.
	on client1 python3 -c '
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("192.168.99.1", 5000))
sock.sendto(b"knock", ("10.0.100.1", '"$outside"'))
sock.close()'
	answered client2 192.168.99.2:6000
}

test_a_host_reaches_itself() {
	local port seen
	udp_pair --filtering independent
	seen=$(answered client1 192.168.99.1:5001)
	grep -q '^10\.0\.100\.1:' <<<"$seen"
	is "hairpinned" "$(counted hairpin)" 2
}

test_it_counts_as_a_hop() {
	local port
	udp_pair --filtering independent
	answered client2 192.168.99.2:6000
	eventually 2 has lan 1 'udp and src 10.0.100.1 and dst 192.168.99.1 and ip[8] == 63'
	has lan 1 'udp and src 192.168.99.2 and dst 10.0.100.1 and ip[8] == 64'
}

test_tcp_connects_through_the_external_endpoint() {
	local port seen
	tcp_pair
	serve client1 tcp 192.168.99.1 5000
	seen=$(on client2 "$peer" ask tcp 10.0.100.1 "$port" --from 192.168.99.2:6000)
	is "client2, as client1 sees it" "$seen" "10.0.100.1:6000 hello"
	is "sessions" "$(count_sessions proto tcp remote 10.0.100.1)" 2
}

# bulk on|off: a transfer each way
bulk() {
	local port
	tcp_pair "$1"
	start client1 iperf3 -s -p 5000 -B 192.168.99.1 >/dev/null
	eventually 10 listening tcp client1 5000
	on client2 iperf3 -c 10.0.100.1 -p "$port" -t 1 >/dev/null
	on client2 iperf3 -c 10.0.100.1 -p "$port" -t 1 -R >/dev/null
}

test_bulk_tcp_without_offloads() {
	bulk off
}

test_bulk_tcp_with_sender_offloads() {
	judge=(--unfinished)
	bulk on
}

test_a_closed_port_is_told_to_the_sender() {
	local port
	network
	serve server udp 10.0.100.2 7000
	attach --filtering independent
	port=$(bound client1 192.168.99.1:5000)
	answered client2 192.168.99.2:6000 2>"$work/err" && fail "an answer"
	grep -q refused "$work/err"
	is "counted" "$(counted icmp-error-hairpin)" 1
	eventually 2 has lan 1 'icmp and dst 192.168.99.2'
	show lan 'icmp and dst 192.168.99.2' -v >"$work/icmp"
	grep -q "10.0.100.1 > 192.168.99.2: ICMP 10.0.100.1 udp port $port unreachable" "$work/icmp"
	grep -q "192.168.99.2.6000 > 10.0.100.1.$port: UDP" "$work/icmp"
}

test_large_datagrams_arrive_whole() {
	local port text seen
	udp_pair --filtering independent
	text=$(printf '%04000d' 7)
	seen=$(on client2 "$peer" ask udp 10.0.100.1 "$port" --text "$text")
	is "the answer" "${seen#* }" "$text"
	[ "$(counted hairpin)" -ge 6 ] # three fragments each way
}

test_services_of_the_gateway_are_reached_from_inside() {
	local port
	udp_pair --filtering independent
	serve natbox udp 10.0.100.1 7777
	serve_page natbox 10.0.100.1 8080
	fetch client1 http://10.0.100.1:8080/
	is "client2 is seen as" \
		"$(on client2 "$peer" ask udp 10.0.100.1 7777 --from 192.168.99.2:6000)" \
		"192.168.99.2:6000 hello"
	on client2 ping -c 1 -W 2 10.0.100.1 >/dev/null
	is "hairpinned" "$(counted hairpin)" 0
}

# ---- on which interfaces ----------------------------------------------------------------

test_status_names_internal_interfaces() {
	network
	attach
	hairpin_on eth0
	gw status eth1 >"$work/status"
	grep -q '^  internal   eth0$' "$work/status"
}

test_an_interface_that_appears_is_internal() {
	local port index
	udp_pair --filtering independent
	new_host client3 lan2 192.168.98
	eventually 5 answered client3
	hairpin_on "eth0 lan2"
	on client3 ping -c 1 -W 2 10.0.100.2 >/dev/null
	index=$(on natbox ip -o link show lan2 | cut -d: -f1)
	no_host client3 lan2
	eventually 5 hairpin_on eth0
	eventually 5 lacks_file "$(status_of pin_path)/links/nat_tc_lan_in:$index"
	answered client2
}

test_an_interface_that_vanishes_while_nobody_looks() {
	network
	trace_now
	new_host client3 lan2 192.168.98
	gw attach eth1
	hairpin_on "eth0 lan2"
	kill -KILL "$(status_of keeper.pid)"
	no_host client3 lan2
	internal_count 1
}

test_detach_undoes_an_interface_that_has_appeared() {
	network
	attach
	new_host client3 lan2 192.168.98
	eventually 5 hairpin_on "eth0 lan2"
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.lan2.forwarding)" 1
	objects_held "$(status_of keeper.pid)" | sort -u >"$work/held"
	gw detach eth1
	objects_gone "$work/held"
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.lan2.forwarding)" 0
	no_host client3 lan2
	trace natbox >"$work/after"
	same "the gateway" "$work/before" "$work/after"
	attached=no
}

test_lan_none() {
	local port pins
	network
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=1
	serve server udp 10.0.100.2 7000
	attach --lan none --filtering independent
	pins=$(status_of pin_path)
	hairpin_on ""
	find "$pins" >"$work/pins"
	lacks "$work/pins" _lan
	port=$(bound client1 192.168.99.1:5000)
	serve client1 udp 192.168.99.1 5000
	answered client2 && fail "an answer"
	attach --lan auto
	answered client2
	attach --lan none
	find "$pins" >"$work/pins"
	lacks "$work/pins" _lan
	answered client2 && fail "an answer"
	return 0
}

test_lan_by_name() {
	local port
	network
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=1
	trace_now
	new_host client3 lan2 192.168.98
	serve server udp 10.0.100.2 7000
	refuses 1 'no such interface' attach eth1 --lan nosuch
	refuses 1 'loopback' attach eth1 --lan lo
	gw attach eth1 --lan lan2 --filtering independent
	hairpin_on lan2
	port=$(bound client1 192.168.99.1:5000)
	serve client1 udp 192.168.99.1 5000
	# Half way: the answer comes in by an interface that is not internal.
	answered client3 && fail "an answer"
	has_counted hairpin 1
	answered client2 && fail "an answer"
	has_counted hairpin 1
	gw attach eth1 --lan eth0 --lan lan2
	hairpin_on "lan2 eth0"
	answered client2
	gw attach eth1 --lan eth0
	hairpin_on eth0
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.lan2.forwarding)" 0
	gw attach eth1
	hairpin_on eth0
	answered client2
	# Not one of many: when it comes back it is the same to natctl.
	gw attach eth1 --lan eth0 --lan lan2
	on natbox ip link delete lan2
	eventually 5 hairpin_on eth0
	new_host client3 lan2 192.168.98
	eventually 5 hairpin_on "eth0 lan2"
	answered client3
	no_host client3 lan2
}

test_no_sysctl_is_about_forwarding_alone() {
	network
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=1
	attach --no-sysctl
	hairpin_on eth0
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.eth1.forwarding)" 0
	attach
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.eth1.forwarding)" 0
}

# program_gone ID
program_gone() {
	! bpftool prog show id "$1"
}

test_an_upgrade_swaps_the_program() {
	local port old
	udp_pair --filtering independent
	answered client2
	old=$(bpftool -j prog show pinned "$(status_of pin_path)/progs/nat_tc_lan_in" | jq .id)
	attach
	hairpin_on eth0
	eventually 5 program_gone "$old"
	answered client2
}

test_an_interface_of_another_kind_is_named() {
	network
	odd_interface odd0 24
	attach 2>"$work/err"
	grep -q '^natctl: odd0: warning: no hairpin for hosts here: link type 24' "$work/err"
	hairpin_on eth0
	gw status eth1 | grep -q 'internal   eth0, odd0 (no hairpin)'
	detach
	refuses 1 'odd0: cannot attach nat_tc_lan_in: link type 24' attach eth1 --lan odd0
	attach --lan eth0
	refuses 1 'odd0: cannot attach nat_tc_lan_in: link type 24' attach eth1 --lan odd0
	hairpin_on eth0
	internal_count 1
	detach
	trace natbox >"$work/after"
	same "the gateway" "$work/before" "$work/after"
}

# reflect ADDR PORT: have tun0's host speak to that endpoint, by an answer to what seems to
# come from there
reflect() {
	on natbox python3 -c '
import socket, struct, sys
addr, port = sys.argv[1], int(sys.argv[2])
sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
udp = struct.pack("!HHHH", port, 7000, 8, 0)
head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 17, 0, socket.inet_aton(addr),
                   socket.inet_aton("192.168.97.1"))
sock.sendto(head + udp, ("192.168.97.1", 0))' "$1" "$2"
}

test_an_interface_without_ethernet_header() {
	local port
	[ -e /dev/net/tun ] || skip "no /dev/net/tun"
	network
	start natbox "$peer" tun tun0 >"$work/tun"
	eventually 5 grep -q ready "$work/tun"
	on natbox ip address add 192.168.97.3/24 dev tun0
	on natbox ip link set tun0 up
	judge+=(--private 192.168.97.0/24)
	serve server udp 10.0.100.2 7000
	attach --filtering independent
	hairpin_on "eth0 tun0"
	port=$(bound client1 192.168.99.1:5000)
	reflect 10.0.100.1 "$port"
	eventually 5 has lan 1 'udp and src 10.0.100.1 and dst 192.168.99.1 and dst port 5000'
	# And back: nobody listens there.
	eventually 2 has_counted icmp-error-hairpin 1
}

test_one_without_ethernet_header_that_comes_late() {
	[ -e /dev/net/tun ] || skip "no /dev/net/tun"
	network
	attach
	start natbox "$peer" tun tun0 >"$work/tun"
	eventually 5 grep -q ready "$work/tun"
	on natbox ip address add 192.168.97.3/24 dev tun0
	on natbox ip link set tun0 up
	eventually 5 internal_count 2
	hairpin_on eth0
	attach
	hairpin_on "eth0 tun0"
	kill $!
	eventually 5 hairpin_on eth0
}

test_two_gateways_leave_in_either_order() {
	network
	trace_now
	new_host server2 eth2 10.0.200
	judge=()
	gw attach eth1
	gw attach eth2
	eventually 5 hairpin_on eth0
	refuses 2 'eth1" and others' show-settings
	objects_held "$(status_of keeper.pid)" | sort -u >"$work/held"
	gw detach eth1
	gw attach eth1 --lan eth0
	gw detach eth2
	eventually 5 hairpin_on eth0
	gw attach eth2
	gw detach eth1
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.eth0.forwarding)" 1
	gw detach eth2
	objects_gone "$work/held"
	no_host server2 eth2
	trace natbox >"$work/after"
	same "the gateway" "$work/before" "$work/after"
	attached=no
}

test_a_filter_where_the_hairpin_must_go_is_named() {
	local index
	network
	index=$(on natbox ip -o link show eth1 | cut -d: -f1)
	gw attach eth1 --lan none
	on natbox tc qdisc add dev eth0 clsact
	on natbox tc filter add dev eth0 ingress pref 28257 handle "$index" bpf direct-action \
		object-pinned "$(status_of pin_path)/progs/nat_tc_wan_in"
	gw detach eth1
	attach 2>"$work/err"
	hairpin_on eth0 && skip "this kernel has TCX, where everybody has a place"
	grep -q "eth0: warning: no hairpin.* handle $index is taken by program \"nat_tc_wan_in[:\"]" "$work/err"
	detach
	refuses 1 'eth0: cannot attach .* is taken by' attach eth1 --lan eth0
}

test_two_gateways_share_an_internal_interface() {
	local port
	udp_pair --filtering independent
	new_host server2 eth2 10.0.200
	judge=()
	on server2 ip route delete default
	eventually 5 hairpin_on "eth0 eth2"
	serve server2 udp 10.0.200.1 7000
	gw attach eth2 --filtering independent
	eventually 5 hairpin_on eth0
	is "hairpin of the other" "$(gw status eth2 -j | jq -r '.lan[] | .interface, .hairpin' |
		paste -sd' ')" "eth0 true"
	answered client2
	port=$(on client1 "$peer" ask udp 10.0.200.1 7000 --from 192.168.99.1:5005 |
		sed -nE 's/^10.0.200.3:([0-9]+) .*/\1/p')
	serve client1 udp 192.168.99.1 5005
	on client2 "$peer" ask udp 10.0.200.3 "$port" --from 192.168.99.2:6000 >"$work/seen"
	grep -q '^10.0.200.3:' "$work/seen"
	gw audit eth2
	gw detach eth2
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.eth0.forwarding)" 1
	eventually 5 hairpin_on "eth0 eth2"
	no_host server2 eth2
	eventually 5 hairpin_on eth0
}

# ---- what the keeper says ---------------------------------------------------------------

test_traceroute_sees_the_gateway_between() {
	local port
	network
	serve server udp 10.0.100.2 7000
	attach --filtering independent
	port=$(bound client1 192.168.99.1:5000)
	is "hops" "$(on client2 traceroute -n -q 1 -w 2 -U -p "$port" 10.0.100.1 |
		awk 'NR > 1 { print $2 }' | paste -sd' ')" "192.168.99.3 10.0.100.1"
}

test_the_path_mtu_is_found() {
	local port text
	udp_pair --filtering independent
	on natbox ip route add 192.168.99.1/32 dev eth0 mtu lock 1300
	text=$(printf '%01400d' 7)
	# The first is lost and teaches the sender; the next goes in fragments.
	answered client2
	eventually 5 on client2 "$peer" ask udp 10.0.100.1 "$port" --text "$text" --wait 0.5
	has lan 1 'icmp[icmptype] == icmp-unreach and icmp[icmpcode] == 4 and dst 192.168.99.2'
	on natbox ip route delete 192.168.99.1/32
}
