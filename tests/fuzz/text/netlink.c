// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink.c - what the kernel might answer: links, addresses, routes, rules, sockets.
 *
 * Takes the place of user/netlink.c: whatever is asked for, the answer is the input. The kernel
 * is trusted, but newer ones say more than the one that this was written with.
 */
#include "netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netif.h"
#include "routes.h"
#include "sockets.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const unsigned char *answer;
static size_t answer_len;

struct nlmsghdr *netlink_request(void *buffer, int type, int flags, size_t size, void **extra)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	*extra = mnl_nlmsg_put_extra_header(request, size);
	return request;
}

/* libmnl takes a length above 2 GiB for a negative one, and so for one that fits. */
static bool has_sane_lengths(const unsigned char *at, size_t len)
{
	struct nlmsghdr header;

	while (len >= sizeof(header)) {
		memcpy(&header, at, sizeof(header));
		if (header.nlmsg_len < sizeof(header))
			return true; /* it stops there */
		if (header.nlmsg_len > len)
			return false;
		if (NLMSG_ALIGN(header.nlmsg_len) > len)
			return true;
		at += NLMSG_ALIGN(header.nlmsg_len);
		len -= NLMSG_ALIGN(header.nlmsg_len);
	}
	return true;
}

int netlink_talk(int bus, struct nlmsghdr *request, mnl_cb_t fn, void *data)
{
	char *copy;
	int err;

	(void)bus;
	(void)request;
	if (!has_sane_lengths(answer, answer_len))
		return -EIO;
	copy = malloc(answer_len ? answer_len : 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, answer, answer_len);
	err = mnl_cb_run(copy, answer_len, 0, 0, fn, data);
	free(copy);
	/* A list that has changed is asked for again: it would not end. */
	return err < 0 ? errno == EINTR ? -EIO : -errno : 0;
}

static void socket_seen(__be32 addr, __u16 port, void *data)
{
	(void)addr;
	(void)port;
	(void)data;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct routes routes;
	struct netif_addr *addrs = NULL;
	struct netif netif;

	if (!size)
		return 0;
	answer = data + 1;
	answer_len = size - 1;
	switch (data[0] % 5) {
	case 0:
		netif_find_index(1, &netif);
		break;
	case 1:
		netif_addrs(&addrs);
		break;
	case 2:
		netif_answers(&addrs);
		break;
	case 3:
		if (!routes_read(&routes))
			routes_main(&routes, 1);
		break;
	default:
		sockets_each(NAT_PROTO_UDP, socket_seen, NULL);
	}
	free(addrs);
	return 0;
}
