# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# who.sh - natctl who: an external endpoint, and who is behind it at this moment.

# external PROTO: the external port of the only binding of that protocol
external() {
	gw bindings eth1 proto "$1" -j | jq -r '.[0].external.port'
}

test_an_internal_host_is_named() {
	local port
	network
	attach
	serve server udp 10.0.100.2 7
	on client1 "$peer" ask udp 10.0.100.2 7 --from 192.168.99.1:4000 >/dev/null
	on client2 "$peer" ask udp 10.0.100.2 7 --from 192.168.99.2:4000 >/dev/null
	for port in $(gw bindings eth1 proto udp -j | jq -r '.[].external.port'); do
		is "who has $port" \
			"$(gw who "10.0.100.1:$port" -j | jq -r '.[] | .internal.addr + " " + .proto + " " + .kind')" \
			"$(gw bindings eth1 external ":$port" -j | jq -r '.[] | .internal.addr') udp dynamic"
	done
	is "all behind the address" "$(gw who 10.0.100.1 -j | jq length)" 2
	gw who 10.0.100.1:4000 >"$work/said"
	grep -qE '^udp   10\.0\.100\.1:4000   192\.168\.99\.[12]:4000   dynamic   active   sessions 1   for [0-9]+s$' \
		"$work/said" || fail "$(cat "$work/said")"
}

test_by_protocol() {
	network
	attach
	serve server udp 10.0.100.2 7
	on client1 "$peer" ask udp 10.0.100.2 7 --from 192.168.99.1:4000 >/dev/null
	gw who 10.0.100.1:4000 proto udp >/dev/null
	gw who 10.0.100.1:4000 proto tcp >"$work/said" && fail "it is UDP's: $(cat "$work/said")"
	is "said" "$(cat "$work/said")" "(none)"
}

test_a_port_forward_and_the_gateway_itself() {
	network
	attach
	gw forward add eth1 tcp 8080 192.168.99.1:80
	is "the forward" "$(gw who 10.0.100.1:8080)" \
		"$(printf 'tcp   10.0.100.1:8080   192.168.99.1:80   static   active   sessions 0   for ')$(gw who 10.0.100.1:8080 | sed 's/.* //')"
	serve natbox udp 10.0.100.1 9
	is "the gateway" "$(gw who 10.0.100.1:9)" "udp   10.0.100.1:9   the gateway itself"
	is "for programs" "$(gw who 10.0.100.1:9 -j | jq -c '.[0] | [.internal, .kind]')" '[null,"host"]'
}

test_nobody() {
	local status=0
	network
	refuses 3 'no interface is attached' who 10.0.100.1:4000
	attach
	gw who 10.0.100.1:4000 >"$work/said" || status=$?
	is "exit code" $status 1
	is "said" "$(cat "$work/said")" "(none)"
	gw who 203.0.113.9:4000 >/dev/null 2>"$work/err" && fail "not our address"
	grep -q 'natctl: 203.0.113.9:4000: no gateway here has this address' "$work/err"
}

test_misuse() {
	network
	refuses 2 'which external endpoint' who
	refuses 2 'no address' who :4000
	refuses 2 '"nobody"' who nobody
	refuses 2 '"--at"' who 10.0.100.1:4000 --at yesterday
	refuses 2 '' who 10.0.100.1:4000 proto
	refuses 2 '"xyz"' who 10.0.100.1:4000 proto xyz
}
