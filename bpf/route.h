/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * route.h - where does the way to an address lead?
 *
 * Asked before a packet makes state, or an error is believed: what this machine would look
 * for elsewhere is not what it pretends to be.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "admit.h"
#include "fib.h"

/**
 * route_to() - The interface that leads to an address
 *
 * Return: its index; 0 if none does, or the address is this machine's own
 */
VERIFIED_ONCE int route_to(struct nat_ctx *ctx, __be32 addr)
{
	/* A length of 1: how large a packet is does not matter here. */
	struct bpf_fib_lookup fib = {
		.family = NAT_AF_INET, .ifindex = ctx->ifindex, .tot_len = 1, .ipv4_dst = addr
	};
	long err = bpf_fib_lookup(ctx, &fib, sizeof(fib), 0);

	return err == BPF_FIB_LKUP_RET_SUCCESS || err == BPF_FIB_LKUP_RET_NO_NEIGH ? fib.ifindex :
										     0;
}

/** route_leads_back() - Is a packet's source to be found where the packet came from? */
static __always_inline bool route_leads_back(struct nat_ctx *ctx, const struct pkt *pkt)
{
	return route_to(ctx, pkt->src.addr) == (int)ctx->ifindex;
}

/** route_leads_inside() - Is a leaving packet's source to be found on another interface? */
static __always_inline bool route_leads_inside(struct nat_ctx *ctx, const struct pkt *pkt)
{
	int ifindex = route_to(ctx, pkt->src.addr);

	return ifindex && ifindex != (int)ctx->ifindex;
}

/**
 * route_is_inside() - Is @addr private, and not to be found over this interface?
 *
 * A public address may be behind any of several uplinks. A private one that this gateway would
 * look for elsewhere is an internal host's, or pretends to be.
 */
static __always_inline bool route_is_inside(struct nat_ctx *ctx, __be32 addr)
{
	return admit_is_private(addr) && route_to(ctx, addr) != (int)ctx->ifindex;
}

#endif /* ROUTE_H */
