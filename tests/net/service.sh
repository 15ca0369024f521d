# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# service.sh - under a service manager: what it is told, how the keeper ends and what stays, and
# with how little it works. tests/net/manager plays the manager.

only_net_admin=0000000000001000
of_the_unit=000000c000003000 # CAP_NET_ADMIN, CAP_NET_RAW, CAP_PERFMON, CAP_BPF

# supervise [OPTION OF manager...]: `natctl attach eth1 --foreground`, until it is ready
supervise() {
	[ "$attached" = yes ] || trace natbox >"$work/before"
	: >"$work/said"
	start natbox "$net/manager" "$work/said" "$@" -- "$natctl" attach eth1 --foreground
	manager=$!
	eventually 60 said READY=1
	attached=yes
}

# said LINE: has the manager heard that?
said() {
	grep -qxE -- "$1" "$work/said"
}

# said_times COUNT LINE
said_times() {
	[ "$(grep -cxE -- "$2" "$work/said")" -ge "$1" ]
}

# ended LINE: and the manager with it
ended() {
	eventually 20 said '(exit|signal) .*'
	wait "$manager"
	is "end of the service" "$(tail -n 1 "$work/said")" "$1"
}

no_sessions() {
	[ "$(count_sessions "$@")" = 0 ]
}

# connection: open one that says more when $work/release is there
connection() {
	serve server tcp 10.0.100.2 7000
	on client1 "$peer" ask tcp 10.0.100.2 7000 --from 0.0.0.0:5555 --hold "$work/release" \
		--wait 60 >"$work/held" &
	conversation=$!
	eventually 10 grep -q hello "$work/held"
}

# connection_lives: it carries data still, and by the same session
connection_lives() {
	touch "$work/release"
	wait "$conversation"
	is "words on the connection" "$(wc -l <"$work/held")" 2
	is "endpoints of the connection" "$(cut -d' ' -f1 "$work/held" | sort -u | wc -l)" 1
}

# privileges PID: all that a process has, on one line
privileges() {
	sed -nE 's/^(Cap...|NoNewPrivs):\t/\1 /p' "/proc/$1/status" | paste -sd' '
}

# privileges_are PID TEXT
privileges_are() {
	[ "$(privileges "$1")" = "$2" ]
}

# has_only PID BOUND: is this what a keeper has? One in the background may be about to drop it.
has_only() {
	local none=0000000000000000 all
	all="CapInh $none CapPrm $only_net_admin CapEff $only_net_admin CapBnd $2 CapAmb $none NoNewPrivs 1"
	wait_until 10 privileges_are "$1" "$all" || true
	is "privileges of the keeper" "$(privileges "$1")" "$all"
}

# What the unit leaves a process, to stand before a command.
few=(setpriv --no-new-privs --inh-caps=-all
	"--bounding-set=-all,+bpf,+net_admin,+net_raw,+perfmon")

# in_unit COMMAND...: with no more than that, and with the kernel's file systems closed as the unit closes them
in_unit() {
	local open
	open=$(sed -n 's/^ReadWritePaths=//p' "$root/systemd/natctl@.service.in" | sed 's/-//g')
	# shellcheck disable=SC2016 # that shell's
	on natbox unshare --mount bash -euc '
		mount --rbind /sys /sys
		for path in /proc/sys /sys/fs/bpf; do mount --bind $path $path; done
		for path in /proc/sys /sys/fs/bpf /sys; do mount -o remount,bind,ro $path; done
		for path in $0; do mount --bind $path $path && mount -o remount,bind,rw $path; done
		exec "$@"' "$open" "${few[@]}" "$@"
}

test_ready_is_said_when_the_gateway_translates() {
	network
	serve server udp 10.0.100.2 7000
	supervise --ready "nsenter --net=/run/netns/natlab-client1 $peer ask udp 10.0.100.2 7000"
	eventually 10 said 'ready: 10\.0\.100\.1:.*'
	said "MAINPID=$(status_of keeper.pid)"
	said 'STATUS=external address 10.0.100.1'
	lacks "$work/said" stranger
	lacks "$work/said" WATCHDOG
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip address add 10.0.100.7/24 dev eth1
	eventually 10 said 'STATUS=external address 10.0.100.7'
	on natbox ip address del 10.0.100.7/24 dev eth1
	on natbox ip address add 10.0.100.1/24 dev eth1
}

test_the_watchdog_is_fed_as_long_as_the_keeper_works() {
	network
	supervise --watchdog 8
	eventually 30 said_times 3 WATCHDOG=1
	lacks "$work/said" '^watchdog$'
	kill -STOP "$(status_of keeper.pid)"
	ended 'signal 9'
	said watchdog
	supervise --socket "@natctl-test-$$" --watchdog 8
	eventually 30 said_times 2 WATCHDOG=1
}

test_the_watchdog_of_somebody_else_is_not_fed() {
	network
	serve server udp 10.0.100.2 7000
	supervise --watchdog 1 --watched 1
	gw set eth1 --force udp=1 rest=1
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	eventually 20 no_sessions # so it ticks
	lacks "$work/said" WATCHDOG
}

test_told_to_end_the_keeper_goes_and_the_gateway_stays() {
	network
	supervise
	connection
	kill -TERM "$manager"
	ended 'exit 0'
	said STOPPING=1
	said 'STATUS=the gateway goes on'
	is "keeper" "$(status_of keeper.alive)" false
	is "sessions" "$(count_sessions proto tcp)" 1
	supervise
	is "keeper" "$(status_of keeper.alive)" true
	connection_lives
}

test_after_a_crash_the_next_start_adopts_everything() {
	network
	supervise
	connection
	kill -KILL "$(status_of keeper.pid)"
	ended 'signal 9'
	supervise
	is "keeper" "$(status_of keeper.alive)" true
	connection_lives
}

test_detached_by_hand_the_service_ends_well() {
	network
	supervise
	detach
	ended 'exit 0'
	said STOPPING=1
	lacks "$work/said" 'goes on'
}

test_attached_again_by_hand_the_service_ends_well() {
	network
	supervise
	attach --per-host 100
	ended 'exit 0'
	is "keeper" "$(status_of keeper.alive)" true
}

test_the_end_that_nobody_asked_for_is_a_failure() {
	network
	supervise
	rm -r "$(status_of pin_path)"
	ended 'exit 3'
	supervise
}

test_the_service_stays_when_the_interface_goes() {
	network
	supervise --watchdog 8
	on natbox ip link del eth1
	: >"$work/said"
	eventually 30 said_times 2 WATCHDOG=1
	gw detach eth1
	attached=no
	ended 'exit 0'
}

test_nobody_is_told_by_a_keeper_in_the_background() {
	network
	trace natbox >"$work/before"
	: >"$work/said"
	start natbox "$net/manager" "$work/said" --watchdog 1 -- "$natctl" attach eth1
	manager=$!
	ended 'exit 0'
	attached=yes
	is "what was said" "$(cat "$work/said")" 'exit 0'
}

test_a_keeper_has_one_capability_and_cannot_get_more() {
	network
	supervise
	has_only "$(status_of keeper.pid)" $only_net_admin
	attach
	has_only "$(status_of keeper.pid)" $only_net_admin
	on natbox "${few[@]}" "$natctl" attach eth1
	has_only "$(status_of keeper.pid)" $of_the_unit
}

test_with_what_the_unit_leaves_it_everything_works() {
	network
	serve server udp 10.0.100.2 7000
	trace natbox >"$work/before"
	mkdir -m 0700 /sys/fs/bpf/natctl # as the unit does
	in_unit "$natctl" attach eth1
	attached=yes
	gw set eth1 --force udp=1 rest=1
	on client1 "$peer" ask udp 10.0.100.2 7000 >"$work/seen"
	grep -q '^10\.0\.100\.1:' "$work/seen"
	eventually 20 no_sessions
	# An interface that comes late, which wants forwarding and a hairpin.
	on natbox ip link add late0 type veth peer name late1
	on natbox ip address add 192.168.98.1/24 dev late0
	on natbox ip link set late0 up
	eventually 20 forwards late0
	on natbox ip link del late0
	in_unit "$natctl" attach eth1 --per-host 100
	in_unit "$natctl" detach eth1
	attached=no
	rmdir /sys/fs/bpf/natctl
	trace natbox >"$work/after"
	same "the gateway before attach and after detach" "$work/before" "$work/after"
}

# forwards IF
forwards() {
	[ "$(on natbox sysctl -n "net.ipv4.conf.$1.forwarding")" = 1 ]
}

# stop_by_unit JOB: what the unit does when it is stopped, if systemd has these jobs
stop_by_unit() {
	local line
	mkdir -p "$work/bin"
	printf '#!/bin/sh\necho "%s"\n' "$1" >"$work/bin/systemctl"
	chmod +x "$work/bin/systemctl"
	line=$(sed -n 's/^ExecStop=//p' "$root/systemd/natctl@.service.in" |
		sed "s/[$][$]/\$/g; s/%n/natctl@eth1.service/g; s/%i/eth1/g; s|@SBINDIR@/natctl|$natctl|g")
	on natbox env PATH="$work/bin:$PATH" bash -c "$line"
}

test_the_unit_detaches_only_if_it_is_ordered_to_stop() {
	network
	attach
	stop_by_unit ''
	stop_by_unit '  12 natctl@eth1.service restart running'
	stop_by_unit '  12 natctl@eth10.service stop running'
	is "keeper" "$(status_of keeper.alive)" true
	stop_by_unit '  12 natctl@eth10.service stop    waiting
  13 natctl@eth1.service  stop    running'
	attached=no
	refuses 3 'eth1: not attached' status eth1
	trace natbox >"$work/after"
	same "the gateway before attach and after detach" "$work/before" "$work/after"
}
