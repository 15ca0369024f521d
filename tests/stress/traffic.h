/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traffic.h - the packets of the stress program, made once, and what has become of one.
 *
 * Few endpoints, so that everything happens to each of them: HOSTS internal addresses with
 * SOURCES ports each, REMOTES remote endpoints, a port range with room for some of them.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "owners.h"
#include "packet.h"

#define HOSTS 6
#define SOURCES 6
#define REMOTES 4
#define FIRST_PORT 5000
#define PORTS 16      /* fewer than HOSTS * SOURCES: some are refused */
#define GENERATIONS 2 /* addresses that an index of the pool has had, in turn */

enum traffic_kind {
	TRAFFIC_UDP,
	TRAFFIC_ICMP,
	TRAFFIC_SYN,
	TRAFFIC_ACK,
	TRAFFIC_FIN,
	TRAFFIC_RST,
	TRAFFIC_GRE,
	TRAFFIC_MAX,
};

/** struct traffic - A packet; octets from the link header on */
struct traffic {
	unsigned char bytes[96];
	__u16 len;
	__u8 proto;
};

/** traffic_make() - Build all packets */
void traffic_make(void);

/** traffic_out() - From a host's port to a remote endpoint */
const struct traffic *traffic_out(enum traffic_kind kind, __u32 host, __u32 source, __u32 remote);

/** traffic_in() - From a remote endpoint to the n-th port of an external address */
const struct traffic *traffic_in(enum traffic_kind kind, __u32 remote, __u32 address,
				 __u32 generation, __u32 port);

/** traffic_internal() - The endpoint of a host; without a port if @source is SOURCES */
struct nat_endpoint traffic_internal(__u8 proto, __u32 host, __u32 source);

/** traffic_external() - An address of the pool: the one that an index has in turn */
__be32 traffic_external(__u32 address, __u32 generation);

/**
 * traffic_used() - Which ports does a translated packet show?
 * @before, @after: Octets of it; both begin with a link header
 * @is_out: Did it go out, or come in?
 * @use:    @address, @external and @internal are filled
 *
 * Return: false if it was not translated, or if it is of a protocol without ports
 */
bool traffic_used(const unsigned char *before, const unsigned char *after, bool is_out,
		  struct owners_use *use);

#endif /* TRAFFIC_H */
