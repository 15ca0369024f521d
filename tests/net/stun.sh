# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# stun.sh - which kind of NAT this is, in the words of programs that find it out: coturn's
# turnutils_natdiscovery (RFC 5780) and the stun client of RFC 3489.
#
# Each question is asked from a port that was never used: the answer depends on what the
# gateway remembers of it.

# second_address: RFC 5780 needs a server that can answer from another address
second_address() {
	on server ip address add 10.0.100.9/24 dev eth0
}

four_endpoints() {
	[ "$(on server ss -Hlnu 'sport = :3478 or sport = :3479' | awk '{ print $4 }' | sort -u | wc -l)" = 4 ]
}

stun_server() {
	needs turnserver turnutils_natdiscovery
	second_address
	# No configuration file: the packaged one switches RFC 5780 off. No database of the host.
	start server turnserver -n -S -z --no-tls --no-dtls --no-cli -L 10.0.100.2 -L 10.0.100.9 \
		--log-file stdout --pidfile "$work/turn.pid" --userdb "$work/turndb" >"$work/turn" 2>&1
	eventually 10 four_endpoints
}

# discover NAME CLIENT PORT OPTION...: in the background, into $work/NAME
discover() {
	local name=$1 client=$2 port=$3
	start "$client" turnutils_natdiscovery "${@:4}" -L "192.168.99.${client#client}" -l "$port" \
		10.0.100.2 >"$work/$name" 2>&1
}

# verdict NAME: what it found
verdict() {
	sed -nE 's/^NAT with (.*)!$/\1/p' "$work/$1"
}

# reflexive NAME: the endpoints that the server saw, in order
reflexive() {
	sed -nE 's/.*UDP reflexive addr: (.*)/\1/p' "$work/$1"
}

# kind MAPPING FILTERING MAPPING-FOUND FILTERING-FOUND: what it is said to be, alone, with
# datagrams in fragments, and from ports that somebody else had first
kind() {
	local name pids=()
	network
	stun_server
	attach --mapping "$1" --filtering "$2"
	for name in 5004 5005; do
		discover $name client2 $name -m
		wait $!
		is "client2 is seen as" "$(reflexive $name | head -n 1)" 10.0.100.1:$name
	done
	discover mapping client1 5000 -m && pids+=($!)
	discover filtering client1 5001 -f && pids+=($!)
	discover mapping-in-fragments client1 5002 -m -P && pids+=($!)
	discover filtering-in-fragments client1 5003 -f -P && pids+=($!)
	discover mapping-of-a-taken-port client1 5004 -m && pids+=($!)
	discover filtering-of-a-taken-port client1 5005 -f && pids+=($!)
	wait "${pids[@]}"
	for name in mapping mapping-in-fragments mapping-of-a-taken-port; do
		is "$name" "$(verdict $name)" "$3 Mapping"
	done
	for name in filtering filtering-in-fragments filtering-of-a-taken-port; do
		is "$name" "$(verdict $name)" "$4 Filtering"
	done
	is "a free port is seen as" "$(reflexive mapping | head -n 1)" 10.0.100.1:5000
	lacks "$work/mapping-of-a-taken-port" 'reflexive addr: 10.0.100.1:5004'
	lacks "$work/filtering-of-a-taken-port" 'reflexive addr: 10.0.100.1:5005'
}

test_independent_mapping_independent_filtering() {
	kind independent independent "Endpoint Independent" "Endpoint Independent"
}

test_independent_mapping_address_filtering() {
	kind independent address "Endpoint Independent" "Address Dependent"
}

test_independent_mapping_address_port_filtering() {
	kind independent address-port "Endpoint Independent" "Address and Port Dependent"
}

test_dependent_mapping_independent_filtering() {
	kind dependent independent "Address and Port Dependent" "Endpoint Independent"
}

test_dependent_mapping_address_filtering() {
	kind dependent address "Address and Port Dependent" "Address Dependent"
}

test_dependent_mapping_address_port_filtering() {
	kind dependent address-port "Address and Port Dependent" "Address and Port Dependent"
}

test_a_collision_keeps_two_hosts_apart() {
	local name
	network
	on client1 ip address add 192.168.99.4/24 dev eth0
	stun_server
	attach
	discover plain client1 5000 -c -A 192.168.99.4
	wait $!
	discover padded client1 5002 -c -P -A 192.168.99.4
	wait $!
	for name in plain padded; do
		is "answers, $name" "$(reflexive $name | wc -l)" 2
		is "endpoints, $name" "$(reflexive $name | sort -u | wc -l)" 2
	done
	is "bindings" "$(count_bindings)" 4
}

# The program asks, waits, and asks from another port for an answer to the first.
test_a_binding_lives_as_long_as_its_timer() {
	network
	stun_server
	attach
	discover alive client1 5000 -t -T 1
	wait $!
	is "answers in the lifetime of the binding" "$(grep -c '^RFC 5780 response' "$work/alive")" 2
	lacks "$work/alive" timeout
	gw set eth1 udp=1 --force
	discover gone client1 5002 -t -T 3
	wait $!
	is "answers after the end of the binding" "$(grep -c '^RFC 5780 response' "$work/gone")" 1
	grep -q 'receive timeout' "$work/gone"
}

# classic PORT: what the stun client calls it; it needs two ports
classic() {
	# Its exit code is the kind of the NAT.
	on client1 stun 10.0.100.2 -p "$1" 2>&1 | sed -n 's/^Primary: //p' || true
}

test_another_program_says_the_same() {
	needs stund stun
	network
	second_address
	start server stund -h 10.0.100.2 -a 10.0.100.9 -p 3478 -o 3479 >"$work/stund" 2>&1
	eventually 10 four_endpoints
	attach --filtering independent
	classic 5000 | grep 'Independent Mapping, Independent Filter, preserves ports'
	attach --filtering address
	classic 5002 | grep 'Independent Mapping, Address Dependent Filter, preserves ports'
	attach --filtering address-port
	classic 5004 | grep 'Independent Mapping, Port Dependent Filter, preserves ports'
	attach --mapping dependent
	classic 5006 | grep 'Dependent Mapping'
}

# Two sockets of one host, through the external endpoint of the first (RFC 4787 REQ-9).
test_hairpinning() {
	network
	stun_server
	attach --filtering independent
	discover plain client1 5000 -H
	wait $!
	grep -q 'Received a request' "$work/plain"
	discover padded client1 5002 -H -P
	wait $!
	grep -q 'Received a request' "$work/padded"
	# From the external address of the sender, too (REQ-9a).
	has lan 1 'udp and src 10.0.100.1 and dst 192.168.99.1 and dst port 5000'
}

test_another_program_finds_hairpinning() {
	needs stund stun
	network
	second_address
	start server stund -h 10.0.100.2 -a 10.0.100.9 -p 3478 -o 3479 >"$work/stund" 2>&1
	eventually 10 four_endpoints
	attach --filtering independent
	classic 5000 | grep 'Independent Mapping, Independent Filter, preserves ports, will hairpin'
}
