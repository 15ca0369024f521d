# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# silence.sh - when the gateway makes no ICMP error, and forwards nothing: packets that must
# not have one (RFC 5508 REQ-10, RFC 1812 section 4.3.2.7), too many, and broadcasts.

errors='src 192.168.99.3 and (icmp[icmptype] == icmp-unreach or icmp[icmptype] == icmp-timxceed)'

# emit EXPRESSION...: client1 sends these to the gateway
emit() {
	local mac
	mac=$(on natbox ip -o link show eth0 | sed -nE 's|.*link/ether ([^ ]+).*|\1|p')
	on client1 "$net/emit" eth0 "$mac" "$@"
}

# unanswered DATAGRAM FLAGS: what must have no error although it cannot be forwarded. Every packet that
# could begin with IP(dst=..., src=...) does so with the given fields of IP, and UDP behind it.
unanswered() {
	local client="src='192.168.99.1'" server="dst='10.0.100.2'"
	captures=(wan) # some of them are not right, as the oracle would say
	attach
	emit "IP($client, $server, $1)/ICMP(type=3, code=3)/IP(src='10.0.100.2', dst='192.168.99.1')/UDP()" \
		"IP($client, $server, $1)/ICMP(type=11)/IP(src='10.0.100.2', dst='192.168.99.1')/UDP()" \
		"IP($client, $server, $1, frag=3)/Raw('x' * $2)" \
		"IP($client, $server, $1, chksum=0x1234)/UDP()/Raw('x' * $2)" \
		"IP($client, $server, $1, version=5)/UDP()/Raw('x' * $2)" \
		"IP($client, dst='224.1.2.3', $1)/UDP()/Raw('x' * $2)" \
		"IP($client, dst='255.255.255.255', $1)/UDP()/Raw('x' * $2)" \
		"IP($client, dst='10.0.100.255', $1)/UDP()/Raw('x' * $2)" \
		"IP(src='127.0.0.1', $server, $1)/UDP()/Raw('x' * $2)" \
		"IP(src='0.0.0.0', $server, $1)/UDP()/Raw('x' * $2)" \
		"IP(src='224.0.0.1', $server, $1)/UDP()/Raw('x' * $2)" \
		"IP(src='255.255.255.255', $server, $1)/UDP()/Raw('x' * $2)" \
		"Ether(dst='ff:ff:ff:ff:ff:ff')/IP($client, $server, $1)/UDP()/Raw('x' * $2)"
	# The one that must have an error: when that has come, the others had their time.
	emit "IP($client, $server, $1, id=4711)/UDP(dport=9)/Raw('x' * $2)"
	eventually 3 has lan 1 "$errors and icmp[12:2] == 4711"
	is "errors" "$(show lan "$errors" | wc -l)" 1
	is "packets outside" "$(show wan 'net 10.0.100.0/24 and (udp or icmp)' | wc -l)" 0
	is "bindings" "$(count_bindings)" 0
}

test_no_error_about_what_must_have_none_when_its_ttl_ends() {
	network
	unanswered "ttl=1" 9
}

test_no_error_about_what_must_have_none_when_it_is_too_big() {
	network
	on natbox ip link set eth1 mtu 600
	unanswered "flags='DF'" 900
}

# expired: how often of 300 packets whose TTL ends the sender is told
expired() {
	# It fails: nothing is answered.
	{ on client1 ping -t 1 -i 0.002 -c 300 -W 1 -q 10.0.100.2 || true; } |
		sed -nE 's/.*\+([0-9]+) errors.*/\1/p'
}

test_errors_are_limited_in_rate() {
	local limited free
	network
	attach
	limited=$(expired)
	[ "${limited:-0}" -ge 1 ]
	[ "$limited" -le 30 ] || fail "$limited errors"
	# How many is the operator's choice.
	on natbox sysctl -qw net.ipv4.icmp_ratelimit=0
	free=$(expired)
	[ "${free:-0}" -ge 50 ] || fail "$free errors without limit"
}

test_broadcasts_are_not_forwarded() {
	network
	attach
	on client1 ping -b -c 2 -i 0.2 -W 1 10.0.100.255 >/dev/null 2>&1 || true
	emit "IP(src='192.168.99.1', dst='255.255.255.255')/UDP(sport=5000, dport=9)" \
		"Ether(dst='ff:ff:ff:ff:ff:ff')/IP(src='192.168.99.1', dst='10.0.100.2')/UDP(dport=9)" \
		"IP(src='192.168.99.1', dst='127.0.0.1')/UDP(sport=5000, dport=9)" \
		"IP(src='192.168.99.1', dst='0.1.2.3')/UDP(sport=5000, dport=9)" \
		"IP(src='192.168.99.1', dst='245.1.2.3')/UDP(sport=5000, dport=9)"
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	is "packets outside" "$(show wan 'ip and not (icmp and host 10.0.100.2)' | wc -l)" 0
	is "bindings" "$(count_bindings)" 1
}
