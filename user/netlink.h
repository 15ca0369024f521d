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

/** netlink_has() - Does a message begin with a header of @size octets? */
static inline bool netlink_has(const struct nlmsghdr *message, size_t size)
{
	return mnl_nlmsg_get_payload_len(message) >= size;
}

/** netlink_u32() - What an attribute holds; 0 if that is less */
static inline __u32 netlink_u32(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) < 0 ? 0 : mnl_attr_get_u32(attr);
}

/** netlink_text() - Likewise; "" if it does not end */
static inline const char *netlink_text(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0 ? "" : mnl_attr_get_str(attr);
}

#endif /* NETLINK_H */
