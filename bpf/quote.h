/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * quote.h - the packet that an ICMP error quotes: read it, and put it back to what it was.
 *
 * Everything behind the quoted transport header, RFC 4884 extensions included, is not
 * touched. The quoted IPv4 checksum makes up for every change in the quoted IPv4 header; what
 * changes in the quoted transport header is a change of the ICMP message, and its checksum
 * follows.
 */
#ifndef QUOTE_H
#define QUOTE_H

#include "fragment.h"
#include "rewrite.h"

#define QUOTE_MIN_L4 8 /* transport bytes that every error quotes (RFC 792) */

/**
 * struct quote - The quoted packet
 * @src, @dst: Its endpoints, as in struct pkt
 * @l3, @l4:   Offsets of its headers from the start of the data
 * @room:      Quoted bytes from @l4 on
 * @id:        IP id
 * @new_id:    What it was on the other side
 * @atomic:    As in struct pkt
 * @offset:    It is a fragment, and not the first
 * @is_flow:   It is of a protocol that we translate, and its endpoints are known
 */
struct quote {
	struct nat_endpoint src;
	struct nat_endpoint dst;
	__u32 l3;
	__u32 l4;
	__u32 room;
	__be16 id;
	__be16 new_id;
	bool atomic;
	bool offset;
	bool is_flow;
};

/** quote_ports() - Read the quoted ports, or query id. Return: false if there are none */
static __always_inline bool quote_ports(struct nat_ctx *ctx, struct quote *quote)
{
	__be16 *words = parse_pulled(ctx, quote->l4, QUOTE_MIN_L4);

	if (!words)
		return false;
	if (quote->src.proto != NAT_PROTO_ICMP) {
		quote->src.port = words[0];
		quote->dst.port = words[1];
		return true;
	}
	switch (parse_icmp_class(*(__u8 *)words)) {
	case PKT_ICMP_REQUEST:
		quote->src.port = words[NAT_ICMP_ID_OFF / 2];
		return true;
	case PKT_ICMP_REPLY:
		quote->dst.port = words[NAT_ICMP_ID_OFF / 2];
		return true;
	default:
		return false;
	}
}

/** quote_csum_is_right() - Verify the quoted header's checksum, @hlen octets at @l3 */
VERIFIED_ONCE int quote_csum_is_right(struct nat_ctx *ctx, __u32 l3, __u32 hlen)
{
	struct iphdr *ip = parse_at(ctx, l3, sizeof(*ip));

	return ip && parse_ip_csum_is_right(ctx, ip, l3, hlen);
}

/**
 * quote_parse() - Read the quoted headers
 *
 * The quoted IPv4 checksum is verified, the quoted transport checksum is not (RFC 5508
 * REQ-3). Of a protocol that we do not translate only the addresses are read: the error may
 * be about the gateway itself.
 *
 * Return: false if it is damaged, or too short
 */
static __always_inline bool quote_parse(struct nat_ctx *ctx, const struct pkt *pkt,
					const struct nat_settings *set, struct quote *quote)
{
	struct iphdr *ip;
	bool is_carried;
	__u32 hlen;

	quote->l3 = pkt->l4 + NAT_ICMP_HLEN;
	ip = parse_pulled(ctx, quote->l3, sizeof(*ip));
	if (!ip || ip->version != 4 || ip->ihl < 5)
		return false;
	hlen = ip->ihl * 4;
	quote->l4 = quote->l3 + hlen;
	quote->src = (struct nat_endpoint){ .addr = ip->saddr, .proto = ip->protocol };
	quote->dst = (struct nat_endpoint){ .addr = ip->daddr, .proto = ip->protocol };
	quote->id = quote->new_id = ip->id;
	quote->atomic = ip->frag_off == bpf_htons(NAT_IP_DF);
	quote->offset = ip->frag_off & bpf_htons(NAT_IP_OFFSET_MASK);
	is_carried = nat_has_ports(ip->protocol) || nat_has_address_only(ip->protocol);
	if (is_carried && pkt->l4_len < NAT_ICMP_HLEN + hlen + QUOTE_MIN_L4)
		return false;
	quote->room = pkt->l4_len - NAT_ICMP_HLEN - hlen;
	if (quote->room > NAT_TCP_HLEN)
		quote->room = NAT_TCP_HLEN;

	if (!parse_pulled(ctx, quote->l4, 0))
		return false;
	if (set->value[NAT_SETTING_QUOTE_CHECK] && !quote_csum_is_right(ctx, quote->l3, hlen))
		return false;
	if (!quote->offset && nat_has_ports(quote->src.proto) && !quote_ports(ctx, quote))
		return false;
	quote->is_flow = is_carried && !quote->offset;
	return true;
}

/**
 * quote_sent() - What the quoted datagram was before it got an IP id of ours
 * @to: Its source then, without a port
 *
 * Return: true if it is known
 */
static __always_inline bool quote_sent(struct quote *quote, __u32 now, struct nat_endpoint *to)
{
	__u32 slot = fragment_sent_slot(quote->dst.addr, quote->id);
	struct nat_sent_id *sent = bpf_map_lookup_elem(&sent_ids, &slot);

	if (quote->atomic || !sent || sent->id != quote->id || sent->until <= now ||
	    sent->external != quote->src.addr || sent->remote != quote->dst.addr ||
	    sent->proto != quote->src.proto)
		return false;
	quote->new_id = sent->old_id;
	*to = (struct nat_endpoint){ .addr = sent->internal, .proto = quote->src.proto };
	return true;
}

/**
 * quote_rewrite() - Make @to the given side of the quoted packet
 *
 * Every changed word, checksums too, is part of the sum over the ICMP message.
 */
static __always_inline bool quote_rewrite(struct nat_ctx *ctx, const struct pkt *pkt,
					  const struct quote *quote, enum nat_side side,
					  const struct nat_endpoint *to)
{
	const struct nat_endpoint *from = side == NAT_SRC ? &quote->src : &quote->dst;
	__u32 l4 = quote->l4;
	struct l4_fields fields;
	struct icmphdr *icmp;
	struct iphdr *ip;
	__u64 delta = csum_delta32(from->addr, to->addr) + csum_delta16(from->port, to->port);
	__u16 check;

	ip = parse_pulled(ctx, quote->l3, sizeof(*ip));
	if (!ip)
		return false;
	check = ip->check;
	if (!rewrite_addr(ctx, quote->l3, side, from->addr, to->addr))
		return false;
	delta += csum_delta16(check, csum_apply(check, csum_delta32(from->addr, to->addr)));

	if (!quote->is_flow || (!nat_has_ports(from->proto) && from->proto != NAT_PROTO_UDPLITE))
		return true; /* the quoted header's checksum makes up for the address */
	if (!l4_fields(ctx, l4, quote->room, from->proto, side, &fields))
		return false;
	if (nat_has_ports(from->proto))
		*fields.port = to->port;
	if (fields.check) {
		check = *fields.check;
		*fields.check = l4_csum(check, from, to);
		delta += csum_delta16(check, *fields.check);
	}
	icmp = parse_at(ctx, pkt->l4, sizeof(*icmp));
	if (!icmp)
		return false;
	icmp->checksum = csum_apply(icmp->checksum, delta);
	return true;
}

#endif /* QUOTE_H */
