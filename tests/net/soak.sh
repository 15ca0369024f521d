# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# soak.sh - traffic of all kinds, new flows and new hosts, and everything that can happen to a
# gateway, for as long as wanted: here for some seconds, in tests/soak/run for minutes or days.
#
# How it works: tests/soak/traffic notes every word that was not answered and when it was sent,
# one_fault() when it did what to the gateway. In the end each loss must be explained by a fault that
# may cause it: a keeper that is killed, an upgrade, a reload explain none. Then everything is flushed,
# and what is left is compared with what there was at the beginning.

# shellcheck source=tests/net/lifecycle.sh
. "$net/lifecycle.sh" # say, shortly, quietly, costs, resident, pool_is, keeper_is_alive, dropped

traffic=$root/tests/soak/traffic
hosts_more=50 # of the churn, from 192.168.99.10 up

test_nothing_is_lost_or_left_whatever_happens() {
	soak "${SOAK_SECONDS:-20}"
}

# ---- what happens ------------------------------------------------------------------------------

fault_kill() {
	kill -KILL "$(keeper)"
	shortly 2000
	quietly gw attach eth1
}

fault_upgrade() {
	quietly gw attach eth1
}

# Ports rest for seconds, not minutes, or one would have to wait for them in the end.
rest=5

fault_reload() {
	printf 'timeout udp=%d\nset host-rate=%d,rest=%d\n' $((300 + RANDOM % 100)) \
		$((500 + RANDOM % 100)) $rest >"$work/soak.conf"
	quietly gw reload eth1 --force --config "$work/soak.conf"
}

fault_flush() {
	quietly gw flush eth1 internal "192.168.99.$((10 + RANDOM % hosts_more))"
}

fault_flap() {
	on natbox ip link set eth1 down
	shortly 500
	on natbox ip link set eth1 up
	eventually 5 on natbox ping -c 1 -W 1 10.0.100.2
}

fault_away() {
	on natbox ip address del "$addr/24" dev eth1
	shortly 500
	on natbox ip address add "$addr/24" dev eth1
	eventually 5 pool_is "$addr"
}

fault_change() {
	local old=$addr
	[ "$addr" = 10.0.100.1 ] && addr=10.0.100.7 || addr=10.0.100.1
	printf 'address %s/24 dev eth1\n' "del $old" "add $addr" | on natbox ip -batch -
	eventually 5 pool_is "$addr"
}

# one_fault KIND: with when it began and ended
one_fault() {
	local begin=$EPOCHREALTIME
	"fault_$1"
	echo "$begin $EPOCHREALTIME $1" >>"$work/faults"
	eventually 10 keeper_is_alive
	quietly gw audit eth1
}

# ---- what is meanwhile done through it -----------------------------------------------------------

# downloads FILE: one behind the other, at 4 MB/s; a line "BEGIN END BYTES" for each
downloads() {
	local begin bytes
	while [ ! -e "$work/enough" ]; do
		begin=$EPOCHREALTIME
		bytes=$(on client1 curl -s --limit-rate 4M --speed-limit 1000 --speed-time 5 \
			-o /dev/null -w '%{size_download}' http://10.0.100.2:80/large || true)
		echo "$begin $EPOCHREALTIME $bytes" >>"$1"
	done
}

# downloads_judge FILE: one that is not whole must have lost its address
downloads_judge() {
	awk -v whole=20000000 '
		FNR == NR {
			if ($3 == "change") { begins[changes++] = $1; ends[changes - 1] = $2 }
			next
		}
		{ count++; sum += $3 }
		$3 != whole {
			why = 0
			for (i = 0; i < changes; i++)
				why += $1 <= ends[i] + 1 && $2 >= begins[i]
			explained += why > 0
			lost += why == 0
		}
		END {
			printf "curl   %8d downloads, %d MB; %d broken without a reason; %d by a change of " \
				"address\n", count, sum / 1e6, lost, explained
			exit lost > 0
		}' "$work/faults" "$1"
}

traffic_begin() {
	local i sources=()
	for ((i = 10; i < 10 + hosts_more; i++)); do
		on client1 ip address add "192.168.99.$i/24" dev eth0
		sources+=("192.168.99.$i")
	done
	serve server udp 10.0.100.2 7000
	serve server tcp 10.0.100.2 7000
	serve_page server 10.0.100.2 80
	truncate -s 20000000 "$work/www/large"
	start client1 "$traffic" run 10.0.100.2 7000 "$work/churn" "$work/enough" --churn 50 \
		--sources "$(IFS=, && echo "${sources[*]}")"
	running=($!)
	start client2 "$traffic" run 10.0.100.2 7000 "$work/steady" "$work/enough" --probes 10 --held 20
	running+=($!)
	downloads "$work/downloads" &
	running+=($!)
	eventually 20 has_sessions 10
	eventually 20 test "$(count_sessions proto tcp)" -ge 10
}

traffic_end() {
	touch "$work/enough"
	wait "${running[@]}"
}

# ---- the whole -----------------------------------------------------------------------------------

# held FILE: what the gateway and its keeper hold
held() {
	costs >"$1"
	resident "$(keeper)" >"$1.rss"
}

# nothing_left: sessions, bindings, claims
nothing_left() {
	[ "$(count_sessions) $(count_bindings)" = '0 0' ] &&
		[ "$(gw status eth1 -j | jq -c '[.ports[].in_use]')" = "$ports" ]
}

soak() {
	local kinds=(kill upgrade reload flush flap away change) addr=10.0.100.1 end failed=0 i=0
	local running ports
	network
	captures=() # the first seconds of this say nothing
	attach --force --set rest=$rest
	ports=$(gw status eth1 -j | jq -c '[.ports[].in_use]')
	traffic_begin
	one_fault upgrade
	held "$work/held.first"
	end=$((SECONDS + $1))
	while [ $SECONDS -lt $end ]; do
		# Each in its turn, so that none is left out, and at any moment.
		one_fault "${kinds[i++ % ${#kinds[@]}]}"
		say "$((SECONDS - end + $1)) of $1 s: ${kinds[(i - 1) % ${#kinds[@]}]}, $(count_sessions) sessions"
		shortly 4000
	done
	traffic_end
	held "$work/held.last"
	[ $addr = 10.0.100.1 ] || one_fault change
	say "faults: $(cut -d' ' -f3 "$work/faults" | sort | uniq -c | awk '{ printf "%s%d %s", sep, $1, $2; sep = ", " }')"
	"$traffic" judge "$work/faults" "$work/steady" "$work/churn" || failed=1
	downloads_judge "$work/downloads" || failed=1
	say "refused by natctl: $(dropped)"
	gw flush eth1 >/dev/null
	eventually 60 nothing_left
	same "what the gateway holds at the beginning and in the end" "$work/held.first" "$work/held.last"
	[ "$(cat "$work/held.last.rss")" -le $(($(cat "$work/held.first.rss") + 1024)) ] ||
		fail "the keeper has grown from $(cat "$work/held.first.rss") to $(cat "$work/held.last.rss") KiB"
	say "leaked: nothing; $(paste -sd, "$work/held.last" | sed 's/,/, /g'), keeper" \
		"$(cat "$work/held.last.rss") KiB (at first $(cat "$work/held.first.rss")); no session," \
		"binding or port is left"
	[ $failed = 0 ]
}
