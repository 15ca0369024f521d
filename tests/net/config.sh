# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# config.sh - configuration files: attach reads them, reload follows them.

# shellcheck source=tests/net/upgrade.sh
. "$net/upgrade.sh" # in_force
# shellcheck source=tests/net/change.sh
. "$net/change.sh" # hold, release, forwarding

# own_etc: one of this case alone, with all that the machine has but natctl's files
own_etc() {
	local file
	mkdir "$work/etc" "$work/real-etc"
	mount --bind /etc "$work/real-etc"
	for file in "$work"/real-etc/*; do
		case ${file##*/} in
		natctl | netns) ;;
		*) ln -s "$file" "$work/etc/" ;;
		esac
	done
	mount --bind "$work/etc" /etc
	mkdir /etc/natctl
}

# conf LINE...: the file
conf() {
	printf '%s\n' "$@" >"$work/eth1.conf"
}

# reload: from that file; says on standard output what has changed
reload() {
	gw reload eth1 --config "$work/eth1.conf"
}

# reloads LINE...: reload says these lines, and the second time that there is nothing to change
reloads() {
	is "reload" "$(reload)" "$(printf 'eth1: %s\n' "$@")"
	is "reload again" "$(reload)" "eth1: nothing to change"
}

# setting NAME: its value now
setting() {
	gw show-settings eth1 -j | jq -r ".[] | select(.name == \"$1\").value"
}

# unchanged_by COMMAND...: the gateway is after it as it was before
unchanged_by() {
	in_force "$work/was"
	"$@"
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
}

# nets internal|excluded
nets() {
	bpftool -j map dump pinned "$(status_of pin_path)/maps/$1_nets" |
		jq -c '.[].formatted.key | [.len, .addr]' | sort | paste -sd' '
}

# ---- attach --------------------------------------------------------------------------------------

test_an_interface_has_a_file_of_its_own() {
	own_etc
	network
	printf 'ports 40000-49999\ntimeout udp=200\nset host-rate=1000\n' >/etc/natctl/eth1.conf
	echo 'timeout udp=x' >/etc/natctl/eth2.conf
	attach --timeout icmp=90 2>"$work/err"
	grep -q '^natctl: eth1: with the options in /etc/natctl/eth1.conf$' "$work/err"
	is "port-first" "$(setting port-first)" 40000
	is "udp" "$(setting udp)" 200
	is "icmp" "$(setting icmp)" 90
	is "host-rate" "$(setting host-rate)" 1000
	echo 'timeout udp=220' >/etc/natctl/eth1.conf
	is "reload" "$(gw reload eth1)" "$(printf 'eth1: %s\n' 'host-rate: 1000 -> 500' \
		'port-first: 40000 -> 1024' 'port-last: 49999 -> 65535' 'udp: 200 -> 220' \
		'icmp: 90 -> 60')"
	is "quiet reload" "$(gw reload -q eth1)" ''
	echo 'timeout udp=x' >/etc/natctl/eth1.conf
	refuses 2 '/etc/natctl/eth1.conf:1: timeout cannot be "udp=x"' reload eth1
	refuses 2 '/etc/natctl/eth1.conf:1: timeout cannot be "udp=x"' attach eth1
	gw attach eth1 --config none
	is "udp" "$(setting udp)" 220
	rm /etc/natctl/eth1.conf
	refuses 1 '/etc/natctl/eth1.conf: cannot be read: No such file' reload eth1
	gw attach eth1
}

test_a_named_namespace_has_files_of_its_own() {
	own_etc
	network
	mkdir -p /etc/netns/natlab-natbox/natctl
	echo 'timeout udp=200' >/etc/netns/natlab-natbox/natctl/eth1.conf
	echo 'timeout udp=201' >/etc/natctl/eth1.conf
	trace natbox >"$work/before"
	"$natctl" -n natlab-natbox attach eth1
	attached=yes
	is "udp" "$(setting udp)" 200
	is "reload" "$(gw reload eth1)" "eth1: udp: 200 -> 201"
	is "reload" "$("$natctl" -n natlab-natbox reload eth1)" "eth1: udp: 201 -> 200"
}

test_an_upgrade_takes_what_the_file_says_as_given() {
	network
	conf 'timeout udp=200' 'lan none' 'internal 192.168.99.0/24'
	attach --config "$work/eth1.conf" --timeout icmp=90
	is "udp" "$(setting udp)" 200
	conf 'timeout udp=210'
	attach --config "$work/eth1.conf"
	is "udp" "$(setting udp)" 210
	is "icmp, which nobody has named" "$(setting icmp)" 90
	is "internal prefixes" "$(nets internal | wc -w)" 1
	conf 'max-sessions 4194304'
	refuses 1 'eth1.conf:1: max-sessions 4194304 is more than the table holds' \
		attach eth1 --config "$work/eth1.conf"
	conf '' 'lan lo'
	unchanged_by refuses 1 'eth1.conf:2: lan cannot be "lo": it is the loopback interface' \
		attach eth1 --config "$work/eth1.conf"
}

# ---- files that are no good -------------------------------------------------------------------------

test_files_that_cannot_be_trusted_or_read() {
	network
	conf 'timeout udp=200'
	attach
	chmod 646 "$work/eth1.conf"
	unchanged_by refuses 1 'eth1.conf: cannot be used: others can write' reload eth1 \
		--config "$work/eth1.conf"
	chmod 644 "$work/eth1.conf"
	chown 1234 "$work/eth1.conf"
	refuses 1 "eth1.conf: cannot be used: it is neither root's" reload eth1 \
		--config "$work/eth1.conf"
	chown 0:1234 "$work/eth1.conf"
	reload
	chmod 664 "$work/eth1.conf"
	refuses 1 'eth1.conf: cannot be used: others can write' reload eth1 \
		--config "$work/eth1.conf"
	refuses 1 'cannot be used: it is a directory' reload eth1 --config "$work"
	refuses 1 'cannot be read: No such file' reload eth1 --config "$work/nosuch"
	truncate -s 1048577 "$work/large"
	refuses 1 'larger than 1 MiB' reload eth1 --config "$work/large"
}

test_a_mistake_in_any_line_changes_nothing() {
	network
	attach --exclude 192.0.2.0/24
	conf 'timeout udp=200' '' 'internal 192.168.0.0/16' 'address 10.0.100.5' 'ports 99999-2'
	unchanged_by refuses 2 'eth1.conf:5: ports cannot be "99999-2" \(valid: ' reload eth1 \
		--config "$work/eth1.conf"
	conf 'timeout udp=5'
	refuses 2 'eth1.conf:1: udp is 5, below the floor of 120' reload eth1 \
		--config "$work/eth1.conf"
	gw reload eth1 --force --config "$work/eth1.conf"
	is "udp" "$(setting udp)" 5
}

test_reload_needs_a_gateway() {
	network
	conf
	refuses 3 'eth1: not attached' reload eth1 --config "$work/eth1.conf"
	refuses 2 'which interface' reload
	refuses 2 'one interface at a time' reload eth1 eth0
	refuses 2 '"--lan"' reload eth1 --lan none
	refuses 2 'cannot be an interface' reload ../eth1 --config none
}

# ---- reload ----------------------------------------------------------------------------------------

test_a_connection_goes_on_while_its_timeout_changes() {
	local programs
	network
	serve server tcp 10.0.100.2 7000
	attach
	hold
	in_force "$work/programs"
	programs=$(grep -E '^\["nat_' "$work/programs")
	conf 'timeout tcp-established=9000'
	reloads 'tcp-established: 7440 -> 9000'
	release
	in_force "$work/programs"
	is "programs" "$(grep -E '^\["nat_' "$work/programs")" "$programs"
}

test_addresses_come_and_go() {
	network
	serve server udp 10.0.100.2 7000
	attach
	is "seen" "$(on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000)" \
		"10.0.100.1:5000 hello"
	conf 'address 10.0.100.5'
	reloads 'address auto: removed' 'address 10.0.100.5: added'
	is "sessions on the old address" "$(count_sessions external 10.0.100.1)" 0
	on client2 "$peer" ask udp 10.0.100.2 7000 >"$work/seen"
	grep -q '^10\.0\.100\.5:' "$work/seen" || fail "$(cat "$work/seen")"
	conf
	reloads 'address 10.0.100.5: removed' 'address auto: added'
	is "pool" "$(status_of addresses[0])" 10.0.100.1
	conf 'address 10.0.100.1'
	on client2 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:6000 >/dev/null
	reloads 'address auto: removed' 'address 10.0.100.1: added'
	is "sessions, whose address stays" "$(count_sessions internal 192.168.99.2:6000)" 1
}

test_ports_prefixes_and_words_follow_the_file() {
	network
	serve server udp 10.0.100.2 7000
	attach
	conf 'ports 40000-40099' 'internal 192.168.99.0/24' 'internal 10.9.0.0/16' \
		'exclude 192.0.2.0/24' 'filtering tcp=address-port' 'set unsolicited-syn=drop' \
		'clamp-mss 1400' 'per-host 100'
	reloads 'per-host: 4096 -> 100' 'port-first: 1024 -> 40000' 'port-last: 65535 -> 40099' \
		'filtering-tcp: address -> address-port' 'unsolicited-syn: hold -> drop' \
		'clamp-mss: auto -> 1400' 'internal 0.0.0.0/0: removed' \
		'internal 192.168.99.0/24: added' 'internal 10.9.0.0/16: added' \
		'exclude 192.0.2.0/24: added'
	on client1 "$peer" ask udp 10.0.100.2 7000 --from 0.0.0.0:5000 >"$work/seen"
	grep -qE '^10\.0\.100\.1:400[0-9]{2} ' "$work/seen" || fail "$(cat "$work/seen")"
	# By hand, in between: the file is the whole truth.
	gw set eth1 udp=500
	conf 'ports 40000-40099' 'internal 10.9.0.0/16'
	reloads 'per-host: 100 -> 4096' 'filtering-tcp: address-port -> address' \
		'unsolicited-syn: drop -> hold' 'udp: 500 -> 300' 'clamp-mss: 1400 -> auto' \
		'internal 192.168.99.0/24: removed' 'exclude 192.0.2.0/24: removed'
	is "excluded prefixes" "$(nets excluded)" ''
	is "internal prefixes" "$(nets internal | wc -w)" 1
	conf 'internal 10.9.0.0/16' 'internal 10.8.0.0/16' 'exclude 192.0.2.0/24' \
		'internal 10.8.0.0/16' 'exclude 192.0.2.0/24'
	reloads 'port-first: 40000 -> 1024' 'port-last: 40099 -> 65535' \
		'internal 10.8.0.0/16: added' 'exclude 192.0.2.0/24: added'
	conf 'mapping dependent'
	reload
	is "mapping" "$(setting mapping)" dependent
}

test_max_sessions_below_the_ceiling() {
	local ceiling
	network
	attach --max-sessions 5000
	ceiling=$(setting max-sessions)
	is "ceiling" "$ceiling" 5000
	conf 'max-sessions 100'
	reloads 'max-sessions: 5000 -> 100'
	conf
	reloads 'max-sessions: 100 -> 5000'
}

test_internal_interfaces_and_forwarding_follow_the_file() {
	network
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=0 net.ipv4.conf.eth1.forwarding=0
	attach
	is "forwarding of eth0" "$(forwarding eth0)" 1
	conf 'lan none'
	reloads 'lan auto: removed' 'lan none: added'
	is "forwarding of eth0" "$(forwarding eth0)" 0
	conf 'lan eth0'
	reloads 'lan none: removed' 'lan eth0: added'
	is "forwarding of eth0" "$(forwarding eth0)" 1
	conf 'no-sysctl' 'lan eth0'
	reloads 'no-sysctl off: removed' 'no-sysctl on: added'
	is "forwarding" "$(forwarding eth0) $(forwarding eth1)" '0 0'
	conf
	reloads 'lan eth0: removed' 'lan auto: added' 'no-sysctl on: removed' 'no-sysctl off: added'
	is "forwarding" "$(forwarding eth0) $(forwarding eth1)" '1 1'
	serve server udp 10.0.100.2 7000
	on client1 "$peer" ask udp 10.0.100.2 7000 >/dev/null
}

test_a_listed_interface_may_be_away() {
	network
	on natbox ip link add lan7 type veth peer name lan7-end
	attach --lan lan7
	on natbox ip link del lan7
	conf 'lan lan7'
	is "reload" "$(reload)" "eth1: nothing to change"
	conf 'lan lan7' 'timeout udp=200'
	reloads 'udp: 300 -> 200'
	conf 'lan lan8'
	refuses 1 'eth1.conf:1: lan cannot be "lan8": no such interface' \
		reload eth1 --config "$work/eth1.conf"
	# It was there before attach: the trace would not be the same.
	gw audit eth1
	gw detach eth1
	attached=no
}

# reload_refuses PATTERN LINE...: it must say one line that matches
reload_refuses() {
	conf "${@:2}"
	refuses 1 "$1" reload eth1 --config "$work/eth1.conf"
}

test_what_needs_more_than_a_reload_changes_nothing() {
	network
	attach --lan none --ingress tc --address 10.0.100.5 --max-sessions 1000
	in_force "$work/was"
	reload_refuses 'eth1.conf:4: max-sessions 1001 is more .*attach with --force makes new tables' \
		'address 10.0.100.5' 'timeout udp=200' 'lan none' 'max-sessions 1001'
	reload_refuses 'eth1.conf:3: 256 addresses are more .*attach with --force makes new tables' \
		'timeout udp=200' 'lan none' 'address 10.1.0.0/24'
	reload_refuses 'eth1.conf:2: ingress xdp needs other programs.*"natctl attach eth1"' \
		'timeout udp=200' 'ingress xdp' 'lan none' 'address 10.0.100.5'
	reload_refuses 'eth1.conf:3: lan eth0 needs the program.*"natctl attach eth1"' \
		'timeout udp=200' 'address 10.0.100.5' 'lan eth0'
	reload_refuses 'eth1: lan auto needs the program.*"natctl attach eth1 --lan auto"' \
		'timeout udp=200' 'address 10.0.100.5'
	on natbox ip address del 10.0.100.1/24 dev eth1
	reload_refuses 'eth1: .*no IPv4 address' 'timeout udp=200' 'lan none'
	on natbox ip address add 10.0.100.1/24 dev eth1
	in_force "$work/is"
	same "the gateway before and after" "$work/was" "$work/is"
	conf 'timeout udp=200' 'lan none'
	reloads 'udp: 300 -> 200' 'address 10.0.100.5: removed' 'address auto: added'
}

test_port_forwards_stay() {
	network
	attach
	gw forward add eth1 tcp 8080 192.168.99.1:80
	reload_refuses 'eth1.conf:2: mapping cannot change while there are port forwards' \
		'timeout udp=200' 'mapping dependent'
	conf 'timeout udp=200' 'address 10.0.100.5'
	reloads 'udp: 300 -> 200' 'address auto: removed' 'address 10.0.100.5: added'
	gw forward list eth1 >"$work/forwards"
	grep -q '10\.0\.100\.5:8080' "$work/forwards" || fail "$(cat "$work/forwards")"
}

test_port_forwards_of_the_file() {
	network
	serve client1 tcp 192.168.99.1 80
	serve natbox tcp 10.0.100.1 8443
	conf 'forward tcp 8080 192.168.99.1:80' 'forward udp 9000-9001 192.168.99.2'
	attach --config "$work/eth1.conf"
	on server "$peer" ask tcp 10.0.100.1 8080 --wait 3 >/dev/null
	is "again" "$(reload)" "eth1: nothing to change"
	conf 'forward tcp 8081 192.168.99.1:80' 'forward udp 9000 192.168.99.1'
	reloads 'forward tcp 10.0.100.1:8080 -> 192.168.99.1:80: removed' \
		'forward udp 10.0.100.1:9000 -> 192.168.99.2:9000: removed' \
		'forward udp 10.0.100.1:9001 -> 192.168.99.2:9001: removed' \
		'forward tcp 10.0.100.1:8081 -> 192.168.99.1:80: added' \
		'forward udp 10.0.100.1:9000 -> 192.168.99.1:9000: added'
	on server "$peer" ask tcp 10.0.100.1 8081 --wait 3 >/dev/null
	reload_refuses 'eth1.conf:3: cannot forward tcp port 8443: a socket of this machine has it' \
		'timeout udp=200' 'forward tcp 8082 192.168.99.1:80' 'forward tcp 8443 192.168.99.1'
	is "forwards" "$(gw forward list eth1 -j | jq -c '[.[].external.port]')" '[8081,9000]'
	is "udp" "$(setting udp)" 300
	# An upgrade adds; a file without any forward leaves them alone.
	conf 'forward tcp 8083 192.168.99.1:80'
	attach --config "$work/eth1.conf"
	is "forwards" "$(gw forward list eth1 -j | jq -c '[.[].external.port]')" '[8081,8083,9000]'
	conf '# nothing'
	is "reload" "$(reload)" "eth1: nothing to change"
}

test_a_forward_that_cannot_be_keeps_attach_from_succeeding() {
	network
	serve natbox tcp 10.0.100.1 8443
	trace natbox >"$work/was"
	conf 'forward tcp 8080 192.168.99.1:80' 'forward tcp 8443 192.168.99.1'
	refuses 1 'eth1.conf:2: cannot forward tcp port 8443' attach eth1 --config "$work/eth1.conf"
	trace natbox >"$work/is"
	same "the gateway" "$work/was" "$work/is"
}

test_a_reload_that_fails_half_way_puts_everything_back() {
	network
	on natbox sysctl -qw net.ipv4.conf.eth0.forwarding=0 net.ipv4.conf.eth1.forwarding=0
	odd_interface odd0 24
	attach --lan eth0 --exclude 192.0.2.0/24 --address 10.0.100.5 --no-sysctl
	conf 'lan odd0' 'lan eth0' 'timeout udp=200' 'internal 192.168.0.0/16' \
		'exclude 198.51.100.0/24' 'address 10.0.100.6' 'ports 2000-3000'
	unchanged_by refuses 1 'odd0: cannot attach nat_tc_lan_in: link type 24' reload eth1 \
		--config "$work/eth1.conf"
	is "forwarding" "$(forwarding eth0) $(forwarding eth1)" '0 0'
	gw reload eth1 --config none
	is "forwarding" "$(forwarding eth0) $(forwarding eth1)" '1 1'
	conf 'lan odd0' 'no-sysctl'
	unchanged_by refuses 1 'odd0: cannot attach nat_tc_lan_in: link type 24' reload eth1 \
		--config "$work/eth1.conf"
	is "forwarding" "$(forwarding eth0) $(forwarding eth1)" '1 1'
}

test_addresses_that_cannot_all_be_taken_put_everything_back() {
	network
	# With its own one, one less than there is room for.
	printf 'address add 10.7.%s/32 dev eth1\n' {1..2}.{1..255} >"$work/batch"
	on natbox ip -batch "$work/batch"
	attach
	conf 'timeout udp=200' 'internal 192.168.0.0/16' 'address 10.0.100.1' \
		'address 10.0.100.5-10.0.100.8'
	unchanged_by refuses 1 'eth1: cannot set the external addresses: ' reload eth1 \
		--config "$work/eth1.conf"
}

test_an_interface_of_the_file_that_is_away() {
	network
	conf 'lan eth0' 'lan usb0'
	attach --config "$work/eth1.conf" 2>"$work/notes"
	grep -q 'eth1.conf:2: lan "usb0" is not there now' "$work/notes" ||
		fail "$(cat "$work/notes")"
	attach --config "$work/eth1.conf"
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	on natbox ip link add usb0 type veth peer usb1
	on natbox ip address add 10.7.0.1/24 dev usb0
	on natbox ip link set usb0 up
	eventually 10 is_internal usb0
	on natbox ip link delete usb0
	refuses 2 'lan cannot be "lan1"' attach eth1 --lan none --lan lan1
}

is_internal() {
	gw status eth1 >"$work/status"
	grep -q "internal .*$1" "$work/status"
}
