/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_endpoint.h - what a flow's ends are called, in every key and value.
 *
 * Addresses and ports are in network order and typed __be32 and __be16. Padding is explicit
 * and zero in every entry ever written: a hash map compares keys byte by byte.
 */
#ifndef NAT_ENDPOINT_H
#define NAT_ENDPOINT_H

#include "nat_types.h"

/**
 * struct nat_endpoint - One side of a flow
 * @addr:  IPv4 address, network order
 * @port:  TCP or UDP port, or ICMP query id, network order; 0 where there is none
 * @proto: enum nat_proto
 */
struct nat_endpoint {
	__be32 addr;
	__be16 port;
	__u8 proto;
	__u8 pad;
};

/**
 * struct nat_remote - The other end; its protocol is that of the endpoint it is paired with
 * @tag: 0, or NAT_TAG_FORWARD and above
 */
struct nat_remote {
	__be32 addr;
	__be16 port;
	__u16 tag;
};

/* In the key of a static binding whose internal endpoint has a binding already: the place of
 * the remote endpoint holds the external one, and no packet's key is like it. */
#define NAT_TAG_FORWARD 1

/** enum nat_entry_kind - Who asked for a binding, and so who may end it */
enum nat_entry_kind {
	NAT_DYNAMIC, /* an internal host's packet; ends by idling */
	NAT_STATIC,  /* a person, by `natctl forward`; ends by `natctl forward del` */
	NAT_HOST,    /* the gateway's own packet: exempt from limits and filters */
};

#define NAT_ENTRY_KINDS(X) X(DYNAMIC, "dynamic") X(STATIC, "static") X(HOST, "host")

_Static_assert(sizeof(struct nat_endpoint) == 8, "endpoint");
_Static_assert(sizeof(struct nat_remote) == 8, "remote");

#endif /* NAT_ENDPOINT_H */
