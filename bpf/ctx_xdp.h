/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctx_xdp.h - the packet as XDP sees it. ctx_tc.h has the same names for TC.
 *
 * XDP is an express lane: it finishes packets of sessions that exist, when it can do
 * so exactly, and leaves the rest to TC. It cannot see whether a checksum is
 * unfinished or a packet will be cut into segments, it cannot ask for local sockets,
 * and it sees VLAN tags that belong to other devices.
 */
#ifndef CTX_XDP_H
#define CTX_XDP_H

#include "ctx.h"
#include "maps.h"

#define nat_ctx xdp_md

/* Is this hook the last to judge a packet? (verdict.h) */
#define CTX_DECIDES false

/* How it sends a packet on, enum nat_lane_exit */
#define CTX_EXIT NAT_LANE_XDP

static __always_inline void *ctx_data(const struct nat_ctx *ctx)
{
	return ctx_pointer(ctx, offsetof(struct nat_ctx, data));
}

static __always_inline void *ctx_end(const struct nat_ctx *ctx)
{
	return ctx_pointer(ctx, offsetof(struct nat_ctx, data_end));
}

/** ctx_pull() - Make @len bytes readable; XDP cannot */
static __always_inline bool ctx_pull(struct nat_ctx *ctx, __u32 len)
{
	return false;
}

/** ctx_len() - Bytes of the frame, those outside the linear part included */
static __always_inline __u32 ctx_len(struct nat_ctx *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

/** ctx_ifindex() - Of the interface that the program is on */
static __always_inline __u32 ctx_ifindex(const struct nat_ctx *ctx)
{
	return ctx->ingress_ifindex;
}

/** ctx_segment_len() - IPv4 total length of the largest packet that will be sent */
static __always_inline __u32 ctx_segment_len(const struct nat_ctx *ctx, const struct pkt *pkt)
{
	return pkt->total_len;
}

/** ctx_is_for() - Is the frame for this machine, whose address here is @mac, and untagged? */
static __always_inline bool ctx_is_for(const struct nat_ctx *ctx, const struct pkt *pkt,
				       const __be16 mac[NAT_ETH_ALEN / 2])
{
	const __be16 *dst = ctx_data(ctx);

	return pkt->l3 == NAT_ETH_HLEN && (void *)(dst + NAT_ETH_HLEN / 2) <= ctx_end(ctx) &&
	       dst[0] == mac[0] && dst[1] == mac[1] && dst[2] == mac[2];
}

/**
 * ctx_forward() - Send a packet on that has been routed
 *
 * Return: true. If the interface has just been taken out of lane_devs, the kernel drops it.
 */
static __always_inline bool ctx_forward(struct nat_ctx *ctx, const struct pkt *pkt,
					const struct way *way, bool mark)
{
	__u8 *eth = ctx_data(ctx);

	if ((void *)(eth + NAT_ETH_HLEN) > ctx_end(ctx))
		return false;
	__builtin_memcpy(eth, way->dmac, NAT_ETH_ALEN);
	__builtin_memcpy(eth + NAT_ETH_ALEN, way->smac, NAT_ETH_ALEN);
	bpf_redirect_map(&lane_devs, nat_lane_slot(way->ifindex), 0);
	return true;
}

/** ctx_is_tagged() - Only asked about frames that are left to TC, which will answer */
static __always_inline bool ctx_is_tagged(const struct nat_ctx *ctx)
{
	return false;
}

/** ctx_ipv4() - Offset of the IPv4 header, or less than 0 if the frame is not ours */
static __always_inline int ctx_ipv4(struct nat_ctx *ctx, __u32 l2)
{
	struct {
		__u8 addrs[12];
		__be16 proto;
		__be16 tci;
		__be16 inner;
	} *eth = ctx_data(ctx);

	if ((void *)(eth + 1) > ctx_end(ctx))
		return -1;
	if (eth->proto == bpf_htons(NAT_ETH_P_IP))
		return NAT_ETH_HLEN;
	/* A tag with VID 0 carries a priority only; any other is a VLAN device's. */
	if (eth->proto == bpf_htons(NAT_ETH_P_8021Q) &&
	    !(eth->tci & bpf_htons(NAT_VLAN_VID_MASK)) && eth->inner == bpf_htons(NAT_ETH_P_IP))
		return NAT_ETH_HLEN + NAT_VLAN_HLEN;
	return -1;
}

/** ctx_csum_is_known() - Can the transport checksum be adjusted here? */
static __always_inline bool ctx_csum_is_known(const struct pkt *pkt)
{
	return !pkt->unfinished;
}

/** ctx_csum_needs_helper() - May only the kernel touch this transport checksum? */
static __always_inline bool ctx_csum_needs_helper(const struct pkt *pkt)
{
	return false; /* unfinished ones were left to TC */
}

static __always_inline bool ctx_csum_by_helper(struct nat_ctx *ctx, const struct nat_endpoint *from,
					       const struct nat_endpoint *to, __u32 check_off,
					       __u16 check)
{
	return false;
}

#endif /* CTX_XDP_H */
