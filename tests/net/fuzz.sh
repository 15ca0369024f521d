# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# fuzz.sh - packets by chance through the real programs, always the same ones, for as long as a
# case may take. `make fuzz-prog` is the long run, tests/fuzz says how it works.

test_packets_by_chance() {
	[ -x "$root/build/tests/fuzz-prog" ] || skip "fuzz-prog is not built (make build/tests/fuzz-prog)"
	"$root/build/tests/fuzz-prog" -s 1 -t 10
}
