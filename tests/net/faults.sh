# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# faults.sh - what natctl leans on fails: the keeper hangs, bpffs cannot be written, descriptors
# run out. Nothing leaks, nothing is translated wrongly, and it goes on when the fault is over.
#
# Where insertions fail: tests/prog/faults.c. News that is lost: change.sh, links.sh.

no_sessions() {
	[ "$(count_sessions "$@")" = 0 ]
}

served() {
	awk '$2 != "-"' "$1" | wc -l
}

all_served() {
	on "$1" "$peer" crowd 10.0.100.2 7000 "$2" >"$work/crowd" && [ "$(served "$work/crowd")" = "$2" ]
}

# ---- the keeper hangs -------------------------------------------------------------------------

test_a_keeper_that_hangs_while_everything_expires() {
	local keeper
	network
	serve server udp 10.0.100.2 7000
	serve server tcp 10.0.100.2 7000
	attach --ports 40000-40019
	gw set eth1 --force udp=1 rest=1
	on client1 "$peer" ask tcp 10.0.100.2 7000 --from 0.0.0.0:5555 --hold "$work/release" \
		>"$work/held" &
	eventually 3 grep -q hello "$work/held"
	keeper=$(status_of keeper.pid)
	kill -STOP "$keeper"
	on client1 "$peer" crowd 10.0.100.2 7000 20 >"$work/first"
	is "served" "$(served "$work/first")" 20
	eventually 15 no_sessions proto udp
	# Nobody reaps: the ports are still those of client1, who gets them back, each its own.
	on client2 "$peer" crowd 10.0.100.2 7000 5 >"$work/refused"
	is "served by ports of others" "$(served "$work/refused")" 0
	is "refusals counted" "$(counted ports-exhausted)" 5
	on client1 "$peer" crowd 10.0.100.2 7000 20 >"$work/second"
	same "who is seen as what" "$work/first" "$work/second"
	gw audit eth1
	touch "$work/release"
	wait $!
	is "words on the connection" "$(wc -l <"$work/held")" 2
	kill -CONT "$keeper"
	eventually 30 all_served client2 20
}

# ---- bpffs cannot be written ------------------------------------------------------------------

test_bpffs_becomes_read_only() {
	network
	serve server udp 10.0.100.2 7000
	attach
	trace natbox >"$work/attached"
	mount -o remount,ro /sys/fs/bpf
	refuses 1 'eth1: .*Read-only' attach eth1
	refuses 1 'eth1: .*Read-only' attach eth1 --max-sessions 1000
	refuses 1 'eth1: .*Read-only' detach eth1
	trace natbox >"$work/now"
	same "the gateway before and after" "$work/attached" "$work/now"
	refuses 1 'eth1: .*Read-only' set eth1 udp=400
	refuses 1 'eth1: .*Read-only' flush eth1
	refuses 1 'eth1: .*Read-only' forward add eth1 udp 5000 192.168.99.1
	# The keeper has the tables open; the data path never asks where they are.
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip address add 10.0.100.7/24 dev eth1
	eventually 10 all_served client1 3
	mount -o remount,rw /sys/fs/bpf
	attach
	on natbox ip address del 10.0.100.7/24 dev eth1
	on natbox ip address add 10.0.100.1/24 dev eth1
}

# ---- nothing else can be written ----------------------------------------------------------------

# read_only COMMAND...: on the gateway, where nothing can be written but what the kernel makes
read_only() {
	on natbox unshare --mount bash -c '
		mount -o remount,bind,ro /
		mount -o remount,bind,ro /run
		! touch /run/file /tmp/file 2>/dev/null
		exec "$@"' - "$@"
}

test_no_file_can_be_written() {
	network
	trace natbox >"$work/before"
	read_only "$natctl" attach eth1
	attached=yes
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	read_only "$natctl" attach eth1 --max-sessions 1000
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
}

# ---- descriptors run out ------------------------------------------------------------------------

# with_files COUNT VERB...: natctl with so many descriptors
with_files() {
	on natbox prlimit --nofile="$1" "$natctl" "${@:2}"
}

# Wherever it is that attach cannot go on, it takes back what it has done.
test_descriptors_run_out_at_any_step_of_attach() {
	local files failed=0
	network
	trace natbox >"$work/before"
	# Above 56 the programs are loaded and pinned, and every descriptor is another step.
	for files in 8 20 {32..56..8} {57..200}; do
		with_files "$files" attach eth1 >"$work/out" 2>"$work/err" && break
		failed=$((failed + 1))
		grep -q '^natctl: ' "$work/err" || fail "$files descriptors: $(cat "$work/err")"
		trace natbox >"$work/after"
		same "the gateway before and after ($files descriptors)" "$work/before" "$work/after"
	done
	attached=yes
	[ "$failed" -gt 3 ]
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
}

test_descriptors_run_out_at_any_step_of_an_upgrade() {
	local files failed=0
	network
	attach
	trace natbox >"$work/attached"
	for files in {8..200..4}; do
		with_files "$files" attach eth1 >"$work/out" 2>"$work/err" && break
		failed=$((failed + 1))
		grep -q '^natctl: ' "$work/err" || fail "$files descriptors: $(cat "$work/err")"
		trace natbox >"$work/now"
		same "the gateway before and after ($files descriptors)" "$work/attached" "$work/now"
		is "the keeper is alive ($files descriptors)" "$(status_of keeper.alive)" true
		on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	done
	[ "$failed" -gt 3 ]
}
