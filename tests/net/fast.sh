# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# fast.sh - attach --fast: what goes past the stack, what does not, and that both are right.
#
# The far ends of the gateway's two links are the server's eth0 and a port of the switch. XDP
# sends to a veth only while its far end runs GRO, so that is turned on first.

receivers=(server:eth0 br0:natbox)

# gro on|off: of the far ends
gro() {
	on server ethtool -K eth0 gro "$1"
	on br0 ethtool -K "$(port_of natbox)" gro "$1"
}

# port_of HOST: the switch's port to a host
port_of() {
	on br0 ip -o link show | sed -nE "s/^[0-9]+: ([^@:]+)@.*link-netns natlab-$1( .*|)$/\1/p"
}

# lanes ENTRY/EXIT: of the internal interface
lanes() {
	[ "$(status_of 'lan[] | select(.interface == "eth0").lane | "\(.entry)/\(.exit)"')" = "$1" ]
}

# traffic: a little of everything, both ways
traffic() {
	on client1 ping -c 20 -i 0.05 -W 2 10.0.100.2 >/dev/null
	fetch client1 http://10.0.100.2/
	on client2 "$peer" ask udp 10.0.100.2 7000
	on client1 iperf3 -c 10.0.100.2 -t 1 -b 50M >/dev/null
	on client1 iperf3 -c 10.0.100.2 -t 1 -b 50M -R >/dev/null
	on client2 iperf3 -c 10.0.100.2 -t 1 -u -b 5M -l 200 --bidir >/dev/null
}

servers() {
	serve_page server 10.0.100.2 80
	serve server udp 10.0.100.2 7000
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
}

# past_the_stack: most of what is translated goes past it, in both directions
past_the_stack() {
	[ "$(counted lane-out)" -gt "$(counted translated-out)" ] &&
		[ "$(counted lane-in)" -gt "$(counted translated-in)" ]
}

test_xdp_lane() {
	network
	gro on
	servers
	attach --fast
	lanes xdp/xdp
	traffic
	past_the_stack
}

test_tc_lane() {
	network
	servers
	attach --fast --ingress tc
	lanes tc/tc
	traffic
	past_the_stack
}
