# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# dry_run.sh - attach --dry-run: it says what attach would say, and changes nothing.

# shellcheck source=tests/net/config.sh
. "$net/config.sh" # conf, unchanged_by

test_it_attaches_nothing() {
	network
	trace natbox >"$work/before"
	gw attach eth1 --dry-run
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
	refuses 3 'not attached' status eth1
}

test_of_an_upgrade_it_changes_nothing() {
	network
	attach --ingress tc
	trace natbox >"$work/attached"
	is "said" "$(gw attach eth1 --dry-run)" "eth1: would upgrade: tc in, tc out; nothing was changed"
	refuses 1 'more than the table holds' attach eth1 --dry-run --max-sessions 4000000
	trace natbox >"$work/read"
	same "the gateway before and after" "$work/attached" "$work/read"
}

test_it_checks_the_file() {
	network
	conf 'timeout udp=200' 'mapping sometimes'
	refuses 2 'eth1.conf:2: mapping cannot be "sometimes"' attach eth1 --dry-run \
		--config "$work/eth1.conf"
	conf 'timeout udp=200'
	gw attach eth1 --dry-run --config "$work/eth1.conf"
}

test_it_says_of_forwards_what_attach_would() {
	network
	serve natbox tcp 10.0.100.1 8443
	trace natbox >"$work/was"
	both_refuse 'eth1.conf:2: cannot forward tcp port 8443: a socket .* \(force: it goes' \
		'forward tcp 8080 192.168.99.1:80' 'forward tcp 8443 192.168.99.1'
	both_refuse 'eth1.conf:1: not one of its external addresses: 10.0.100.9' \
		'forward tcp 80 192.168.99.1 address 10.0.100.9'
	both_refuse 'eth1.conf:2: cannot forward to its own external address' \
		'' 'forward tcp 80 10.0.100.1'
	both_refuse 'eth1.conf:3: cannot forward udp port 81: line 1 wants it for another' \
		'forward udp 80-82 192.168.99.1' '' 'forward udp 81 192.168.99.2:81'
	trace natbox >"$work/is"
	same "the gateway" "$work/was" "$work/is"
}

test_of_an_upgrade_it_knows_what_is_forwarded() {
	network
	attach
	gw forward add eth1 tcp 8080 192.168.99.1:80
	both_refuse 'eth1.conf:1: cannot forward tcp port 8080: it goes to 192.168.99.1:80 from' \
		'forward tcp 8080 192.168.99.2:80'
	conf 'forward tcp 8080 192.168.99.1:80' 'forward udp 10005 192.168.99.2'
	unchanged_by gw attach eth1 --dry-run --config "$work/eth1.conf"
}

test_of_an_upgrade_it_knows_what_is_bound() {
	network
	serve server udp 10.0.100.2 7000
	attach
	on client2 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:10005 >/dev/null
	both_refuse 'eth1.conf:2: cannot forward udp port 10005: 192.168.99.2:10005 is using it' \
		'forward tcp 8080 192.168.99.1:80' 'forward udp 10000-10009 192.168.99.1'
	# Whose it is may keep it.
	conf 'forward udp 10005 192.168.99.2'
	gw attach eth1 --dry-run --config "$work/eth1.conf"
	gw attach eth1 --config "$work/eth1.conf"
}

# both_refuse PATTERN LINE...: attach and its dry run, with the same message, and change nothing
both_refuse() {
	conf "${@:2}"
	refuses 1 "$1" attach eth1 --dry-run --config "$work/eth1.conf"
	cp "$work/err" "$work/dry"
	refuses 1 "$1" attach eth1 --config "$work/eth1.conf"
	same "a dry run's message and the real one's" "$work/dry" "$work/err"
}
