#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib.sh - what a net case can use, and the frame around each of them.
#
#	test_two_clients_ping_at_once()		in tests/net/icmp.sh, is the
#	{					case icmp/two-clients-ping-at-once
#		network
#		attach
#		on client1 ping -c 1 10.0.100.2
#		...
#	}
#
# How it works: run as a program, this file makes private namespaces, calls one case and
# then, if it has succeeded, judges what the case cannot forget to judge:
#
#   - what was captured on both sides of the gateway: no internal address on the wire
#     outside, no wrong checksum on either side (tests/net/oracle);
#   - natctl audit, while attached: the maps contradict neither each other nor themselves;
#   - detach: every program, map and link is gone, and interfaces, qdiscs, filters,
#     addresses, routes, sysctls, pins and /run are as they were before attach.
#
# A case fails at its first command that fails (errexit), so a condition is a command;
# is, same and refuses say more than test would. It leaves with skip REASON when the machine
# lacks something.
set -euEo pipefail
name='' # of the case, file/sentence
exec 9>&2 # where the output of the case goes

net=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lab/lib.sh
. "$net/../../lab/lib.sh"
peer=$lab/peer

attached=no
captures=()
judge=()	   # more arguments for the oracle
internal=192.168.99.0/24 # what the oracle must not find outside
page='the page'

fail() {
	echo "$*" >&9
	show_state fail
	exit 1
}

# skip REASON: leave the case; REASON is what the machine lacks
skip() {
	echo "$*"
	exit 77
}

# needs PROGRAM...: leave the case if one is not installed
needs() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed (scripts/deps test)"
	done
}

# is WHAT ACTUAL EXPECTED
is() {
	[ "$2" = "$3" ] || fail "$1: is \"$2\", expected \"$3\""
}

# same WHAT FILE FILE: equal texts, or the difference is shown
same() {
	diff -u "$2" "$3" >&9 || fail "$1: not the same"
}

# lacks FILE PATTERN: errexit does not look at `! grep`
lacks() {
	grep -q "$2" "$1" || return 0
	fail "$1 has \"$2\": $(cat "$1")"
}

# eventually SECONDS COMMAND...: fail with the command when it does not become true
eventually() {
	wait_until "$@" || fail "not within $1 s: ${*:2}"
}

# offload on|off: whether packets leave the hosts with unfinished checksums, in one piece
offload() {
	local host name
	for host in "${hosts[@]}"; do
		for name in $(interfaces "$host" | grep eth); do
			# Refuses, with a word, what XDP on the other end has fixed.
			on "$host" ethtool -K "$name" tx "$1" tso "$1" gso "$1" gro "$1" >/dev/null
		done
	done
}

# network [TOPO]: make a lab without offloads and capture on both sides of its gateway
network() {
	local clients gateway wan server link
	"$lab/lab" up "${1:-seed}" >/dev/null
	eval "$("$lab/lab" facts "${1:-seed}")"
	read -ra hosts <<<"$clients $gateway $server"
	offload off
	# What the other end of eth1 has received: on eth1 itself a capture comes after XDP.
	link=$(on "$gateway" ip -o link show "$wan" | sed -nE 's/.*link-netns natlab-([^ ]+).*/\1/p')
	capture_for_oracle wan "$link" eth0
	capture_for_oracle lan "$gateway" eth0
}

capture_for_oracle() {
	# Enough to judge; bulk transfers would keep the oracle busy for minutes.
	capture "$1" "$2" "$3" -c 3000 ip
	captures+=("$1")
}

# gw VERB...: natctl on the gateway
gw() {
	on natbox "$natctl" "$@"
}

# attach [OPTION...]: natctl attach eth1; an upgrade when it is attached already
attach() {
	if [ $attached = no ]; then
		trace natbox >"$work/before"
	fi
	gw attach eth1 "$@"
	attached=yes
}

# status_of KEY: of natctl status
status_of() {
	gw status eth1 -j | jq -r "if type == \"array\" then .[0] else . end | .$1"
}

# detach: and prove that nothing is left
detach() {
	objects_held "$(status_of keeper.pid)" | sort -u >"$work/held"
	[ -s "$work/held" ] || fail "an attached gateway holds no BPF object"
	gw detach eth1
	attached=no
	objects_gone "$work/held" >"$work/alive" ||
		fail "left after detach: $(paste -sd' ' "$work/alive")"
	trace natbox >"$work/after"
	same "the gateway before attach and after detach" "$work/before" "$work/after"
}

# odd_interface NAME TYPE: with an address and a link type of that number
odd_interface() {
	[ -e /dev/net/tun ] || skip "no /dev/net/tun"
	on natbox ip tuntap add dev "$1" mode tun
	on natbox python3 -c '
import fcntl, os, struct, sys
device = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", sys.argv[1].encode(), 0x1001))
fcntl.ioctl(device, 0x400454CD, int(sys.argv[2]))' "$1" "$2"
	on natbox ip address add 192.168.97.3/24 dev "$1"
	on natbox ip link set "$1" up
}

# counted REASON: how often, according to natctl stats
counted() {
	gw stats eth1 -j | jq --arg reason "$1" '.reasons[$reason].packets'
}

# count_sessions [FILTER...], count_bindings [FILTER...]
count_sessions() {
	gw sessions eth1 -j "$@" | jq length
}

count_bindings() {
	gw bindings eth1 -j "$@" | jq length
}

# serve HOST udp|tcp ADDR PORT: a server that answers with the endpoint it sees
serve() {
	start "$1" "$peer" serve "$2" "$3" "$4"
	eventually 10 listening "$2" "$1" "$4"
}

# serve_page HOST ADDR PORT: HTTP
serve_page() {
	mkdir -p "$work/www"
	echo "$page" >"$work/www/index.html"
	start "$1" /usr/bin/python3 -m http.server --bind "$2" --directory "$work/www" "$3" \
		>/dev/null 2>&1
	eventually 10 listening tcp "$1" "$3"
}

# fetch HOST URL: the page must be the right one
fetch() {
	is "page at $2" "$(on "$1" curl -sS --max-time 5 "$2")" "$page"
}

# refuses STATUS PATTERN VERB...: natctl must exit so and say one line that matches
refuses() {
	local status=0 expected=$1 pattern=$2
	shift 2
	gw "$@" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = "$expected" ] ||
		fail "natctl $*: exit $status, expected $expected: $(cat "$work/err")"
	[ "$(wc -l <"$work/err")" = 1 ] ||
		fail "natctl $*: not one line on standard error: $(cat "$work/err")"
	grep -qE "^natctl: .*$pattern" "$work/err" ||
		fail "natctl $*: \"$(cat "$work/err")\" does not match \"$pattern\""
	[ ! -s "$work/out" ] || fail "natctl $*: prints on standard output: $(cat "$work/out")"
}

judge_captures() {
	local name files=()
	for name in "${captures[@]}"; do
		capture_end "$name"
		files+=("$name=$work/$name.pcap")
	done
	[ ${#files[@]} = 0 ] ||
		"$net/oracle" --private "$internal" "${judge[@]}" "${files[@]}"
}

# show_state [COMMAND]: what failed and where in the case, to where the output of the case goes even if that
# command's is redirected. Once: a failure in a subshell makes what is around it fail too.
show_state() {
	local command=${1-$BASH_COMMAND} depth=1
	[ ! -e "$work/failed" ] || return 0
	touch "$work/failed"
	while [ "${BASH_SOURCE[depth]##*/}" = lib.sh ] && [ "${FUNCNAME[depth]}" != main ]; do
		depth=$((depth + 1))
	done
	{
		echo "${BASH_SOURCE[depth]#"$net/"}:${BASH_LINENO[depth - 1]}: failed: $command"
		[ $attached = no ] || {
			gw stats eth1 && gw sessions eth1 && gw bindings eth1
		} | head -n 40 || true
	} >&9 2>&1
}

finish() {
	judge_captures
	if [ $attached = yes ]; then
		gw audit eth1
		detach
	fi
}

main() {
	local shell=no
	[ "$1" = --shell ] && shell=yes && shift
	name=$1
	trap show_state ERR
	[ $shell = no ] || trap 'echo "in the network of $name: lab/lab exec HOST COMMAND"; bash -i' EXIT
	# shellcheck disable=SC1090 # the file of the case
	. "$net/${name%%/*}.sh"
	"test_$(tr - _ <<<"${name#*/}")"
	finish
}

private "$net/lib.sh" "$@"
main "$@"
