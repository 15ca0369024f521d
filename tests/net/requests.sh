# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# requests.sh - what the data path has the keeper do: answer, and hold what came too early.

craft=$net/craft
orders='012 021 102 120 201 210'

# ---- a SYN that nobody waits for ---------------------------------------------------------

unreachable='icmp[0] == 3 and icmp[1] == 3 and src 10.0.100.1 and dst 10.0.100.2'
reset='tcp[tcpflags] & tcp-rst != 0 and src 10.0.100.1'

# call: the server connects to a port of the gateway
call() {
	on server "$peer" ask tcp 10.0.100.1 5000 --from 0.0.0.0:7000 "$@" 2>&1
}

# when FILTER...: at which second the first such packet was seen outside
when() {
	tcpdump -r "$work/wan.pcap" -n -tt "$@" 2>/dev/null | awk 'NR == 1 { print $1 }'
}

# called_for SECONDS: has the server been calling for so long?
called_for() {
	tcpdump -r "$work/wan.pcap" -n -tt 'tcp dst port 5000' 2>/dev/null |
		awk -v wanted="$1" 'NR == 1 { first = $1 } END { exit !($1 - first >= wanted) }'
}

# held: the number of SYNs that wait
held() {
	bpftool -j map dump pinned "$(status_of pin_path)/maps/held_syns" | jq length
}

none_held() {
	[ "$(held)" = 0 ]
}

counts() {
	[ "$(counted "$1")" -ge "$2" ]
}

test_an_unsolicited_syn_is_answered_after_six_seconds() {
	network
	attach
	call --wait 12 >"$work/said" || true
	grep -q 'Connection refused' "$work/said"
	eventually 2 has wan 1 "$unreachable"
	awk -v from="$(when 'tcp dst port 5000')" -v to="$(when "$unreachable")" \
		'BEGIN { exit !(to - from >= 6 && to - from <= 7) }'
	show wan -v "$unreachable" >"$work/answer"
	grep -qE '10\.0\.100\.2\.7000 > 10\.0\.100\.1\.5000: .*(Flags \[S\]|tcp)' "$work/answer"
	eventually 5 none_held
	is "answers" "$(show wan "$unreachable" | wc -l)" 1
	is "resets" "$(show wan "$reset" | wc -l)" 0
}

test_an_address_that_nobody_owns_answers_too() {
	network
	on server ip route add 203.0.113.7 via 10.0.100.1
	attach --address 203.0.113.7
	on server "$peer" ask tcp 203.0.113.7 5000 --wait 12 >"$work/said" 2>&1 || true
	grep -q 'Connection refused' "$work/said"
	eventually 2 has wan 1 'icmp[0] == 3 and icmp[1] == 3 and src 203.0.113.7'
}

test_an_unsolicited_syn_is_never_answered_when_that_is_wanted() {
	network
	attach
	gw set eth1 unsolicited-syn=drop
	call --wait 20 >"$work/said" &
	eventually 15 called_for 7
	is "held" "$(held)" 0
	is "answers" "$(show wan "$unreachable or ($reset)" | wc -l)" 0
	kill $!
}

test_an_unsolicited_syn_is_the_hosts_when_that_is_wanted() {
	network
	attach
	gw set eth1 unsolicited-syn=pass
	call --wait 3 >"$work/said" || true
	grep -q 'Connection refused' "$work/said"
	eventually 2 has wan 1 "$reset"
	is "answers" "$(show wan "$unreachable" | wc -l)" 0
}

test_a_listener_of_the_gateway_is_reached_at_once() {
	network
	serve natbox tcp 10.0.100.1 5000
	attach
	is "the server is seen as" "$(call --wait 2)" "10.0.100.2:7000 hello"
}

test_who_calls_back_within_six_seconds_is_connected() {
	network
	attach
	call --wait 10 --text server >"$work/outside" &
	eventually 3 counts syn-held 1
	is "client1 hears" "$(on client1 "$peer" ask tcp 10.0.100.2 7000 --from 0.0.0.0:5000 \
		--text client --wait 5)" server
	wait $!
	is "the server hears" "$(cat "$work/outside")" client
	eventually 12 none_held
	is "answers" "$(show wan "$unreachable or ($reset)" | wc -l)" 0
}

# ---- no room for a flow ------------------------------------------------------------------

# refusal WORD ERROR CODE: what the fifth flow of a gateway with four ports is told
refusal() {
	network
	serve server udp 10.0.100.2 7000
	attach --ports 40000-40003
	gw set eth1 "refuse-with=$1"
	is "served" "$(on client1 "$peer" crowd 10.0.100.2 7000 4 | grep -c :)" 4
	is "the fifth is told" "$(on client1 "$craft" refused 10.0.100.2:7000 0.0.0.0:20009 \
		--tos 0xb9)" "$2"
	is "counted" "$(counted ports-exhausted)" 1
	if [ -n "${3-}" ]; then
		eventually 2 has lan 1 "icmp[0] == 3 and icmp[1] == $3 and ip[1] == 0xb8 and \
			src 192.168.99.3 and dst 192.168.99.1"
	fi
	is "errors" "$(show lan 'icmp[0] == 3' | wc -l)" "$([ -n "${3-}" ] && echo 1 || echo 0)"
}

test_a_refused_host_is_told_that_the_other_is_unreachable() {
	refusal host-unreachable EHOSTUNREACH 1
}

test_a_refused_host_is_told_that_it_may_not() {
	refusal prohibited EHOSTUNREACH 13
}

test_a_refused_host_is_told_nothing() {
	refusal silent silence
}

# ---- fragments in any order --------------------------------------------------------------

# ready NAME: is that receiver ready?
ready() {
	grep -q ready "$work/$1.err"
}

# receive HOST ARGUMENT...: in the background, to $work/HOST; each order on a line
receive() {
	start "$1" "$craft" receive "${@:2}" >"$work/$1" 2>"$work/$1.err"
	eventually 5 ready "$1"
}

# judge_fragments CAPTURE COUNT FILTER: so many passed, each a hop on
judge_fragments() {
	eventually 2 has "$1" "$2" "$3 and ip[6:2] & 0x3fff != 0"
	is "fragments" "$(show "$1" "$3 and ip[6:2] & 0x3fff != 0" | wc -l)" "$2"
	is "fragments with a strange TTL" \
		"$(show "$1" "$3 and ip[6:2] & 0x3fff != 0 and ip[8] != 63" | wc -l)" 0
}

test_fragments_go_out_in_any_order() {
	network
	attach
	receive server 10.0.100.2:7000 6
	# shellcheck disable=SC2086 # a list of words
	on client1 "$craft" fragments 192.168.99.1:5000 10.0.100.2:7000 $orders
	wait $!
	is "datagrams" "$(sort "$work/server" | paste -sd' ')" "$orders"
	judge_fragments wan 18 'src 10.0.100.1'
	[ "$(counted fragment-early)" -ge 1 ]
	is "lost" "$(counted fragment)" 0
}

# come_in: in any order, to an internal host
come_in() {
	receive client1 192.168.99.1:5000 6 --say 10.0.100.2:7000
	# shellcheck disable=SC2086 # a list of words
	on server "$craft" fragments 10.0.100.2:7000 10.0.100.1:5000 $orders
	wait $!
	is "datagrams" "$(sort "$work/client1" | paste -sd' ')" "$orders"
	judge_fragments lan 18 'dst 192.168.99.1'
	is "lost" "$(counted fragment)" 0
}

test_fragments_come_in_in_any_order() {
	network
	attach
	come_in
}

test_fragments_come_in_in_any_order_without_xdp() {
	network
	attach --ingress tc
	come_in
}

# The gateway then collects the fragments of what it forwards: those that the keeper has held
# must be where the others are.
test_fragments_come_in_in_any_order_through_connection_tracking() {
	network
	attach
	on natbox nft -f - <<-'END' || skip "no nft, or no connection tracking"
		table ip watch {
			chain forward {
				type filter hook forward priority 0; policy drop
				ct state new,established accept
			}
		}
	END
	come_in
	on natbox nft delete table ip watch
}

test_without_a_keeper_fragments_come_in_order_or_not_at_all() {
	local keeper
	network
	attach
	keeper=$(status_of keeper.pid)
	kill -STOP "$keeper"
	receive server 10.0.100.2:7000 2
	on client1 "$craft" fragments 192.168.99.1:5000 10.0.100.2:7000 012 210 012
	wait $!
	is "datagrams" "$(paste -sd' ' "$work/server")" "012 012"
	is "counted" "$(counted fragment-early)" 2
	judge_fragments wan 7 'src 10.0.100.1'
	kill -CONT "$keeper"
}

# memory PID KEY: of a process, KiB
memory() {
	awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"
}

has_shrunk() {
	[ "$(memory "$1" RssAnon)" -le "$2" ]
}

test_a_flood_of_orphans_harms_nobody() {
	local keeper before most pid
	network
	on server ip address add 198.18.0.1/15 dev eth0
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
	attach
	keeper=$(status_of keeper.pid)
	before=$(memory "$keeper" RssAnon)
	most=$(memory "$keeper" VmHWM)
	on server "$craft" orphans 10.0.100.1 20000 &
	pid=$!
	on client1 ping -q -c 100 -i 0.02 -s 4000 10.0.100.2 >"$work/ping" &
	on client1 iperf3 -c 10.0.100.2 -n 20M >/dev/null
	wait $!
	grep -q ' 0% packet loss' "$work/ping" || fail "$(cat "$work/ping")"
	wait $pid
	[ "$(memory "$keeper" VmHWM)" -ge $((most + 256)) ] || fail "nothing was held"
	# A busy machine loses some in front of us.
	[ "$(counted host-fragment)" -ge 10000 ] || fail "$(counted host-fragment) orphans have come"
	eventually 8 has_shrunk "$keeper" $((before + 1024)) # of some 6,000 that it was
}
