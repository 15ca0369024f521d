# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# versus.sh - what docs/versus-netfilter.md says that natctl does is what it does.

test_the_comparison_with_netfilter_is_up_to_date() {
	"$net/../versus/answers" natctl >"$work/natctl.json"
	"$net/../versus/report" --check "$net/../../docs/versus-netfilter.md" "$work/natctl.json"
}
