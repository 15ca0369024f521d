# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# craft.sh - packets that no program sends, made by scapy octet by octet; see crafting.py.

# neighbour ADDR IF HOST: on the gateway, a host without a kernel, behind that one's interface
neighbour() {
	local link
	link=$(on "$3" ip -o link show eth0 | sed -nE 's/.*link\/ether ([^ ]+).*/\1/p')
	on natbox ip neigh replace "$1" lladdr "$link" dev "$2" nud permanent
}

# crafted PROGRAM GROUP [OPTION...]: with these options of attach
crafted() {
	local addr
	network
	for addr in 192.168.99.{76,77,88}; do
		neighbour "$addr" eth0 client1
	done
	for addr in 10.0.100.{77,78,88}; do
		neighbour "$addr" eth1 server
	done
	attach "${@:3}"
	"$net/$1" "$natctl" "$2"
}

test_errors_from_outside() {
	crafted craft-errors errors-in
}

test_errors_from_outside_without_xdp() {
	crafted craft-errors errors-in --ingress tc
}

test_errors_from_inside() {
	crafted craft-errors errors-out
}

test_errors_that_are_refused() {
	crafted craft-errors refused-errors
	captures=() # the oracle would find what was sent damaged
}

test_fragments_in_order() {
	crafted craft-fragments fragments
}

test_fragments_that_are_refused() {
	crafted craft-fragments refused-fragments
}

test_fragments_out_of_order() {
	crafted craft-fragments shuffled-fragments
}
