/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * route.h - where does the way back to a packet's source lead?
 *
 * Asked before a packet makes state: a source that this machine would look for elsewhere is
 * not what it pretends to be.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "pkt.h"

#define NAT_AF_INET 2

/**
 * route_back() - The interface that leads to a packet's source
 *
 * Return: its index; 0 if none does, or the source is this machine's own
 */
VERIFIED_ONCE int route_back(struct nat_ctx *ctx, const struct pkt *pkt)
{
	/* A length of 1: how large the packet is does not matter here. */
	struct bpf_fib_lookup fib = { .family = NAT_AF_INET,
				      .ifindex = ctx->ifindex,
				      .tot_len = 1 };
	long err;

	if (!pkt)
		return 0;
	fib.ipv4_src = pkt->dst.addr;
	fib.ipv4_dst = pkt->src.addr;
	err = bpf_fib_lookup(ctx, &fib, sizeof(fib), 0);
	return err == BPF_FIB_LKUP_RET_SUCCESS || err == BPF_FIB_LKUP_RET_NO_NEIGH ? fib.ifindex :
										     0;
}

/** route_leads_back() - Is a packet's source to be found where the packet came from? */
static __always_inline bool route_leads_back(struct nat_ctx *ctx, const struct pkt *pkt)
{
	return route_back(ctx, pkt) == (int)ctx->ifindex;
}

#endif /* ROUTE_H */
