# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# life.sh - what idles vanishes and gives its port back; what lives stays.

no_sessions() {
	[ "$(count_sessions "$@")" = 0 ]
}

# in_map MAP COUNT: does it hold so many entries, alive or not?
in_map() {
	[ "$(bpftool -j map dump pinned "$pins/$1" | jq length)" = "$2" ]
}

test_idle_sessions_vanish_and_their_ports_are_claimed_again() {
	local pins
	network
	serve server udp 10.0.100.2 7000
	serve server tcp 10.0.100.2 7000
	attach --ports 40000-40003
	pins=$(status_of pin_path)/maps
	gw set eth1 --force udp=1 icmp=1 rest=1
	on client1 "$peer" ask tcp 10.0.100.2 7000 --from 0.0.0.0:5555 --hold "$work/release" \
		>"$work/held" &
	eventually 3 grep -q hello "$work/held"
	on client1 "$peer" crowd 10.0.100.2 7000 4 >"$work/first"
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	is "served" "$(awk '$2 != "-"' "$work/first" | wc -l)" 4
	eventually 15 no_sessions proto udp
	eventually 15 no_sessions proto icmp
	# Only the connection's are left: what has expired is gone from the maps, after its rest.
	eventually 20 in_map sessions 1
	eventually 20 in_map bindings_fwd 1
	eventually 20 in_map bindings_rev 1
	on client2 "$peer" crowd 10.0.100.2 7000 4 >"$work/second"
	is "served after that" "$(awk '$2 != "-"' "$work/second" | wc -l)" 4
	is "established" "$(count_sessions proto tcp state established)" 1
	touch "$work/release"
	wait $!
	is "words on the connection" "$(wc -l <"$work/held")" 2
}

test_a_flush_ends_what_it_names() {
	network
	serve server udp 10.0.100.2 7000
	attach
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	on client2 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	gw flush eth1 internal 192.168.99.1
	eventually 10 no_sessions internal 192.168.99.1
	is "sessions of client2" "$(count_sessions internal 192.168.99.2)" 1
}
