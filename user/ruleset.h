/* SPDX-License-Identifier: GPL-2.0-only */
/* ruleset.h - the nftables rules of this network namespace, as the kernel lists them. */
#ifndef RULESET_H
#define RULESET_H

#include <libmnl/libmnl.h>
#include <linux/types.h>
#include <stdbool.h>

/**
 * struct ruleset_list - Messages of one kind, in the kernel's order
 * @elements: Of a set, in all its messages
 */
struct ruleset_list {
	struct nlmsghdr **messages;
	int count;
	int elements;
};

/**
 * struct ruleset_set - A set or map that was asked for
 * @is_known:    Its elements could be read, and are not too many
 * @is_interval: Its elements are where ranges begin
 * @elements:    Messages with NFTA_SET_ELEM_LIST_ELEMENTS
 */
struct ruleset_set {
	struct ruleset_set *next;
	__u8 family;
	const char *table;
	const char *name;
	bool is_known;
	bool is_interval;
	struct ruleset_list elements;
};

/**
 * struct ruleset - Filled by ruleset_read(), released by ruleset_free()
 * @sets: Those that ruleset_set() was asked for
 */
struct ruleset {
	struct ruleset_list chains;
	struct ruleset_list rules;
	struct ruleset_list flowtables;
	struct ruleset_set *sets;
};

/**
 * struct ruleset_chain - What a chain says of itself
 * @family: NFPROTO_*
 * @hook:   NF_INET_*, or -1: rules jump to it
 * @type:   "filter", "nat", "route"; empty with @hook -1
 * @drops:  Its policy
 */
struct ruleset_chain {
	__u8 family;
	const char *table;
	const char *name;
	int hook;
	const char *type;
	bool drops;
};

/**
 * ruleset_read() - List everything
 *
 * Nothing is printed. The list is empty where the kernel has no nf_tables.
 *
 * Return: 0 or -errno; to be freed either way
 */
int ruleset_read(struct ruleset *set);

void ruleset_free(struct ruleset *set);

/** ruleset_chain() - Read one of @set->chains; what it points to lives as long as @message */
void ruleset_chain(const struct nlmsghdr *message, struct ruleset_chain *chain);

/** ruleset_chain_find() - By family, table and name. Return: the message, or NULL */
const struct nlmsghdr *ruleset_chain_find(const struct ruleset *set, __u8 family, const char *table,
					  const char *name);

/** ruleset_rule_of() - Is it a rule of the chain? Its expressions if so, or NULL */
const struct nlattr *ruleset_rule_of(const struct nlmsghdr *message,
				     const struct ruleset_chain *chain);

/**
 * struct ruleset_flowtable - What a flowtable says of itself
 * @is_hardware: The network card forwards its flows
 * @has_device:  The interface that was asked for is one of its devices
 */
struct ruleset_flowtable {
	__u8 family;
	const char *table;
	const char *name;
	bool is_hardware;
	bool has_device;
};

/** ruleset_flowtable() - Read one of @set->flowtables, and ask it for a device */
void ruleset_flowtable(const struct nlmsghdr *message, const char *ifname,
		       struct ruleset_flowtable *flowtable);

/**
 * ruleset_set() - What is in a set or map; the kernel is asked once
 * @table, @name: They live as long as @rules
 *
 * Return: it, or NULL if nobody knows, or if it is too large to be looked through
 */
const struct ruleset_set *ruleset_set(struct ruleset *rules, __u8 family, const char *table,
				      const char *name);

/** ruleset_family() - The word for it in nft's language */
const char *ruleset_family(__u8 family);

/** ruleset_attrs() - What is inside an attribute, which may be NULL: by type, @max + 1 of them */
void ruleset_attrs(const struct nlattr *nest, const struct nlattr **attrs, unsigned int max);

#endif /* RULESET_H */
