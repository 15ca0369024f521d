/* SPDX-License-Identifier: GPL-2.0-only */
/* ports.h - the `host` bits of the claim sets: which ports are not ours to give. */
#ifndef PORTS_H
#define PORTS_H

#include "gateway.h"

/** struct ports - The map `ports`, mapped into memory by ports_open() */
struct ports {
	struct nat_claims *sets;
	size_t bytes;
	unsigned int count;
};

/** ports_open() - @writable: for ports_refresh(). Return: 0 or -errno */
int ports_open(struct ports *ports, const struct gateway *gw, bool writable);

void ports_close(struct ports *ports);

/**
 * ports_refresh() - Bring the `host` bits up to date
 *
 * For TCP and UDP: ports of 1024 and above outside port-first to port-last, and every
 * port of a local socket on the wildcard or on that external address. Writes only
 * words that change.
 *
 * Return: 0; -ENOENT when the kernel does not list sockets, the range being set all the same;
 * another -errno when the list broke off, that protocol being as before
 */
int ports_refresh(const struct ports *ports, const struct nat_pool *pool,
		  const struct nat_settings *settings);

/** struct ports_usage - Of one protocol */
struct ports_usage {
	__u32 capacity; /* ports that are, or could be, given to bindings */
	__u32 in_use;	/* claimed */
};

/**
 * ports_usage() - Count, over some addresses of the pool
 * @first, @count: Their indices
 * @usage: By enum nat_claim_set
 */
void ports_usage(const struct ports *ports, __u32 first, __u32 count,
		 const struct nat_settings *settings, struct ports_usage usage[NAT_CLAIMS_MAX]);

#endif /* PORTS_H */
