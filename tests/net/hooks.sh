# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# hooks.sh - where the programs sit, on every kind of sender, and what they leave behind.

# traffic: a little of everything, both ways
traffic() {
	serve_page server 10.0.100.2 80
	serve server udp 10.0.100.2 7000
	start server iperf3 -s -p 5201 >/dev/null
	eventually 10 listening tcp server 5201
	on client1 ping -c 2 -i 0.2 -W 2 10.0.100.2 >/dev/null
	fetch client1 http://10.0.100.2/
	on client2 "$peer" ask udp 10.0.100.2 7000
	on client1 iperf3 -c 10.0.100.2 -t 1 >/dev/null
	on client1 iperf3 -c 10.0.100.2 -t 1 -R >/dev/null
}

test_xdp_is_native_on_veth() {
	network
	attach
	is "ingress" "$(status_of ingress)" xdp
	on natbox ip link show eth1 >"$work/link"
	grep -q '[:> ]xdp ' "$work/link" || fail "no native XDP: $(cat "$work/link")"
	grep -q 'prog/xdp id' "$work/link"
}

test_xdp_ingress_without_offloads() {
	network
	attach --ingress xdp
	traffic
}

test_xdp_ingress_with_sender_offloads() {
	judge=(--unfinished)
	network
	offload on
	attach --ingress xdp
	traffic
}

test_tc_ingress_without_offloads() {
	network
	attach --ingress tc
	is "ingress" "$(status_of ingress)" tc
	on natbox ip link show eth1 >"$work/link"
	lacks "$work/link" xdp
	traffic
}

test_tc_ingress_with_sender_offloads() {
	judge=(--unfinished)
	network
	offload on
	attach --ingress tc
	traffic
}

# Finished on the inside only: what a physical LAN delivers, while the far side's stack
# still leaves checksums to its device.
test_a_lan_that_finishes_checksums() {
	judge=(--unfinished)
	network
	on server ethtool -K eth0 tx on >/dev/null
	attach
	traffic
}

test_bpftool_prints_named_fields() {
	local pins
	network
	attach
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	pins=$(status_of pin_path)
	bpftool -j map dump pinned "$pins/maps/bindings_fwd" >"$work/dump"
	jq -e '.[0].formatted | .key.internal.addr and .value.external.port' "$work/dump"
	bpftool -j map dump pinned "$pins/maps/sessions" >"$work/dump"
	jq -e '.[0].formatted | .key.external.proto == 1 and .value.out.packets == 1' "$work/dump"
}

test_detach_leaves_nothing_after_traffic() {
	network
	attach
	traffic
	gw audit eth1
	detach
	refuses 3 'not attached' detach eth1
}

test_a_gateway_whose_interface_has_gone_is_cleared() {
	network
	trace natbox >"$work/before"
	on natbox ip link add wan0 type veth peer name wan0-end
	on natbox ip address add 203.0.113.1/24 dev wan0
	gw attach wan0 --ingress tc
	on natbox ip link delete wan0
	refuses 3 'the interface has gone; the keeper waits' status wan0
	gw detach wan0
	trace natbox >"$work/after"
	same "the gateway before attach and after detach" "$work/before" "$work/after"
}

test_attach_twice_and_detach_once() {
	network
	attach
	attach --ingress tc
	is "ingress" "$(status_of ingress)" tc
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	attach --ingress xdp
	is "ingress" "$(status_of ingress)" xdp
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
}

test_a_clsact_qdisc_of_somebody_else_stays() {
	network
	on natbox tc qdisc add dev eth1 clsact
	attach
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
}

test_a_device_without_ethernet_header() {
	[ -e /dev/net/tun ] || skip "no /dev/net/tun"
	"$lab/lab" up >/dev/null
	hosts=(client1)
	offload off
	capture_for_oracle lan natbox eth0
	start natbox "$peer" tun tun0 >"$work/tun"
	eventually 5 grep -q ready "$work/tun"
	on natbox ip address add 203.0.113.1/24 dev tun0
	on natbox ip link set tun0 up
	capture_for_oracle wan natbox tun0
	gw attach tun0
	is "client1 is seen as" "$(on client1 "$peer" ask udp 203.0.113.9 7000 --from 0.0.0.0:5000)" \
		203.0.113.1:5000
	gw status tun0 | grep -q tc
	gw audit tun0
	# Inbound packets are seen on the device before translation, outbound ones after.
	gw detach tun0
}

test_a_vlan_interface() {
	on_probe=$(ip link add vlan.7 link lo type vlan id 7 2>&1) ||
		skip "this kernel has no VLAN devices: ${on_probe##*Error: }"
	ip link delete vlan.7
	network
	on natbox ip link add link eth1 name eth1.7 type vlan id 7
	on natbox ip address add 203.0.113.1/24 dev eth1.7
	on natbox ip link set eth1.7 up
	on server ip link add link eth0 name eth0.7 type vlan id 7
	on server ip address add 203.0.113.9/24 dev eth0.7
	on server ip link set eth0.7 up
	gw attach eth1.7
	on client1 ping -c 1 -W 2 203.0.113.9 >/dev/null
	gw audit eth1.7
	gw detach eth1.7
}

test_two_gateways_with_one_interface_name() {
	network
	"$lab/lab" up masq-howto >/dev/null
	attach
	on Masq-Gate "$natctl" attach eth1
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	on A-box ping -c 1 -W 2 111.222.121.1 >/dev/null
	is "sessions here" "$(count_sessions)" 1
	is "sessions there" "$(on Masq-Gate "$natctl" sessions -j | jq -r '.[].external.addr')" \
		111.222.121.212
	on Masq-Gate "$natctl" audit eth1
	on Masq-Gate "$natctl" detach eth1
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
}
