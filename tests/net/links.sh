# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# links.sh - the gateway's own interface and its addresses change: what leaves meanwhile, what
# lives on, and the one line that the keeper says about each change.

# shellcheck source=tests/net/change.sh
. "$net/change.sh" # hold, release

# stay [OPTION...]: attach with the keeper in the foreground, its words in $work/said
stay() {
	trace natbox >"$work/before"
	start natbox "$natctl" attach eth1 --foreground "$@" >"$work/attached" 2>"$work/said"
	eventually 20 grep -q attached "$work/attached"
	attached=yes
}

# words: of the keeper, without the remark of attach itself
words() {
	grep -v 'bulk TCP' "$work/said" || true
}

# says COUNT PATTERN: has it said so, and no oftener?
says() {
	wait_until 10 said "$@" || fail "not said $1 times: $2, but: $(words)"
}

said() {
	[ "$(words | grep -cE "$2")" = "$1" ]
}

# silent_but COUNT: it has said as many lines in all
silent_but() {
	[ "$(words | wc -l)" = "$1" ] || fail "not $1 lines: $(words)"
}

# flood: client1 sends a datagram a millisecond from port 5000, so that a dead address is seen
# at once; its process is $flood
flood() {
	start client1 /usr/bin/python3 -c '
import socket, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 5000))
while True:
    try:
        sock.sendto(b"hello", ("10.0.100.2", 7000))
    except OSError:
        pass
    time.sleep(0.001)'
	flood=$!
	eventually 5 has wan 20 'src 10.0.100.1 and src port 5000'
}

# last_after TIME FILTER...: milliseconds from TIME to the last such packet of the capture
last_after() {
	local time=$1
	shift
	tcpdump -r "$work/wire.pcap" -n -tt "$@" 2>/dev/null | tail -n 1 |
		awk -v time="$time" '{ printf "%d\n", ($1 - time) * 1000 }'
}

# lose ADDR/LEN: and put the route back that the kernel has taken away with the last address, so that
# nothing but natctl stands between a dead address and the wire; prints the time in between
lose() {
	on natbox ip address del "$1" dev eth1
	echo "$EPOCHREALTIME"
	on natbox ip route add 10.0.100.0/24 dev eth1
	# Who has the server cannot be asked without an address.
	on natbox ip neighbour replace 10.0.100.2 dev eth1 nud permanent \
		lladdr "$(on server cat /sys/class/net/eth0/address)"
}

test_nothing_leaves_with_an_address_that_has_gone() {
	local time late
	network
	attach
	capture wire server eth0 'src 10.0.100.1 and udp'
	flood
	for _ in 1 2 3; do
		time=$(lose 10.0.100.1/24)
		eventually 5 counted_more no-address 500
		capture_end wire
		late=$(last_after "$time")
		echo "last packet $late ms after the address had gone"
		[ "$late" -lt 100 ] || fail "it left $late ms after its address had gone"
		capture wire server eth0 'src 10.0.100.1 and udp'
		on natbox ip address add 10.0.100.1/24 dev eth1
		on natbox ip route del 10.0.100.0/24 dev eth1 proto boot
		eventually 5 has wire 20
	done
	kill "$flood"
	is "sessions" "$(count_sessions proto udp)" 1
}

# counted_more REASON COUNT: that many more than at the first call
counted_more() {
	local now
	now=$(counted "$1")
	[ -e "$work/counted" ] || echo "$now" >"$work/counted"
	[ $((now - $(cat "$work/counted"))) -ge "$2" ] && rm "$work/counted"
}

test_one_line_for_each_change_of_the_address() {
	network
	serve server udp 10.0.100.2 7000
	stay
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
	on natbox ip address del 10.0.100.1/24 dev eth1
	says 1 '^natctl: eth1: address 10.0.100.1 has gone \(sessions that wait for it: 1\)$'
	is "away" "$(status_of address_away)" true
	on natbox ip address add 10.0.100.1/24 dev eth1
	says 1 '^natctl: eth1: address 10.0.100.1 is back \(sessions that go on: 1\)$'
	is "away" "$(status_of address_away)" false
	# A lease that is renewed, and addresses beside the first.
	on natbox ip address change 10.0.100.1/24 dev eth1 valid_lft 3600 preferred_lft 3600
	on natbox ip address add 10.0.100.9/24 dev eth1
	on natbox ip address add 203.0.113.9/24 dev eth1
	on natbox ip address del 10.0.100.9/24 dev eth1
	on natbox ip address del 203.0.113.9/24 dev eth1
	on natbox ip address change 10.0.100.1/24 dev eth1 valid_lft forever preferred_lft forever
	# Dialled again, with nothing in between.
	on natbox ip address del 10.0.100.1/24 dev eth1
	says 2 'address 10.0.100.1 has gone'
	on natbox ip address add 10.0.100.7/24 dev eth1
	says 1 '^natctl: eth1: address 10.0.100.1 is replaced by 10.0.100.7 \(sessions ended: 1\)$'
	silent_but 4
	on natbox ip address del 10.0.100.7/24 dev eth1
	on natbox ip address add 10.0.100.1/24 dev eth1
	says 1 'address 10.0.100.7 is replaced by 10.0.100.1'
}

test_one_line_for_each_change_of_the_link() {
	network
	stay
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	on natbox ip link set eth1 down
	says 1 '^natctl: eth1: the link is down \(sessions that wait: 1\)$'
	on natbox ip link set eth1 up
	says 1 '^natctl: eth1: the link is up \(sessions that go on: 1\)$'
	# As when the cable is pulled.
	on server ip link set eth0 down
	says 2 'the link is down'
	on server ip link set eth0 up
	says 2 'the link is up'
	on natbox ip link set eth1 down
	says 3 'the link is down'
	on natbox ip link set eth1 name wan0
	says 1 '^natctl: wan0: this was "eth1", whose gateway goes on under the new name$'
	on natbox ip link set wan0 up
	says 1 '^natctl: wan0: the link is up'
	silent_but 7
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	on natbox ip link set wan0 name eth1
	says 1 '^natctl: eth1: this was "wan0"'
}

# renewed [ADDR]: another interface is called eth1, as after a new PPP session
renewed() {
	on natbox ip link add eth1 index 77 type veth peer name eth0 netns natlab-server
	on server ip address add 10.0.100.2/24 dev eth0
	on server ip link set eth0 up
	capture again server eth0
	on natbox ip address add "${1-10.0.100.1}/24" dev eth1
	on natbox ip link set eth1 up
}

# redial [ADDR]: while the keeper looks
redial() {
	on natbox ip link delete eth1
	says 1 '^natctl: eth1: the interface has gone \(sessions that wait for its return: 1\)$'
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.eth0.forwarding)" 0
	refuses 3 'eth1: not attached: the interface has gone; the keeper waits' status eth1
	renewed "$@"
	says 1 '^natctl: eth1: the interface is back \(sessions that go on: 1\)$'
}

# What was captured on the old interface has been judged, and nothing can be as before attach.
redialled() {
	capture_end again
	is "packets with an internal source" "$(show again 'src net 192.168.99.0/24' | wc -l)" 0
	gw audit eth1
	gw detach eth1
	attached=no
	is "forwarding" "$(on natbox sysctl -n net.ipv4.conf.eth0.forwarding)" 0
	is "programs" "$(on natbox bpftool -j net show | jq '.[0] | .xdp + .tc | length')" 0
}

test_an_interface_that_is_deleted_and_comes_again() {
	network
	on natbox sysctl -qw net.ipv4.conf.all.forwarding=0
	serve server tcp 10.0.100.2 7000
	stay
	hold
	redial
	release
	is "ingress" "$(status_of ingress)" xdp
	on client2 ping -c 1 -W 2 10.0.100.2 >/dev/null
	redialled
}

test_it_comes_again_with_another_address_while_hosts_send() {
	network
	on natbox sysctl -qw net.ipv4.conf.all.forwarding=0
	stay --ingress tc
	flood
	redial 10.0.100.7
	says 1 '^natctl: eth1: address 10.0.100.1 is replaced by 10.0.100.7 \(sessions ended: 1\)$'
	eventually 20 has again 20 'src 10.0.100.7 and udp'
	kill "$flood"
	redialled
}

# internal_is NAME: the only interface with the hairpin, and it forwards
internal_is() {
	[ "$(status_of 'lan | map(select(.hairpin).interface) | join(" ")')" = "$1" ] &&
		[ "$(on natbox sysctl -n "net.ipv4.conf.$1.forwarding")" = 1 ]
}

test_an_internal_interface_is_renamed_while_the_uplink_is_away() {
	network
	on natbox sysctl -qw net.ipv4.conf.all.forwarding=0
	stay --lan eth0
	on natbox ip link delete eth1
	says 1 'the interface has gone'
	on natbox ip link set eth0 down
	on natbox ip link set eth0 name lan0
	on natbox ip link set lan0 up
	renewed
	says 1 'the interface is back'
	eventually 5 internal_is lan0
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	on natbox ip link set lan0 down
	on natbox ip link set lan0 name eth0
	on natbox ip link set eth0 up
	eventually 5 internal_is eth0
	redialled
}

# An attach that is refused moves the pins, and the keeper finds only that the interface has gone.
test_a_keeper_waits_for_the_name_that_the_pins_have() {
	local keeper
	network
	on natbox sysctl -qw net.ipv4.conf.all.forwarding=0
	stay
	keeper=$(status_of keeper.pid)
	kill -STOP "$keeper"
	on natbox ip link set eth1 name wan0
	refuses 1 'more than the table holds' attach wan0 --max-sessions 4194304
	on natbox ip link delete wan0
	kill -CONT "$keeper"
	says 1 '^natctl: wan0: the interface has gone'
	renewed
	on natbox ip link set eth1 down
	on natbox ip link set eth1 name wan0
	on natbox ip link set wan0 up
	says 1 '^natctl: wan0: the interface is back'
	on natbox ip link set wan0 name eth1
	says 1 '^natctl: eth1: this was "wan0"'
	redialled
}

test_attach_goes_on_with_what_an_interface_of_the_name_has_left() {
	network
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=0 net.ipv4.conf.all.forwarding=0
	serve server tcp 10.0.100.2 7000
	attach --per-host 100
	hold
	kill -KILL "$(status_of keeper.pid)"
	on natbox ip link delete eth1
	refuses 3 'eth1: not attached: the interface was removed since' status eth1
	renewed
	gw attach eth1
	is "per-host" "$(status_of 'settings."per-host"')" 100
	release
	redialled
}

# ---- addresses of other kinds ---------------------------------------------------------------

test_a_point_to_point_link_uses_its_local_address() {
	network
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip address add 10.9.9.1 peer 10.9.9.2 dev eth1
	on server ip address add 10.9.9.2 peer 10.9.9.1 dev eth0
	serve server udp 10.9.9.2 7000
	stay
	is "address" "$(status_of addresses[0])" 10.9.9.1
	is "client1 is seen as" "$(on client1 "$peer" ask udp 10.9.9.2 7000 --from 0.0.0.0:5000)" \
		"10.9.9.1:5000 hello"
	# Another peer is another address to the kernel, and the same one to us.
	on natbox ip address del 10.9.9.1 peer 10.9.9.2 dev eth1
	says 1 'address 10.9.9.1 has gone' # a busy keeper would find nothing changed
	on natbox ip address add 10.9.9.1 peer 10.9.9.3 dev eth1
	says 1 'address 10.9.9.1 is back'
	on natbox ip address del 10.9.9.1 peer 10.9.9.3 dev eth1
	on natbox ip address add 10.9.9.1 peer 10.9.9.2 dev eth1
	eventually 5 away false
	is "client1 is seen as" "$(on client1 "$peer" ask udp 10.9.9.2 7000 --from 0.0.0.0:5000)" \
		"10.9.9.1:5000 hello"
	lacks "$work/said" replaced
}

# away true|false
away() {
	[ "$(status_of address_away)" = "$1" ]
}

# RFC 4787 REQ-7: the external network has the prefix of the internal one. Outside is its upper
# half, for which all who are inside have routes.
test_an_external_prefix_that_overlaps_the_internal_one() {
	internal=192.168.99.0/25
	network
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip address add 192.168.99.200/24 dev eth1
	on natbox ip route add 192.168.99.128/25 dev eth1
	on natbox ip route add 192.168.99.1/32 dev eth0
	on natbox ip route add 192.168.99.2/32 dev eth0
	on server ip address del 10.0.100.2/24 dev eth0
	on server ip address add 192.168.99.130/24 dev eth0
	on client1 ip route add 192.168.99.128/25 via 192.168.99.3
	on client2 ip route add 192.168.99.128/25 via 192.168.99.3
	serve_page server 192.168.99.130 80
	serve server udp 192.168.99.130 7000
	attach --filtering independent
	is "client1 is seen as" "$(on client1 "$peer" ask udp 192.168.99.130 7000 \
		--from 0.0.0.0:5000)" "192.168.99.200:5000 hello"
	is "client2 is seen as" "$(on client2 "$peer" ask udp 192.168.99.130 7000 \
		--from 0.0.0.0:6000)" "192.168.99.200:6000 hello"
	fetch client1 http://192.168.99.130/
	on client2 ping -c 1 -W 2 192.168.99.130 >/dev/null
	# From outside, from an internal host by the external endpoint, and on the inside.
	serve client1 udp 0.0.0.0 5000
	is "by the server" "$(on server "$peer" ask udp 192.168.99.200 5000 --from 0.0.0.0:7001)" \
		"192.168.99.130:7001 hello"
	is "by client2" "$(on client2 "$peer" ask udp 192.168.99.200 5000 --from 0.0.0.0:6000)" \
		"192.168.99.200:6000 hello"
	on client1 ping -c 1 -W 2 192.168.99.2 >/dev/null
}

# ---- more news than fit -----------------------------------------------------------------------

test_a_burst_of_changes_is_looked_through() {
	local keeper count
	network
	stay
	keeper=$(status_of keeper.pid)
	kill -STOP "$keeper"
	for count in 1 2 3 4 5; do
		printf 'address add 10.7.%s/32 dev eth1\n' $count.{1..250}
		printf 'address del 10.7.%s/32 dev eth1\n' $count.{1..250}
	done >"$work/batch"
	on natbox ip -batch "$work/batch"
	on natbox ip address del 10.0.100.1/24 dev eth1
	on natbox ip address add 10.0.100.7/24 dev eth1
	# shellcheck disable=SC2016 # columns of awk
	on natbox awk '$2 == 0 && $9 > 0 { lost = 1 } END { exit !lost }' /proc/net/netlink ||
		fail "no news was lost: $(on natbox cat /proc/net/netlink)"
	kill -CONT "$keeper"
	says 1 'address 10.0.100.1 is replaced by 10.0.100.7'
	silent_but 1
	# And it hears what comes after.
	on natbox ip address del 10.0.100.7/24 dev eth1
	says 1 'address 10.0.100.7 has gone'
	on natbox ip address add 10.0.100.1/24 dev eth1
	says 1 'address 10.0.100.7 is replaced by 10.0.100.1'
}
