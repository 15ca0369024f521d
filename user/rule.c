// SPDX-License-Identifier: GPL-2.0-only
/*
 * rule.c - what one nftables rule says of a packet, as far as interfaces and conntrack decide.
 *
 * How it works: a rule's expressions are run as the kernel runs them, on registers of which
 * only some bits are known. They load the interfaces, the state of the connection, the network
 * of the internal address; compare, look up in sets. Whatever else a rule may ask for, ports,
 * limits, matches of iptables, answers MAYBE. What iptables-nft writes differs only in its `match`
 * and `target`.
 */
#include "rule.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_conntrack.h>
#include <string.h>

#include "rule_run.h"

/* ---- any ---------------------------------------------------------------------------- */

enum rule_match run_unknown(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict)
{
	(void)data;
	(void)verdict;
	memset(run->known, 0, sizeof(run->known)); /* it may have loaded something */
	return RULE_MAYBE;
}

static enum rule_match neutral(struct run *run, const struct nlattr *data,
			       struct rule_verdict *verdict)
{
	(void)run;
	(void)data;
	(void)verdict;
	return RULE_YES;
}

void run_verdict(const struct nlattr *data, struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_DATA_MAX + 1], *inner[NFTA_VERDICT_MAX + 1];

	ruleset_attrs(data, attrs, NFTA_DATA_MAX);
	ruleset_attrs(attrs[NFTA_DATA_VERDICT], inner, NFTA_VERDICT_MAX);
	if (!inner[NFTA_VERDICT_CODE])
		return;
	verdict->code = (int)run_be32(inner[NFTA_VERDICT_CODE]);
	if (inner[NFTA_VERDICT_CHAIN])
		strncpy(verdict->chain, mnl_attr_get_str(inner[NFTA_VERDICT_CHAIN]),
			sizeof(verdict->chain) - 1);
}

static enum rule_match immediate(struct run *run, const struct nlattr *data,
				 struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_IMMEDIATE_MAX + 1];

	ruleset_attrs(data, attrs, NFTA_IMMEDIATE_MAX);
	if (run_be32(attrs[NFTA_IMMEDIATE_DREG]) != NFT_REG_VERDICT)
		run_unknown(run, data, verdict);
	run_verdict(attrs[NFTA_IMMEDIATE_DATA], verdict);
	return RULE_YES;
}

/* ---- what ends a rule -------------------------------------------------------------------- */

static enum rule_match drops(struct run *run, const struct nlattr *data,
			     struct rule_verdict *verdict)
{
	verdict->code = NF_DROP;
	return neutral(run, data, verdict);
}

/* A program decides; without one, "bypass" lets everything through. */
static enum rule_match queues(struct run *run, const struct nlattr *data,
			      struct rule_verdict *verdict)
{
	verdict->code = NF_QUEUE;
	return neutral(run, data, verdict);
}

static enum rule_match translates(struct run *run, const struct nlattr *data,
				  struct rule_verdict *verdict)
{
	verdict->code = RULE_TRANSLATES;
	return neutral(run, data, verdict);
}

static enum rule_match nat(struct run *run, const struct nlattr *data, struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_NAT_MAX + 1];

	ruleset_attrs(data, attrs, NFTA_NAT_MAX);
	if (run_be32(attrs[NFTA_NAT_TYPE]) == NFT_NAT_SNAT)
		return translates(run, data, verdict);
	return neutral(run, data, verdict);
}

/* ---- of iptables ------------------------------------------------------------------------- */

static enum rule_match match(struct run *run, const struct nlattr *data,
			     struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_MATCH_MAX + 1];
	const struct xt_conntrack_mtinfo3 *info;
	const char *name;
	bool is_so;

	(void)run;
	(void)verdict;
	ruleset_attrs(data, attrs, NFTA_MATCH_MAX);
	name = attrs[NFTA_MATCH_NAME] ? mnl_attr_get_str(attrs[NFTA_MATCH_NAME]) : "";
	if (!strcmp(name, "comment"))
		return RULE_YES;
	if (strcmp(name, "conntrack") != 0 || !attrs[NFTA_MATCH_INFO] ||
	    mnl_attr_get_payload_len(attrs[NFTA_MATCH_INFO]) < sizeof(*info))
		return RULE_MAYBE;
	info = mnl_attr_get_payload(attrs[NFTA_MATCH_INFO]);
	if (!(info->match_flags & XT_CONNTRACK_STATE))
		return RULE_MAYBE;
	/* Its bits are those of NF_CT_STATE_BIT(). */
	is_so = !(info->state_mask & run->packet->state) ==
		!!(info->invert_flags & XT_CONNTRACK_STATE);
	if (!is_so)
		return RULE_NO;
	return info->match_flags & ~(XT_CONNTRACK_STATE | XT_CONNTRACK_STATE_ALIAS) ? RULE_MAYBE :
										      RULE_YES;
}

static enum rule_match target(struct run *run, const struct nlattr *data,
			      struct rule_verdict *verdict)
{
	static const struct {
		const char *name;
		int code;
	} targets[] = {
		/* clang-format off */
		{ "MASQUERADE", RULE_TRANSLATES },
		{ "SNAT", RULE_TRANSLATES },
		{ "NETMAP", RULE_TRANSLATES },
		{ "REJECT", NF_DROP },
		{ "NFQUEUE", NF_QUEUE },
		/* clang-format on */
	};
	const struct nlattr *attrs[NFTA_TARGET_MAX + 1];

	ruleset_attrs(data, attrs, NFTA_TARGET_MAX);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (attrs[NFTA_TARGET_NAME] &&
		    !strcmp(mnl_attr_get_str(attrs[NFTA_TARGET_NAME]), targets[i].name))
			verdict->code = targets[i].code;
	return neutral(run, data, verdict);
}

/* ---- all --------------------------------------------------------------------------------- */

static const struct expression {
	const char *name;
	enum rule_match (*run)(struct run *run, const struct nlattr *data,
			       struct rule_verdict *verdict);
} expressions_known[] = {
	/* clang-format off */
	{ "meta", run_load_meta },
	{ "ct", run_load_ct },
	{ "payload", run_load_payload },
	{ "bitwise", run_bitwise },
	{ "cmp", run_compare },
	{ "lookup", run_lookup },
	{ "immediate", immediate },
	{ "counter", neutral },
	{ "log", neutral },
	{ "last", neutral },
	{ "notrack", neutral },
	{ "flow_offload", neutral },
	{ "reject", drops },
	{ "queue", queues },
	{ "masq", translates },
	{ "nat", nat },
	{ "match", match },
	{ "target", target },
	/* clang-format on */
};

static enum rule_match expression_run(struct run *run, const struct nlattr *expression,
				      struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_EXPR_MAX + 1];

	ruleset_attrs(expression, attrs, NFTA_EXPR_MAX);
	for (size_t i = 0; i < sizeof(expressions_known) / sizeof(expressions_known[0]); i++)
		if (attrs[NFTA_EXPR_NAME] &&
		    !strcmp(mnl_attr_get_str(attrs[NFTA_EXPR_NAME]), expressions_known[i].name))
			return expressions_known[i].run(run, attrs[NFTA_EXPR_DATA], verdict);
	return run_unknown(run, NULL, verdict);
}

enum rule_match rule_match(struct ruleset *rules, const struct firewall_packet *packet,
			   const struct ruleset_chain *chain, const struct nlattr *expressions,
			   struct rule_verdict *verdict)
{
	struct run run = { .rules = rules, .packet = packet, .chain = chain };
	enum rule_match so_far = RULE_YES, is;
	const struct nlattr *expression;

	*verdict = (struct rule_verdict){ .code = NFT_CONTINUE };
	mnl_attr_for_each_nested(expression, expressions) {
		is = expression_run(&run, expression, verdict);
		so_far = is < so_far ? is : so_far;
		if (so_far == RULE_NO)
			break;
	}
	return so_far;
}
