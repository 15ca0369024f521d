/* SPDX-License-Identifier: GPL-2.0-only */
/* rule.h - what one nftables rule says of a packet, as far as interfaces and conntrack decide. */
#ifndef RULE_H
#define RULE_H

#include <arpa/inet.h> /* before linux/in.h, which the next ones take */
#include <linux/netfilter/nf_tables.h>

#include "firewall.h"

/* Verdicts besides the kernel's own, which are NF_* and enum nft_verdicts. */
#define RULE_TRANSLATES 100
#define RULE_UNKNOWN 101 /* one of those in a map; nobody can tell which */

/** enum rule_match - May the packet be one that the rule asks for? In this order */
enum rule_match {
	RULE_NO,
	RULE_MAYBE,
	RULE_YES,
};

/**
 * struct rule_verdict - @code, with @chain for jumps; NFT_CONTINUE: none
 * @looked_at: Elements of sets, on the way to it
 */
struct rule_verdict {
	int code;
	int looked_at;
	char chain[NFT_NAME_MAXLEN];
};

/**
 * rule_match() - Run a rule's expressions
 * @rules:       For the sets that it looks into
 * @chain:       Whose rule it is
 * @expressions: From ruleset_rule_of()
 * @verdict:     Filled; of RULE_NO only @looked_at counts
 */
enum rule_match rule_match(struct ruleset *rules, const struct firewall_packet *packet,
			   const struct ruleset_chain *chain, const struct nlattr *expressions,
			   struct rule_verdict *verdict);

#endif /* RULE_H */
