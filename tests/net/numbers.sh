# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# numbers.sh - external addresses that no interface has, or that look like internal ones.

test_an_address_that_no_interface_has_is_answered_for() {
	local before
	network
	serve server udp 10.0.100.2 7000
	attach --address 10.0.100.77
	is "client1 is seen as" \
		"$(on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000)" "10.0.100.77:5000 hello"
	is "who has 10.0.100.77" \
		"$(on server ip -j neighbour show 10.0.100.77 | jq -r '.[0].lladdr')" \
		"$(on natbox ip -j link show eth1 | jq -r '.[0].address')"
	# Nobody else is answered for.
	on server ping -c 1 -W 1 10.0.100.78 >/dev/null && fail "an answer from 10.0.100.78"
	is "who has 10.0.100.78" \
		"$(on server ip -j neighbour show 10.0.100.78 | jq -r '.[0].lladdr')" null
	# What no binding claims ends here: it is not the gateway's, and does not go round.
	on server "$peer" ask udp 10.0.100.77 9 --wait 0.3 2>/dev/null && fail "an answer"
	on server ping -c 1 -W 1 10.0.100.77 >/dev/null && fail "an answer"
	[ "$(counted no-binding)" -ge 2 ]
	is "echo requests on the wire" \
		"$(show wan 'icmp[icmptype] == icmp-echo and dst 10.0.100.77' | wc -l)" 1
	# The gateway's own address is as it was.
	on server ping -c 1 -W 2 10.0.100.1 >/dev/null
}

test_addresses_that_no_interface_has_serve_as_a_pool() {
	network
	serve server udp 10.0.100.2 7000
	attach --ports 40000-40009 --address 10.0.100.77 --address 10.0.100.78
	on client1 "$peer" crowd 10.0.100.2 7000 10 >"$work/crowd1"
	on client2 "$peer" crowd 10.0.100.2 7000 10 >"$work/crowd2"
	is "endpoints served" "$(awk '$2 != "-"' "$work"/crowd? | wc -l)" 20
	is "addresses in use" \
		"$(awk '{ sub(/:.*/, "", $2); print $2 }' "$work"/crowd? | sort -u | paste -sd' ')" \
		"10.0.100.77 10.0.100.78"
}

# The outside gives the gateway an address of the network that is inside already, and has a
# host with another. Whom to find where is for the kernel's routes to say.
test_internal_and_external_numbers_overlap() {
	internal=192.168.99.0/29
	network
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip address add 192.168.99.50/32 dev eth1
	on natbox ip route add 10.0.100.2/32 dev eth1 src 192.168.99.50
	on natbox ip route add 192.168.99.200/32 dev eth1 src 192.168.99.50
	on natbox sysctl -qw net.ipv4.conf.eth0.proxy_arp=1
	on server ip address add 192.168.99.200/32 dev eth0
	on server ip route add 192.168.99.50/32 dev eth0
	serve server udp 10.0.100.2 7000
	serve server udp 192.168.99.200 7001
	serve_page server 10.0.100.2 80
	attach
	is "client1 is seen as" \
		"$(on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000)" \
		"192.168.99.50:5000 hello"
	is "client2 is seen by 192.168.99.200 as" \
		"$(on client2 "$peer" ask udp 192.168.99.200 7001 --from 0.0.0.0:6000)" \
		"192.168.99.50:6000 hello"
	fetch client2 http://10.0.100.2/
	fetch natbox http://10.0.100.2/
	# Internal hosts still reach each other and the gateway.
	on client1 ping -c 1 -W 2 192.168.99.2 >/dev/null
	on client1 ping -c 1 -W 2 192.168.99.3 >/dev/null
}

# What only an internal host can be comes from outside, for a binding that lets everybody in.
test_an_internal_source_does_not_come_from_outside() {
	local mac
	internal=192.168.98.0/24 # it is on the wire outside, for it is forged
	network
	serve server udp 10.0.100.2 7000
	attach --filtering independent
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >/dev/null
	mac=$(on natbox ip -j link show eth1 | jq -r '.[0].address')
	on server "$net/emit" eth0 "$mac" \
		"IP(src='192.168.99.2', dst='10.0.100.1')/UDP(sport=7, dport=5000)/Raw('forged')" \
		"IP(src='10.0.100.1', dst='10.0.100.1')/UDP(sport=7, dport=5000)/Raw('forged')" \
		"IP(src='127.0.0.1', dst='10.0.100.1')/UDP(sport=7, dport=5000)/Raw('forged')" \
		"IP(src='10.0.100.66', dst='10.0.100.1')/UDP(sport=7, dport=5000)/Raw('as it is')"
	eventually 3 has lan 1 'src 10.0.100.66 and dst 192.168.99.1 and dst port 5000'
	is "forged packets inside" \
		"$(show lan 'udp and src port 7 and not src 10.0.100.66' | wc -l)" 0
	is "forged packets counted" "$(counted spoofed-source)" 3
}
