#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh - run test cases: all, those of a tier, or one; one line each, then the tally.
#
#	tests/run.sh [-l] [-v] [-j N] [--shell] [unit|prog|net] [CASE...]
#
#	-l		list the cases and run none
#	-v		show the output of every case, not only of those that fail
#	-j N		net: so many at a time; the number of CPUs without it
#	--shell		net: stop in a shell inside the network when a case has ended
#
# CASE is file/name, a shell pattern over it, or the name of a file, as in
#
#	tests/run.sh prog hairpin/udp-both-ways
#	tests/run.sh net 'tcp/*'
#
# Exit 0 when nothing failed, 1 when something did, 2 for a wrong option or a pattern that
# matches nothing.
#
# How it works: unit and prog are programs that the build makes; they print the same lines
# as this script does for net, and their tallies are added up. A net case is a shell
# function test_a_sentence_in_words of tests/net/FILE.sh; each runs in a process of its own
# (tests/net/lib.sh). This script moves to private namespaces before it runs prog or net,
# and so does every net case again: nothing touches the host, neither two runs nor two cases
# can meet, so net cases run side by side, and a case that hangs is ended after $limit seconds. A run of everything ends with
# one more case, the ledger: has all that docs/rfc/ledger.tsv names run, and passed?
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lab/lib.sh
. "$here/../lab/lib.sh"
build=$here/../build/tests
limit=$((120 * ${NATLAB_PATIENCE:-1}))
skipped=77 # the exit code of a case that cannot run here

passed_count=0 failed_count=0 skipped_count=0
declare -A counts
jobs=$(nproc)

die() {
	printf 'run.sh: %s\n' "$1" >&2
	exit 2
}

usage() {
	sed -n '/^#	tests\/run.sh \[/,/^# CASE/ { /^# CASE/d; s/^#	\?//p }' "${BASH_SOURCE[0]}"
}

# net_cases: file/name of each, in the order in which they are written
net_cases() {
	local file
	for file in "$here"/net/*.sh; do
		[ "${file##*/}" = lib.sh ] && continue
		sed -nE 's/^test_([a-z0-9_]+)\(\).*/\1/p' "$file" | tr _ - |
			sed "s|^|$(basename "$file" .sh)/|"
	done
}

# cases TIER: all of them
cases() {
	case $1 in
	net) net_cases ;;
	*) "$build/$1" -l ;;
	esac
}

# chosen TIER PATTERN...: those that a pattern matches; all when there is none
chosen() {
	local tier=$1 name pattern
	shift
	cases "$tier" | while read -r name; do
		[ $# -gt 0 ] || echo "$name"
		for pattern; do
			# shellcheck disable=SC2053 # a pattern is meant
			if [[ $name == $pattern || $name == "$pattern"/* ]]; then
				echo "$name"
				break
			fi
		done
	done
}

# count LINE: add a tally
count() {
	local passed failed skipped rest
	read -r passed rest failed rest skipped rest <<<"${1//,/}"
	passed_count=$((passed_count + passed))
	failed_count=$((failed_count + failed))
	skipped_count=$((skipped_count + skipped))
}

# record FILE: of the lines in it, those that say what became of a case
record() {
	grep -E '^(ok  |FAIL|skip) [a-z]+ ' "$1" >>"$results" || true
}

# run_program TIER NAME...: the cases of a compiled tier
run_program() {
	local tier=$1 status=0
	shift
	"$build/$tier" "${verbose[@]}" "$@" >"$log" 2>&1 &
	# Every line but the tally, as it comes.
	tail --pid=$! -s 0.1 -n +1 -f "$log" | grep -vE "$tally" || true
	wait $! || status=$?
	record "$log"
	if grep -qE "$tally" "$log"; then
		count "$(grep -E "$tally" "$log" | tail -n 1)"
	else
		printf 'FAIL %s (the program ended with status %d before its tally)\n' "$tier" $status
		failed_count=$((failed_count + 1))
	fi
}

# run_net NAME: one case; says what became of it when it has ended, in one piece
run_net() {
	local name=$1 status=0 begin=$EPOCHREALTIME said verdict
	said=$(mktemp)
	timeout --foreground --kill-after=5 "$limit" \
		bash "$here/net/lib.sh" "${shell[@]}" "$name" >"$said" 2>&1 <&3 || status=$?
	[ ${#shell[@]} = 0 ] || status=0
	case $status in
	0)
		verdict=$(printf 'ok   net %s (%.1f s)' "$name" \
			"$(((${EPOCHREALTIME/./} - ${begin/./}) / 100000))e-1")
		;;
	"$skipped") verdict="skip net $name ($(tail -n 1 "$said"))" ;;
	*) verdict="FAIL net $name" ;;
	esac
	(
		flock 9
		echo "$verdict" | tee -a "$results"
		[ $status != 124 ] || printf '     not finished after %s seconds\n' "$limit"
		if [ ${#verbose[@]} -gt 0 ] || [[ $verdict == FAIL* ]]; then
			sed 's/^/     /' "$said"
		fi
	) 9>>"$log"
	rm -f "$said"
}

# run_nets NAME...: as many at a time as wanted
run_nets() {
	local name running=0 word
	for name; do
		if [ "$running" -ge "$jobs" ]; then
			wait -n || true
			running=$((running - 1))
		fi
		run_net "$name" &
		running=$((running + 1))
	done
	wait
	for word in ok FAIL skip; do
		counts[$word]=$(grep -cE "^$word +net " "$results" || true)
	done
	count "${counts[ok]} passed, ${counts[FAIL]} failed, ${counts[skip]} skipped"
}

# run_ledger: after everything else: have the cases that it names run, and passed?
run_ledger() {
	if "$here/../scripts/ledger" check --strict --results "$results" >"$log" 2>&1; then
		echo "ok   ledger rfc"
		passed_count=$((passed_count + 1))
	else
		echo "FAIL ledger rfc"
		failed_count=$((failed_count + 1))
	fi
	sed 's/^/     /' "$log"
}

run_tier() {
	local tier=$1
	shift
	mapfile -t names < <(chosen "$tier" "$@")
	[ ${#names[@]} -gt 0 ] || return 0
	if [ "$tier" != net ]; then
		# No names when all are meant: some cases judge what all the others have done.
		[ $# -gt 0 ] || names=()
		run_program "$tier" "${names[@]}"
		return
	fi
	run_nets "${names[@]}"
}

list=no
verbose=()
shell=()
tiers=()
patterns=()
words=("$@")
while [ $# -gt 0 ]; do
	word=$1
	shift
	case $word in
	-l) list=yes ;;
	-v) verbose=(-v) ;;
	-j)
		[[ ${1-} =~ ^[1-9][0-9]?$ ]] || die "-j: \"${1-}\": not a number of cases (1 to 99)"
		jobs=$1
		shift
		;;
	--shell) shell=(--shell) jobs=1 ;;
	-h | --help) usage && exit 0 ;;
	-*) usage >&2 && die "\"$word\": no such option" ;;
	unit | prog | net)
		[ ${#patterns[@]} = 0 ] || die "\"$word\": a tier comes before the cases"
		tiers+=("$word")
		;;
	*) patterns+=("$word") ;;
	esac
done
[ ${#tiers[@]} -gt 0 ] || tiers=(unit prog net)

for tier in "${tiers[@]}"; do
	[ "$tier" = net ] || [ -x "$build/$tier" ] ||
		die "$tier: not built (run make build/tests/$tier)"
	[ "$tier" = unit ] || [ $list = yes ] || [ "$(id -u)" = 0 ] ||
		die "$tier: needs root (sudo tests/run.sh ${words[*]})"
done
for pattern in "${patterns[@]}"; do
	found=no
	for tier in "${tiers[@]}"; do
		[ -z "$(chosen "$tier" "$pattern")" ] || found=yes
	done
	[ $found = yes ] || die "no case matches \"$pattern\" (-l lists them)"
done
if [ $list = yes ]; then
	for tier in "${tiers[@]}"; do
		chosen "$tier" "${patterns[@]}" | sed "s/^/$tier /"
	done
	exit 0
fi

[ "${tiers[*]}" = unit ] || private "$here/run.sh" "${words[@]}"

tally='^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'
log=$(mktemp)
results=$(mktemp)
trap 'rm -f "$log" "$results"' EXIT
trap 'exit 130' INT TERM
exec 3<&0
for tier in "${tiers[@]}"; do
	run_tier "$tier" "${patterns[@]}"
done
[ "${tiers[*]}" != "unit prog net" ] || [ ${#patterns[@]} -gt 0 ] || run_ledger
echo "$passed_count passed, $failed_count failed, $skipped_count skipped"
[ $failed_count = 0 ]
