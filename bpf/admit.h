/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admit.h - may this outbound packet have a binding, and whose is it?
 *
 * Asked once per flow, before anything is claimed. The order of the questions is the
 * policy: what no router forwards, what the operator excluded, the gateway's own
 * traffic, then whether the source is one that we translate. A packet from an internal
 * host that is none of these is dropped: it never leaves with a private source.
 */
#ifndef ADMIT_H
#define ADMIT_H

#include "verdict.h"

/**
 * struct admission - Whose packet it is
 * @own:     Sent from a pool address, so by this machine
 * @address: Index of that address; meaningless for an internal host's packet
 */
struct admission {
	bool own;
	__u16 address;
};

/** admit_is_in() - Is @addr (network order) in network @net (host order) of @len bits? */
static __always_inline bool admit_is_in(__be32 addr, __u32 net, __u32 len)
{
	return (bpf_ntohl(addr) ^ net) >> (32 - len) == 0;
}

/** admit_is_private() - RFC 1918, RFC 6598 and link-local: not for the Internet */
static __always_inline bool admit_is_private(__be32 addr)
{
	return admit_is_in(addr, 0x0a000000, 8) || admit_is_in(addr, 0xac100000, 12) ||
	       admit_is_in(addr, 0xc0a80000, 16) || admit_is_in(addr, 0x64400000, 10) ||
	       admit_is_in(addr, 0xa9fe0000, 16);
}

static __always_inline bool admit_is_multicast(__be32 addr)
{
	return admit_is_in(addr, 0xe0000000, 4);
}

/** admit_is_martian() - A source or destination that no router forwards (RFC 1812 5.3.7) */
static __always_inline bool admit_is_martian(const struct pkt *pkt)
{
	return admit_is_in(pkt->src.addr, 0, 8) || admit_is_in(pkt->src.addr, 0x7f000000, 8) ||
	       admit_is_in(pkt->src.addr, 0xe0000000, 3) || admit_is_in(pkt->dst.addr, 0, 8) ||
	       admit_is_in(pkt->dst.addr, 0x7f000000, 8) ||
	       admit_is_in(pkt->dst.addr, 0xf0000000, 4);
}

/** admit_is_listed() - Is @addr in one of the prefixes of @list? */
static __always_inline bool admit_is_listed(void *list, __be32 addr)
{
	struct nat_prefix key = { .len = 32, .addr = addr };

	return bpf_map_lookup_elem(list, &key);
}

/**
 * admit_is_transit() - Is it between others on the outside, to whom this machine is a router?
 *
 * Unless --internal says whose packets are to be translated: a gateway with one interface.
 */
static __always_inline bool admit_is_transit(const struct pkt *pkt)
{
	return pkt->reflected && admit_is_listed(&internal_nets, 0);
}

/**
 * admit_outbound() - Judge an outbound packet that has no binding yet
 * @ask: Filled on NAT_CONTINUE
 *
 * Return: NAT_CONTINUE; pass(): HOST_OUT, EXCLUDED, NOT_INTERNAL; drop(): MARTIAN,
 * MULTICAST, SOURCE
 */
VERIFIED_ONCE int admit_outbound(const struct pkt *pkt, struct admission *ask)
{
	struct nat_external *own;
	__be32 src;

	if (!pkt || !ask)
		return NAT_DROP;
	src = pkt->src.addr;
	own = bpf_map_lookup_elem(&externals, &src);
	/* The unspecified source of a DHCP client; our own address, but not in the pool */
	if (!pkt->src.addr || (own && own->flags & NAT_EXTERNAL_OUTSIDE))
		return pass(NAT_REASON_HOST_OUT);
	if (own && (admit_is_multicast(pkt->dst.addr) || admit_is_martian(pkt)))
		return pass(NAT_REASON_HOST_OUT);
	if (admit_is_martian(pkt))
		return drop(NAT_REASON_MARTIAN);
	if (admit_is_multicast(pkt->dst.addr))
		return drop(NAT_REASON_MULTICAST);
	if (admit_is_listed(&excluded_nets, pkt->dst.addr))
		return pass(NAT_REASON_EXCLUDED);
	ask->own = own;
	ask->address = own ? own->index : 0;
	if (own || (admit_is_listed(&internal_nets, pkt->src.addr) && !admit_is_transit(pkt)))
		return NAT_CONTINUE;
	return admit_is_private(pkt->src.addr) ? drop(NAT_REASON_SOURCE) :
						 pass(NAT_REASON_NOT_INTERNAL);
}

#endif /* ADMIT_H */
