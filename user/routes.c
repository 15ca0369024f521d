// SPDX-License-Identifier: GPL-2.0-only
/* routes.c - which interfaces the default routes lead by, and which rules lead to them. */
#include "routes.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "netlink.h"

static void default_add(struct routes *routes, __u32 table, __u32 metric, unsigned int ifindex)
{
	if (ifindex && routes->default_count < ROUTES_MAX)
		routes->defaults[routes->default_count++] =
			(struct routes_default){ table, metric, ifindex };
}

/* Next hops stand one behind the other, each with attributes of its own behind it. */
static void hops_add(struct routes *routes, __u32 table, __u32 metric, const struct nlattr *attr)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);
	int left = mnl_attr_get_payload_len(attr);

	while (left >= (int)sizeof(*hop) && RTNH_OK(hop, left)) {
		default_add(routes, table, metric, hop->rtnh_ifindex);
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
}

static int parse_route(const struct nlmsghdr *answer, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(answer);
	const struct nlattr *attr, *hops = NULL;
	unsigned int ifindex = 0;
	__u32 table, metric = 0;

	if (!netlink_has(answer, sizeof(*route)) || route->rtm_family != AF_INET ||
	    route->rtm_dst_len || route->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	table = route->rtm_table;
	mnl_attr_for_each(attr, answer, sizeof(*route)) {
		if (mnl_attr_get_type(attr) == RTA_TABLE)
			table = netlink_u32(attr);
		if (mnl_attr_get_type(attr) == RTA_PRIORITY)
			metric = netlink_u32(attr);
		if (mnl_attr_get_type(attr) == RTA_OIF)
			ifindex = netlink_u32(attr);
		if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
			hops = attr;
	}
	default_add(data, table, metric, ifindex);
	if (hops)
		hops_add(data, table, metric, hops);
	return MNL_CB_OK;
}

static int parse_rule(const struct nlmsghdr *answer, void *data)
{
	const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(answer);
	struct routes_rule rule = { 0 };
	struct routes *routes = data;
	const struct nlattr *attr;

	if (!netlink_has(answer, sizeof(*header)))
		return MNL_CB_OK;
	rule.table = header->table;
	mnl_attr_for_each(attr, answer, sizeof(*header)) {
		if (mnl_attr_get_type(attr) == FRA_TABLE)
			rule.table = netlink_u32(attr);
		if (mnl_attr_get_type(attr) == FRA_FWMARK)
			rule.is_marked = true;
	}
	if (header->action == FR_ACT_TO_TBL && rule.table != RT_TABLE_LOCAL &&
	    rule.table != RT_TABLE_MAIN && rule.table != RT_TABLE_DEFAULT &&
	    routes->rule_count < ROUTES_MAX)
		routes->rules[routes->rule_count++] = rule;
	return MNL_CB_OK;
}

/* @count: Of what is filled; begun anew where it changed under the dump */
static int dump(struct nlmsghdr *request, mnl_cb_t parse, struct routes *routes,
		unsigned int *count)
{
	int err;

	do {
		*count = 0;
		err = netlink_talk(NETLINK_ROUTE, request, parse, routes);
	} while (err == -EINTR);
	return err;
}

int routes_read(struct routes *routes)
{
	char buffer[256];
	struct nlmsghdr *request;
	struct fib_rule_hdr *rule;
	struct rtmsg *route;
	int err;

	memset(routes, 0, sizeof(*routes));
	request =
		netlink_request(buffer, RTM_GETROUTE, NLM_F_DUMP, sizeof(*route), (void **)&route);
	route->rtm_family = AF_INET;
	err = dump(request, parse_route, routes, &routes->default_count);
	if (err)
		return err;
	request = netlink_request(buffer, RTM_GETRULE, NLM_F_DUMP, sizeof(*rule), (void **)&rule);
	rule->family = AF_INET;
	err = dump(request, parse_rule, routes, &routes->rule_count);
	return err == -EOPNOTSUPP ? 0 : err; /* a kernel without rules */
}

bool routes_has(const struct routes *routes, __u32 table, unsigned int ifindex)
{
	for (unsigned int i = 0; i < routes->default_count; i++)
		if (routes->defaults[i].ifindex == ifindex &&
		    (table == RT_TABLE_UNSPEC || routes->defaults[i].table == table))
			return true;
	return false;
}

unsigned int routes_main(const struct routes *routes, unsigned int ifindex)
{
	const struct routes_default *best = NULL, *way;

	for (unsigned int i = 0; i < routes->default_count; i++) {
		way = &routes->defaults[i];
		if (way->table != RT_TABLE_MAIN)
			continue;
		if (!best || way->metric < best->metric ||
		    (way->metric == best->metric && way->ifindex == ifindex))
			best = way;
	}
	return best ? best->ifindex : 0;
}

bool routes_by_rule(const struct routes *routes, unsigned int ifindex, bool marked)
{
	for (unsigned int i = 0; i < routes->rule_count; i++)
		for (unsigned int k = 0; k < routes->default_count; k++)
			if (routes->rules[i].table == routes->defaults[k].table &&
			    routes->defaults[k].ifindex == ifindex &&
			    (marked || !routes->rules[i].is_marked))
				return true;
	return false;
}
