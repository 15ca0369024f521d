# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# forward.sh - natctl forward: internal servers that the outside reaches.

# asked HOST PORT: as whom the server at port PORT of the gateway sees HOST
asked() {
	on "$1" "$peer" ask tcp 10.0.100.1 "$2" --wait 3 | cut -d' ' -f1
}

# forwards: the rules in force, without what changes by itself
forwards() {
	gw forward list eth1 | sed -E 's/   [0-9]+ sessions?   age .*//'
}

test_a_server_inside_is_reached_from_outside() {
	local seen
	network
	serve client1 tcp 192.168.99.1 80
	attach
	is "it says" "$(gw forward add eth1 tcp 8080 192.168.99.1:80)" "eth1: 1 port forwarded"
	seen=$(asked server 8080)
	is "the server sees" "${seen%:*}" 10.0.100.2
	is "the list" "$(forwards)" "tcp   10.0.100.1:8080 -> 192.168.99.1:80"
	is "as JSON" "$(gw forward list -j | jq -c '.[0] | [.interface, .proto, .external, .internal, .from, .sessions]')" \
		'["eth1","tcp",{"addr":"10.0.100.1","port":8080},{"addr":"192.168.99.1","port":80},"0.0.0.0/0",1]'
	is "its kind" "$(gw bindings -j | jq -r '.[0].kind')" static
	is "again" "$(gw forward add eth1 tcp 8080 192.168.99.1:80)" "eth1: forwarded already"
	is "taken back" "$(gw forward del eth1 tcp 8080)" \
		"eth1: 1 port not forwarded any more; ended 1 session"
	is "again" "$(gw forward del eth1 tcp 8080)" "eth1: not forwarded"
	on server "$peer" ask tcp 10.0.100.1 8080 --wait 1 2>/dev/null && fail "reached all the same"
	is "the list" "$(forwards)" "(none)"
}

test_over_tc_ingress() {
	local seen
	network
	serve client1 tcp 192.168.99.1 80
	attach --ingress tc
	gw forward add eth1 tcp 8080 192.168.99.1:80
	seen=$(asked server 8080)
	is "the server sees" "${seen%:*}" 10.0.100.2
}

test_another_internal_host_reaches_it_by_the_external_address() {
	local seen
	network
	serve client1 tcp 192.168.99.1 80
	attach
	gw forward add eth1 tcp 8080 192.168.99.1:80
	seen=$(asked client2 8080)
	is "the server sees" "${seen%:*}" 10.0.100.1
}

test_what_the_server_sends_by_itself_leaves_by_the_port() {
	network
	serve server udp 10.0.100.2 7000
	attach
	gw forward add eth1 udp 9000 192.168.99.1:5000
	is "the remote sees" "$(on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000)" \
		"10.0.100.1:9000 hello"
}

test_a_range_of_both_protocols() {
	network
	serve client1 tcp 192.168.99.1 20003
	serve client1 udp 192.168.99.1 20003
	attach
	is "it says" "$(gw forward add eth1 tcp,udp 10000-10099 192.168.99.1:20000-20099)" \
		"eth1: 200 ports forwarded"
	on server "$peer" ask tcp 10.0.100.1 10003 >/dev/null
	on server "$peer" ask udp 10.0.100.1 10003 >/dev/null
	is "taken back" "$(gw forward del eth1 tcp,udp 10000-10099 192.168.99.1:20000-20099 |
		cut -d';' -f1)" "eth1: 200 ports not forwarded any more"
}

test_only_some_may_use_it() {
	network
	on server ip address add 10.0.100.3/24 dev eth0
	serve client1 tcp 192.168.99.1 80
	attach
	gw forward add eth1 tcp 8080 192.168.99.1:80 --from 10.0.100.3/32
	on server "$peer" ask tcp 10.0.100.1 8080 --from 10.0.100.3:0 >/dev/null
	on server "$peer" ask tcp 10.0.100.1 8080 --wait 1 2>/dev/null && fail "not only those"
	is "the list" "$(forwards)" \
		"tcp   10.0.100.1:8080 -> 192.168.99.1:80   from 10.0.100.3/32"
}

test_what_cannot_be_forwarded_is_explained_and_changes_nothing() {
	network
	serve server udp 10.0.100.2 7000
	serve natbox tcp 10.0.100.1 8443
	attach
	on client2 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:10005 >/dev/null
	refuses 1 'cannot forward udp port 10005: 192.168.99.2:10005 is using it.*natctl flush' \
		forward add eth1 udp 10000-10009 192.168.99.1
	is "of a range, nothing" "$(forwards)" "(none)"
	refuses 1 'cannot forward tcp port 8443: a socket of this machine has it.*--force' \
		forward add eth1 tcp 8443 192.168.99.1
	gw forward add eth1 tcp 8443 192.168.99.1 --force
	refuses 1 'goes to 192.168.99.1:8443 from 0.0.0.0/0 already.*natctl forward del eth1 tcp 8443' \
		forward add eth1 tcp 8443 192.168.99.2
	refuses 1 'not one of its external addresses: 10.0.100.9' \
		forward add eth1 tcp 80 192.168.99.1 --address 10.0.100.9
	refuses 1 'mapping cannot change while there are port forwards: 1' \
		attach eth1 --mapping dependent
	refuses 3 'not attached' forward add eth9 tcp 80 192.168.99.1
}

test_words_that_make_no_rule() {
	network
	attach
	refuses 2 'no such word: "put" .one of add, del, list.' forward put eth1
	refuses 2 'which interface' forward add
	refuses 2 'which port' forward add eth1
	refuses 2 'no such protocol: "icmp"' forward add eth1 icmp 80 192.168.99.1
	refuses 2 'not PORT or LO-HI: "0"' forward add eth1 tcp 0 192.168.99.1
	refuses 2 'not PORT or LO-HI: "90-80"' forward add eth1 tcp 90-80 192.168.99.1
	refuses 2 'to which internal host' forward add eth1 tcp 80
	refuses 2 'not ADDR, ADDR:PORT or ADDR:LO-HI: "192.168.99"' forward add eth1 tcp 80 192.168.99
	refuses 2 '10 external ports and 1 internal ones' forward add eth1 tcp 80-89 192.168.99.1:80
	refuses 2 'from: not valid: "10.0.100.3/8"' \
		forward add eth1 tcp 80 192.168.99.1 --from 10.0.100.3/8
	refuses 2 'no such word: "to"' forward add eth1 tcp 80 192.168.99.1 to 9
	refuses 2 'only list does' -j forward add eth1 tcp 80 192.168.99.1
}

test_it_goes_on_with_natctl_and_with_another_address() {
	network
	serve client1 tcp 192.168.99.1 80
	attach
	gw forward add eth1 tcp 8080 192.168.99.1:80
	gw forward add eth1 tcp 8081 192.168.99.1:80
	attach
	asked server 8080 >/dev/null
	on natbox ip address del 10.0.100.1/24 dev eth1
	is "while the address is away" "$(forwards | head -n 1)" \
		"tcp   10.0.100.1:8080 -> 192.168.99.1:80"
	on natbox ip address add 10.0.100.7/24 dev eth1
	eventually 10 same_list "tcp   10.0.100.7:8080 -> 192.168.99.1:80
tcp   10.0.100.7:8081 -> 192.168.99.1:80"
	on server "$peer" ask tcp 10.0.100.7 8080 --wait 3 >/dev/null
	on server "$peer" ask tcp 10.0.100.7 8081 --wait 3 >/dev/null
	on natbox ip address del 10.0.100.7/24 dev eth1
	on natbox ip address add 10.0.100.1/24 dev eth1
	eventually 10 same_list "tcp   10.0.100.1:8080 -> 192.168.99.1:80
tcp   10.0.100.1:8081 -> 192.168.99.1:80"
	asked server 8081 >/dev/null
}

same_list() {
	[ "$(forwards)" = "$1" ]
}

test_a_port_that_was_given_back_can_be_given_to_another() {
	local seen
	network
	serve client1 tcp 192.168.99.1 80
	serve client2 tcp 192.168.99.2 80
	attach
	gw forward add eth1 tcp 8080 192.168.99.1:80
	asked server 8080 >/dev/null
	gw forward del eth1 tcp 8080
	gw forward add eth1 tcp 8080 192.168.99.2:80 2>"$work/notes"
	seen=$(asked server 8080)
	is "the server sees" "${seen%:*}" 10.0.100.2
	is "the list" "$(forwards)" "tcp   10.0.100.1:8080 -> 192.168.99.2:80"
}

test_a_traceroute_from_outside_sees_the_external_address_only() {
	network
	needs traceroute
	serve client1 tcp 192.168.99.1 80
	attach
	gw forward add eth1 tcp 8080 192.168.99.1:80
	on server traceroute -T -p 8080 -n -q 1 -w 3 10.0.100.1 >"$work/hops"
	is "hops" "$(awk 'NR > 1 { print $2 }' "$work/hops" | sort -u)" 10.0.100.1
}
