# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# uplinks.sh - two gateways on one machine, each with its own state, and what routing must provide.

# shellcheck source=tests/net/findings/lib.sh
. "$net/findings/lib.sh"

# two_uplinks: the network, with a capture on the second uplink, too
two_uplinks() {
	network "$net/uplinks.topo"
	capture wan2 isp2 eth0 -c 3000 ip
}

# detach_second: and judge it as the first one is judged at the end of every case
detach_second() {
	gw audit eth2
	gw detach eth2
	capture_end wan2
	"$net/oracle" --private "$internal" wan="$work/wan2.pcap"
}

test_two_uplinks_have_tables_of_their_own() {
	two_uplinks
	serve server udp 198.51.100.9 7000
	attach 2>"$work/err"
	lacks "$work/err" uplinks.md
	gw attach eth2 2>"$work/err"
	grep -qE 'eth2: warning: gateway eth2 beside eth1: no rule leads .* docs/several-uplinks' \
		"$work/err"
	is "findings" "$(grep -c uplinks.md "$work/err")" 1
	is "client1 is seen as" "$(seen client1 198.51.100.9 7000 0.0.0.0:5000)" 10.0.100.1:5000
	on natbox ip route replace default via 10.0.200.254 dev eth2
	is "client2 is seen as" "$(seen client2 198.51.100.9 7000 0.0.0.0:5000)" 10.0.200.1:5000
	is "eth1" "$(gw sessions eth1 -j | jq -r '.[].internal.addr')" 192.168.99.1
	is "eth2" "$(gw sessions eth2 -j | jq -r '.[].internal.addr')" 192.168.99.2
	gw flush eth2
	is "sessions of eth1" "$(count_sessions)" 1
	on natbox ip route replace default via 10.0.100.254 dev eth1
	detach_second
	is "client1 is seen as" "$(seen client1 198.51.100.9 7000 0.0.0.0:5000)" 10.0.100.1:5000
	is "sessions of eth1" "$(count_sessions)" 1
}

# What the manual says, as it stands there. natctl comes last in it.
follow_the_manual() {
	local command
	awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$root/docs/several-uplinks.md" \
		>"$work/manual"
	PATH="$(dirname "$natctl"):$PATH"
	grep -v '^natctl' "$work/manual" | on natbox bash -e >/dev/null
	trace natbox >"$work/before"
	grep '^natctl' "$work/manual" | on natbox bash -e 2>"$work/err"
	attached=yes
}

test_the_manual_of_several_uplinks_holds() {
	two_uplinks
	nft_rules <<<""
	serve server udp 198.51.100.9 7000
	serve_page server 198.51.100.9 80
	# As some distributions have it.
	on natbox sysctl -qw net.ipv4.conf.all.rp_filter=1
	follow_the_manual
	lacks "$work/err" 'uplinks\|rp_filter'
	is "client1 is seen as" "$(seen client1 198.51.100.9 7000 0.0.0.0:5000)" 10.0.100.1:5000
	is "client2 is seen as" "$(seen client2 198.51.100.9 7000 0.0.0.0:5000)" 10.0.200.1:5000
	is "the gateway is seen as" "$(seen natbox 198.51.100.9 7000 10.0.200.1:5001)" 10.0.200.1:5001
	fetch client1 http://198.51.100.9/
	fetch client2 http://198.51.100.9/
	is "eth1" "$(gw sessions eth1 -j | jq -r '[.[].internal.addr] | unique[]')" 192.168.99.1
	is "eth2" "$(gw sessions eth2 -j | jq -r '[.[].internal.addr] | unique[]')" 192.168.99.2

	# Into client1, which uses eth1 itself, by the second uplink.
	gw forward add eth2 udp 6000 192.168.99.1:6000
	gw forward add eth2 tcp 8080 192.168.99.1:80
	serve client1 udp 192.168.99.1 6000
	serve_page client1 192.168.99.1 80
	is "server is seen as" "$(seen server 10.0.200.1 6000 0.0.0.0:7002)" 198.51.100.9:7002
	fetch server http://10.0.200.1:8080/
	detach_second
}

test_strict_rp_filter_on_a_second_uplink_is_named() {
	network "$net/uplinks.topo"
	at=eth2
	on natbox sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth2.rp_filter=1
	names_nothing
	on natbox ip route add default via 10.0.200.254 dev eth2 metric 200
	names 'warning: strict rp_filter drops what comes in from where .* eth1 leads'
	heed
	names_nothing
	on natbox sysctl -qw net.ipv4.conf.eth2.rp_filter=1
	on natbox ip route add default via 10.0.200.254 dev eth2 table 102
	on natbox ip rule add from 192.168.99.0/24 lookup 102
	names_nothing
}

test_the_remedy_for_strict_rp_filter_fits_a_dotted_name() {
	network "$net/uplinks.topo"
	at=eth2.100 # as VLANs are called
	on natbox ip link add $at type veth peer name vlan-end
	on natbox ip address add 10.0.210.1/24 dev $at
	on natbox ip link set vlan-end up
	on natbox ip link set $at up
	on natbox ip route add default via 10.0.210.254 dev $at metric 200
	on natbox sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth2/100.rp_filter=1
	names 'warning: strict rp_filter drops what comes in from where .* eth1 leads'
	heed
	names_nothing
}

test_a_gateway_that_counts_this_one_as_internal_is_named() {
	network "$net/uplinks.topo"
	at=eth2
	on natbox ip route add default via 10.0.200.254 dev eth2 table 102
	on natbox ip rule add from 10.0.200.1 lookup 102
	attach --internal 192.168.99.0/24 --internal 10.0.0.0/8 --lan eth0
	names 'warning: gateway eth1 counts this address as internal \(--internal 10.0.0.0/8\)'
	attach --internal 192.168.99.0/24 --lan eth0 --lan eth2
	names 'warning: gateway eth1 has eth2 as an internal interface \(--lan\)'
	attach --lan eth0
	names_nothing
}
