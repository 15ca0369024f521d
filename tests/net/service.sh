# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# service.sh - under a service manager: what it is told, how the keeper ends and what stays.
# tests/net/manager plays the manager.

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
	supervise --watchdog 4
	eventually 30 said_times 3 WATCHDOG=1
	lacks "$work/said" '^watchdog$'
	kill -STOP "$(status_of keeper.pid)"
	ended 'signal 9'
	said watchdog
	supervise --socket "@natctl-test-$$" --watchdog 4
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
	on natbox ip link del eth1
	ended 'exit 3'
	gw detach eth1
	attached=no
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
