/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_ports.h - the port space of an external address: which ports are taken, and by whom.
 */
#ifndef NAT_PORTS_H
#define NAT_PORTS_H

#include "nat_endpoint.h"

/* ---- ports: ARRAY, mmapable, claim_set_index(address, proto) ---------------------------- */

#define NAT_PORT_WORDS 1024 /* 65,536 ports, one bit each */
#define NAT_FULL_WORDS 16   /* 1,024 words, one bit each */

/**
 * struct nat_claims - Which ports of one address and protocol are taken
 * @claimed: One bit a port. Set by the data path when it makes a binding, cleared by
 *	     the reaper after it has deleted one: a set bit has a binding that says why
 * @host:    One bit a port that is not ours to give: outside the range, or a local
 *	     socket's. Written by natctl alone, which can rebuild it at any time
 * @full:    By parity (0 even, 1 odd): word w has no port of that parity left. A
 *	     hint that lets a search skip it; see bpf/claims.h for its races
 * @used:    Number of claimed bits, for choosing among addresses
 */
struct nat_claims {
	__u64 claimed[NAT_PORT_WORDS];
	__u64 host[NAT_PORT_WORDS];
	__u64 full[2][NAT_FULL_WORDS];
	__u64 used;
};

/** enum nat_claim_set - Protocols have port spaces of their own (RFC 7857 section 5) */
enum nat_claim_set {
	NAT_CLAIMS_TCP,
	NAT_CLAIMS_UDP,
	NAT_CLAIMS_ICMP,
	NAT_CLAIMS_MAX,
};

/** claim_set() - The port space of a protocol */
static __always_inline enum nat_claim_set claim_set(__u8 proto)
{
	return proto == NAT_PROTO_TCP ? NAT_CLAIMS_TCP :
	       proto == NAT_PROTO_UDP ? NAT_CLAIMS_UDP :
					NAT_CLAIMS_ICMP;
}

/** claim_set_index() - Index into `ports` of an external address and a protocol */
static __always_inline __u32 claim_set_index(__u16 address, __u8 proto)
{
	return address * NAT_CLAIMS_MAX + claim_set(proto);
}

_Static_assert(sizeof(struct nat_claims) == 16648, "claims");

#endif /* NAT_PORTS_H */
