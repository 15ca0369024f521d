# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# host.sh - the gateway as a host of its own: it calls, it listens, it is scanned.

test_the_gateway_itself_calls_out() {
	network
	serve_page server 10.0.100.2 80
	attach
	on natbox ping -c 2 -i 0.2 -W 2 10.0.100.2 >/dev/null
	fetch natbox http://10.0.100.2/
	fetch client1 http://10.0.100.2/
}

test_the_gateway_itself_listens() {
	network
	serve_page natbox 10.0.100.1 80
	attach
	fetch server http://10.0.100.1/
	on server ping -c 1 -W 2 10.0.100.1 >/dev/null
}

test_a_connection_of_the_gateway_survives_attach() {
	network
	serve server tcp 10.0.100.2 7000
	on natbox "$peer" ask tcp 10.0.100.2 7000 --hold "$work/release" >"$work/words" &
	eventually 3 grep -q hello "$work/words"
	attach
	touch "$work/release"
	wait $!
	is "words" "$(wc -l <"$work/words")" 2
}

test_gateway_and_client_can_use_one_port() {
	network
	serve server udp 10.0.100.2 7000
	attach
	is "client1 is seen as" \
		"$(on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000)" "10.0.100.1:5000 hello"
	on natbox "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >"$work/own"
	lacks "$work/own" 10.0.100.1:5000
}

test_a_port_that_the_gateway_listens_on_is_not_given_away() {
	network
	serve server udp 10.0.100.2 7000
	serve natbox udp 10.0.100.1 5000
	attach
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >"$work/seen"
	lacks "$work/seen" '10.0.100.1:5000 '
	is "the gateway answers" \
		"$(on server "$peer" ask udp 10.0.100.1 5000 --from 10.0.100.2:6000)" "10.0.100.2:6000 hello"
}

test_a_scan_of_every_port_reaches_no_internal_host() {
	network
	serve server udp 10.0.100.2 7000
	attach
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >/dev/null
	on server ip address add 10.0.100.66/24 dev eth0
	capture scan natbox eth0 'src 10.0.100.66'
	on server "$peer" scan 10.0.100.1 10.0.100.66
	# The last of it has been through the gateway when this has been answered.
	on server ping -c 1 -W 2 10.0.100.1 >/dev/null
	capture_end scan
	is "packets of the scan inside" "$(show scan | wc -l)" 0
	is "bindings" "$(count_bindings)" 1
}
