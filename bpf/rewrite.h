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
		fields->check = (__u16 *)(header + (proto == NAT_PROTO_UDP ? NAT_UDP_CHECK_OFF :
									     NAT_ICMP_CHECK_OFF));
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
	return from->proto == NAT_PROTO_UDP ? csum_apply_udp(check, delta) :
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

/** rewrite_transport() - Replace one port or id, adjust the transport checksum */
static __always_inline bool rewrite_transport(struct nat_ctx *ctx, const struct pkt *pkt,
					      enum nat_direction dir, enum nat_side side,
					      const struct nat_endpoint *from,
					      const struct nat_endpoint *to)
{
	__u32 off = pkt->l4;
	struct l4_fields fields;

	if (!l4_fields(ctx, off, pkt->l4_len, from->proto, side, &fields) || !fields.check)
		return false;
	*fields.port = to->port;
	if (ctx_csum_needs_helper(pkt, dir))
		return ctx_csum_by_helper(ctx, from, to,
					  off + (from->proto == NAT_PROTO_TCP ? NAT_TCP_CHECK_OFF :
										NAT_UDP_CHECK_OFF));
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

/** rewrite_fragment() - A fragment that is not the first: what the first has taught */
static __always_inline enum nat_verdict rewrite_fragment(struct nat_ctx *ctx, const struct pkt *pkt,
							 enum nat_direction dir,
							 const struct nat_fragment *note)
{
	enum nat_side side = dir == NAT_OUT ? NAT_SRC : NAT_DST;
	__be32 from = side == NAT_SRC ? pkt->src.addr : pkt->dst.addr;

	if (!rewrite_addr(ctx, pkt->l3, side, from, note->to) ||
	    !rewrite_id(ctx, pkt->l3, pkt->id, note->new_id))
		return drop(NAT_REASON_WRITE);
	return translated(dir == NAT_OUT ? NAT_REASON_TRANSLATED_OUT : NAT_REASON_TRANSLATED_IN);
}

/**
 * rewrite_first() - What a datagram's first fragment needs on top of the rest
 *
 * Without a note for the others the datagram cannot arrive: the first need not go either.
 * A function of its own for its stack's sake; XDP, which leaves fragments alone, has no
 * use for it.
 */
static __noinline __maybe_unused enum nat_verdict rewrite_first(struct nat_ctx *ctx,
								const struct pkt *pkt,
								enum nat_direction dir, __be32 to)
{
	__be16 id = dir == NAT_OUT ? fragment_new_id() : pkt->id;
	const struct nat_settings *set = settings_get();

	if (!set || !fragment_note(pkt, set, to, id))
		return drop(NAT_REASON_TABLE_FULL);
	return rewrite_id(ctx, pkt->l3, pkt->id, id) ? NAT_CONTINUE : drop(NAT_REASON_WRITE);
}

/**
 * rewrite() - Make @to the source of an outbound packet, or the destination of an inbound one
 *
 * Return: translated(): TRANSLATED_OUT, TRANSLATED_IN; drop(): WRITE, TABLE_FULL
 */
static __always_inline enum nat_verdict rewrite(struct nat_ctx *ctx, const struct pkt *pkt,
						enum nat_direction dir,
						const struct nat_endpoint *to)
{
	enum nat_side side = dir == NAT_OUT ? NAT_SRC : NAT_DST;
	const struct nat_endpoint *from = side == NAT_SRC ? &pkt->src : &pkt->dst;

	if (CTX_DECIDES && pkt->fragment) {
		enum nat_verdict verdict = rewrite_first(ctx, pkt, dir, to->addr);

		if (verdict != NAT_CONTINUE)
			return verdict;
	}
	if (!rewrite_addr(ctx, pkt->l3, side, from->addr, to->addr) ||
	    !rewrite_transport(ctx, pkt, dir, side, from, to))
		return drop(NAT_REASON_WRITE);
	return translated(dir == NAT_OUT ? NAT_REASON_TRANSLATED_OUT : NAT_REASON_TRANSLATED_IN);
}

#endif /* REWRITE_H */
