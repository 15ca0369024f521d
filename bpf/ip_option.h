/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ip_option.h - IPv4 options that would tell the world about the inside.
 *
 * Record route, timestamp, both source routes and a few that nobody uses any more hold addresses:
 * of those that the packet has passed, or is to pass, or comes from. From an internal host they are
 * dropped (RFC 3022 section 4.6, RFC 5508 section 7.3), also where an ICMP error quotes them; every
 * other option is carried along.
 */
#ifndef IP_OPTION_H
#define IP_OPTION_H

#include "admit.h"
#include "parse.h"

enum {
	NAT_IPOPT_END = 0,
	NAT_IPOPT_NOP = 1,
	NAT_IPOPT_RECORD_ROUTE = 7,
	NAT_IPOPT_TIMESTAMP = 68,
	NAT_IPOPT_TRACEROUTE = 82,
	NAT_IPOPT_LOOSE_ROUTE = 131,
	NAT_IPOPT_STRICT_ROUTE = 137,
	NAT_IPOPT_IMI = 144,
	NAT_IPOPT_EXTENDED = 145,
	NAT_IPOPT_ADDRESS_EXTENSION = 147,
	NAT_IPOPT_DIRECTED_BROADCAST = 149,
};

/** option_has_addresses() - Does an option of this type hold addresses? (IANA, IP option numbers)
 */
static __always_inline bool option_has_addresses(__u8 type)
{
	switch (type) {
	case NAT_IPOPT_RECORD_ROUTE:
	case NAT_IPOPT_TIMESTAMP:
	case NAT_IPOPT_TRACEROUTE:
	case NAT_IPOPT_LOOSE_ROUTE:
	case NAT_IPOPT_STRICT_ROUTE:
	case NAT_IPOPT_IMI:
	case NAT_IPOPT_EXTENDED:
	case NAT_IPOPT_ADDRESS_EXTENSION:
	case NAT_IPOPT_DIRECTED_BROADCAST:
		return true;
	default:
		return false;
	}
}

#define NAT_IPOPT_MAX 40 /* octets of options in a header */

/** struct option_walk - State of ip_option_tells()'s loop; @off to @end is still to be read */
struct option_walk {
	struct nat_ctx *ctx;
	__u32 off;
	__u32 end;
	bool tells;
};

static long option_step(__u32 index, struct option_walk *walk)
{
	__u8 option[2] = { NAT_IPOPT_END }; /* type and length */

	if (walk->off >= walk->end || bpf_skb_load_bytes(walk->ctx, walk->off, option, 1) ||
	    option[0] == NAT_IPOPT_END)
		return 1;
	walk->off++;
	if (option[0] == NAT_IPOPT_NOP)
		return 0;
	/* A length that cannot be hides what comes after it. */
	walk->tells = bpf_skb_load_bytes(walk->ctx, walk->off, &option[1], 1) || option[1] < 2 ||
		      option_has_addresses(option[0]);
	walk->off += option[1] - 1;
	return walk->tells;
}

/** ip_option_tells() - Is there an option from @off to @end that tells about the inside? */
VERIFIED_ONCE int ip_option_tells(struct nat_ctx *ctx, __u32 off, __u32 end)
{
	struct option_walk walk = { .ctx = ctx, .off = off, .end = end };

	bpf_loop(NAT_IPOPT_MAX, option_step, &walk, 0);
	return walk.tells;
}

/**
 * ip_option_check() - May an outbound packet with these options leave?
 *
 * Return: NAT_CONTINUE; pass(): as admit_outbound(); drop(): IP_OPTION, as admit_outbound()
 */
VERIFIED_ONCE int ip_option_check(struct nat_ctx *ctx, const struct pkt *pkt)
{
	struct admission ask = {};
	enum nat_verdict verdict;

	if (!pkt)
		return NAT_DROP;
	if (!ip_option_tells(ctx, pkt->l3 + NAT_IP_HLEN, pkt->l4))
		return NAT_CONTINUE;
	verdict = admit_outbound(pkt, &ask);
	if (verdict != NAT_CONTINUE || ask.own)
		return verdict;
	return drop(NAT_REASON_IP_OPTION);
}

#endif /* IP_OPTION_H */
