// SPDX-License-Identifier: GPL-2.0-only
/*
 * firewall.c - what nftables rules do with a packet, as far as interfaces and conntrack decide.
 *
 * How it works: the rules of a base chain are followed, through jumps and returns, as the kernel
 * does. Of some rules nobody can tell whether the packet is one that they
 * ask for (rule.c). If such a rule accepts it counts as accepting, if it drops it does not:
 * whoever writes "accept what comes from 10.0.0.0/8" has thought of it, and a finding must not
 * be a false alarm. Behind a return that is not sure nothing drops for sure.
 */
#include "firewall.h"

#include <arpa/inet.h> /* before linux/in.h, which the next one takes */
#include <linux/netfilter.h>
#include <string.h>

#include "rule.h"

#define DEPTH_MAX 16  /* the kernel's limit for jumps */
#define BUDGET 500000 /* rules and elements of sets for one question; then: passes */

/** struct judge - One question */
struct judge {
	struct ruleset *set;
	const struct firewall_packet *packet;
	int budget;
};

/** enum way - Out of a chain, or of a rule */
enum way {
	WAY_ON,	  /* to the next rule */
	WAY_BACK, /* returned, or came to the end of the chain */
	WAY_PASSED,
	WAY_DROPPED,
	WAY_TRANSLATED,
};

static enum way chain_walk(struct judge *judge, const struct ruleset_chain *chain, bool sure,
			   int depth);

static enum way chain_jump(struct judge *judge, const struct ruleset_chain *from, const char *name,
			   bool sure, int depth)
{
	const struct nlmsghdr *message =
		ruleset_chain_find(judge->set, from->family, from->table, name);
	struct ruleset_chain chain;

	if (!message || depth >= DEPTH_MAX)
		return WAY_PASSED;
	ruleset_chain(message, &chain);
	return chain_walk(judge, &chain, sure, depth + 1);
}

/* What the verdict of a rule that matches leads to. */
static enum way rule_follow(struct judge *judge, const struct ruleset_chain *chain,
			    const struct rule_verdict *verdict, bool sure, int depth)
{
	enum way way;

	switch (verdict->code) {
	case NFT_CONTINUE:
	case NFT_BREAK:
		return WAY_ON;
	case NFT_RETURN:
		return WAY_BACK;
	case NFT_JUMP:
		way = chain_jump(judge, chain, verdict->chain, sure, depth);
		return way == WAY_BACK ? WAY_ON : way;
	case NFT_GOTO:
		return chain_jump(judge, chain, verdict->chain, sure, depth);
	case RULE_TRANSLATES:
		return WAY_TRANSLATED;
	case RULE_UNKNOWN:
		return judge->packet->hook == NF_INET_FORWARD ? WAY_PASSED : WAY_ON;
	case NF_DROP:
		return sure ? WAY_DROPPED : WAY_ON;
	default:
		return WAY_PASSED;
	}
}

static enum way chain_walk(struct judge *judge, const struct ruleset_chain *chain, bool sure,
			   int depth)
{
	struct rule_verdict verdict;
	enum way way = WAY_ON;

	for (int i = 0; i < judge->set->rules.count; i++) {
		const struct nlattr *expressions;
		enum rule_match match;

		if (judge->budget-- <= 0)
			return WAY_PASSED;
		expressions = ruleset_rule_of(judge->set->rules.messages[i], chain);
		if (!expressions)
			continue;
		match = rule_match(judge->set, judge->packet, chain, expressions, &verdict);
		judge->budget -= verdict.looked_at;
		if (match == RULE_NO)
			continue;
		way = rule_follow(judge, chain, &verdict, sure && match == RULE_YES, depth);
		if (way == WAY_BACK && match == RULE_MAYBE)
			sure = false;
		else if (way != WAY_ON)
			return way;
	}
	return WAY_BACK;
}

static bool is_asked(const struct ruleset_chain *chain, const struct firewall_packet *packet)
{
	return chain->hook == packet->hook &&
	       (chain->family == NFPROTO_IPV4 || chain->family == NFPROTO_INET) &&
	       (packet->hook == NF_INET_FORWARD || !strcmp(chain->type, "nat"));
}

enum firewall_outcome firewall_judge(struct ruleset *set, const struct ruleset_chain *chain,
				     const struct firewall_packet *packet)
{
	struct judge judge = { set, packet, BUDGET };
	enum way way;

	if (!is_asked(chain, packet))
		return FIREWALL_PASSES;
	way = chain_walk(&judge, chain, true, 0);
	if (way == WAY_DROPPED || (way == WAY_BACK && chain->drops))
		return FIREWALL_DROPS;
	return way == WAY_TRANSLATED ? FIREWALL_TRANSLATES : FIREWALL_PASSES;
}
