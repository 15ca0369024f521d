# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# names.sh - interfaces that are renamed, or that have a second name.

# internal_interfaces NAMES: those with the hairpin, and all of them forward
internal_interfaces() {
	local name
	is "internal, with hairpin" "$(status_of 'lan | map(select(.hairpin).interface) | join(" ")')" "$1"
	for name in $1; do
		is "forwarding of $name" "$(on natbox sysctl -n "net.ipv4.conf.$name.forwarding")" 1
	done
}

# rename OLD NEW
rename() {
	on natbox ip link set "$1" down
	on natbox ip link set "$1" name "$2"
	on natbox ip link set "$2" up
}

test_an_internal_interface_by_its_second_name() {
	network
	on natbox ip link property add dev eth0 altname inside
	attach
	internal_interfaces eth0
	attach --lan inside
	internal_interfaces eth0
	attach --lan eth0 --lan inside
	internal_interfaces eth0
	on natbox ip link property add dev eth1 altname wan0
	refuses 1 'wan0: .*interface to attach to' attach eth1 --lan wan0
	on natbox ip link property del dev eth1 altname wan0
	detach
	on natbox ip link property del dev eth0 altname inside
}

test_an_internal_interface_that_is_renamed() {
	network
	attach
	rename eth0 inside
	attach --lan inside
	internal_interfaces inside
	rename inside within
	# Chosen is the interface, not the word.
	attach
	internal_interfaces within
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	attach --lan within
	internal_interfaces within
	rename within eth0
}

test_an_internal_interface_that_is_renamed_without_a_keeper() {
	network
	attach --lan eth0
	kill -KILL "$(status_of keeper.pid)"
	rename eth0 inside
	attach
	internal_interfaces inside
	rename inside eth0
}

test_a_gateway_by_its_second_name() {
	network
	on natbox ip link property add dev eth1 altname wan0
	trace natbox >"$work/before"
	gw attach wan0 --ingress tc
	gw attach eth1 --ingress tc
	gw attach wan0
	is "gateways" "$(gw status -j | jq length)" 1
	is "called" "$(gw status wan0 -j | jq -r .interface)" eth1
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	gw detach wan0
	trace natbox >"$work/after"
	same "the gateway before attach and after detach" "$work/before" "$work/after"
}

# called NAME: is that what its only gateway is called?
called() {
	[ "$(gw status -j | jq -r 'map(.interface) | join(" ")')" = "$1" ]
}

test_a_gateway_whose_interface_is_renamed() {
	network
	attach --ingress tc
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	rename eth1 wan0
	eventually 5 called wan0
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	is "its pins" "$(gw status wan0 -j | jq -r '.pin_path | split("/") | .[-1]')" wan0
	refuses 3 'eth1: not attached: no such interface' status eth1
	refuses 3 'eth1: not attached' detach eth1
	gw attach wan0 --ingress tc
	is "sessions" "$(gw sessions wan0 -j | jq length)" 2
	gw audit wan0
	gw detach wan0
	rename wan0 eth1
	trace natbox >"$work/after"
	same "the gateway before attach and after detach" "$work/before" "$work/after"
	attached=no
}

test_a_gateway_whose_interface_is_renamed_without_a_keeper() {
	network
	attach --ingress tc
	kill -KILL "$(status_of keeper.pid)"
	rename eth1 wan0
	is "gateways" "$(gw status -j | jq -r '.[].interface')" wan0
	is "it" "$(gw status wan0 -j | jq -r .interface)" wan0
	refuses 3 'eth1: not attached: .*called "wan0" by now' status eth1
	refuses 3 'eth1: not attached: .*called "wan0" by now' detach eth1
	gw attach wan0
	is "its pins" "$(gw status wan0 -j | jq -r '.pin_path | split("/") | .[-1]')" wan0
	kill -KILL "$(gw status wan0 -j | jq .keeper.pid)"
	rename wan0 eth1
	detach
}

test_another_interface_takes_the_name_of_a_gateways() {
	network
	attach --ingress tc
	kill -KILL "$(status_of keeper.pid)"
	rename eth1 wan0
	on natbox ip link add eth1 type veth peer name end1
	on natbox ip address add 203.0.113.1/24 dev eth1
	refuses 3 'eth1: not attached: .*called "wan0" by now' status eth1
	gw attach eth1 --ingress tc
	is "gateways" "$(gw status -j | jq -r 'map(.interface) | join(" ")')" "eth1 wan0"
	gw attach wan0
	# Names change places, and so do pins.
	on natbox ip link set eth1 name eth9
	rename wan0 eth1
	on natbox ip link set eth9 name wan0
	eventually 5 addresses_are eth1 10.0.100.1
	eventually 5 addresses_are wan0 203.0.113.1
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	gw audit eth1
	gw detach wan0
	on natbox ip link delete wan0
}

# addresses_are INTERFACE ADDR
addresses_are() {
	[ "$(gw status "$1" -j | jq -r '.addresses[0]')" = "$2" ]
}

# pins_are NAME: has the directory of that gateway's pins the name, too?
pins_are() {
	[ "$(gw status "$1" -j | jq -r '.pin_path | split("/") | .[-1]')" = "$1" ]
}

# asleep COMMAND...: while the keeper does not look
asleep() {
	kill -STOP "$keeper"
	"$@"
	kill -CONT "$keeper"
}

# renamed_and_refused OLD NEW: the attach that is refused has moved the pins
renamed_and_refused() {
	rename "$1" "$2"
	refuses 1 'max-sessions 4194304 is more than the table holds' \
		attach "$2" --max-sessions 4194304
	pins_are "$2"
}

uplink_is_renamed_and_replaced() {
	renamed_and_refused eth1 wan0
	on natbox ip link add eth1 type veth peer name end1
	on natbox ip address add 203.0.113.1/24 dev eth1
	gw attach eth1 --ingress tc
}

uplink_is_renamed_and_back() {
	renamed_and_refused wan0 eth1
	rename eth1 wan0
}

test_a_keeper_that_comes_too_late_leaves_pins_where_they_belong() {
	local keeper
	network
	trace natbox >"$work/before"
	start natbox "$natctl" attach eth1 --ingress tc --foreground >"$work/attached" 2>"$work/said"
	eventually 20 grep -q attached "$work/attached"
	attached=yes
	keeper=$(status_of keeper.pid)
	asleep uplink_is_renamed_and_replaced
	eventually 10 grep -q '^natctl: wan0: this was "eth1"' "$work/said"
	pins_are wan0 || fail "the pins of wan0: $(gw status wan0 -j)"
	pins_are eth1 || fail "the pins of eth1: $(gw status eth1 -j)"
	gw detach eth1
	on natbox ip link delete eth1
	asleep uplink_is_renamed_and_back
	eventually 10 pins_are wan0
	rename wan0 eth1
	eventually 10 called eth1
	lacks "$work/said" 'cannot follow'
}
