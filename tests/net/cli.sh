# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# cli.sh - natctl from where people call it, and what it says to those who err.

test_inside_ip_netns_exec() {
	network
	trace natbox >"$work/before"
	ip netns exec natlab-natbox "$natctl" attach eth1
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	is "sessions" "$(ip netns exec natlab-natbox "$natctl" sessions -j | jq length)" 1
	# The same gateway, seen from outside.
	is "sessions" "$(count_sessions)" 1
	gw audit eth1
	ip netns exec natlab-natbox "$natctl" detach eth1
	trace natbox >"$work/after"
	same "the gateway before attach and after detach" "$work/before" "$work/after"
}

test_with_netns_option() {
	network
	trace natbox >"$work/before"
	"$natctl" --netns natlab-natbox attach eth1
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	is "sessions" "$("$natctl" -n natlab-natbox sessions -j | jq length)" 1
	"$natctl" -n natlab-natbox audit eth1
	"$natctl" --netns natlab-natbox detach eth1
	trace natbox >"$work/after"
	same "the gateway before attach and after detach" "$work/before" "$work/after"
}

test_reading_changes_nothing() {
	local verb
	network
	attach
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	trace natbox >"$work/attached"
	for verb in status sessions bindings stats show-settings audit; do
		gw $verb eth1 >/dev/null
		gw $verb eth1 -j >/dev/null
	done
	trace natbox >"$work/read"
	same "the gateway before and after reading" "$work/attached" "$work/read"
}

test_what_is_done_is_done_though_nobody_can_read_of_it() {
	[ -c /dev/full ] || skip "no /dev/full"
	network
	attach >/dev/full 2>"$work/err"
	grep -q '^natctl: standard output: cannot write: ' "$work/err"
	gw set eth1 udp=400 >/dev/full
	gw flush eth1 >/dev/full
	gw forward add eth1 tcp 8080 192.168.99.1:80 >/dev/full
	gw forward list eth1 >/dev/full 2>"$work/err" && fail "forward list was not read: a failure"
	gw forward del eth1 tcp 8080 >/dev/full
	gw status eth1 >/dev/full 2>"$work/err" && fail "status was not read: a failure"
	gw detach eth1 >/dev/full
	attached=no
	refuses 3 'not attached' status eth1
}

# verbs: all that there are
verbs() {
	"$natctl" help | sed -nE 's/^  natctl ([a-z-]+) .*/\1/p'
}

# What each verb is asked of an interface. Not here: those that ask nothing of one, and doctor, which
# looks at one that is not attached, too.
of_interface=('attach @' 'reload @' 'detach @' 'status @' 'sessions @' 'bindings @' 'stats @'
	'set @ udp=300' 'show-settings @' 'forward add @ tcp 80 192.168.99.1' 'forward del @ tcp 80'
	'forward list @' 'flush @' 'audit @')

# say_not_attached INTERFACE: every verb but attach says so
say_not_attached() {
	local line words
	for line in "${of_interface[@]}"; do
		read -ra words <<<"${line/@/$1}"
		[ "${words[0]}" = attach ] || refuses 3 "$1: not attached" "${words[@]}"
	done
}

test_an_interface_that_is_not_attached_is_so_to_every_verb() {
	same "the verbs, and those asked here" <(verbs | grep -vxE 'help|version|metrics|who|doctor' | sort) \
		<(printf '%s\n' "${of_interface[@]%% *}" | sort -u)
	network
	refuses 1 'eth9: cannot attach: no such interface' attach eth9
	say_not_attached eth9
	say_not_attached eth0
	attach --lan none
	say_not_attached eth9
	say_not_attached eth0
}

test_an_interface_that_has_gone_is_not_attached() {
	local line words
	network
	on natbox ip link add gone type veth peer name gone-end
	on natbox ip address add 203.0.113.1/24 dev gone
	on natbox ip link set gone up
	gw attach gone --lan none
	kill -KILL "$(gw status gone -j | jq .keeper.pid)"
	on natbox ip link del gone
	for line in status sessions bindings 'forward list' stats show-settings audit; do
		read -ra words <<<"$line"
		refuses 3 'gone: not attached: the interface was removed' "${words[@]}"
	done
	gw attach eth1 --lan none
	gw status >"$work/out" 2>"$work/err" && fail "one of two is gone, and status does not say so"
	grep -q '^eth1: attached' "$work/out"
	gw detach gone
	gw detach eth1
}

test_help_fits_a_terminal_of_80_columns() {
	local verb
	for verb in '' $(verbs); do
		# shellcheck disable=SC2086 # none or one
		"$natctl" help $verb >"$work/help"
		is "help $verb: too wide" "$(expand "$work/help" | grep -E '.{81}' || true)" ''
		[ -z "$verb" ] || "$natctl" "$verb" --help | same "$verb --help" - "$work/help"
	done
}

# Each row: exit code, what the message must contain, the command line.
test_bad_input_is_refused_in_one_line() {
	network
	on natbox ip link add bare type veth peer name bare-end
	on natbox ip link set bare up
	trace natbox >"$work/before"
	refuses 2 '"atach"' atach eth1
	refuses 2 '"--adress"' attach eth1 --adress 10.0.100.1
	refuses 2 '"fast"' attach eth1 --ingress fast
	refuses 2 '"10.0.100"' attach eth1 --address 10.0.100
	refuses 2 '"10.0.100.1/33"' attach eth1 --internal 10.0.100.1/33
	refuses 2 '"10.0.100.1/24"' attach eth1 --exclude 10.0.100.1/24
	refuses 2 '"40099-40000"' attach eth1 --ports 40099-40000
	refuses 2 '"70000"' attach eth1 --ports 70000
	refuses 2 '"sometimes"' attach eth1 --filtering sometimes
	refuses 2 '"0"' attach eth1 --max-sessions 0
	refuses 2 'upd' attach eth1 --timeout upd=300
	refuses 2 'interface' attach
	refuses 1 'eth9' attach eth9
	refuses 1 'bare.*address' attach bare
	refuses 1 'bare.*address' attach bare --dry-run
	refuses 3 'eth1' detach eth1
	refuses 3 'eth1' sessions eth1
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
}

test_bad_settings_are_refused_in_one_line() {
	network
	attach
	# All of them, to the last.
	refuses 2 '"upd" .*max-sessions, .* rest, clamp-mss\)$' set eth1 upd=300
	refuses 2 '"x"' set eth1 udp=x
	refuses 2 'udp' set eth1 udp=5
	refuses 2 '"prot"' sessions eth1 prot tcp
	refuses 2 '"ospf"' sessions eth1 proto ospf
	refuses 2 '"nowhere"' sessions eth1 internal nowhere
}

test_without_capabilities() {
	local status=0
	network
	trace natbox >"$work/before"
	on natbox setpriv --bounding-set -all --inh-caps -all "$natctl" attach eth1 \
		2>"$work/err" || status=$?
	is "exit code" $status 1
	is "lines" "$(wc -l <"$work/err")" 1
	grep -qiE '^natctl: .*(root|capabilit|CAP_)' "$work/err" || fail "$(cat "$work/err")"
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
}

# limited CAPABILITIES VERB...: natctl on the gateway with no more than these
limited() {
	on natbox setpriv --bounding-set="-all,$1" --inh-caps="-all,$1" "$natctl" "${@:2}"
}

# README.md, "What it needs".
needed=(net_admin net_raw bpf perfmon)

test_the_capabilities_that_are_needed_are_enough() {
	local all
	all=$(printf '+%s,' "${needed[@]}")
	network
	trace natbox >"$work/before"
	limited "${all%,}" attach eth1
	on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
	is "keeper runs" "$(status_of keeper.alive)" true
	limited "${all%,}" detach eth1
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
}

test_every_capability_that_is_missing_is_named() {
	local one others status
	network
	trace natbox >"$work/before"
	for one in "${needed[@]}"; do
		others=$(printf '%s\n' "${needed[@]}" | grep -vx "$one" | sed 's/^/+/' | paste -sd,)
		status=0
		limited "$others" attach eth1 >"$work/out" 2>"$work/err" || status=$?
		is "exit code without $one" $status 1
		is "lines without $one" "$(cat "$work/out" "$work/err" | wc -l)" 1
		grep -q "missing capability CAP_${one^^} " "$work/err" || fail "$(cat "$work/err")"
	done
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
}

test_a_foreign_xdp_program_stays() {
	network
	make_foreign_xdp
	trace natbox >"$work/before"
	refuses 1 'eth1.*XDP' attach eth1
	refuses 1 'eth1.*XDP' attach eth1 --dry-run
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
}

# A program of two instructions: pass.
make_foreign_xdp() {
	cat >"$work/pass.c" <<-'END'
	__attribute__((section("xdp"), used)) int pass(void *ctx) { return 2; }
	END
	${CLANG:-clang} -target bpf -O2 -c "$work/pass.c" -o "$work/pass.o"
	on natbox ip link set eth1 xdp object "$work/pass.o" section xdp 2>"$work/err" ||
		skip "cannot attach a program with ip"
}

test_pins_that_cannot_be_made_leave_nothing() {
	network
	mount -o remount,ro /sys/fs/bpf
	trace natbox >"$work/before"
	refuses 1 'bpf' attach eth1
	trace natbox >"$work/after"
	same "the gateway before and after" "$work/before" "$work/after"
}

# Where bpffs is everybody's, others may have been there first.
test_a_pin_directory_that_is_not_root_s_alone_is_refused() {
	local pins=/sys/fs/bpf/natctl below
	network
	below=$(on natbox stat -L -c %i /proc/self/ns/net)/eth1/links
	mkdir -p "$work/other/$below"
	touch "$work/other/$below/kept"
	ln -s "$work/other" $pins
	refuses 1 'not root.s alone' detach eth1
	refuses 1 'not root.s alone' attach eth1
	[ -e "$work/other/$below/kept" ]
	rm $pins
	mkdir -p "$pins/$below"
	chown 65534 $pins
	refuses 1 'not root.s alone' detach eth1
	chown 0 $pins
	chmod 777 $pins
	refuses 1 'not root.s alone' attach eth1
	[ -e "$pins/$below" ]
	chmod 700 $pins
	gw detach eth1
	[ ! -e $pins ]
}

test_a_gateway_of_another_layout_is_detached_and_what_stays_is_named() {
	local marker value
	network
	attach --ingress tc
	marker=$(status_of pin_path)/maps/marker
	value=$(bpftool -j map dump pinned "$marker" | jq -r '.[0].value | .[0] = "0x01" | .[]')
	# shellcheck disable=SC2086 # an octet a word
	bpftool map update pinned "$marker" key 0 0 0 0 value $value
	refuses 1 'layout 1,' status eth1
	refuses 1 'layout 1,' attach eth1
	gw detach eth1 2>"$work/err"
	attached=no
	grep -q 'not undone is .*forwarding.*filters.*local routes' "$work/err"
	refuses 3 'not attached' status eth1
}
