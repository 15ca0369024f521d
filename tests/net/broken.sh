# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# broken.sh - a natctl that is not to be attached: its programs do not verify, do not translate
# as they should, or its tables are not those of the gateway. The binaries are those of
# `make broken`.

# shellcheck source=tests/net/upgrade.sh
. "$net/upgrade.sh" # in_force
# shellcheck source=tests/net/change.sh
. "$net/change.sh" # hold, release

# What each says of the programs that it cannot attach.
declare -A complaints=(
	[unverified]='eth1: cannot load the programs: the kernel refuses them: '
	[wrong]='eth1: self-test: nat_tc_wan_out: .* becomes ".*", expected ".*", different from octet 24 on'
)

# as NAME COMMAND...: with that natctl for the one under test
as() {
	local natctl=$root/build/tests/natctl-$1
	[ -x "$natctl" ] || skip "natctl-$1 is not built (make broken)"
	"${@:2}"
}

test_one_that_does_not_verify_is_not_attached() {
	is_not_attached unverified
}

test_one_that_translates_wrongly_is_not_attached() {
	is_not_attached wrong
}

# is_not_attached NAME: nor does anything stay of it
is_not_attached() {
	network
	trace natbox >"$work/before"
	as "$1" refuses 1 "${complaints[$1]}" attach eth1 --dry-run
	as "$1" refuses 1 "${complaints[$1]}" attach eth1
	as "$1" refuses 1 "${complaints[$1]}" attach eth1 --ingress tc --lan none
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
	refuses 3 'not attached' status eth1
	attach
}

test_without_a_link_layer_header() {
	[ -e /dev/net/tun ] || skip "no /dev/net/tun"
	network
	on natbox ip tuntap add dev odd0 mode tun
	on natbox ip address add 192.168.97.3/24 dev odd0
	on natbox ip link set odd0 up
	trace natbox >"$work/before"
	as wrong refuses 1 'odd0: self-test: nat_tc_wan_out: .* from octet 10 on' attach odd0
	is "said" "$(gw attach odd0 --dry-run)" \
		"odd0: would attach: tc in, tc out; nothing was changed"
	# On an internal interface without one, too.
	is "said" "$(gw attach eth1 --dry-run --lan odd0 --ingress tc)" \
		"eth1: would attach: tc in, tc out; nothing was changed"
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
}

test_an_upgrade_to_one_that_does_not_verify_changes_nothing() {
	is_no_upgrade unverified
}

test_an_upgrade_to_one_that_translates_wrongly_changes_nothing() {
	is_no_upgrade wrong
}

# is_no_upgrade NAME: refused while packets flow, and the old one goes on
is_no_upgrade() {
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold
	begin_ping
	in_force "$work/was"
	as "$1" refuses 1 "${complaints[$1]}" attach eth1 --per-host 5 --exclude 192.0.2.0/24
	as "$1" refuses 1 "${complaints[$1]}" attach eth1 --dry-run
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
	end_ping
	release
}

begin_ping() {
	start client2 ping -i 0.02 -q 10.0.100.2 >"$work/pings"
	pings=$!
	eventually 5 has wan 20 icmp
}

# end_ping: not one was lost
end_ping() {
	kill -INT "$pings"
	wait "$pings" || true
	grep -qE '^([0-9]+) packets transmitted, \1 received' "$work/pings" ||
		fail "$(cat "$work/pings")"
}

test_one_of_another_layout_adopts_nothing() {
	local verb why='layout [0-9]+, this one knows 99 \("natctl detach eth1" first'
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold
	begin_ping
	in_force "$work/was"
	for verb in status stats sessions bindings flush audit show-settings attach \
		'attach --dry-run' 'set udp=200'; do
		# shellcheck disable=SC2086 # the verb and its words
		set -- $verb
		as layout refuses 1 "eth1: .*$why" "$1" eth1 "${@:2}"
	done
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
	end_ping
	release
}

test_one_of_another_layout_takes_over_after_detach() {
	network
	attach --ingress tc --lan none --no-sysctl
	as layout gw detach eth1 2>"$work/err"
	grep -q 'not undone is' "$work/err"
	as layout gw attach eth1 --lan none --no-sysctl --ingress tc
	refuses 1 'layout 99, this one knows' status eth1
	refuses 1 'layout 99, this one knows' attach eth1
	as layout gw detach eth1
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
	attached=no
}

test_the_self_test_leaves_no_trace() {
	local pins map
	network
	attach
	pins=$(status_of pin_path)/maps
	for map in sessions bindings_fwd bindings_rev permits hosts replies early held_syns fragments; do
		is "entries in $map" "$(bpftool -j map dump pinned "$pins/$map" | jq length)" 0
	done
	is "usage" "$(bpftool -j map dump pinned "$pins/usage" |
		jq '[.[].value[] | select(. != "0x00")] | length')" 0
	is "translated" "$(counted translated-out)" 0
	is "external addresses" "$(bpftool -j map dump pinned "$pins/externals" | jq length)" 1
	gw audit eth1
}

# A socket on a port takes it from the self-test: that must not look like a failure.
test_the_self_test_does_not_mind_sockets() {
	network
	on natbox /usr/bin/python3 - >"$work/ready" <<-'END' &
	import socket, time
	held = []
	for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
	    for port in range(32768, 33768):
	        sock = socket.socket(socket.AF_INET, kind)
	        sock.bind(("", port))
	        if kind == socket.SOCK_STREAM:
	            sock.listen()
	        held.append(sock)
	print("ready", flush=True)
	time.sleep(1000)
	END
	on natbox sysctl -qw net.ipv4.ip_local_port_range='32768 33800'
	eventually 10 grep -q ready "$work/ready"
	for _ in 1 2 3; do
		gw attach eth1 --dry-run
	done
}
