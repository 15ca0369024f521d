# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# apps.sh - applications that are said to break behind a NAT, and those that use it most.
#
# Every server has its configuration and its files in the work directory of the case.

# random_file PATH OCTETS
random_file() {
	mkdir -p "$(dirname "$1")"
	head -c "$2" /dev/urandom >"$1"
}

ftp_server() {
	/usr/bin/python3 -c 'import pyftpdlib' 2>/dev/null ||
		skip "pyftpdlib is not installed (scripts/deps test)"
	random_file "$work/ftp/file" 300000
	start server /usr/bin/python3 -m pyftpdlib -i 10.0.100.2 -p 21 -d "$work/ftp" -w \
		>"$work/ftpd" 2>&1
	eventually 10 listening tcp server 21
}

# The control connection names the ports of the others, but the client opens them.
test_ftp_passive() {
	local client option
	network
	ftp_server
	attach
	for client in client1 client2; do
		for option in --ftp-pasv --disable-epsv; do
			on $client curl -sS -m 10 $option -o "$work/got" ftp://10.0.100.2/file
			cmp "$work/got" "$work/ftp/file"
			on $client curl -sS -m 10 $option -T "$work/got" ftp://10.0.100.2/$client
			cmp "$work/got" "$work/ftp/$client"
		done
	done
}

# dnsmasq_server OPTION...: nothing of it from or to the host
dnsmasq_server() {
	needs dnsmasq
	start server dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--pid-file="$work/dnsmasq.pid" --user=root --bind-interfaces \
		--listen-address=10.0.100.2 --log-facility=- "$@" >"$work/dnsmasq" 2>&1
}

# The server answers from another port than it was asked at.
test_tftp() {
	local client
	network
	random_file "$work/tftp/file" 200000
	dnsmasq_server --port=0 --enable-tftp --tftp-root="$work/tftp"
	eventually 10 listening udp server 69
	attach
	for client in client1 client2; do
		on $client curl -sS -m 10 --local-port 6000 -o "$work/got" tftp://10.0.100.2/file
		cmp "$work/got" "$work/tftp/file"
	done
	attach --filtering address-port
	on client1 curl -sS -m 1 --local-port 6002 -o "$work/got" tftp://10.0.100.2/file 2>/dev/null &&
		fail "the answer gets in"
	[ "$(counted filtered)" -ge 1 ]
}

# many_queries CLIENT: ten thousand, from two thousand ports, which is 256 a thread; with more of
# them on the way the server's socket would lose some
many_queries() {
	on "$1" dnsperf -s 10.0.100.2 -d "$work/queries" -q 40 -T 8 -c 2048 -n 2 >"$work/$1" 2>&1
}

test_dns_thousands_of_flows() {
	local pid
	network
	dnsmasq_server --address=/example/192.0.2.7
	needs dnsperf
	eventually 10 listening udp server 53
	attach
	gw set eth1 host-rate=1000000
	printf 'host%d.example A\n' {1..5000} >"$work/queries"
	many_queries client1 &
	pid=$!
	many_queries client2
	wait $pid
	grep -E 'Queries completed: +10000 \(100' "$work/client1"
	grep -E 'Queries completed: +10000 \(100' "$work/client2"
	is "bindings" "$(count_bindings proto udp)" 4096
	is "sessions that live longer than udp-dns" \
		"$(gw sessions eth1 -j | jq '[.[] | select(.expires_s > 60)] | length')" 0
}

http_server() {
	needs nginx
	mkdir -p "$work/www" "$work/nginx"
	echo "$page" >"$work/www/index.html"
	cat >"$work/nginx.conf" <<-END
		daemon off;
		user root;
		pid $work/nginx/pid;
		error_log stderr;
		events { worker_connections 2000; }
		http {
			access_log off;
			keepalive_timeout 0;
			client_body_temp_path $work/nginx;
			proxy_temp_path $work/nginx;
			fastcgi_temp_path $work/nginx;
			uwsgi_temp_path $work/nginx;
			scgi_temp_path $work/nginx;
			server {
				listen 10.0.100.2:80 backlog=1024;
				root $work/www;
			}
		}
	END
	start server nginx -c "$work/nginx.conf" -e stderr >"$work/nginx.log" 2>&1
	eventually 10 listening tcp server 80
}

# fetch_many CLIENT: a connection for each page; prints the answer's code and the port
fetch_many() {
	on "$1" curl -sS -Z --parallel-immediate --parallel-max 200 -m 60 -o /dev/null \
		-w '%{http_code} %{local_port}\n' "http://10.0.100.2/?[1-500]" 2>/dev/null
}

test_http_a_thousand_connections() {
	local pid
	network
	http_server
	attach
	fetch_many client1 >"$work/client1" &
	pid=$!
	fetch_many client2 >"$work/client2"
	wait $pid
	is "pages to client1" "$(grep -c '^200 ' "$work/client1")" 500
	is "pages to client2" "$(grep -c '^200 ' "$work/client2")" 500
	is "sessions" "$(count_sessions proto tcp remote :80)" \
		"$(($(sort -u "$work/client1" | wc -l) + $(sort -u "$work/client2" | wc -l)))"
}

# phone CLIENT NAME OPTION...: sipp on a client, in the background
phone() {
	start "$1" timeout 30 sipp "${@:3}" -i "192.168.99.${1#client}" -p 5060 -m 20 -r 50 -nostdin \
		10.0.100.2:5060 >"$work/$2" 2>&1
}

# sip SERVER-OPTIONS PHONE-OPTIONS: twenty calls of each of two phones at once, from one port
sip() {
	local first second
	needs sipp
	network
	# shellcheck disable=SC2086 # a list of words
	start server sipp $1 -i 10.0.100.2 -p 5060 -nostdin -trace_msg \
		-message_file "$work/messages" >"$work/sipp" 2>&1
	eventually 10 listening udp server 5060
	attach
	# shellcheck disable=SC2086 # a list of words
	{
		phone client1 phone1 $2
		first=$!
		phone client2 phone2 $2
		second=$!
	}
	# It exits with 0 when every call has been as the scenario says.
	wait $first
	wait $second
	is "bindings" "$(count_bindings)" 2
	# What is inside the datagrams has not been touched.
	grep -q 'Via: SIP/2.0/UDP 192.168.99.1:5060' "$work/messages"
	grep -q 'Via: SIP/2.0/UDP 192.168.99.2:5060' "$work/messages"
	lacks "$work/messages" 10.0.100.1
}

test_sip_phones_call() {
	sip "-sn uas" "-sn uac -d 100"
}

test_sip_phones_register_and_are_called() {
	sip "-sf $net/sip/registrar.xml" "-sf $net/sip/phone.xml"
}

# quic CLIENT OPTION...: a download by a client that moves to another port
quic() {
	mkdir -p "$work/$1"
	on "$1" timeout 30 gtlsclient -q --exit-on-all-streams-close --download="$work/$1" \
		"${@:2}" 10.0.100.2 4433 https://10.0.100.2/file >/dev/null
	cmp "$work/quic/file" "$work/$1/file"
}

test_quic_clients_that_move() {
	local first
	needs gtlsserver gtlsclient openssl
	network
	random_file "$work/quic/file" 20000000
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj /CN=server -keyout "$work/key" -out "$work/certificate" 2>/dev/null
	start server gtlsserver -q -d "$work/quic" 10.0.100.2 4433 "$work/key" "$work/certificate" \
		>/dev/null 2>&1
	eventually 10 listening udp server 4433
	attach
	# In the middle of the download, which it tells the server.
	quic client1 --change-local-addr=50ms &
	first=$!
	# Without telling, before it asks: with nothing to say it would never be found again.
	quic client2 --change-local-addr=150ms --nat-rebinding --delay-stream=300ms
	wait $first
	is "flows of client1" "$(count_sessions internal 192.168.99.1 proto udp)" 2
	is "flows of client2" "$(count_sessions internal 192.168.99.2 proto udp)" 2
}

wireguard() {
	needs wireguard-go wg
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	network
}

# tunnel HOST ADDR WG-SETTING...: a WireGuard interface in user space, named after its host
tunnel() {
	start "$1" env LOG_LEVEL=error wireguard-go -f "wg-$1" >"$work/$1.wg" 2>&1
	eventually 10 on "$1" ip link show "wg-$1"
	on "$1" wg set "wg-$1" private-key "$work/$1.key" "${@:3}"
	on "$1" ip address add "$2/24" dev "wg-$1"
	on "$1" ip link set "wg-$1" up
}

public_key() {
	wg pubkey <"$work/$1.key"
}

# seen_at PORT...: does the server see a peer at each of these external ports?
seen_at() {
	local port
	for port; do
		on server wg show wg-server endpoints | grep -q "[[:space:]]10.0.100.1:$port\$" || return 1
	done
}

test_wireguard_tunnels_that_move() {
	local host port pid
	wireguard
	for host in client1 client2 server; do
		(umask 077 && wg genkey >"$work/$host.key")
	done
	tunnel server 172.16.0.9 listen-port 51820 \
		peer "$(public_key client1)" allowed-ips 172.16.0.1/32 \
		peer "$(public_key client2)" allowed-ips 172.16.0.2/32
	for host in client1 client2; do
		tunnel $host "172.16.0.${host#client}" listen-port 51820 peer "$(public_key server)" \
			allowed-ips 172.16.0.9/32 endpoint 10.0.100.2:51820
	done
	start server iperf3 -s -B 172.16.0.9 >/dev/null
	eventually 10 listening tcp server 5201
	attach
	for host in client1 client2; do
		on $host ping -c 1 -W 5 172.16.0.9 >/dev/null
	done
	eventually 5 seen_at 51820 "$(gw bindings eth1 -j internal 192.168.99.2 |
		jq -r '.[0].external.port')"
	on client1 timeout 30 iperf3 -c 172.16.0.9 -t 2 -b 20M --bidir >"$work/iperf" &
	pid=$!
	for port in 51821 51822 51823; do
		on client1 wg set wg-client1 listen-port $port
		# iperf3 may be waiting for the server, which knows only the old port.
		on client1 ping -c 1 -W 5 172.16.0.9 >/dev/null
		seen_at $port
	done
	wait $pid
	on client2 ping -c 1 -W 5 172.16.0.9 >/dev/null
	is "bindings of client1" "$(count_bindings internal 192.168.99.1)" 4
	is "bindings of client2" "$(count_bindings internal 192.168.99.2)" 1
}

test_a_wireguard_keepalive_keeps_the_binding() {
	local host
	wireguard
	for host in client1 server; do
		(umask 077 && wg genkey >"$work/$host.key")
	done
	tunnel server 172.16.0.9 listen-port 51820 \
		peer "$(public_key client1)" allowed-ips 172.16.0.1/32
	tunnel client1 172.16.0.1 listen-port 51820 peer "$(public_key server)" \
		allowed-ips 172.16.0.9/32 endpoint 10.0.100.2:51820
	attach --timeout udp=3 --force
	on client1 wg set wg-client1 peer "$(public_key server)" persistent-keepalive 1
	# A handshake, and then a datagram a second, which nobody answers.
	eventually 30 has wan 8 'udp and src 10.0.100.1'
	# The first word of the server since then.
	on server ping -c 1 -W 5 172.16.0.1 >/dev/null
	is "external ports the server saw" "$(show wan 'udp and src 10.0.100.1' |
		awk '{ print $2 }' | sort -u)" 10.0.100.1.51820
}
