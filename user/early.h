/* SPDX-License-Identifier: GPL-2.0-only */
/* early.h - fragments that came before the first one of their datagram. Pure: no map, no socket. */
#ifndef EARLY_H
#define EARLY_H

#include "nat_request.h"

#define EARLY_OCTETS_MAX (4U << 20)

/** struct early_datagram - One in `early`. @fragments: by offset; equal ones as they came */
struct early_datagram {
	struct nat_fragment_key key;
	__be32 dst;
	__be16 id;
	__u32 deadline;
	struct early_fragment *fragments;
};

/**
 * struct early - All that is held
 * @datagrams: The first @count of NAT_EARLY_MAX are in use, in no order
 * @octets:    Of all fragments, what keeping them costs included
 */
struct early {
	struct early_datagram *datagrams;
	size_t count;
	size_t octets;
};

/** early_open() - Return: 0 or -ENOMEM */
int early_open(struct early *early);

/** early_close() - Forget everything */
void early_close(struct early *early);

/**
 * early_hold() - Keep a copy of a fragment
 * @request:  NAT_REQUEST_HOLD
 * @deadline: Tick from which on its datagram is forgotten, if it is the first of it here
 *
 * Makes room by forgetting the oldest datagrams, and one that had the same key.
 */
void early_hold(struct early *early, const struct nat_request *request, __u32 now, __u32 deadline);

/**
 * early_release() - Hand over what is held of a datagram, by offset, and forget it
 * @request: NAT_REQUEST_RELEASE or _HOLD: which datagram
 * @take:    Called with each fragment, which it may change
 */
void early_release(struct early *early, const struct nat_request *request,
		   void (*take)(void *data, __u8 *packet, size_t len), void *data);

/** early_expire() - Forget what is past its deadline */
void early_expire(struct early *early, __u32 now);

/**
 * early_translate() - Rewrite a fragment as its first one was
 * @packet: Its header must be whole
 * @hops:   Added to the TTL
 */
void early_translate(__u8 *packet, const struct nat_fragment *note, int hops);

#endif /* EARLY_H */
