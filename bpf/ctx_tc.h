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

#include "ctx.h"

#define nat_ctx __sk_buff

#define CTX_DECIDES true

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
 *
 * Return: false if the kernel refused
 */
static __always_inline bool ctx_csum_by_helper(struct nat_ctx *ctx, const struct nat_endpoint *from,
					       const struct nat_endpoint *to, __u32 check_off)
{
	__u64 flags = from->proto == NAT_PROTO_TCP ? 0 : BPF_F_MARK_MANGLED_0;

	if (bpf_l4_csum_replace(ctx, check_off, from->addr, to->addr,
				flags | BPF_F_PSEUDO_HDR | sizeof(from->addr)))
		return false;
	if (from->port == to->port)
		return true;
	return !bpf_l4_csum_replace(ctx, check_off, from->port, to->port,
				    flags | sizeof(from->port));
}

#endif /* CTX_TC_H */
