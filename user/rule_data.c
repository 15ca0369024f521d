// SPDX-License-Identifier: GPL-2.0-only
/*
 * rule_data.c - expressions that load, compare and look up.
 *
 * Known are the interfaces, the state of the connection, and the network of one address; and
 * what is made of them by masks. Known bits that differ say NO, unknown ones MAYBE.
 */
#include "rule_run.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

/* ---- registers -------------------------------------------------------------------------- */

/* Where its octets begin if it has so many, or -1. */
static int reg_at(const struct nlattr *reg, size_t len)
{
	__u32 number = run_be32(reg);
	int at = -1;

	if (number >= NFT_REG_1 && number <= NFT_REG_4)
		at = (number - NFT_REG_1) * NFT_REG_SIZE;
	if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
		at = (number - NFT_REG32_00) * NFT_REG32_SIZE;
	return at >= 0 && at + len <= NFT_REG32_COUNT * NFT_REG32_SIZE ? at : -1;
}

/* @known has the bits of @value that are known; NULL: all of them. */
static void reg_set(struct run *run, const struct nlattr *reg, const void *value, const void *known,
		    size_t len)
{
	int at = reg_at(reg, len);

	if (at < 0)
		return;
	/* A short value is filled up to a whole word. */
	memset(run->values + at, 0, NFT_REG32_SIZE);
	memset(run->known + at, 0xff, len < NFT_REG32_SIZE ? NFT_REG32_SIZE : len);
	memcpy(run->values + at, value, len);
	if (known)
		memcpy(run->known + at, known, len);
}

static enum rule_match reg_is(const struct run *run, const struct nlattr *reg, const void *wanted,
			      size_t len)
{
	const unsigned char *octets = wanted;
	enum rule_match is = RULE_YES;
	int at = reg_at(reg, len);

	if (at < 0)
		return RULE_MAYBE;
	for (size_t i = 0; i < len; i++) {
		if ((run->values[at + i] ^ octets[i]) & run->known[at + i])
			return RULE_NO;
		if (run->known[at + i] != 0xff)
			is = RULE_MAYBE;
	}
	return is;
}

/* Is anything known of it that could rule something out? */
static bool reg_has(const struct run *run, const struct nlattr *reg)
{
	int at = reg_at(reg, NFT_REG32_SIZE);

	return at >= 0 && (run->known[at] || run->known[at + 1]);
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
		reg_set(run, attrs[NFTA_META_DREG], &packet->iif, NULL, sizeof(packet->iif));
		return RULE_YES;
	case NFT_META_OIF:
		reg_set(run, attrs[NFTA_META_DREG], &packet->oif, NULL, sizeof(packet->oif));
		return RULE_YES;
	case NFT_META_IIFNAME:
		reg_set(run, attrs[NFTA_META_DREG], packet->iifname, NULL, IF_NAMESIZE);
		return RULE_YES;
	case NFT_META_OIFNAME:
		reg_set(run, attrs[NFTA_META_DREG], packet->oifname, NULL, IF_NAMESIZE);
		return RULE_YES;
	case NFT_META_NFPROTO:
		reg_set(run, attrs[NFTA_META_DREG], &nfproto, NULL, sizeof(nfproto));
		return RULE_YES;
	case NFT_META_PROTOCOL:
		reg_set(run, attrs[NFTA_META_DREG], &ethertype, NULL, sizeof(ethertype));
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
		reg_set(run, attrs[NFTA_CT_DREG], &run->packet->state, NULL,
			sizeof(run->packet->state));
	else if (run_be32(attrs[NFTA_CT_KEY]) == NFT_CT_STATUS)
		reg_set(run, attrs[NFTA_CT_DREG], &status, NULL, sizeof(status));
	else
		return run_unknown(run, data, verdict);
	return RULE_YES;
}

/* The header of a forwarded packet: the internal address is known as far as its network is. */
enum rule_match run_load_payload(struct run *run, const struct nlattr *data,
				 struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_PAYLOAD_MAX + 1];
	const struct firewall_packet *packet = run->packet;
	struct iphdr value = { .saddr = packet->src, .daddr = packet->dst };
	struct iphdr known = { .saddr = packet->src_mask, .daddr = packet->dst_mask };
	__u32 offset, len;

	ruleset_attrs(data, attrs, NFTA_PAYLOAD_MAX);
	offset = run_be32(attrs[NFTA_PAYLOAD_OFFSET]);
	len = run_be32(attrs[NFTA_PAYLOAD_LEN]);
	if (run_be32(attrs[NFTA_PAYLOAD_BASE]) != NFT_PAYLOAD_NETWORK_HEADER ||
	    offset > sizeof(value) || len > sizeof(value) - offset)
		return run_unknown(run, data, verdict);
	reg_set(run, attrs[NFTA_PAYLOAD_DREG], (const char *)&value + offset,
		(const char *)&known + offset, len);
	return RULE_YES;
}

/* What a mask takes out is known, whatever it was. */
enum rule_match run_bitwise(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_BITWISE_MAX + 1], *mask[NFTA_DATA_MAX + 1];
	const struct nlattr *flip[NFTA_DATA_MAX + 1];
	unsigned char value[NFT_REG_SIZE], known[NFT_REG_SIZE];
	__u32 len;
	int at;

	ruleset_attrs(data, attrs, NFTA_BITWISE_MAX);
	ruleset_attrs(attrs[NFTA_BITWISE_MASK], mask, NFTA_DATA_MAX);
	ruleset_attrs(attrs[NFTA_BITWISE_XOR], flip, NFTA_DATA_MAX);
	len = run_be32(attrs[NFTA_BITWISE_LEN]);
	if (len > sizeof(value) || run_be32(attrs[NFTA_BITWISE_OP]) != NFT_BITWISE_BOOL ||
	    !mask[NFTA_DATA_VALUE] || mnl_attr_get_payload_len(mask[NFTA_DATA_VALUE]) < len ||
	    !flip[NFTA_DATA_VALUE] || mnl_attr_get_payload_len(flip[NFTA_DATA_VALUE]) < len)
		return run_unknown(run, data, verdict);
	at = reg_at(attrs[NFTA_BITWISE_SREG], len);
	if (at < 0)
		return run_unknown(run, data, verdict);
	for (__u32 i = 0; i < len; i++) {
		unsigned char kept =
			((unsigned char *)mnl_attr_get_payload(mask[NFTA_DATA_VALUE]))[i];

		value[i] = (run->values[at + i] & kept) ^
			   ((unsigned char *)mnl_attr_get_payload(flip[NFTA_DATA_VALUE]))[i];
		known[i] = run->known[at + i] | (unsigned char)~kept;
	}
	reg_set(run, attrs[NFTA_BITWISE_DREG], value, known, len);
	return RULE_YES;
}

enum rule_match run_compare(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_CMP_MAX + 1], *wanted[NFTA_DATA_MAX + 1];
	enum rule_match is;
	__u32 op;

	(void)verdict;
	ruleset_attrs(data, attrs, NFTA_CMP_MAX);
	ruleset_attrs(attrs[NFTA_CMP_DATA], wanted, NFTA_DATA_MAX);
	op = run_be32(attrs[NFTA_CMP_OP]);
	if (!wanted[NFTA_DATA_VALUE] || (op != NFT_CMP_EQ && op != NFT_CMP_NEQ))
		return RULE_MAYBE;
	is = reg_is(run, attrs[NFTA_CMP_SREG], mnl_attr_get_payload(wanted[NFTA_DATA_VALUE]),
		    mnl_attr_get_payload_len(wanted[NFTA_DATA_VALUE]));
	return op == NFT_CMP_EQ ? is : RULE_YES - is;
}

/* ---- sets ---------------------------------------------------------------------------- */

/* Is it the element? Filled if so: its verdict, in a map of them. */
static enum rule_match element_is(struct run *run, const struct nlattr *sreg,
				  const struct nlattr *element, struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_SET_ELEM_MAX + 1], *key[NFTA_DATA_MAX + 1];
	enum rule_match is;

	ruleset_attrs(element, attrs, NFTA_SET_ELEM_MAX);
	ruleset_attrs(attrs[NFTA_SET_ELEM_KEY], key, NFTA_DATA_MAX);
	if (attrs[NFTA_SET_ELEM_FLAGS] || attrs[NFTA_SET_ELEM_KEY_END] || !key[NFTA_DATA_VALUE])
		return RULE_MAYBE; /* an interval, or a catch-all */
	is = reg_is(run, sreg, mnl_attr_get_payload(key[NFTA_DATA_VALUE]),
		    mnl_attr_get_payload_len(key[NFTA_DATA_VALUE]));
	if (is == RULE_YES)
		run_verdict(attrs[NFTA_SET_ELEM_DATA], verdict);
	return is;
}

static enum rule_match lookup_in(struct run *run, const struct nlattr *sreg,
				 const struct ruleset_set *set, struct rule_verdict *verdict)
{
	const struct ruleset_list *list = &set->elements;
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
	verdict->looked_at += list->elements;
	/* The last range may have no end. */
	return found == RULE_NO && set->is_interval && list->elements ? RULE_MAYBE : found;
}

enum rule_match run_lookup(struct run *run, const struct nlattr *data, struct rule_verdict *verdict)
{
	const struct nlattr *attrs[NFTA_LOOKUP_MAX + 1];
	const struct ruleset_set *set = NULL;
	enum rule_match found = RULE_MAYBE;

	ruleset_attrs(data, attrs, NFTA_LOOKUP_MAX);
	/* A set may be large: not for an answer that is known. */
	if (attrs[NFTA_LOOKUP_SET] && reg_has(run, attrs[NFTA_LOOKUP_SREG]))
		set = ruleset_set(run->rules, run->chain->family, run->chain->table,
				  mnl_attr_get_str(attrs[NFTA_LOOKUP_SET]));
	if (set)
		found = lookup_in(run, attrs[NFTA_LOOKUP_SREG], set, verdict);
	if (attrs[NFTA_LOOKUP_DREG] && run_be32(attrs[NFTA_LOOKUP_DREG]) != NFT_REG_VERDICT)
		run_unknown(run, data, verdict);
	else if (attrs[NFTA_LOOKUP_DREG] && found == RULE_MAYBE)
		verdict->code = RULE_UNKNOWN;
	if (run_be32(attrs[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV)
		return RULE_YES - found;
	return found;
}
