// SPDX-License-Identifier: GPL-2.0-only
/* netif.c - interfaces and their IPv4 addresses, over rtnetlink. */
#include "netif.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"

/* The protocol number of our routes; `ip route` prints it as it is. Numbers from 64
 * are for administrators' own use (rt_protos), where 78 is nobody's. */
#define ROUTE_PROTOCOL 78

#define ETHERNET_HEADER_LEN 14

/* ---- interfaces ------------------------------------------------------------------------ */

static int parse_link(const struct nlmsghdr *answer, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(answer);
	const struct nlattr *attr, *inner;
	struct netif *netif = data;

	if (!netlink_has(answer, sizeof(*info)))
		return MNL_CB_STOP;
	netif->ifindex = info->ifi_index;
	netif->type = info->ifi_type;
	netif->flags = info->ifi_flags;
	mnl_attr_for_each(attr, answer, sizeof(*info)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			snprintf(netif->name, sizeof(netif->name), "%s", netlink_text(attr));
		if (mnl_attr_get_type(attr) == IFLA_ADDRESS &&
		    mnl_attr_get_payload_len(attr) == sizeof(netif->mac))
			memcpy(netif->mac, mnl_attr_get_payload(attr), sizeof(netif->mac));
		if (mnl_attr_get_type(attr) != IFLA_LINKINFO)
			continue;
		mnl_attr_for_each_nested(inner, attr)
			if (mnl_attr_get_type(inner) == IFLA_INFO_KIND)
				strncpy(netif->kind, netlink_text(inner), sizeof(netif->kind) - 1);
	}
	return MNL_CB_STOP;
}

/* By name if there is one, else by index. */
static int find_link(const char *name, unsigned int ifindex, struct netif *netif)
{
	char buffer[8192];
	struct nlmsghdr *request;
	struct ifinfomsg *info;

	memset(netif, 0, sizeof(*netif));
	request = netlink_request(buffer, RTM_GETLINK, 0, sizeof(*info), (void **)&info);
	info->ifi_family = AF_UNSPEC;
	if (name)
		mnl_attr_put_strz(request, IFLA_IFNAME, name);
	else
		info->ifi_index = (int)ifindex;
	return netlink_talk(NETLINK_ROUTE, request, parse_link, netif);
}

int netif_find(const char *name, struct netif *netif)
{
	return strlen(name) < IF_NAMESIZE ? find_link(name, 0, netif) : -ENODEV;
}

int netif_find_index(unsigned int ifindex, struct netif *netif)
{
	return find_link(NULL, ifindex, netif);
}

int netif_header_len(const struct netif *netif)
{
	switch (netif->type) {
	case ARPHRD_ETHER:
		return ETHERNET_HEADER_LEN;
	case ARPHRD_NONE:
	case ARPHRD_PPP:
	case ARPHRD_RAWIP:
	case ARPHRD_TUNNEL:
		return 0;
	default:
		return -EPFNOSUPPORT;
	}
}

/* ---- addresses ------------------------------------------------------------------------- */

struct addr_list {
	struct netif_addr *addrs;
	int count;
};

static int list_add(struct addr_list *list, const struct netif_addr *addr)
{
	struct netif_addr *grown = realloc(list->addrs, (list->count + 1) * sizeof(*grown));

	if (!grown)
		return MNL_CB_ERROR;
	list->addrs = grown;
	list->addrs[list->count++] = *addr;
	return MNL_CB_OK;
}

static int parse_addr(const struct nlmsghdr *answer, void *data)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(answer);
	struct netif_addr addr = {};
	const struct nlattr *attr;

	if (!netlink_has(answer, sizeof(*info)))
		return MNL_CB_OK;
	addr.ifindex = info->ifa_index;
	addr.is_primary = !(info->ifa_flags & IFA_F_SECONDARY) && info->ifa_scope < RT_SCOPE_LINK;
	mnl_attr_for_each(attr, answer, sizeof(*info))
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			addr.addr = netlink_u32(attr);
	if (info->ifa_family != AF_INET || !addr.addr)
		return MNL_CB_OK;
	return list_add(data, &addr);
}

/* The answers to a request for a list. */
static int dump(struct nlmsghdr *request, mnl_cb_t parse, struct netif_addr **addrs)
{
	struct addr_list list = {};
	int err;

	do {
		list.count = 0;
		err = netlink_talk(NETLINK_ROUTE, request, parse, &list);
	} while (err == -EINTR); /* the list changed under the dump */
	if (err) {
		free(list.addrs);
		list.addrs = NULL;
	}
	*addrs = list.addrs;
	return err ? err : list.count;
}

int netif_addrs(struct netif_addr **addrs)
{
	char buffer[8192];
	struct nlmsghdr *request;
	struct ifaddrmsg *info;

	request = netlink_request(buffer, RTM_GETADDR, NLM_F_DUMP, sizeof(*info), (void **)&info);
	info->ifa_family = AF_INET;
	return dump(request, parse_addr, addrs);
}

__be32 netif_primary(const struct netif_addr *addrs, int count, unsigned int ifindex)
{
	__be32 any = 0;

	for (int i = 0; i < count; i++) {
		if (addrs[i].ifindex != ifindex)
			continue;
		if (addrs[i].is_primary)
			return addrs[i].addr;
		any = any ? any : addrs[i].addr;
	}
	return any;
}

bool netif_owns(const struct netif_addr *addrs, int count, unsigned int ifindex, __be32 addr)
{
	for (int i = 0; i < count; i++)
		if (addrs[i].ifindex == ifindex && addrs[i].addr == addr)
			return true;
	return false;
}

int netif_answer(unsigned int ifindex, __be32 addr, bool answer)
{
	char buffer[8192];
	struct nlmsghdr *request;
	struct rtmsg *route;
	int err;

	request = netlink_request(buffer, answer ? RTM_NEWROUTE : RTM_DELROUTE,
				  NLM_F_ACK | (answer ? NLM_F_CREATE | NLM_F_EXCL : 0),
				  sizeof(*route), (void **)&route);
	route->rtm_family = AF_INET;
	route->rtm_dst_len = 32;
	route->rtm_table = RT_TABLE_LOCAL;
	route->rtm_protocol = ROUTE_PROTOCOL;
	route->rtm_scope = RT_SCOPE_HOST;
	route->rtm_type = RTN_LOCAL;
	mnl_attr_put_u32(request, RTA_DST, addr);
	mnl_attr_put_u32(request, RTA_OIF, ifindex);
	err = netlink_talk(NETLINK_ROUTE, request, NULL, NULL);
	if ((answer && err == -EEXIST) || (!answer && (err == -ESRCH || err == -ENODEV)))
		return 0;
	return err;
}

static int parse_answer(const struct nlmsghdr *answer, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(answer);
	struct netif_addr addr = {};
	const struct nlattr *attr;

	if (!netlink_has(answer, sizeof(*route)))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, answer, sizeof(*route)) {
		if (mnl_attr_get_type(attr) == RTA_DST)
			addr.addr = netlink_u32(attr);
		if (mnl_attr_get_type(attr) == RTA_OIF)
			addr.ifindex = netlink_u32(attr);
	}
	if (route->rtm_table != RT_TABLE_LOCAL || route->rtm_type != RTN_LOCAL ||
	    route->rtm_protocol != ROUTE_PROTOCOL || route->rtm_dst_len != 32)
		return MNL_CB_OK;
	return list_add(data, &addr);
}

int netif_answers(struct netif_addr **addrs)
{
	char buffer[8192];
	struct nlmsghdr *request;
	struct rtmsg *route;

	request =
		netlink_request(buffer, RTM_GETROUTE, NLM_F_DUMP, sizeof(*route), (void **)&route);
	route->rtm_family = AF_INET;
	return dump(request, parse_answer, addrs);
}
