# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# coexist.sh - what else touches the packets is named at attach, with a remedy, and left alone.

# shellcheck source=tests/net/findings/lib.sh
. "$net/findings/lib.sh"

test_nft_source_translation_is_named() {
	network
	names_nothing
	chains "$nat_chain" <<-'END' >"$work/rules"
		masquerade
		oifname "eth1" masquerade
		oif lo accept; oifname "eth*" masquerade
		ip saddr 192.168.0.0/16 masquerade
		ip saddr 192.168.99.7 masquerade
		ip saddr != 10.0.0.0/8 masquerade
		ip saddr { 192.168.99.0/24, 10.0.0.0/8 } masquerade
		oifname { "eth1", "eth7" } masquerade
		iifname . oifname { "eth0" . "eth1" } masquerade
		iifname "eth0" ip saddr 192.168.99.0/24 snat ip to 10.0.100.9
		oifname "eth1" jump translates
		oifname "eth1" goto translates
		oifname vmap { "eth1" : jump translates, "eth7" : accept }
		ct state new tcp dport 80 masquerade
		ip saddr 10.0.0.0/8 return; masquerade
	END
	nft_rules <"$work/rules"
	names 'warning: nft chain "inet mine c[0-9]+" translates packets from eth0'
}

test_nft_translation_of_others_is_not_named() {
	network
	chains "$nat_chain" <<-'END' >"$work/rules"
		oifname "eth7" masquerade
		oif lo masquerade
		oifname != "eth0" ip saddr 172.17.0.0/16 masquerade
		ip saddr != 192.168.99.0/24 masquerade
		ip saddr 10.0.0.7 masquerade
		oifname != "eth1" masquerade
		oifname "veth*" masquerade
		oifname { "eth7", "eth8" } masquerade
		oifname != { "eth1" } masquerade
		oifname "eth7" jump translates
		oifname vmap { "eth1" : accept, "eth7" : jump translates }
		iifname "eth0" accept; masquerade
		ct state established masquerade
		accept; masquerade
	END
	nft_rules <"$work/rules"
	names_nothing
}

test_a_forward_chain_that_drops_is_named() {
	network
	chains "$forward_chain" <<-'END' >"$work/rules"
		counter
		ct state established,related accept
		iifname "eth7" accept
		iifname "eth0" oifname "eth7" accept
		iifname "eth0" ip saddr 172.17.0.0/16 accept
		ct state vmap { established : accept, related : accept, invalid : drop }
		ct status dnat accept
		jump answers
		oifname "eth1" drop; accept
		iifname { "eth0" } reject; accept
		iifname "eth0" ip saddr 10.0.0.0/8 return; drop
	END
	nft_rules <"$work/rules"
	names 'warning: nft chain "inet mine c[0-9]+" drops what comes from eth0 to leave here'
	heed
	names_nothing
}

test_a_forward_chain_that_drops_answers_is_named() {
	network
	chains "$forward_chain" <<-'END' >"$work/rules"
		iifname eth0 oifname eth1 accept
		ct state new accept
		iifname @lan accept
	END
	nft_rules <"$work/rules"
	names 'warning: nft chain "inet mine c[0-9]+" drops all answers to eth0'
	heed
	names_nothing
}

test_a_firewall_that_lets_through_is_not_named() {
	network
	chains "$forward_chain" <<-'END' >"$work/rules"
		accept
		ct state established,related accept; iifname "eth0" accept
		ct state vmap { established : accept, related : accept }; iifname "eth0" accept
		ct state established,related accept; iifname "eth0" ip saddr 192.168.99.0/24 accept
		ct state established,related accept; jump lan_accept
		jump answers; iifname "eth0" goto lan_accept
		ct state established,related accept; meta nfproto ipv4 iif eth0 tcp dport 443 accept
		ct state != new accept; meta l4proto { tcp, udp, icmp } accept
		ip daddr 10.0.100.0/24 drop; accept
		ip saddr { 192.168.99.5 } accept; ip daddr 192.168.99.0/24 accept
		iifname eth0 tcp dport 80 accept; ip daddr 192.168.99.5 accept
		ip saddr vmap { 192.168.99.1 : accept }; ct state established accept
		ip saddr @anywhere accept; ct state established accept
	END
	nft_rules <"$work/rules"
	names_nothing
}

test_a_queue_may_let_through() {
	network
	chains "$forward_chain" <<<"queue num 7 bypass" >"$work/rules"
	(nft_rules <"$work/rules") 2>"$work/err" || skip "this kernel has no queues in nf_tables"
	names_nothing
}

test_hosts_behind_a_point_to_point_address_are_unknown() {
	network
	on natbox ip link add tun9 type veth peer name tun9-end
	on natbox ip address add 10.8.0.1/32 dev tun9
	on natbox ip link set tun9 up
	chains "$forward_chain" <<-'END' >"$work/rules"
		ct state established accept; iifname eth0 accept; iifname tun9 ip saddr 10.8.0.2 accept
	END
	nft_rules <"$work/rules"
	names_nothing
}

# long_set COUNT: a firewall whose set has so many addresses, of others
long_set() {
	{
		echo "table inet mine { set many { type ipv4_addr; elements = {"
		seq 0 $(($1 - 1)) | awk '{ printf "10.%d.%d.%d,", $1 / 65536, $1 / 256 % 256, $1 % 256 }'
		echo "}; }; chain c { $forward_chain ct state established accept; ip saddr @many accept; }; }"
	} | nft_rules
}

test_a_very_long_set_is_not_looked_through() {
	network
	long_set 65536
	names 'warning: nft chain "inet mine c" drops what comes from eth0 to leave here'
	long_set 65537
	names_nothing
}

# docker_rules IPTABLES: what Docker makes
docker_rules() {
	on natbox ip link add docker0 type veth peer name docker0-end
	on natbox ip address add 172.17.0.1/16 dev docker0
	on natbox ip link set docker0 up
	on natbox "$1" -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
	on natbox "$1" -P FORWARD DROP
	on natbox "$1" -N DOCKER-USER
	on natbox "$1" -A DOCKER-USER -j RETURN
	on natbox "$1" -A FORWARD -j DOCKER-USER
	on natbox "$1" -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	on natbox "$1" -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
	on natbox "$1" -A FORWARD -i docker0 -o docker0 -j ACCEPT
}

test_the_policy_of_docker_is_named_and_the_remedy_helps() {
	needs iptables-nft
	network
	docker_rules iptables-nft
	ln -s "$(command -v iptables-nft)" "$work/iptables"
	PATH="$work:$PATH"
	attach 2>"$work/findings"
	grep -q 'warning: nft chain "ip filter FORWARD" drops what comes from eth0' "$work/findings"
	is "chains named" "$(grep -c 'nft chain' "$work/findings")" 2
	grep -q 'warning: nft chain "ip nat POSTROUTING" translates packets from docker0' \
		"$work/findings"
	on client1 ping -c 1 -W 1 10.0.100.2 >/dev/null && fail "an answer through a closed door"
	grep FORWARD "$work/findings" >"$work/one" && mv "$work/one" "$work/findings"
	heed
	grep -q 'DOCKER-USER -i eth0 -o eth1' "$work/remedy"
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	attach 2>"$work/err"
	lacks "$work/err" FORWARD
}

test_iptables_with_nft_inside_is_read() {
	needs iptables-nft
	network
	on natbox iptables-nft -t nat -A POSTROUTING -o eth1 -m comment --comment x -j MASQUERADE
	names 'warning: nft chain "ip nat POSTROUTING" translates'
	on natbox iptables-nft -t nat -F POSTROUTING
	on natbox iptables-nft -t nat -A POSTROUTING ! -o eth1 -j MASQUERADE
	names_nothing
	on natbox iptables-nft -A FORWARD -i eth0 -m conntrack --ctstate NEW -j ACCEPT
	on natbox iptables-nft -A FORWARD -m conntrack ! --ctstate INVALID,NEW -j ACCEPT
	on natbox iptables-nft -P FORWARD DROP
	names_nothing
	on natbox iptables-nft -D FORWARD 1
	names 'warning: nft chain "ip filter FORWARD" drops what comes from eth0'
	on natbox iptables-nft -A FORWARD -j NFQUEUE --queue-bypass
	names_nothing
}

test_legacy_iptables_is_named() {
	needs iptables-legacy
	network
	on natbox iptables-legacy -t nat -A POSTROUTING -o eth1 -j MASQUERADE 2>"$work/err" ||
		skip "this kernel has no legacy iptables: $(tail -n 1 "$work/err")"
	names 'iptables-legacy has tables "nat", which are not looked into'
}

# flowtable FLAGS: with both interfaces
flowtable() {
	nft_rules <<<"table inet mine {
		flowtable fast { hook ingress priority 0; devices = { eth0, eth1 }; $1
		}
	}"
}

test_flowtables_are_named() {
	network
	flowtable '' 2>/dev/null || skip "this kernel has no flowtables"
	names 'nft flowtable "inet mine fast" takes flows past the forward chain'
	flowtable 'flags offload;' 2>/dev/null || skip "these interfaces cannot offload flows"
	names 'warning: nft flowtable "inet mine fast" lets the network card forward'
}

test_programs_and_filters_of_others_are_named() {
	network
	attach --ingress tc 2>"$work/err"
	lacks "$work/err" 'tc ingress\|tc egress'
	detach
	on natbox tc qdisc add dev eth1 clsact
	on natbox tc filter add dev eth1 egress protocol ip prio 7 u32 match u32 0 0 flowid 1:1
	attach --ingress tc 2>"$work/err"
	# Where TCX is, it comes before every filter.
	grep -qE 'eth1: tc egress: filter "u32" of priority 7 runs (after|before) natctl' "$work/err"
	lacks "$work/err" 'tc ingress'
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	attach --ingress tc 2>"$work/err"
	is "findings" "$(grep -c 'tc egress' "$work/err")" 1
	detach
	on natbox tc filter show dev eth1 egress >"$work/filters"
	grep -q u32 "$work/filters"
	on natbox tc qdisc delete dev eth1 clsact
}

test_an_xdp_program_before_natctl_is_named() {
	local program
	network
	# One that passes everything: natctl's own, of a gateway elsewhere.
	"$lab/lab" up masq-howto >/dev/null
	on Masq-Gate "$natctl" attach eth1 2>"$work/err"
	program=$(on Masq-Gate "$natctl" status eth1 -j | jq -r '.pin_path // .[0].pin_path')/progs
	on natbox bpftool net attach xdpdrv pinned "$program/nat_xdp_wan_in" dev eth1
	on natbox bpftool net attach xdpdrv pinned "$program/nat_xdp_wan_in" dev eth0
	look
	is "findings" "$(wc -l <"$work/findings")" 2
	grep -qE 'eth1: an XDP program "nat_xdp_wan_in", id [0-9]+ sees what comes in before' \
		"$work/findings"
	grep -qE 'eth1: an XDP program .* is on eth0: what it redirects to eth1 leaves untransl' \
		"$work/findings"
	refuses 1 'XDP is taken by program "nat_xdp_wan_in"' attach eth1 --ingress xdp
	on natbox bpftool net detach xdpdrv dev eth1
	on natbox bpftool net detach xdpdrv dev eth0
	on Masq-Gate "$natctl" detach eth1
}

test_notes_are_quiet_and_never_change_the_exit_code() {
	network
	on natbox tc qdisc add dev eth1 clsact
	on natbox tc filter add dev eth1 egress protocol ip prio 7 u32 match u32 0 0 flowid 1:1
	nft_rules <<<"table ip mine {
		chain posts { $nat_chain masquerade; }
	}"
	on natbox nft list ruleset >"$work/rules"
	gw attach eth1 -q --ingress tc 2>"$work/err"
	is "lines with -q" "$(wc -l <"$work/err")" 1
	grep -q 'eth1: warning: nft chain' "$work/err"
	gw detach eth1
	on natbox nft list ruleset >"$work/rules.after"
	same "the rules" "$work/rules" "$work/rules.after"
}
