/* SPDX-License-Identifier: GPL-2.0-only */
/* routes.h - which interfaces the default routes lead by, and which rules lead to them. */
#ifndef ROUTES_H
#define ROUTES_H

#include <linux/types.h>
#include <stdbool.h>

#define ROUTES_MAX 128 /* of each; others are not looked at */

/** struct routes_default - A default route, or one of its next hops */
struct routes_default {
	__u32 table;
	__u32 metric;
	unsigned int ifindex;
};

/**
 * struct routes_rule - A rule that is not one of the three that always exist
 * @is_marked: It asks for a firewall mark
 */
struct routes_rule {
	__u32 table;
	bool is_marked;
};

struct routes {
	struct routes_default defaults[ROUTES_MAX];
	unsigned int default_count;
	struct routes_rule rules[ROUTES_MAX];
	unsigned int rule_count;
};

/** routes_read() - Of IPv4, in this network namespace. Return: 0 or -errno */
int routes_read(struct routes *routes);

/**
 * routes_has() - Is there a default route by this interface?
 * @table: In this table; RT_TABLE_UNSPEC: in any
 */
bool routes_has(const struct routes *routes, __u32 table, unsigned int ifindex);

/**
 * routes_main() - The interface of the default route that counts without rules
 *
 * Of several with the same metric, @ifindex if it is one of them. Return: 0 if there is none
 */
unsigned int routes_main(const struct routes *routes, unsigned int ifindex);

/**
 * routes_by_rule() - Does a rule lead to a table with a default route by this interface?
 * @marked: One that asks for a mark will do
 */
bool routes_by_rule(const struct routes *routes, unsigned int ifindex, bool marked);

#endif /* ROUTES_H */
