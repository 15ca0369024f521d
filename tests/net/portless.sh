# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# portless.sh - protocols of which only the address is translated.

gre=47

# say HOST ADDR: a packet of GRE
say() {
	on "$1" "$net/craft" say "$2" $gre
}

test_the_first_host_speaks_to_a_remote_and_no_other() {
	network
	attach
	say client1 10.0.100.2
	eventually 2 has wan 1 "ip proto $gre and src 10.0.100.1"
	say client2 10.0.100.2
	eventually 2 counts_one ambiguous
	say server 10.0.100.1
	eventually 2 has lan 1 "ip proto $gre and src 10.0.100.2 and dst 192.168.99.1"
	is "from client2" "$(show wan "ip proto $gre and src 10.0.100.1" | wc -l)" 1
}

counts_one() {
	[ "$(counted "$1")" = 1 ]
}

test_they_are_listed_without_a_port() {
	network
	attach
	say client1 10.0.100.2
	gw sessions eth1 proto gre >"$work/sessions"
	grep -qF 'gre   192.168.99.1 -> 10.0.100.1 -> 10.0.100.2   ' "$work/sessions"
	gw bindings eth1 proto gre >"$work/bindings"
	grep -qF 'gre   192.168.99.1 <-> 10.0.100.1   only with 10.0.100.2   ' "$work/bindings"
	is "ports in JSON" "$(gw sessions eth1 -j | jq -c '.[] | [.[] | .port? // empty]')" '[0,0,0]'
}

# forget MAP KEY-FIELDS: delete the one entry of a map
forget() {
	local path
	path=$(status_of pin_path)/maps/$1
	# shellcheck disable=SC2046 # a list of octets
	bpftool map delete pinned "$path" key $(bpftool -j map dump pinned "$path" | jq -r '.[0].key[]')
}

test_the_audit_finds_what_is_missing() {
	network
	attach
	say client1 10.0.100.2
	gw audit eth1
	forget bindings_rev
	gw audit eth1 >"$work/audit" && fail "nothing was found"
	grep -q 'binding-without-reverse gre 192.168.99.1 10.0.100.2' "$work/audit"
	grep -q 'session-without-binding gre 10.0.100.1 10.0.100.2' "$work/audit"
	detach
}
