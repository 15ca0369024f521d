# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# lifecycle.sh - upgrades, crashes, changes of address, attach and detach, again and again.
#
# Here each part runs a few times; tests/lifecycle/run runs it hundreds of times. What a part
# has measured it says in lines that begin with its name.

flows=$root/tests/lifecycle/flows

# times COUNT: how often, here; or as tests/lifecycle/run wants it
times() {
	echo "${LIFECYCLE_COUNT:-$1}"
}

# say TEXT...: a line of what has been measured, or how far we are
say() {
	echo "${name#*/}: $*"
}

# progress DONE OF: ten times in all
progress() {
	[ $(($1 * 10 / $2)) = $((($1 - 1) * 10 / $2)) ] || say "$1 of $2"
}

# quietly COMMAND...: what it says is shown if it fails
quietly() {
	"$@" >"$work/said" 2>&1 || fail "$*: $(cat "$work/said")"
}

# shortly MS [LEAST]: a random while, up to so many milliseconds, and not less than LEAST; that the
# moment is any moment is what is being tested
shortly() {
	local ms=$((${2-0} + RANDOM % ($1 - ${2-0})))
	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}

# dropped: how many packets natctl has dropped, and why: "0" or "3 (busy 2, no-binding 1)"
dropped() {
	gw stats eth1 -j | jq -r '[.reasons | to_entries[] |
		select(.value.verdict == "dropped" and .value.packets > 0)] |
		"\([.[].value.packets] | add // 0)" +
		if . == [] then "" else " (\([.[] | "\(.key) \(.value.packets)"] | join(", ")))" end'
}

# ping_begin HOST [OPTION...]: until ping_end
ping_begin() {
	local host=$1
	shift
	start "$host" ping -q "$@" 10.0.100.2 >"$work/pings" 2>&1
	pinging=$!
	eventually 5 test -s "$work/pings"
}

# ping_end [ON_THE_WAY]: all that were sent must have come back, but for so many that were on their
# way when it was told to stop; adds them to $pinged
ping_end() {
	local sent received
	kill -INT "$pinging"
	wait "$pinging" || true
	sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' "$work/pings" >"$work/pinged"
	read -r sent received <"$work/pinged"
	[ "$received" -ge $((sent - ${1-0})) ] || fail "$received of $sent pings came back"
	pinged=$((pinged + sent))
}

# session_list FILE [FILTER...]: which there are
session_list() {
	local file=$1
	shift
	gw sessions eth1 -j "$@" | jq -c '.[] | [.proto, .internal, .external, .remote]' |
		sort >"$file"
}

keeper() {
	status_of keeper.pid
}

keeper_is_alive() {
	[ "$(status_of keeper.alive)" = true ]
}

keeper_is_dead() {
	[ "$(status_of keeper.alive)" = false ]
}

# ---- upgrades ------------------------------------------------------------------------------

test_upgrades_under_load_lose_nothing() {
	upgrades "$(times 3)"
}

upgrades() {
	local i bulk pinged=0
	needs iperf3
	network
	serve server udp 10.0.100.2 7000
	start server iperf3 -s -1 >/dev/null
	eventually 10 listening tcp server 5201
	capture leak server eth0 'src net 192.168.99.0/24'
	attach --timeout udp=86400 # nobody speaks meanwhile
	quietly on client1 "$peer" crowd 10.0.100.2 7000 200
	start client2 iperf3 -c 10.0.100.2 -t 3600 -b 100M --forceflush >"$work/iperf" 2>&1
	bulk=$!
	eventually 10 grep -q Mbits/sec "$work/iperf"
	session_list "$work/sessions.before"
	ping_begin client1 -f
	for ((i = 1; i <= $1; i++)); do
		quietly gw attach eth1
		progress "$i" "$1"
	done
	ping_end 1
	session_list "$work/sessions.after"
	kill -INT $bulk
	wait $bulk || true
	is "sessions lost" "$(comm -23 "$work/sessions.before" "$work/sessions.after" | wc -l)" 0
	# A second in which nothing came is one in which the connection hung.
	# The last line before the sums is of the part of a second that was left.
	is "seconds without data" "$(sed -n '/^- - -/q; p' "$work/iperf" | head -n -1 |
		grep ' 0.00 bits/sec' || true)" ''
	capture_end leak
	is "packets that left untranslated" "$(show leak | wc -l)" 0
	is "packets dropped by natctl" "$(dropped)" 0
	say "$1 upgrades: $pinged pings sent, all answered; $(wc -l <"$work/sessions.before") sessions, none" \
		"lost; 0 packets dropped, 0 left untranslated; the TCP transfer:" \
		"$(sed -nE 's/.* sec +([0-9.]+ .Bytes) .* sender/\1/p' "$work/iperf")," \
		"$(awk '/sender/ { print $9 }' "$work/iperf") retransmissions"
}

# ---- crashes -------------------------------------------------------------------------------

test_a_keeper_killed_at_any_moment_harms_nothing() {
	kills "$(times 4)"
}

# A new one is killed as soon as it is there, before it has a name in the marker, or a little
# later. That attach may fail, and then begins one itself again.
kill_starting() {
	local attaching old
	old=$(keeper)
	start natbox "$natctl" attach eth1 >"$work/said" 2>&1
	attaching=$!
	while kill -0 $attaching 2>/dev/null && ! is_starting "$old" $attaching; do :; done
	[ $((RANDOM % 2)) = 0 ] || shortly 50
	kill -KILL "$(cat "$work/starting")" 2>/dev/null || true
	wait $attaching || true
}

# is_starting PID...: is there a keeper that is none of these?
is_starting() {
	pgrep -P 1 -x natctl | grep -vxF "$(printf '%s\n' "$@")" >"$work/starting"
}

# What is flushed is due two seconds later, at a tick of the keeper's.
kill_sweeping() {
	quietly gw flush eth1 internal 192.168.99.1
	shortly 3300 2000
	kill -KILL "$(keeper)"
}

kill_changing() {
	local pid old=$addr
	pid=$(keeper)
	[ "$addr" = 10.0.100.1 ] && addr=10.0.100.7 || addr=10.0.100.1
	printf 'address %s/24 dev eth1\n' "del $old" "add $addr" | on natbox ip -batch -
	shortly 20
	kill -KILL "$pid"
}

kill_flushing() {
	local pid
	pid=$(keeper)
	start natbox "$natctl" flush eth1 internal 192.168.99.1 >"$work/said" 2>&1
	shortly 20
	kill -KILL "$pid"
	wait $! || true
}

# one_kill KIND
one_kill() {
	local pings=yes
	# Nothing answers while the gateway has no address.
	[ "$1" != changing ] || pings=no
	on client1 "$peer" crowd 10.0.100.2 7000 50 --wait 0.2 >/dev/null
	[ $pings = no ] || ping_begin client2 -i 0.01
	"kill_$1"
	[ "$1" = starting ] || eventually 5 keeper_is_dead
	quietly gw audit eth1
	[ $pings = no ] || ping_end
	quietly gw attach eth1
	eventually 5 keeper_is_alive
	eventually 5 pool_is "$addr"
	quietly gw audit eth1
	on client2 ping -q -c 1 -W 5 10.0.100.2 >/dev/null
}

# pool_is ADDR
pool_is() {
	[ "$(status_of addresses[0])" = "$1" ]
}

kills() {
	local i kinds=(starting sweeping changing flushing) addr=10.0.100.1 pinged=0
	network
	serve server udp 10.0.100.2 7000
	attach
	for ((i = 1; i <= $1; i++)); do
		one_kill "${kinds[i % 4]}"
		progress "$i" "$1"
	done
	say "$1 kills: 2 audits each, all clean; $pinged pings sent in three of four, all answered"
	[ $addr = 10.0.100.1 ] || kill_changing
	attach
}

# ---- a connection through it all -------------------------------------------------------------

test_a_connection_survives_upgrade_crash_flap_and_address_loss() {
	survive "$(times 1)"
}

# says WORD: over the connection, and hears it again with the endpoint that the server sees
says() {
	local answer
	echo "$1" >&"${talk[1]}"
	read -r -t 30 answer <&"${talk[0]}" || fail "no answer to \"$1\" within 30 s"
	is "answer" "$answer" "10.0.100.1:5555 $1"
}

# talk_begin HOST: a connection from there, for says
talk_begin() {
	coproc talk { on "$1" /usr/bin/python3 -u -c '
import socket, sys
sock = socket.create_connection(("10.0.100.2", 7000), 10, ("0.0.0.0", 5555))
for line in sys.stdin:
    sock.sendall(line.encode())
    print(sock.recv(1000).decode(), end="")'; }
	says begin
}

survive() {
	local i
	network
	serve server tcp 10.0.100.2 7000
	attach
	talk_begin client1
	for ((i = 1; i <= $1; i++)); do
		quietly gw attach eth1
		says "upgraded $i"
		kill -KILL "$(keeper)"
		says "crashed $i"
		quietly gw attach eth1
		says "adopted $i"
		on natbox ip link set eth1 down
		on natbox ip link set eth1 up
		says "flapped $i"
		on natbox ip address del 10.0.100.1/24 dev eth1
		eventually 5 on natbox test -z "$(on natbox ip -4 -o address show dev eth1)"
		on natbox ip address add 10.0.100.1/24 dev eth1
		says "returned $i"
		progress "$i" "$1"
	done
	is "connections" "$(count_sessions proto tcp internal 192.168.99.1:5555 state established)" 1
	say "$1 times upgrade, kill -9, link down and up, address away and back: the connection of" \
		"before the first carries data after each"
}

# ---- the address changes -----------------------------------------------------------------------

test_flows_go_on_when_the_address_changes() {
	change "$(times 100)"
}

# moves OLD NEW FLOWS COMMAND...: once, by these of ip address
moves() {
	local when sniffer file=wire$2
	capture "$file" server eth0 --time-stamp-precision=nano -B 16384 \
		'udp and dst host 10.0.100.2'
	eventually 10 has "$file" "$3" "src $1"
	printf 'address %s/24 dev eth1\n' "${@:4}" | on natbox ip -batch -
	when=$EPOCHREALTIME
	eventually 20 has "$file" $((3 * $3)) "src $2"
	# Not capture_end: this wire does not come to rest.
	sniffer=$(cat "$work/$file.pid")
	kill -INT "$sniffer"
	wait "$sniffer" || true
	say "$("$flows" judge "$work/$file.pcap" "$1" "$2" "$when" "$3")"
}

change() {
	local talking
	network
	serve server udp 10.0.100.2 7000
	on natbox sysctl -qw net.ipv4.conf.eth1.promote_secondaries=1
	attach
	start client1 "$flows" talk 10.0.100.2 7000 "$1" "$work/enough" >"$work/talked"
	talking=$!
	eventually 30 has_sessions "$1"
	moves 10.0.100.1 10.0.100.7 "$1" 'del 10.0.100.1' 'add 10.0.100.7'
	# This way there is always a route: nobody but natctl stops what has the old address.
	moves 10.0.100.7 10.0.100.1 "$1" 'add 10.0.100.1' 'del 10.0.100.7'
	touch "$work/enough"
	wait $talking
	say "$(cat "$work/talked")"
	grep -q ' 0 flows without an answer' "$work/talked"
}

has_sessions() {
	[ "$(count_sessions proto udp)" -ge "$1" ]
}

# ---- attach and detach ---------------------------------------------------------------------------

test_attach_and_detach_leave_nothing() {
	cycles "$(times 3)"
}

# costs: objects, descriptors of the keeper, memory of the maps
costs() {
	local pid kind id
	pid=$(keeper)
	objects_held "$pid" | sort -u >"$work/held"
	for kind in prog map link; do
		echo "${kind}s $(grep -c "^$kind " "$work/held")"
	done
	echo "descriptors $(find "/proc/$pid/fd" -type l | wc -l)"
	sed -nE 's/^map ([0-9]+)$/\1/p' "$work/held" | while read -r id; do
		bpftool -j map show id "$id" | jq .bytes_memlock
	done | awk '{ sum += $1 } END { printf "map memory %d KiB\n", sum / 1024 }'
}

# The frame's attach and detach would compare the namespace after each, and take a second for it.
cycles() {
	local i rss_first rss_last
	network
	trace natbox >"$work/never"
	for ((i = 1; i <= $1; i++)); do
		quietly gw attach eth1
		[ $i != 1 ] || costs >"$work/costs.first"
		[ $i != 1 ] || rss_first=$(resident "$(keeper)")
		[ "$i" != "$1" ] || costs >"$work/costs.last"
		[ "$i" != "$1" ] || rss_last=$(resident "$(keeper)")
		objects_held "$(keeper)" >>"$work/ever"
		quietly gw detach eth1
		progress "$i" "$1"
	done
	sort -u -o "$work/ever" "$work/ever"
	objects_gone "$work/ever" >"$work/alive" ||
		fail "left after detach: $(paste -sd' ' "$work/alive")"
	is "processes left" "$(pgrep -c -x natctl || true)" 0
	trace natbox >"$work/again"
	same "the gateway before the first attach and after the last detach" "$work/never" "$work/again"
	same "what the first and the last gateway hold" "$work/costs.first" "$work/costs.last"
	[ "$rss_last" -le $((rss_first + 1024)) ] ||
		fail "the keeper has grown from $rss_first to $rss_last KiB"
	say "$1 times: each $(paste -sd, "$work/costs.last" | sed 's/,/, /g'), keeper $rss_last KiB (the" \
		"first $rss_first); all $(wc -l <"$work/ever") objects gone, the namespace as before"
}

# resident PID: memory, in KiB
resident() {
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}
