# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# lib.sh - rules of others, and what attach says of them: for coexist.sh, firewall.sh, uplinks.sh.

nat_chain='type nat hook postrouting priority srcnat;'
forward_chain='type filter hook forward priority filter; policy drop;'

# nft_rules: the ruleset on standard input and nothing else
nft_rules() {
	needs nft
	on natbox nft add table probe 2>"$work/err" ||
		skip "this kernel has no nf_tables: $(cat "$work/err")"
	{
		echo "flush ruleset"
		cat
	} | on natbox nft -f -
}

# chains HEAD: a table with a base chain for each line of rules on standard input
chains() {
	local rules count=0
	echo "table inet mine {"
	echo "set lan { type ifname; elements = { eth0 }; }"
	echo "set anywhere { type ipv4_addr; flags interval; elements = { 0.0.0.0/0 }; }"
	echo "chain translates { masquerade; }"
	echo "chain answers { ct state established accept; }"
	echo "chain lan_accept { iifname @lan accept; }"
	while read -r rules; do
		count=$((count + 1))
		echo "chain c$count { $1 $rules; }"
	done
	echo "}"
	echo "$count" >"$work/count"
}

at=eth1 # where it is asked

# look: what a dry run says besides what it would do
look() {
	gw attach $at --dry-run --ingress tc 2>"$work/findings" >/dev/null
}

# names PATTERN: it says this, in one line, and what to do; with chains() once for each chain
names() {
	local count=1
	[ ! -e "$work/count" ] || count=$(cat "$work/count")
	look
	is "findings ($(cat "$work/findings"))" "$(wc -l <"$work/findings")" "$count"
	is "those of \"$1\" ($(cat "$work/findings"))" \
		"$(grep -cE "^natctl: $at: $1.* \([^()]+\)$" "$work/findings")" "$count"
}

names_nothing() {
	look
	[ ! -s "$work/findings" ] || fail "found without reason: $(cat "$work/findings")"
}

# heed: run the commands that the remedies quote
heed() {
	local command
	sed -E 's/.*\(//' "$work/findings" | grep -oE '"[^"]*"' | tr -d '"' >"$work/remedy"
	[ -s "$work/remedy" ] || fail "no command in the remedy: $(cat "$work/findings")"
	while read -r command; do
		# shellcheck disable=SC2086 # words
		on natbox $command
	done <"$work/remedy"
}

# seen HOST ADDR PORT FROM: as which endpoint a UDP server sees what HOST sends FROM there
seen() {
	on "$1" "$peer" ask udp "$2" "$3" --from "$4" | cut -d' ' -f1
}
