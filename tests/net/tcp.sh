# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# tcp.sh - connections through the gateway, and what natctl says about them.

test_a_page_is_fetched() {
	network
	serve_page server 10.0.100.2 80
	attach
	fetch client1 http://10.0.100.2/
	fetch client2 http://10.0.100.2/
	eventually 2 has wan 2 'tcp[tcpflags] == tcp-syn and src 10.0.100.1'
}

# hold HOST PORT NAME: a connection from that port, held until release
hold() {
	on "$1" "$peer" ask tcp 10.0.100.2 7000 --from "0.0.0.0:$2" --hold "$work/release" \
		--text "$3" >"$work/$3" &
	eventually 3 grep -q "$3" "$work/$3"
}

test_two_clients_use_one_source_port_to_one_server_at_once() {
	local first second
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold client1 5555 one
	first=$!
	hold client2 5555 two
	second=$!
	touch "$work/release"
	wait $first
	wait $second
	# Both answers of both connections, each from one endpoint of the gateway.
	is "words to client1" "$(uniq -c <"$work/one" | awk '{ print $1, $3 }')" "2 one"
	is "words to client2" "$(uniq -c <"$work/two" | awk '{ print $1, $3 }')" "2 two"
	grep -q '^10.0.100.1:' "$work/one"
	is "endpoints the server saw" "$(sort -u "$work/one" "$work/two" | wc -l)" 2
}

test_sessions_agree_with_the_wire() {
	local pids=() name seen
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold client1 5555 1
	pids+=($!)
	hold client2 5555 2
	pids+=($!)
	gw sessions eth1 -j >"$work/sessions"
	jq -r '.[] | [(.internal, .external, .remote | "\(.addr):\(.port)"), .state] | join(" ")' \
		"$work/sessions" | sort >"$work/said"
	for name in 1 2; do
		read -r seen _ <"$work/$name"
		echo "192.168.99.$name:5555 $seen 10.0.100.2:7000 established"
	done >"$work/seen"
	same "natctl sessions and what the server saw" "$work/said" "$work/seen"
	is "packets out" "$(jq '[.[].out.packets] | add' "$work/sessions")" \
		"$(show wan 'tcp and src 10.0.100.1' | wc -l)"
	is "packets in" "$(jq '[.[].in.packets] | add' "$work/sessions")" \
		"$(show wan 'tcp and dst 10.0.100.1' | wc -l)"
	touch "$work/release"
	wait "${pids[@]}"
}

test_iperf3_in_both_directions() {
	network
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
	attach
	on client1 iperf3 -c 10.0.100.2 -t 1 >/dev/null
	on client1 iperf3 -c 10.0.100.2 -t 1 -R >/dev/null
	on client1 iperf3 -c 10.0.100.2 -t 1 -P 4 --bidir >/dev/null
}

test_a_connection_survives_a_dead_keeper_and_a_second_attach() {
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold client1 5555 one
	kill -KILL "$(status_of keeper.pid)"
	attach
	touch "$work/release"
	wait $!
	is "words to client1" "$(uniq -c <"$work/one" | awk '{ print $1, $3 }')" "2 one"
}
