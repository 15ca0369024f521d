/* SPDX-License-Identifier: GPL-2.0-only */
/* netlink.h - one request, its answers, over libmnl. */
#ifndef NETLINK_H
#define NETLINK_H

#include <libmnl/libmnl.h>

/**
 * netlink_talk() - Send a request and feed every answer to a callback
 * @bus:     NETLINK_ROUTE, NETLINK_SOCK_DIAG, ...
 * @request: Made in a buffer of MNL_SOCKET_BUFFER_SIZE; the sequence number is set here
 * @fn:      For each message of a dump or reply, MNL_CB_OK to go on; NULL: an
 *	     acknowledgement is all that is expected (the request must ask for one)
 *
 * Return: 0 or -errno, the kernel's refusal included
 */
int netlink_talk(int bus, struct nlmsghdr *request, mnl_cb_t fn, void *data);

/**
 * netlink_request() - Begin a request
 * @buffer: Of MNL_SOCKET_BUFFER_SIZE bytes
 * @size:   Of the header that follows the netlink one, zeroed and returned in @extra
 */
struct nlmsghdr *netlink_request(void *buffer, int type, int flags, size_t size, void **extra);

#endif /* NETLINK_H */
