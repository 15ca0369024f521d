# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# probe.sh - what a packet has become on its way, said by nping, whose server sends back what
# it captured; and unusual packets, made by nping and hping3.

echo_server() {
	needs nping
	# Not encrypted: that handshake fails by itself in some releases (nmap issue 2547).
	start server nping --echo-server any --no-crypto -e eth0 >"$work/echo-server" 2>&1
	eventually 10 listening tcp server 9929
}

# echoed NAME CLIENT OPTION...: one packet, what happened to it into $work/NAME
#
# One after another: between several clients at once the server sometimes takes the wrong one.
# A port of its own for each, since nping's own connection uses the source port, too. With DF,
# because nping knows a packet by its identification, and others get a new one (RFC 6864).
echoed() {
	on "$2" nping --echo-client any --no-crypto -v -c 1 --df "${@:3}" 10.0.100.2 >"$work/$1"
}

# fields WORD NAME: of the packet that was SENT or CAPTured, one a line
fields() {
	sed -nE "s/^$1 \\([0-9.]+s\\) //p" "$work/$2" | head -n 1 | tr -s ' []' '\n'
}

# changed NAME: each field that is another at the server, before and after; of a checksum only that it
# is another, for the oracle knows which is right
changed() {
	fields SENT "$1" >"$work/sent"
	fields CAPT "$1" >"$work/captured"
	[ -s "$work/captured" ] || fail "$1: nothing was captured: $(cat "$work/$1")"
	paste -d' ' "$work/sent" "$work/captured" |
		awk '$1 != $2 { print $1 ~ /^csum=/ && $2 ~ /^csum=/ ? "csum" : $0 }' | paste -sd' '
}

# moved NAME TEXT: the number after this in what has changed; nothing when more than it has
moved() {
	changed "$1" | sed -nE "s/^$2([0-9]+) (csum )?ttl=64 ttl=63 csum\$/\\1/p"
}

test_nping_sees_the_source_change_and_nothing_else() {
	local name
	network
	serve server udp 10.0.100.2 7000
	serve server tcp 10.0.100.2 7000
	echo_server
	attach
	echoed udp client1 --udp -g 5000 -p 7000
	echoed udp-dressed client1 --udp -g 5001 -p 7000 --data-length 999 --tos 0x2e --ttl 9 \
		--id 77
	echoed tcp client1 --tcp -g 5002 -p 7000
	echoed tcp-dressed client1 --tcp -g 5003 -p 7000 --flags syn,ecn,cwr --seq 7 --win 9 --ttl 9
	echoed icmp client1 --icmp --icmp-id 77 --icmp-seq 9
	echoed timestamp client1 --icmp --icmp-type timestamp --icmp-id 78
	is "udp" "$(changed udp)" "192.168.99.1:5000 10.0.100.1:5000 csum ttl=64 ttl=63 csum"
	is "udp-dressed" "$(changed udp-dressed)" \
		"192.168.99.1:5001 10.0.100.1:5001 csum ttl=9 ttl=8 csum"
	is "tcp" "$(changed tcp)" "192.168.99.1:5002 10.0.100.1:5002 csum ttl=64 ttl=63 csum"
	is "tcp-dressed" "$(changed tcp-dressed)" \
		"192.168.99.1:5003 10.0.100.1:5003 csum ttl=9 ttl=8 csum"
	is "icmp" "$(changed icmp)" "192.168.99.1 10.0.100.1 ttl=64 ttl=63 csum"
	is "timestamp" "$(changed timestamp)" "192.168.99.1 10.0.100.1 ttl=64 ttl=63 csum"
	for name in udp tcp icmp timestamp; do
		# The answer has come to the port it was asked from.
		grep -qE "^RCVD .* > 192.168.99.1(:500[0-9])? " "$work/$name"
	done
}

test_nping_sees_another_port_when_its_own_is_taken() {
	local name port
	network
	serve server udp 10.0.100.2 7000
	serve server tcp 10.0.100.2 7000
	echo_server
	attach
	for name in client2 client1; do
		echoed udp-$name $name --udp -g 5000 -p 7000
		echoed tcp-$name $name --tcp -g 5003 -p 7000
		echoed icmp-$name $name --icmp --icmp-id 78
		done
	is "udp of client2" "$(changed udp-client2)" \
		"192.168.99.2:5000 10.0.100.1:5000 csum ttl=64 ttl=63 csum"
	is "icmp of client2" "$(changed icmp-client2)" "192.168.99.2 10.0.100.1 ttl=64 ttl=63 csum"
	port=$(moved udp-client1 "192.168.99.1:5000 10.0.100.1:")
	[ "$port" != 5000 ] && [ "$port" -ge 1024 ] && [ $((port % 2)) = 0 ]
	port=$(moved tcp-client1 "192.168.99.1:5003 10.0.100.1:")
	[ "$port" != 5003 ] && [ "$port" -ge 1024 ] && [ $((port % 2)) = 1 ]
	port=$(moved icmp-client1 "192.168.99.1 10.0.100.1 id=78 id=")
	[ "$port" != 78 ] && [ "$port" -ge 0 ]
	for name in udp tcp icmp; do
		grep -qE "^RCVD .* > 192.168.99.1(:500[03])? " "$work/$name-client1"
	done
}

# snmp HOST PROTOCOL NAME: a counter of that host's kernel
snmp() {
	# shellcheck disable=SC2016 # the variables are awk's
	on "$1" awk -v proto="$2:" -v name="$3" '
		$1 == proto && !col { for (i = 2; i <= NF; i++) if ($i == name) col = i; next }
		$1 == proto { print $col }' /proc/self/net/snmp
}

# counts HOST PROTOCOL NAME NUMBER
counts() {
	[ "$(snmp "$1" "$2" "$3")" = "$4" ]
}

# The gateway neither checks nor repairs what it has not written: whoever it is for finds out.
test_a_wrong_checksum_stays_wrong() {
	needs nping
	network
	serve server udp 10.0.100.2 7000
	serve server tcp 10.0.100.2 7000
	attach
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >/dev/null
	on client1 nping --badsum --udp -g 5000 -p 7000 -c 1 10.0.100.2 >/dev/null
	on client1 nping --badsum --tcp -g 5000 -p 7000 -c 1 10.0.100.2 >/dev/null
	eventually 3 counts server Udp InCsumErrors 1
	eventually 3 counts server Tcp InCsumErrors 1
	on server nping --badsum --udp -g 7001 -p 5000 -c 1 10.0.100.1 >/dev/null
	eventually 3 counts client1 Udp InCsumErrors 1
	# That of the IP header is the business of every router.
	on server nping --send-eth --badsum-ip --udp -g 7000 -p 5000 -c 1 10.0.100.1 >/dev/null
	is "ip-checksum" "$(counted ip-checksum)" 1
	is "datagrams to client1" "$(show lan 'udp and dst 192.168.99.1' | wc -l)" 2
	captures=() # the oracle would find what was sent
}

flags="-S|-S -X -Y|-S -A|-A|-F|-R|-F -A|-F -P -U|-P|-X -Y||-S -F|-S -R|-S -F -P -A -U -R"

# volley HOST TARGET PORT FIRST [OPTION...]: a TCP packet with each of these sets of flags, from
# port FIRST and those that follow it
volley() {
	local port=$4 words pids=()
	while read -r -d'|' words; do
		# It exits with 1 when nothing has answered.
		# shellcheck disable=SC2086 # a list of words
		{ on "$1" hping3 -q -n -c 1 $words -s $port -p "$3" "${@:5}" "$2" || true; } >/dev/null 2>&1 &
		pids+=($!)
		port=$((port + 1))
	done <<<"$flags|"
	wait "${pids[@]}"
}

# flags_in CAPTURE FILTER: the flags of TCP packets, in order of their letters
flags_in() {
	show "$1" "tcp and $2" | sed -nE 's/.* Flags \[([^]]*)\].*/\1/p' | sort | paste -sd' '
}

test_hping_gets_in_with_nothing_but_a_syn() {
	local held
	needs hping3
	network
	serve server tcp 10.0.100.2 7000
	attach
	on client1 "$peer" ask tcp 10.0.100.2 7000 --from 0.0.0.0:5000 --hold "$work/release" \
		--text hello >"$work/words" &
	held=$!
	eventually 3 grep -q hello "$work/words"
	# An address to which the client has not sent.
	volley server 10.0.100.1 5000 6000 -a 10.0.100.66
	is "from a stranger" "$(flags_in lan 'src 10.0.100.66')" ""
	is "counted" "$(($(counted filtered) + $(counted tcp-flags) + $(counted syn-held)))" 14
	# A port on which nothing is bound.
	volley server 10.0.100.1 5001 6100
	is "to a free port" "$(flags_in lan 'src 10.0.100.2 and src portrange 6100-6199')" ""
	# An address to which it has sent, from another port.
	volley server 10.0.100.1 5000 6200
	is "from the server" "$(flags_in lan 'src 10.0.100.2 and src portrange 6200-6299')" "S SEW"
	# The connection itself, by somebody who does not know its sequence numbers.
	on server hping3 -q -n -c 3 -i u1000 -R -s 7000 -k -p 5000 10.0.100.1 >/dev/null 2>&1 || true
	touch "$work/release"
	wait $held
	is "words" "$(grep -c hello "$work/words")" 2
}

test_hping_gets_out_with_nothing_but_a_syn() {
	needs hping3
	network
	serve server tcp 10.0.100.2 7000
	attach
	volley client1 10.0.100.2 7000 6000
	# The client's kernel, which has not sent these, resets what the server answers.
	is "outside" "$(flags_in wan 'src 10.0.100.1')" "R R S SEW"
	is "counted" "$(counted tcp-no-syn) $(counted tcp-flags)" "9 3"
	is "sessions" "$(count_sessions)" 2
}

test_hping_in_fragments() {
	needs hping3
	network
	serve server udp 10.0.100.2 7000
	attach
	# Of 16 octets each. It exits with 0 when it has been answered.
	on client1 hping3 -q -n -c 1 -f -2 -d 200 -s 5000 -p 7000 10.0.100.2 2>/dev/null
	on client1 hping3 -q -n -c 1 -f -1 -d 200 10.0.100.2 2>/dev/null
	has wan 13 'src 10.0.100.1 and ip[6:2] & 0x3fff != 0 and udp'
	has wan 13 'src 10.0.100.1 and ip[6:2] & 0x3fff != 0 and icmp'
	# A first fragment that does not hold the whole TCP header hides its flags.
	on client1 hping3 -q -n -c 1 -f -S -s 5000 -p 7000 10.0.100.2 2>/dev/null && fail "an answer"
	is "TCP outside" "$(show wan tcp | wc -l)" 0
	is "counted" "$(($(counted fragment) + $(counted fragment-early) + $(counted truncated)))" 2
}

# messages HOST TARGET TYPE...: an ICMP message of each type; hping makes up what they quote
messages() {
	local type pids=()
	for type in "${@:3}"; do
		{ on "$1" hping3 -q -n -c 1 -1 --force-icmp -C "$type" "$2" || true; } >/dev/null 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
}

test_hping_carries_no_icmp_but_queries() {
	needs hping3
	network
	attach
	messages client1 10.0.100.2 0 3 4 5 9 10 11 12 14 16 18 30 37
	is "messages outside" "$(show wan icmp | wc -l)" 0
	is "counted" "$(($(counted icmp-type) + $(counted icmp-quote)))" 13
	messages client1 10.0.100.2 8 13
	is "answers to the client" "$(show lan 'icmp and dst 192.168.99.1' | wc -l)" 2
	messages server 10.0.100.1 0 3 4 5 8 9 10 11 12 13 14 15 16 17 18 30 37
	is "messages inside" "$(show lan 'icmp and src 10.0.100.2' | wc -l)" 2
}
