# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# security.sh - what docs/security.md says of files, names and privileges.

# shellcheck source=tests/net/config.sh
. "$net/config.sh" # own_etc

# clean FILE: nothing in it that a terminal would obey, and it is UTF-8
clean() {
	is "control characters in $(cat -v "$1")" "$(LC_ALL=C tr -d '\n\40-\176\200-\377' <"$1" | wc -c)" 0
	iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || fail "not UTF-8: $(cat -v "$1")"
}

# Names of interfaces, paths, lines of files: each with an escape sequence, in one octet and in two.
test_text_from_outside_reaches_no_terminal() {
	local evil=$'e\e[2J\x9b1m' inside=$'i\e]0;x\a' verb words
	network
	on natbox ip link set eth1 down
	on natbox ip link set eth1 name "$evil"
	on natbox ip link set "$evil" up
	on natbox ip link add "$inside" type veth peer name end
	on natbox ip address add 192.168.97.1/24 dev "$inside"
	on natbox ip link set "$inside" up
	{
		gw attach "$evil"
		on client1 ping -c 1 -W 2 10.0.100.2 >/dev/null
		for verb in status sessions bindings stats 'stats --explain' show-settings audit \
			'set udp=200' 'forward add tcp 80 192.168.99.1' 'forward list' \
			'forward del tcp 80' 'reload --config none' 'flush' "attach --lan=$inside" \
			'attach --dry-run' 'sessions proto bgp' "set $evil=1"; do
			read -ra words <<<"$verb"
			case ${words[0]} in
			forward) words=(forward "${words[1]}" "$evil" "${words[@]:2}") ;;
			*) words=("${words[0]}" "$evil" "${words[@]:1}") ;;
			esac
			gw "${words[@]}" || true
		done
		gw status
		gw status "$inside" || true
		gw sessions "$evil$evil" || true
		printf 'lan %s\n' "$evil" >"$work/$evil"
		gw reload "$evil" --config "$work/$evil" || true
		printf 'udp \x9b \xc2\x9b\n' >"$work/$evil"
		gw reload "$evil" --config "$work/$evil" || true
		printf 'bell \a\n' >"$work/$evil"
		gw reload "$evil" --config "$work/$evil" || true
		gw detach "$evil"
	} >"$work/said" 2>&1
	clean "$work/said"
	grep -q 'detached' "$work/said"
}

test_names_are_whole_in_json() {
	local evil=$'e\e[2J"\\\x9b'
	network
	on natbox ip link set eth1 down
	on natbox ip link set eth1 name "$evil"
	on natbox ip link set "$evil" up
	gw attach "$evil"
	gw status -j >"$work/json"
	clean "$work/json"
	is "name" "$(jq -r '.[0].interface' "$work/json")" $'e\e[2J"\\\ufffd'
	gw detach "$evil"
}

# Where everybody may write to bpffs, what is not ours must not be taken for a gateway's tables.
test_a_pin_directory_of_others_is_not_read() {
	local pins=/sys/fs/bpf/natctl netns verb words
	network
	netns=$(on natbox stat -L -c %i /proc/self/ns/net)
	gw attach eth1
	# The same, where another has a hand in it: a link instead of the directory, or its owner.
	mv "$pins" "$pins-own"
	ln -s natctl-own "$pins"
	not_read
	rm "$pins"
	mv "$pins-own" "$pins"
	chown 65534 "$pins"
	not_read
	chown 0 "$pins"
	chmod 770 "$pins/$netns"
	not_read
	chmod 700 "$pins/$netns"
	gw status eth1
	gw detach eth1
}

not_read() {
	for verb in 'status eth1' 'sessions eth1' 'stats eth1' 'set eth1 udp=300' 'flush eth1' \
		'forward add eth1 tcp 80 192.168.99.1' 'audit eth1' 'attach eth1 --dry-run'; do
		read -ra words <<<"$verb"
		refuses 1 'not root.s alone' "${words[@]}"
	done
	gw status >"$work/out" 2>"$work/err" && fail "status of all"
	grep -q 'not root.s alone' "$work/err" || fail "$(cat "$work/err")"
}

# Kept here so that a build that loses one of them is noticed.
test_the_program_is_hardened() {
	needs readelf
	readelf -W -h -l -d --dyn-syms "$natctl" >"$work/elf"
	grep -q 'Type: .*DYN' "$work/elf" || fail "not position independent"
	grep -q 'GNU_RELRO' "$work/elf" || fail "relocations stay writable"
	grep -q 'BIND_NOW' "$work/elf" || fail "symbols are bound late"
	grep -qE 'GNU_STACK .* RW ' "$work/elf" || fail "the stack is executable"
	grep -q '__stack_chk_fail' "$work/elf" || fail "no stack protector"
	grep -q '__snprintf_chk' "$work/elf" || fail "not fortified"
}

# without_privileges VERB...: root, but without any capability: who may open the pins may use them
without_privileges() {
	on natbox setpriv --bounding-set=-all --inh-caps=-all "$natctl" "$@"
}

of_open_pins=('status eth1' 'sessions eth1' 'bindings eth1' 'stats eth1' 'show-settings eth1'
	'audit eth1' 'forward add eth1 tcp 80 192.168.99.1' 'forward list eth1'
	'forward del eth1 tcp 80' 'set eth1 udp=300' 'flush eth1')

test_pins_are_all_that_most_verbs_need() {
	local line words
	network
	attach
	for line in "${of_open_pins[@]}"; do
		read -ra words <<<"$line"
		without_privileges "${words[@]}" >/dev/null
	done
	for line in 'detach eth1' 'reload eth1 --config none'; do
		read -ra words <<<"$line"
		without_privileges "${words[@]}" >"$work/out" 2>&1 && fail "$line without privileges"
		grep -q 'missing capability CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF, CAP_PERFMON' "$work/out"
	done
}

test_pins_are_closed_to_everybody_else() {
	local line words status
	network
	attach
	is "modes" "$(find /sys/fs/bpf/natctl -type d -printf '%U %m\n' | sort -u)" '0 700'
	is "modes of pins" "$(find /sys/fs/bpf/natctl -type f -printf '%U %m\n' | sort -u)" '0 600'
	for line in "${of_open_pins[@]}" 'detach eth1' 'reload eth1 --config none' 'attach eth1'; do
		read -ra words <<<"$line"
		status=0
		on natbox setpriv --reuid=65534 --regid=65534 --clear-groups "$natctl" "${words[@]}" \
			>"$work/out" 2>&1 || status=$?
		is "exit code of $line: $(cat "$work/out")" $status 1
		grep -q 'run as root' "$work/out" || fail "$line: $(cat "$work/out")"
	done
}
