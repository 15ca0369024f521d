/* SPDX-License-Identifier: GPL-2.0-only */
/* fib.h - ask the kernel what it would do with a packet that it forwards. */
#ifndef FIB_H
#define FIB_H

#include "pkt.h"

#define NAT_AF_INET 2

/**
 * fib_ask() - Route, MTU and neighbour of a packet whose destination is going to be @to
 * @fib: Filled: see bpf_fib_lookup() in linux/bpf.h
 *
 * With the rules for the interface that it has come in by. What GSO will cut is measured by the
 * segment.
 *
 * Return: BPF_FIB_LKUP_RET_*, or -errno
 */
static __always_inline long fib_ask(struct nat_ctx *ctx, const struct pkt *pkt, __be32 to,
				    struct bpf_fib_lookup *fib)
{
	*fib = (struct bpf_fib_lookup){ .family = NAT_AF_INET,
					.l4_protocol = pkt->src.proto,
					.sport = pkt->src.port,
					.dport = pkt->dst.port,
					.ifindex = ctx_ifindex(ctx),
					.ipv4_src = pkt->src.addr,
					.ipv4_dst = to };
	fib->tot_len = ctx_segment_len(ctx, pkt);
	return bpf_fib_lookup(ctx, fib, sizeof(*fib), 0);
}

#endif /* FIB_H */
