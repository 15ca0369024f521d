# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# pool.sh - which sources and destinations are translated, to which addresses and ports.

test_a_hundred_ports_serve_a_hundred_endpoints() {
	network
	serve server udp 10.0.100.2 7000
	attach --ports 40000-40099
	on client1 "$peer" crowd 10.0.100.2 7000 101 --again >"$work/crowd"
	head -n 101 "$work/crowd" | awk '$2 != "-"' | sort >"$work/first"
	tail -n 101 "$work/crowd" | awk '$2 != "-"' | sort >"$work/second"
	is "endpoints served" "$(wc -l <"$work/first")" 100
	same "who is served, and as whom, a second time" "$work/first" "$work/second"
	is "ports outside the range" \
		"$(awk '{ sub(/.*:/, ""); if ($0 < 40000 || $0 > 40099) print }' "$work/first" | wc -l)" 0
	is "ports in use" "$(awk '{ print $2 }' "$work/first" | sort -u | wc -l)" 100
	is "refusals counted" "$(counted ports-exhausted)" 2
}

test_only_internal_sources_are_translated() {
	network
	serve server udp 10.0.100.2 7000
	attach --internal 192.168.99.1/32
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	# Translation is not for client2, and its private source must not get out either.
	on client2 "$peer" ask udp 10.0.100.2 7000 --wait 0.5 2>/dev/null && fail "an answer"
	[ "$(counted private-source)" -ge 1 ]
}

test_excluded_destinations_are_not_translated() {
	internal=192.168.98.0/24 # private sources are asked for here
	network
	on server ip address add 10.0.100.9/24 dev eth0
	on server ip route add 192.168.99.0/24 via 10.0.100.1
	serve server udp 10.0.100.2 7000
	serve server udp 10.0.100.9 7001
	attach --exclude 10.0.100.9/32
	is "client1 is seen by the excluded as" \
		"$(on client1 "$peer" ask udp 10.0.100.9 7001 --from 0.0.0.0:5000)" "192.168.99.1:5000 hello"
	is "client1 is seen by the other as" \
		"$(on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000)" "10.0.100.1:5000 hello"
	[ "$(counted excluded)" -ge 1 ]
}

test_a_second_address_of_the_interface_can_be_chosen() {
	network
	on natbox ip address add 10.0.100.5/24 dev eth1
	serve server udp 10.0.100.2 7000
	attach --address 10.0.100.5
	is "client1 is seen as" \
		"$(on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000)" "10.0.100.5:5000 hello"
}

test_a_pool_serves_more_than_one_address_can() {
	network
	on natbox ip address add 10.0.100.5/24 dev eth1
	serve server udp 10.0.100.2 7000
	attach --ports 40000-40009 --address 10.0.100.1 --address 10.0.100.5
	on client1 "$peer" crowd 10.0.100.2 7000 10 >"$work/crowd1"
	on client2 "$peer" crowd 10.0.100.2 7000 10 >"$work/crowd2"
	is "endpoints served" "$(awk '$2 != "-"' "$work"/crowd? | wc -l)" 20
	is "endpoints in use" "$(awk '{ print $2 }' "$work"/crowd? | sort -u | wc -l)" 20
	# RFC 4787 REQ-2: a host has one address.
	is "addresses of client1" \
		"$(awk '{ sub(/:.*/, "", $2); print $2 }' "$work/crowd1" | sort -u | wc -l)" 1
}
