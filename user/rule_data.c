// SPDX-License-Identifier: GPL-2.0-only
/*
 * rule_data.c - expressions that load, compare and look up.
 *
 * Known are the interfaces and the state of the connection, and what is made of them by masks.
 * Where a register is not known the answer is MAYBE.
 */
#include "rule_run.h"

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

/* ---- registers -------------------------------------------------------------------------- */

/* The first of its words, or -1. */
static int word_of(const struct nlattr *reg)
{
	__u32 number = run_be32(reg);

	if (number >= NFT_REG_1 && number <= NFT_REG_4)
		return (number - NFT_REG_1) * (NFT_REG_SIZE / NFT_REG32_SIZE);
	return number >= NFT_REG32_00 && number <= NFT_REG32_15 ? (int)number - NFT_REG32_00 : -1;
}

static __u32 words_of(int word, size_t len)
{
	return ((1U << ((len + NFT_REG32_SIZE - 1) / NFT_REG32_SIZE)) - 1) << word;
}

static void reg_set(struct run *run, const struct nlattr *reg, const void *value, size_t len)
{
	int word = word_of(reg);

	if (word < 0 || word * NFT_REG32_SIZE + len > sizeof(run->values))
		return;
	memset(run->values + word * NFT_REG32_SIZE, 0, NFT_REG32_SIZE);
	memcpy(run->values + word * NFT_REG32_SIZE, value, len);
	run->known |= words_of(word, len);
}

/* NULL if it is not known. */
static unsigned char *reg_get(struct run *run, const struct nlattr *reg, size_t len)
{
	int word = word_of(reg);

	if (word < 0 || word * NFT_REG32_SIZE + len > sizeof(run->values) ||
	    (run->known & words_of(word, len)) != words_of(word, len))
		return NULL;
	return run->values + word * NFT_REG32_SIZE;
}

/* ---- loads -------------------------------------------------------------------------- */

enum rule_match run_load_meta(struct run *run, const struct nlattr *data,
			      struct rule_verdict *verdict)
{
	const struct firewall_packet *packet = run->packet;
	const struct nlattr *attrs[NFTA_META_MAX + 1];
	const __u8 nfproto = NFPROTO_IPV4;
	const __be16 ethertype = htons(ETH_P_IP);

	ruleset_attrs(data, attrs, NFTA_META_MAX);
	if (!attrs[NFTA_META_DREG])
		return RULE_YES; /* it sets something */
	switch (run_be32(attrs[NFTA_META_KEY])) {
	case NFT_META_IIF:
		reg_set(run, attrs[NFTA_META_DREG], &packet->iif, sizeof(packet->iif));
		return RULE_YES;
	case NFT_META_OIF:
		reg_set(run, attrs[NFTA_META_DREG], &packet->oif, sizeof(packet->oif));
		return RULE_YES;
	case NFT_META_IIFNAME:
		reg_set(run, attrs[NFTA_META_DREG], packet->iifname, IF_NAMESIZE);
		return RULE_YES;
	case NFT_META_OIFNAME:
		reg_set(run, attrs[NFTA_META_DREG], packet->oifname, IF_NAMESIZE);
		return RULE_YES;
	case NFT_META_NFPROTO:
		reg_set(run, attrs[NFTA_META_DREG], &nfproto, sizeof(nfproto));
		return RULE_YES;
	case NFT_META_PROTOCOL:
		reg_set(run, attrs[NFTA_META_DREG], &ethertype, sizeof(ethertype));
		return RULE_YES;
	default:
		return run_unknown(run, data, verdict);
	}
}

/* Of the status only what other rules may ask for: it has not been translated by netfilter. */
enum rule_match run_load_ct(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_CT_MAX + 1];
	__u32 status = IPS_CONFIRMED;

	ruleset_attrs(data, attrs, NFTA_CT_MAX);
	if (!attrs[NFTA_CT_DREG])
		return RULE_YES;
	if (run_be32(attrs[NFTA_CT_KEY]) == NFT_CT_STATE)
		reg_set(run, attrs[NFTA_CT_DREG], &run->packet->state, sizeof(run->packet->state));
	else if (run_be32(attrs[NFTA_CT_KEY]) == NFT_CT_STATUS)
		reg_set(run, attrs[NFTA_CT_DREG], &status, sizeof(status));
	else
		return run_unknown(run, data, verdict);
	return RULE_YES;
}

enum rule_match run_bitwise(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_BITWISE_MAX + 1], *mask[NFTA_DATA_MAX + 1];
	const struct nlattr *flip[NFTA_DATA_MAX + 1];
	unsigned char value[NFT_REG_SIZE];
	const unsigned char *from;
	__u32 len;

	ruleset_attrs(data, attrs, NFTA_BITWISE_MAX);
	ruleset_attrs(attrs[NFTA_BITWISE_MASK], mask, NFTA_DATA_MAX);
	ruleset_attrs(attrs[NFTA_BITWISE_XOR], flip, NFTA_DATA_MAX);
	len = run_be32(attrs[NFTA_BITWISE_LEN]);
	if (len > sizeof(value) || run_be32(attrs[NFTA_BITWISE_OP]) != NFT_BITWISE_BOOL ||
	    !mask[NFTA_DATA_VALUE] || mnl_attr_get_payload_len(mask[NFTA_DATA_VALUE]) < len ||
	    !flip[NFTA_DATA_VALUE] || mnl_attr_get_payload_len(flip[NFTA_DATA_VALUE]) < len)
		return run_unknown(run, data, verdict);
	from = reg_get(run, attrs[NFTA_BITWISE_SREG], len);
	if (!from)
		return run_unknown(run, data, verdict);
	for (__u32 i = 0; i < len; i++)
		value[i] = (from[i] &
			    ((unsigned char *)mnl_attr_get_payload(mask[NFTA_DATA_VALUE]))[i]) ^
			   ((unsigned char *)mnl_attr_get_payload(flip[NFTA_DATA_VALUE]))[i];
	reg_set(run, attrs[NFTA_BITWISE_DREG], value, len);
	return RULE_YES;
}

enum rule_match run_compare(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_CMP_MAX + 1], *wanted[NFTA_DATA_MAX + 1];
	const unsigned char *value;
	__u32 op, len;
	bool same;

	(void)verdict;
	ruleset_attrs(data, attrs, NFTA_CMP_MAX);
	ruleset_attrs(attrs[NFTA_CMP_DATA], wanted, NFTA_DATA_MAX);
	op = run_be32(attrs[NFTA_CMP_OP]);
	if (!wanted[NFTA_DATA_VALUE] || (op != NFT_CMP_EQ && op != NFT_CMP_NEQ))
		return RULE_MAYBE;
	len = mnl_attr_get_payload_len(wanted[NFTA_DATA_VALUE]);
	value = reg_get(run, attrs[NFTA_CMP_SREG], len);
	if (!value)
		return RULE_MAYBE;
	same = !memcmp(value, mnl_attr_get_payload(wanted[NFTA_DATA_VALUE]), len);
	return same == (op == NFT_CMP_EQ) ? RULE_YES : RULE_NO;
}

/* ---- sets ---------------------------------------------------------------------------- */

/* Is it the element? Filled if so: its verdict, in a map of them. */
static enum rule_match element_is(struct run *run, const struct nlattr *sreg,
				  const struct nlattr *element, struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_SET_ELEM_MAX + 1], *key[NFTA_DATA_MAX + 1];
	const unsigned char *value;
	size_t len;

	ruleset_attrs(element, attrs, NFTA_SET_ELEM_MAX);
	ruleset_attrs(attrs[NFTA_SET_ELEM_KEY], key, NFTA_DATA_MAX);
	if (attrs[NFTA_SET_ELEM_FLAGS] || attrs[NFTA_SET_ELEM_KEY_END] || !key[NFTA_DATA_VALUE])
		return RULE_MAYBE; /* an interval, or a catch-all */
	len = mnl_attr_get_payload_len(key[NFTA_DATA_VALUE]);
	value = reg_get(run, sreg, len);
	if (!value)
		return RULE_MAYBE;
	if (memcmp(value, mnl_attr_get_payload(key[NFTA_DATA_VALUE]), len) != 0)
		return RULE_NO;
	run_verdict(attrs[NFTA_SET_ELEM_DATA], verdict);
	return RULE_YES;
}

static enum rule_match lookup_in(struct run *run, const struct nlattr *sreg,
				 const struct ruleset_list *list, struct rule_verdict *verdict)
{
	const struct nlattr *attr, *element;
	enum rule_match found = RULE_NO, is;

	for (int i = 0; i < list->count; i++) {
		mnl_attr_for_each(attr, list->messages[i], sizeof(struct nfgenmsg)) {
			if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
				continue;
			mnl_attr_for_each_nested(element, attr) {
				is = element_is(run, sreg, element, verdict);
				found = is > found ? is : found;
			}
		}
	}
	return found;
}

enum rule_match run_lookup(struct run *run, const struct nlattr *data, struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_LOOKUP_MAX + 1];
	struct ruleset_list list = {};
	enum rule_match found = RULE_MAYBE;

	ruleset_attrs(data, attrs, NFTA_LOOKUP_MAX);
	/* A set may be large: not for an answer that is known. */
	if (attrs[NFTA_LOOKUP_SET] && reg_get(run, attrs[NFTA_LOOKUP_SREG], NFT_REG32_SIZE) &&
	    !ruleset_elements(run->chain->family, run->chain->table,
			      mnl_attr_get_str(attrs[NFTA_LOOKUP_SET]), &list))
		found = lookup_in(run, attrs[NFTA_LOOKUP_SREG], &list, verdict);
	ruleset_list_free(&list);
	if (attrs[NFTA_LOOKUP_DREG] && run_be32(attrs[NFTA_LOOKUP_DREG]) != NFT_REG_VERDICT)
		run->known = 0;
	else if (attrs[NFTA_LOOKUP_DREG] && found == RULE_MAYBE)
		verdict->code = RULE_UNKNOWN;
	if (run_be32(attrs[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV)
		return RULE_YES - found;
	return found;
}
