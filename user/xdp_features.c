// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdp_features.c - what a driver can do for XDP, over generic netlink.
 *
 * The numbers are those of linux/netdev.h of Linux 6.3; Debian 12's headers are of 6.1.
 */
#include "xdp_features.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/types.h>

#include "netlink.h"

#define NETDEV_FAMILY "netdev"
#define NETDEV_CMD_DEV_GET 1
#define NETDEV_A_DEV_IFINDEX 1
#define NETDEV_A_DEV_XDP_FEATURES 3
#define NETDEV_XDP_ACT_NDO_XMIT 4

static struct nlmsghdr *request_begin(void *buffer, int family, __u8 command)
{
	struct genlmsghdr *header;
	struct nlmsghdr *request =
		netlink_request(buffer, family, 0, sizeof(*header), (void **)&header);

	header->cmd = command;
	header->version = 1;
	return request;
}

static int parse_family(const struct nlmsghdr *answer, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, answer, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U16))
			*(int *)data = mnl_attr_get_u16(attr);
	return MNL_CB_STOP;
}

static int parse_features(const struct nlmsghdr *answer, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, answer, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == NETDEV_A_DEV_XDP_FEATURES &&
		    !mnl_attr_validate(attr, MNL_TYPE_U64))
			*(__u64 *)data = mnl_attr_get_u64(attr);
	return MNL_CB_STOP;
}

static int find_family(void)
{
	char buffer[8192];
	struct nlmsghdr *request = request_begin(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	int family = 0, err;

	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY);
	err = netlink_talk(NETLINK_GENERIC, request, parse_family, &family);
	return err ? err : family;
}

bool xdp_can_send(unsigned int ifindex)
{
	char buffer[8192];
	struct nlmsghdr *request;
	int family = find_family();
	__u64 features = 0;

	if (family <= 0)
		return false;
	request = request_begin(buffer, family, NETDEV_CMD_DEV_GET);
	mnl_attr_put_u32(request, NETDEV_A_DEV_IFINDEX, ifindex);
	return !netlink_talk(NETLINK_GENERIC, request, parse_features, &features) &&
	       features & NETDEV_XDP_ACT_NDO_XMIT;
}
