# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# manual.sh - the manual and the completions say what natctl does: no more, no less.

# tables: what natctl says of itself, in $work/tables
tables() {
	[ -e "$work/tables" ] || "$natctl" help -j >"$work/tables"
}

# page NAME: that page, in $work/NAME
page() {
	tables
	"$root/scripts/manual" page "$root/man/$1.in" <"$work/tables" >"$work/$1"
}

# completion SHELL: in $work/completion
completion() {
	tables
	"$root/scripts/manual" completion "$1" <"$work/tables" >"$work/completion"
}

# accepted VERB...: the options that the verb itself says it has
accepted() {
	"$natctl" "$@" --no-such-option 2>&1 | grep -oE -- '--[a-z-]+' | grep -v no-such-option | sort -u
}

test_the_help_names_every_option_that_a_verb_accepts_and_no_other() {
	local verb options words
	tables
	"$root/scripts/manual" options <"$work/tables" >"$work/options"
	while read -r verb options; do
		words=$verb
		[ "$verb" != forward ] || words='forward add eth1'
		# shellcheck disable=SC2086 # words
		is "options of $verb" "$options" "$(accepted $words | paste -sd' ')"
	done <"$work/options"
	is "verbs" "$(cut -d' ' -f1 "$work/options" | paste -sd' ')" \
		"$("$natctl" nonsense 2>&1 | sed 's/.*(one of //; s/[,)]//g')"
}

test_exit_codes_are_those_of_the_code() {
	tables
	is "of success" "$(jq -r '.exit_codes[0]' "$work/tables")" "done"
	network
	refuses 1 '' attach eth9
	is "of eth9" "$(jq -r '.exit_codes[1]' "$work/tables")" "failed"
	refuses 2 '' nonsense
	is "of nonsense" "$(jq -r '.exit_codes[2]' "$work/tables")" "misused"
	refuses 3 '' sessions eth1
	is "of what is not attached" "$(jq -r '.exit_codes[3]' "$work/tables")" "not attached"
	is "how many" "$(jq '.exit_codes | length' "$work/tables")" 4
}

test_the_pages_have_every_row_of_every_table() {
	local name word
	page natctl.8
	page natctl.conf.5
	for name in verbs settings reasons checks metrics; do
		jq -r ".${name}[].name" "$work/tables" >"$work/names"
		[ -s "$work/names" ]
		while read -r word; do
			grep -qE "^\.(Ss|It (Cm|Ic)) $word\$" "$work/natctl.8" ||
				fail "natctl.8: no $word of $name"
		done <"$work/names"
	done
	jq -r '.attach_options[] | select(.in_file) | .name' "$work/tables" >"$work/names"
	while read -r word; do
		grep -qE "^\.It Cm $word( |\$)" "$work/natctl.conf.5" || fail "natctl.conf.5: no $word"
	done <"$work/names"
	lacks "$work/natctl.8" '^@'
	lacks "$work/natctl.conf.5" '^@'
}

test_mandoc_finds_nothing() {
	local name
	needs mandoc
	for name in natctl.8 natctl.conf.5; do
		page $name
		# Other pages need not be installed.
		mandoc -Tlint "$work/$name" 2>/dev/null >"$work/said" || true
		grep -v 'referenced manual not found' "$work/said" >"$work/found" || true
		[ ! -s "$work/found" ] || fail "$(cat "$work/found")"
		mandoc -Tutf8 "$work/$name" >"$work/text"
		[ -s "$work/text" ]
	done
}

test_the_example_of_a_file_is_one() {
	network
	sed -n '/^\.Bd -literal/,/^\.Ed/ { /^\./d; p }' "$root/man/natctl.conf.5.in" |
		sed '/^natctl/d' >"$work/example.conf"
	[ "$(wc -l <"$work/example.conf")" -ge 8 ]
	gw attach eth1 --dry-run --config "$work/example.conf"
}

# completes WORD...: what bash offers for the last of them, on one line
completes() {
	bash -c '
		. "$1"
		shift
		compopt() { :; }
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_natctl
		printf "%s\n" "${COMPREPLY[@]}"' - "$work/completion" "$@" | sort | paste -sd' '
}

test_bash_completes() {
	completion bash
	is "verbs" "$(completes natctl sh)" "show-settings"
	is "all verbs" "$(completes natctl '' | tr ' ' '\n' | grep -cv '^--')" \
		"$(jq '.verbs | length' "$work/tables")"
	is "interfaces" "$(completes natctl attach l)" lo
	is "options" "$(completes natctl attach lo --i)" "--ingress --internal"
	is "words of an option" "$(completes natctl attach lo --ingress '')" "auto tc xdp"
	is "settings" "$(completes natctl set lo udp)" "udp-dns= udp="
	is "settings of an option" "$(completes natctl attach lo --timeout udp)" "udp-dns= udp="
	is "filter words" "$(completes natctl sessions lo re)" "remote"
	is "protocols" "$(completes natctl sessions lo proto ud)" "udp udplite"
	is "states" "$(completes natctl flush lo state open)" "opening-in opening-out"
	is "behind global options" "$(completes natctl -j -n name sess)" "sessions"
	is "verbs of help" "$(completes natctl help det)" "detach"
	is "words of forward" "$(completes natctl forward a)" "add"
}

test_fish_completes() {
	needs fish
	completion fish
	fish -n "$work/completion"
	HOME=$work fish -c "source $work/completion; complete -C 'natctl atta'" >"$work/said"
	is "a verb" "$(cut -f1 "$work/said")" attach
	HOME=$work fish -c "source $work/completion; complete -C 'natctl attach --ingress '" >"$work/said"
	is "words of an option" "$(cut -f1 "$work/said" | paste -sd' ')" "auto tc xdp"
}

test_zsh_reads_its_completion() {
	needs zsh
	completion zsh
	zsh -n "$work/completion"
	grep -q '^#compdef natctl$' "$work/completion"
}
