/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctx_tc.h - the packet as TC sees it. ctx_xdp.h has the same names for XDP.
 *
 * The fact behind the split: an skb may carry a transport checksum that a device is
 * still to finish (CHECKSUM_PARTIAL: the field holds the pseudo header's sum), or a
 * sum over the whole packet that the stack will compare with (CHECKSUM_COMPLETE, on
 * ingress). Only the kernel's helper knows which, and keeps both right. It costs
 * 27 ns a call, so on egress, where CHECKSUM_COMPLETE no longer occurs, it is called
 * only for fields that look unfinished.
 */
#ifndef CTX_TC_H
#define CTX_TC_H

#include "csum.h"
#include "ctx.h"

#define nat_ctx __sk_buff

/* Unless a program says that it is not. */
#ifndef CTX_DECIDES
#define CTX_DECIDES true
#endif

/* How it sends a packet on, enum nat_lane_exit */
#define CTX_EXIT NAT_LANE_TC

/* In skb->tc_index, between the internal interface and our own egress hook: translated already. */
#define NAT_LANE_MARK 0x6e61

/* What a program answers; NEXT lets others of the hook have the packet. */
#define NAT_TC_NEXT (-1)
#define NAT_TC_SHOT 2
#define NAT_TC_REDIRECT 7

#define NAT_PACKET_HOST 0 /* pkt_type: for this machine, by its link layer address */

static __always_inline void *ctx_data(const struct nat_ctx *ctx)
{
	return ctx_pointer(ctx, offsetof(struct nat_ctx, data));
}

static __always_inline void *ctx_end(const struct nat_ctx *ctx)
{
	return ctx_pointer(ctx, offsetof(struct nat_ctx, data_end));
}

/** ctx_pull() - Make @len bytes readable; pointers into the packet are dead afterwards */
static __always_inline bool ctx_pull(struct nat_ctx *ctx, __u32 len)
{
	return len <= ctx->len && bpf_skb_pull_data(ctx, len) == 0;
}

static __always_inline __u32 ctx_len(struct nat_ctx *ctx)
{
	return ctx->len;
}

/** ctx_ifindex() - Of the interface that the program is on */
static __always_inline __u32 ctx_ifindex(const struct nat_ctx *ctx)
{
	return ctx->ifindex;
}

/** ctx_segment_len() - IPv4 total length of the largest packet that will be sent */
static __always_inline __u32 ctx_segment_len(const struct nat_ctx *ctx, const struct pkt *pkt)
{
	return ctx->gso_size ? pkt->l4 - pkt->l3 + NAT_TCP_HLEN + ctx->gso_size : pkt->total_len;
}

/** ctx_is_for() - Is the frame for this machine, whose address here is @mac? */
static __always_inline bool ctx_is_for(const struct nat_ctx *ctx, const struct pkt *pkt,
				       const __be16 mac[NAT_ETH_ALEN / 2])
{
	return !pkt->l3 || ctx->pkt_type == NAT_PACKET_HOST;
}

/**
 * ctx_send() - Hand the packet to the neighbour layer of an interface
 *
 * Which wants a link layer header to take off, and drops what has none: that from an interface
 * without gets an empty one.
 */
static __always_inline bool ctx_send(struct nat_ctx *ctx, __u32 l3, __u32 ifindex)
{
	if (!l3 && bpf_skb_change_head(ctx, NAT_ETH_HLEN, 0))
		return false;
	return bpf_redirect_neigh(ifindex, NULL, 0, 0) == NAT_TC_REDIRECT;
}

/** ctx_forward() - Send a packet on that has been routed; @mark: our egress hook is to let it by */
static __always_inline bool ctx_forward(struct nat_ctx *ctx, const struct pkt *pkt,
					const struct way *way, bool mark)
{
	if (mark)
		ctx->tc_index = NAT_LANE_MARK;
	return ctx_send(ctx, pkt->l3, way->ifindex);
}

/** ctx_is_tagged() - Does the frame belong to a VLAN device on top of this one? */
static __always_inline bool ctx_is_tagged(const struct nat_ctx *ctx)
{
	if (ctx->vlan_present && ctx->vlan_tci & NAT_VLAN_VID_MASK)
		return true;
	return ctx->protocol == bpf_htons(NAT_ETH_P_8021Q) ||
	       ctx->protocol == bpf_htons(NAT_ETH_P_8021AD);
}

/** ctx_ipv4() - Offset of the IPv4 header, or less than 0 if the frame is not ours */
static __always_inline int ctx_ipv4(struct nat_ctx *ctx, __u32 l2)
{
	if (ctx->protocol != bpf_htons(NAT_ETH_P_IP) || ctx_is_tagged(ctx))
		return -1;
	return l2;
}

/** ctx_csum_is_known() - Can the transport checksum be adjusted here? The kernel's helper can */
static __always_inline bool ctx_csum_is_known(const struct pkt *pkt)
{
	return true;
}

/**
 * ctx_csum_needs_helper() - May only the kernel touch this transport checksum?
 *
 * ICMP has no pseudo header: nobody leaves its checksum unfinished, and a change that
 * it covers and compensates leaves the sum of the whole packet as it was.
 */
static __always_inline bool ctx_csum_needs_helper(const struct pkt *pkt)
{
	return pkt->icmp == PKT_ICMP_NONE && (pkt->arriving || pkt->unfinished);
}

/**
 * ctx_csum_by_helper() - Adjust the transport checksum for a changed endpoint
 * @check_off: Offset of the field
 * @check:     What it holds
 *
 * Where UDP has none the helper does nothing at all, but the port has changed, and the sum over
 * the whole packet with it; the addresses are made up for by the IPv4 checksum.
 *
 * Return: false if the kernel refused
 */
static __always_inline bool ctx_csum_by_helper(struct nat_ctx *ctx, const struct nat_endpoint *from,
					       const struct nat_endpoint *to, __u32 check_off,
					       __u16 check)
{
	__u64 flags = from->proto == NAT_PROTO_TCP ? 0 : BPF_F_MARK_MANGLED_0;

	if (!check && flags) {
		bpf_csum_update(ctx, csum_fold(csum_delta16(from->port, to->port)));
		return true; /* it refuses where there is no such sum */
	}
	if (bpf_l4_csum_replace(ctx, check_off, from->addr, to->addr,
				flags | BPF_F_PSEUDO_HDR | sizeof(from->addr)))
		return false;
	if (from->port == to->port)
		return true;
	return !bpf_l4_csum_replace(ctx, check_off, from->port, to->port,
				    flags | sizeof(from->port));
}

#endif /* CTX_TC_H */
