/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mss.h - lower the MSS that a SYN offers to what the way through the WAN carries.
 *
 * How it works: both sides of a connection say in their SYN how large a segment they will
 * take, each knowing only its own link. Where the WAN carries less, that leaves it to ICMP
 * errors to tell them, which too many filter away, and the connection hangs. So the offers
 * of both, SYN and SYN+ACK, are lowered on the way. `auto` asks the kernel for the MTU of
 * the interface at that moment: a change needs nobody's attention.
 *
 * An offer is only ever lowered. None is raised; none is added, since a SYN without one
 * means 536 (RFC 9293 section 3.7.1); options that cannot be read are left as they are.
 *
 * TC only. XDP leaves SYNs to it: it cannot ask the kernel to change a checksum, and one
 * packet a connection is not worth a second way.
 */
#ifndef MSS_H
#define MSS_H

#include "rewrite.h"

enum {
	NAT_TCPOPT_END = 0,
	NAT_TCPOPT_NOP = 1,
	NAT_TCPOPT_MSS = 2,
};

#define NAT_TCPOPT_MAX 40 /* octets of options in a header */
#define NAT_TCPOPT_MSS_LEN 4
#define NAT_TCP_DOFF_OFF 12

#define NAT_MTU_ETHERNET 1500

/**
 * struct mss_walk - State of mss_step()'s loop; @off to @end is still to be read
 * @at: Offset of the offer, 0 until it is found
 */
struct mss_walk {
	struct nat_ctx *ctx;
	__u32 off;
	__u32 end;
	__u32 at;
};

static long mss_step(__u32 index, struct mss_walk *walk)
{
	__u8 option[2] = { NAT_TCPOPT_END }; /* kind and length */

	if (walk->off >= walk->end || bpf_skb_load_bytes(walk->ctx, walk->off, option, 1) ||
	    option[0] == NAT_TCPOPT_END)
		return 1;
	if (option[0] == NAT_TCPOPT_NOP) {
		walk->off++;
		return 0;
	}
	if (bpf_skb_load_bytes(walk->ctx, walk->off + 1, &option[1], 1) || option[1] < 2 ||
	    option[1] > walk->end - walk->off)
		return 1;
	if (option[0] == NAT_TCPOPT_MSS) {
		walk->at = option[1] == NAT_TCPOPT_MSS_LEN ? walk->off + 2 : 0;
		return 1;
	}
	walk->off += option[1];
	return 0;
}

/** mss_limit() - The largest offer that may pass; 0 if every one may */
static __always_inline __u32 mss_limit(struct nat_ctx *ctx)
{
	const struct nat_settings *set = settings_get();
	__u32 mtu = 0;

	if (!set || set->value[NAT_SETTING_CLAMP_MSS] != NAT_CLAMP_AUTO)
		return set ? set->value[NAT_SETTING_CLAMP_MSS] : NAT_CLAMP_OFF;
	/* It also compares the packet with the MTU, which is of no interest here. */
	if (bpf_check_mtu(ctx, 0, &mtu, 0, 0) < 0 || mtu >= NAT_MTU_ETHERNET)
		return 0;
	return mtu - NAT_IP_HLEN - NAT_TCP_HLEN; /* IPv4 needs an MTU of 68 */
}

/**
 * mss_write() - Replace the offer at @at
 *
 * At an odd offset its octets belong to two words of the sum, each on the other side of its
 * word: what the change adds is swapped (RFC 1071 section 2 (B)). The kernel's helper knows
 * whether the checksum is finished.
 */
static __always_inline bool mss_write(struct nat_ctx *ctx, __u32 l4, __u32 at, __be16 from,
				      __be16 to)
{
	__u16 delta = csum_fold(csum_delta16(from, to));

	if ((at - l4) % 2)
		delta = __builtin_bswap16(delta);
	return !bpf_skb_store_bytes(ctx, at, &to, sizeof(to), 0) &&
	       !bpf_l4_csum_replace(ctx, l4 + NAT_TCP_CHECK_OFF, 0, delta, 0);
}

/**
 * mss_lower() - Lower the offer of a SYN, if it makes one that is too large
 * @l4: Offset of its transport header
 *
 * Return: 0 if the kernel did not let it be written
 */
VERIFIED_ONCE int mss_lower(struct nat_ctx *ctx, __u32 l4)
{
	struct mss_walk walk = { .ctx = ctx, .off = l4 + NAT_TCP_HLEN };
	__u32 limit = mss_limit(ctx);
	__be16 offer = 0;
	__u8 words = 0;

	if (!limit || bpf_skb_load_bytes(ctx, l4 + NAT_TCP_DOFF_OFF, &words, sizeof(words)))
		return 1;
	walk.end = l4 + (words >> 4) * 4;
	bpf_loop(NAT_TCPOPT_MAX, mss_step, &walk, 0);
	if (!walk.at || bpf_skb_load_bytes(ctx, walk.at, &offer, sizeof(offer)) ||
	    bpf_ntohs(offer) <= limit)
		return 1;
	return mss_write(ctx, l4, walk.at, offer, bpf_htons(limit));
}

/** mss_clamp() - The same for any packet. Return: false if the kernel did not let it be written */
static __always_inline bool mss_clamp(struct nat_ctx *ctx, const struct pkt *pkt)
{
	return !(pkt->segment.flags & TCP_SYN) || mss_lower(ctx, pkt->l4);
}

#endif /* MSS_H */
