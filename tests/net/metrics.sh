# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# metrics.sh - natctl metrics, as text and over HTTP: valid, true, and with no privileges.

# promtool_accepts FILE: as a page of metrics, without a word
promtool_accepts() {
	needs promtool
	promtool check metrics <"$1" >"$work/said" 2>&1 || fail "promtool: $(cat "$work/said")"
	is "promtool says" "$(cat "$work/said")" ''
}

# value SAMPLE: its value in $work/page; SAMPLE with its labels
value() {
	awk -v sample="$1" 'index($0, sample " ") == 1 { print $NF }' "$work/page"
}

# listen WHERE [COMMAND...]: natctl metrics on the gateway; $server is its process
listen() {
	local where=$1
	shift
	start natbox "$@" "$natctl" metrics --listen "$where" 2>"$work/listening"
	server=$!
	eventually 10 grep -q 'listening on' "$work/listening"
	url=$(sed -n 's/.*listening on //p' "$work/listening")
}

test_promtool_accepts_the_page() {
	network
	attach
	on client1 ping -c 3 -i 0.2 -W 2 10.0.100.2 >/dev/null
	gw metrics >"$work/page"
	promtool_accepts "$work/page"
}

test_the_numbers_are_those_of_the_other_verbs() {
	network
	attach --ports 40000-40099
	serve server udp 10.0.100.2 7
	on client1 "$peer" ask udp 10.0.100.2 7 >/dev/null
	on client1 ping -c 3 -i 0.2 -W 2 10.0.100.2 >/dev/null
	gw forward add eth1 tcp 40001 192.168.99.1:80
	gw metrics >"$work/page"
	is "up" "$(value 'natctl_up{ifname="eth1"}')" 1
	is "keeper" "$(value 'natctl_keeper_up{ifname="eth1"}')" 1
	is "udp sessions" "$(value 'natctl_sessions{ifname="eth1",proto="udp",state="active"}')" \
		"$(count_sessions proto udp)"
	is "icmp sessions" "$(value 'natctl_sessions{ifname="eth1",proto="icmp",state="active"}')" 1
	is "bindings" "$(value 'natctl_bindings{ifname="eth1"}')" "$(count_bindings)"
	is "forwards" "$(value 'natctl_forwards{ifname="eth1"}')" 1
	is "hosts" "$(value 'natctl_subscribers{ifname="eth1"}')" 1
	is "limit" "$(value 'natctl_sessions_limit{ifname="eth1"}')" "$(status_of max_sessions)"
	is "tcp ports" "$(value 'natctl_ports_in_use{ifname="eth1",address="10.0.100.1",proto="tcp"}')" \
		"$(status_of ports.tcp.in_use)"
	is "udp capacity" \
		"$(value 'natctl_ports_capacity{ifname="eth1",address="10.0.100.1",proto="udp"}')" \
		"$(status_of ports.udp.capacity)"
	is "translated" \
		"$(value 'natctl_translated_packets_total{ifname="eth1",direction="out",path="stack"}')" \
		"$(counted translated-out)"
	is "address" "$(value 'natctl_external_address_info{ifname="eth1",address="10.0.100.1"}')" 1
	is "programs" "$(grep -c '^natctl_attach_info{.*prog_tag="[0-9a-f]\{16\}"' "$work/page")" 3
}

test_a_gateway_that_is_not_whole_is_down() {
	local pins status=0
	network
	gw metrics >"$work/page" || status=$?
	is "exit code without gateways" $status 3
	promtool_accepts "$work/page"
	attach
	pins=$(status_of pin_path)
	mv "$pins/progs/nat_reap" "$pins/progs/nat_reap-away"
	gw metrics >"$work/page"
	is "up" "$(value 'natctl_up{ifname="eth1"}')" 0
	promtool_accepts "$work/page"
	mv "$pins/progs/nat_reap-away" "$pins/progs/nat_reap"
	kill -9 "$(status_of keeper.pid)"
	eventually 10 keeper_down
	is "up" "$(value 'natctl_up{ifname="eth1"}')" 1
}

keeper_down() {
	gw metrics >"$work/page"
	[ "$(value 'natctl_keeper_up{ifname="eth1"}')" = 0 ]
}

test_over_http() {
	network
	attach
	listen 127.0.0.1:0
	on natbox curl -sS --max-time 10 -D "$work/head" "http://$url/metrics" >"$work/page"
	promtool_accepts "$work/page"
	grep -qi '^content-type: text/plain; version=0.0.4' "$work/head"
	on client1 ping -c 3 -i 0.2 -W 2 10.0.100.2 >/dev/null
	on natbox curl -sS --max-time 10 "http://$url/metrics" >"$work/page"
	is "sessions, seen later" \
		"$(value 'natctl_sessions{ifname="eth1",proto="icmp",state="active"}')" 1
	is "elsewhere" "$(code "http://$url/other")" 404
	is "POST" "$(code -d word "http://$url/metrics")" 405
	is "HEAD" "$(code -I "http://$url/metrics")" 200
	is "root" "$(code "http://$url/")" 200
	kill "$server"
	wait "$server" || fail "exit code $? after SIGTERM"
}

# code ARGUMENT...: what curl is answered
code() {
	on natbox curl -sS --max-time 10 -o /dev/null -w '%{http_code}' "$@"
}

test_over_http_by_ipv6() {
	network
	on natbox sysctl -qw net.ipv6.conf.lo.disable_ipv6=0 2>/dev/null || skip "no IPv6"
	listen '[::1]:0'
	on natbox curl -sS --max-time 10 "http://$url/metrics" >"$work/page"
	is "without gateways" "$(grep -c '^natctl_build_info{' "$work/page")" 1
}

test_over_a_unix_socket() {
	network
	attach
	listen "unix:$work/socket"
	is "mode" "$(stat -c %a "$work/socket")" 660
	on natbox curl -sS --max-time 10 --unix-socket "$work/socket" http://x/metrics >"$work/page"
	promtool_accepts "$work/page"
	refuses 1 'cannot listen on unix:.*in use' metrics --listen "unix:$work/socket"
	kill -9 "$server"
	wait "$server" || true
	# What it has left behind is in nobody's way.
	listen "unix:$work/socket"
	on natbox curl -sS --max-time 10 --unix-socket "$work/socket" http://x/metrics >"$work/page"
	is "up" "$(value 'natctl_up{ifname="eth1"}')" 1
	kill "$server"
	wait "$server"
	[ ! -e "$work/socket" ]
}

test_gateways_come_and_go_while_it_listens() {
	network
	listen 127.0.0.1:0
	on natbox curl -sS --max-time 10 "http://$url/metrics" >"$work/page"
	lacks "$work/page" natctl_up
	attach
	on natbox curl -sS --max-time 10 "http://$url/metrics" >"$work/page"
	is "up" "$(value 'natctl_up{ifname="eth1"}')" 1
	detach
	on natbox curl -sS --max-time 10 "http://$url/metrics" >"$work/page"
	lacks "$work/page" natctl_up
}

test_it_listens_without_privileges() {
	local set
	network
	attach
	listen 127.0.0.1:0
	for set in CapPrm CapEff CapInh CapAmb; do
		is "$set of every thread" \
			"$(cat "/proc/$server"/task/*/status | awk -v set="$set:" '$1 == set { print $2 }' | sort -u)" \
			0000000000000000
	done
	on natbox curl -sS --max-time 10 "http://$url/metrics" >"$work/page"
	is "up" "$(value 'natctl_up{ifname="eth1"}')" 1
}

test_where_ip_netns_exec_hides_the_pins() {
	network
	attach
	ip netns exec natlab-natbox "$natctl" metrics --listen 127.0.0.1:0 2>"$work/listening" &
	server=$!
	eventually 10 grep -q 'listening on' "$work/listening"
	url=$(sed -n 's/.*listening on //p' "$work/listening")
	on natbox curl -sS --max-time 10 "http://$url/metrics" >"$work/page"
	kill "$server"
	is "up" "$(value 'natctl_up{ifname="eth1"}')" 1
}

test_it_changes_nothing() {
	network
	attach
	trace natbox >"$work/attached"
	gw metrics >/dev/null
	trace natbox >"$work/read"
	same "the gateway before and after" "$work/attached" "$work/read"
}

test_misuse() {
	local where
	network
	for where in '' 9469 127.0.0.1 127.0.0.1: :9469 ::1:9469 localhost:9469 127.0.0.1:http unix: \
		127.0.0.1:70000; do
		refuses 2 '--listen' metrics --listen "$where"
	done
	refuses 2 'eth1' metrics eth1
	refuses 2 'no JSON' metrics -j
	refuses 1 'cannot listen on 192.0.2.1:9469' metrics --listen 192.0.2.1:9469
}

# named FILE...: the metrics that they ask for
named() {
	grep -ohE 'natctl_[a-z_]+' "$@" | sort -u
}

test_alerts_and_dashboard_ask_for_what_there_is() {
	local contrib="$root/contrib"
	network
	attach
	gw metrics | sed -n 's/^# HELP \([^ ]*\) .*/\1/p' | sort >"$work/there"
	named "$contrib/prometheus/natctl.rules.yml" "$contrib/grafana/natctl.json" >"$work/asked"
	[ -s "$work/asked" ]
	is "asked for, but not there" "$(comm -23 "$work/asked" "$work/there")" ''
	jq -e '.panels | length > 10' "$contrib/grafana/natctl.json" >/dev/null
	needs promtool
	promtool check rules "$contrib/prometheus/natctl.rules.yml" >"$work/said" ||
		fail "$(cat "$work/said")"
}
