/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rewrite.h - write one endpoint into a packet, and put its checksums right.
 *
 * The last stage, and the first that changes anything in the packet: all decisions have
 * been made. The IPv4 checksum is always complete and gets plain arithmetic. So does the
 * transport checksum, unless only the kernel knows what state it is in (ctx_tc.h).
 */
#ifndef REWRITE_H
#define REWRITE_H

#include "fragment.h"
#include "parse.h"

/**
 * struct l4_fields - The fields of a transport header that a NAT writes
 * @port:  Port of one side, or query id
 * @check: Checksum; NULL if it is not there to be written
 */
struct l4_fields {
	__be16 *port;
	__u16 *check;
};

/**
 * l4_fields() - Find them
 * @off:  Offset of the transport header
 * @room: Bytes of it that may be touched: 8 or more
 *
 * Every protocol has its own bounds check, as the verifier wants a constant in each.
 *
 * Return: false if not even @port can be reached
 */
static __always_inline bool l4_fields(struct nat_ctx *ctx, __u32 off, __u32 room, __u8 proto,
				      enum nat_side side, struct l4_fields *fields)
{
	__u8 *header = parse_at(ctx, off, NAT_UDP_HLEN);

	if (!header)
		return false;
	fields->port = (__be16 *)(header + (proto == NAT_PROTO_ICMP ? NAT_ICMP_ID_OFF :
					    side == NAT_SRC	    ? 0 :
								      2));
	if (proto == NAT_PROTO_TCP) {
		__u8 *tcp = parse_at(ctx, off, NAT_TCP_CHECK_OFF + 2);

		fields->check = tcp && room >= NAT_TCP_CHECK_OFF + 2 ?
					(__u16 *)(tcp + NAT_TCP_CHECK_OFF) :
					NULL;
	} else {
		fields->check = (__u16 *)(header + (proto == NAT_PROTO_ICMP ? NAT_ICMP_CHECK_OFF :
									      NAT_UDP_CHECK_OFF));
	}
	return true;
}

/**
 * l4_csum() - A transport checksum after its endpoint has changed
 *
 * ICMP has no pseudo header: the address does not matter to it.
 */
static __always_inline __u16 l4_csum(__u16 check, const struct nat_endpoint *from,
				     const struct nat_endpoint *to)
{
	__u64 delta = csum_delta16(from->port, to->port);

	if (from->proto != NAT_PROTO_ICMP)
		delta += csum_delta32(from->addr, to->addr);
	return from->proto != NAT_PROTO_TCP && from->proto != NAT_PROTO_ICMP ?
		       csum_apply_udp(check, delta) :
		       csum_apply(check, delta);
}

/** rewrite_addr() - Replace one address and adjust the IPv4 checksum */
static __always_inline bool rewrite_addr(struct nat_ctx *ctx, __u32 l3, enum nat_side side,
					 __be32 from, __be32 to)
{
	struct iphdr *ip = parse_at(ctx, l3, sizeof(*ip));

	if (!ip)
		return false;
	if (side == NAT_SRC)
		ip->saddr = to;
	else
		ip->daddr = to;
	ip->check = csum_apply(ip->check, csum_delta32(from, to));
	return true;
}

/**
 * rewrite_transport() - Replace one port or id, adjust the transport checksum
 *
 * Of the protocols without ports one covers the addresses by its checksum, which lies where
 * UDP's does (RFC 3828 section 3.1).
 */
static __always_inline bool rewrite_transport(struct nat_ctx *ctx, const struct pkt *pkt,
					      enum nat_side side, const struct nat_endpoint *from,
					      const struct nat_endpoint *to)
{
	__u32 off = pkt->l4;
	struct l4_fields fields;

	if (nat_has_address_only(from->proto) && from->proto != NAT_PROTO_UDPLITE)
		return true;
	if (!l4_fields(ctx, off, pkt->l4_len, from->proto, side, &fields) || !fields.check)
		return false;
	if (from->proto != NAT_PROTO_UDPLITE)
		*fields.port = to->port;
	if (ctx_csum_needs_helper(pkt))
		return ctx_csum_by_helper(ctx, from, to,
					  off + (from->proto == NAT_PROTO_TCP ? NAT_TCP_CHECK_OFF :
										NAT_UDP_CHECK_OFF),
					  *fields.check);
	*fields.check = l4_csum(*fields.check, from, to);
	return true;
}

/** rewrite_id() - Replace the IP id and adjust the IPv4 checksum */
static __always_inline bool rewrite_id(struct nat_ctx *ctx, __u32 l3, __be16 from, __be16 to)
{
	struct iphdr *ip = parse_at(ctx, l3, sizeof(*ip));

	if (!ip)
		return false;
	ip->id = to;
	ip->check = csum_apply(ip->check, csum_delta16(from, to));
	return true;
}

/** rewrite_ttl() - Count down the time to live and adjust the IPv4 checksum */
static __always_inline bool rewrite_ttl(struct nat_ctx *ctx, __u32 l3)
{
	struct iphdr *ip = parse_at(ctx, l3, sizeof(*ip));
	__be16 before, after;

	if (!ip)
		return false;
	before = *(__be16 *)&ip->ttl;
	ip->ttl--;
	after = *(__be16 *)&ip->ttl;
	ip->check = csum_apply(ip->check, csum_delta16(before, after));
	return true;
}

/** rewrite_fragment() - A fragment that is not the first: what the first has taught */
static __always_inline bool rewrite_fragment(struct nat_ctx *ctx, const struct pkt *pkt,
					     const struct nat_fragment *note)
{
	return rewrite_addr(ctx, pkt->l3, NAT_SRC, pkt->src.addr, note->new_src) &&
	       rewrite_addr(ctx, pkt->l3, NAT_DST, pkt->dst.addr, note->new_dst) &&
	       rewrite_id(ctx, pkt->l3, pkt->id, note->new_id);
}

/** rewrite() - Make @to the source or destination of a packet. Return: has it been done? */
static __always_inline bool rewrite(struct nat_ctx *ctx, const struct pkt *pkt, enum nat_side side,
				    const struct nat_endpoint *to)
{
	const struct nat_endpoint *from = side == NAT_SRC ? &pkt->src : &pkt->dst;

	return rewrite_addr(ctx, pkt->l3, side, from->addr, to->addr) &&
	       rewrite_transport(ctx, pkt, side, from, to);
}

#endif /* REWRITE_H */
