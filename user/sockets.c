// SPDX-License-Identifier: GPL-2.0-only
/* sockets.c - the ports that this machine's own sockets hold, over NETLINK_SOCK_DIAG. */
#include "sockets.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

#include "netlink.h"

#define ALL_STATES 0xffffffffU

struct visitor {
	void (*fn)(__be32 addr, __u16 port, void *data);
	void *data;
};

static bool is_v6only(const struct nlmsghdr *answer, const struct inet_diag_msg *socket)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, answer, sizeof(*socket))
		if (mnl_attr_get_type(attr) == INET_DIAG_SKV6ONLY)
			return mnl_attr_get_payload_len(attr) && mnl_attr_get_u8(attr);
	return false;
}

/* An IPv6 socket on the wildcard takes IPv4 too, and one on ::ffff:a.b.c.d only that. */
static int visit(const struct nlmsghdr *answer, void *data)
{
	const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(answer);
	const __u32 *source = socket->id.idiag_src;
	const struct visitor *visitor = data;
	struct in6_addr wide;
	__be32 addr;

	if (!netlink_has(answer, sizeof(*socket)))
		return MNL_CB_OK;
	addr = source[0];
	if (socket->idiag_family == AF_INET6) {
		memcpy(&wide, source, sizeof(wide));
		if (IN6_IS_ADDR_V4MAPPED(&wide))
			addr = source[3];
		else if (!IN6_IS_ADDR_UNSPECIFIED(&wide) || is_v6only(answer, socket))
			return MNL_CB_OK;
	}
	if (socket->id.idiag_sport)
		visitor->fn(addr, ntohs(socket->id.idiag_sport), visitor->data);
	return MNL_CB_OK;
}

int sockets_each(__u8 proto, void (*fn)(__be32 addr, __u16 port, void *data), void *data)
{
	static const __u8 families[] = { AF_INET, AF_INET6 };
	struct visitor visitor = { .fn = fn, .data = data };
	struct inet_diag_req_v2 *ask;
	struct nlmsghdr *request;
	char buffer[8192];
	int err = 0;

	for (unsigned int i = 0; !err && i < sizeof(families); i++) {
		request = netlink_request(buffer, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof(*ask),
					  (void **)&ask);
		ask->sdiag_family = families[i];
		ask->sdiag_protocol = proto;
		ask->idiag_states = ALL_STATES;
		err = netlink_talk(NETLINK_SOCK_DIAG, request, visit, &visitor);
	}
	return err;
}
