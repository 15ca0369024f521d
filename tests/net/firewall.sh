# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# firewall.sh - netfilter on the gateway: firewalls with conntrack, and masquerade on the same link.

# shellcheck source=tests/net/findings/lib.sh
. "$net/findings/lib.sh"

# passed COMMENT: packets that the firewall's rule with this comment has counted
passed() {
	on natbox nft -j list ruleset | jq --arg comment "$1" '[.nftables[].rule |
		select(.comment? == $comment) | .expr[].counter?.packets // 0] | add'
}

# conntrack_has FLOW: does the firewall know it, by the same addresses in both directions?
conntrack_has() {
	on natbox conntrack -L 2>/dev/null >"$work/conntrack"
	grep -qE "$1" "$work/conntrack" || fail "no \"$1\": $(cat "$work/conntrack")"
}

firewall() {
	network "$net/isp.topo"
	nft_rules <<-'END'
		table inet mine {
			chain pass {
				type filter hook forward priority filter; policy drop;
				ct state established counter accept comment "established"
				ct state related counter accept comment "related"
				iifname "eth0" oifname "eth1" counter accept comment "out"
				counter comment "dropped"
			}
		}
	END
	serve server udp 198.51.100.9 7000
	serve_page server 198.51.100.9 80
	attach "$@" 2>"$work/err"
	lacks "$work/err" 'nft'
}

test_a_firewall_with_conntrack_sees_internal_addresses() {
	needs conntrack
	firewall
	is "client1 is seen as" "$(seen client1 198.51.100.9 7000 0.0.0.0:5000)" 10.0.100.1:5000
	conntrack_has 'udp .*src=192.168.99.1 dst=198.51.100.9 sport=5000 dport=7000 src=198.51.100.9 dst=192.168.99.1 sport=7000 dport=5000'
	fetch client2 http://198.51.100.9/
	conntrack_has 'tcp .*src=192.168.99.2 dst=198.51.100.9 .* src=198.51.100.9 dst=192.168.99.2 sport=80'
	on client1 ping -c 2 -i 0.2 -W 2 198.51.100.9 >/dev/null
	conntrack_has 'icmp .*src=192.168.99.1 dst=198.51.100.9 .* src=198.51.100.9 dst=192.168.99.1'
	lacks "$work/conntrack" 10.0.100.1
	lacks "$work/conntrack" UNREPLIED
	[ "$(passed established)" -ge 4 ]
	is "dropped" "$(passed dropped)" 0
}

test_errors_pass_a_firewall_as_related() {
	needs traceroute
	firewall
	is "hops" "$(on client1 traceroute -n -q 1 -w 3 -m 8 -U 198.51.100.9 |
		awk 'NR > 1 { print $2 }' | paste -sd' ')" "192.168.99.3 10.0.100.254 198.51.100.9"
	on isp ip route add 198.51.100.9/32 dev eth1 mtu lock 1300
	on client1 ping -c 1 -W 2 -M "do" -s 1400 198.51.100.9 >"$work/ping" && fail "too big, and went"
	grep -q 'From 10.0.100.254 .*mtu = 1300' "$work/ping" || fail "$(cat "$work/ping")"
	[ "$(passed related)" -ge 3 ]
	is "dropped" "$(passed dropped)" 0
}

test_a_firewall_has_the_last_word_on_what_comes_in() {
	firewall --filtering independent
	on client1 "$peer" ask udp 198.51.100.9 7000 --from 0.0.0.0:5000 >/dev/null
	serve client1 udp 192.168.99.1 5000
	on server "$peer" ask udp 10.0.100.1 5000 --wait 1 >/dev/null 2>&1 && fail "an answer"
	is "dropped" "$(passed dropped)" 1
	# natctl has let it in: it is the firewall that did not.
	on natbox nft insert rule inet mine pass iifname eth1 udp dport 5000 accept
	on server "$peer" ask udp 10.0.100.1 5000 >/dev/null
}

test_masquerade_on_the_same_link_breaks_nothing() {
	network
	nft_rules <<<"table ip mine {
		chain posts { $nat_chain oifname eth1 masquerade; }
	}"
	serve server udp 10.0.100.2 7000
	serve_page server 10.0.100.2 80
	attach
	on client1 ping -c 2 -i 0.2 -W 2 10.0.100.2 >/dev/null
	is "client1 is seen as" "$(seen client1 10.0.100.2 7000 0.0.0.0:5000)" 10.0.100.1:5000
	is "client2 is seen from" \
		"$(on client2 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 | cut -d: -f1)" \
		10.0.100.1
	fetch client2 http://10.0.100.2/
	# All of it was netfilter's work: to natctl it is the gateway's own.
	is "sessions" "$(count_sessions)" 0
	[ "$(counted host-out)" -ge 4 ]
}

test_masquerade_of_some_needs_ports_of_its_own() {
	network
	nft_rules <<<"table ip mine {
		chain posts { $nat_chain ip saddr 192.168.99.2 oifname eth1 masquerade; }
	}"
	serve server udp 10.0.100.2 7000
	serve server udp 10.0.100.2 7001
	attach 2>"$work/findings"
	is "client1 is seen as" "$(seen client1 10.0.100.2 7000 0.0.0.0:5000)" 10.0.100.1:5000
	# Netfilter gives the same port to client2, towards another remote endpoint.
	on server ip address add 10.0.100.9/24 dev eth0
	serve server udp 10.0.100.9 7009
	on client2 "$peer" ask udp 10.0.100.9 7009 --from 0.0.0.0:5000 --wait 1 >/dev/null 2>&1 &&
		fail "an answer, although both use port 5000"
	grep -qF '"masquerade to :61000-65535" there, --ports 1024-60999 here' "$work/findings"
	nft_rules <<<"table ip mine {
		chain posts {
			$nat_chain
			ip saddr 192.168.99.2 oifname eth1 meta l4proto { tcp, udp } \\
				masquerade to :61000-65535
		}
	}"
	on natbox conntrack -F 2>/dev/null
	attach --ports 1024-60999 2>"$work/err"
	on client2 "$peer" ask udp 10.0.100.9 7009 --from 0.0.0.0:5000 >"$work/seen"
	grep -qE '^10.0.100.1:6[1-5]' "$work/seen" || fail "$(cat "$work/seen")"
	is "client1 is seen as" "$(seen client1 10.0.100.2 7001 0.0.0.0:5000)" 10.0.100.1:5000
}
