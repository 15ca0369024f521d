/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_run.h - a rule at work, for rule.c and rule_data.c alone. */
#ifndef RULE_RUN_H
#define RULE_RUN_H

#include "rule.h"

/**
 * struct run - A rule at work
 * @values, @known: The registers, and which of their bits are known
 */
struct run {
	struct ruleset *rules;
	const struct firewall_packet *packet;
	const struct ruleset_chain *chain;
	unsigned char values[NFT_REG32_COUNT * NFT_REG32_SIZE];
	unsigned char known[NFT_REG32_COUNT * NFT_REG32_SIZE];
};

/** run_be32() - A number in an attribute, which may be NULL: 0 then */
static inline __u32 run_be32(const struct nlattr *attr)
{
	return attr ? ntohl(mnl_attr_get_u32(attr)) : 0;
}

/** run_verdict() - Read a verdict, if there is one */
void run_verdict(const struct nlattr *data, struct rule_verdict *verdict);

/** run_unknown() - Nobody knows what it does. Return: RULE_MAYBE */
enum rule_match run_unknown(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict);

/* Expressions: @data is their own, @verdict is left alone unless they give one. */
enum rule_match run_load_meta(struct run *run, const struct nlattr *data,
			      struct rule_verdict *verdict);
enum rule_match run_load_ct(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict);
enum rule_match run_load_payload(struct run *run, const struct nlattr *data,
				 struct rule_verdict *verdict);
enum rule_match run_bitwise(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict);
enum rule_match run_compare(struct run *run, const struct nlattr *data,
			    struct rule_verdict *verdict);
enum rule_match run_lookup(struct run *run, const struct nlattr *data,
			   struct rule_verdict *verdict);

#endif /* RULE_RUN_H */
