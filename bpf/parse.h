/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parse.h - bytes to struct pkt; together with icmp_error.h the only reader of headers
 * that a stranger wrote.
 *
 * Two steps, because what is not addressed to us must not even be judged: parse_ip()
 * finds the addresses, and only when the pipeline has decided that the packet is its
 * business does parse_transport() look at the rest.
 *
 * Nothing is trusted twice: every length that later stages use has been compared with
 * the frame here. The IPv4 checksum is verified on the way in; on the way out the
 * stack has just written it.
 */
#ifndef PARSE_H
#define PARSE_H

#include "csum.h"
#include "icmp.h"
#include "verdict.h"

/* Beyond every offset that is read: Ethernet, tag, IPv4 of 60, ICMP, quoted IPv4 of 60
 * end at 146. The verifier forgets bounds that are not in sight, a mask restores them. */
#define PARSE_OFF_MASK 0xff

/**
 * parse_at() - @len readable bytes at @off, or NULL
 *
 * The empty assembler statement keeps the sum in one register: computed a second time,
 * it would be another pointer to the verifier, one that nobody has checked.
 */
static __always_inline void *parse_at(struct nat_ctx *ctx, __u32 off, __u32 len)
{
	void *at = ctx_data(ctx) + (off & PARSE_OFF_MASK);

	asm volatile("" : "+r"(at));
	return at + len > ctx_end(ctx) ? NULL : at;
}

/** parse_pulled() - The same, after making them readable if they are not yet */
static __always_inline void *parse_pulled(struct nat_ctx *ctx, __u32 off, __u32 len)
{
	void *at = parse_at(ctx, off, len);

	if (at || !ctx_pull(ctx, off + len))
		return at;
	return parse_at(ctx, off, len);
}

/** parse_ip_csum_is_right() - Verify the header checksum, options included */
static __always_inline bool parse_ip_csum_is_right(struct nat_ctx *ctx, const struct iphdr *ip,
						   __u32 l3, __u32 hlen)
{
	const __u32 *words = (const void *)ip;
	__u64 sum = 0;

	for (__u32 i = 0; i < NAT_IP_HLEN / 4; i++)
		sum += words[i];
	for (__u32 off = NAT_IP_HLEN; off < 60 && off < hlen; off += 4) {
		__u32 *word = parse_at(ctx, l3 + off, 4);

		if (!word)
			return false;
		sum += *word;
	}
	return csum_fold(sum) == 0xffff;
}

/**
 * parse_ip() - Find the IPv4 header and the addresses
 * @l2: Octets of the link layer header
 *
 * Fills @pkt's addresses, protocol, lengths and offsets.
 *
 * Return: NAT_CONTINUE; pass(): TAGGED, NOT_IPV4; drop(): TRUNCATED, IP_HEADER
 */
static __always_inline enum nat_verdict parse_ip(struct nat_ctx *ctx, struct pkt *pkt, __u32 l2)
{
	int l3 = ctx_ipv4(ctx, l2);
	struct iphdr *ip;

	if (l3 < 0)
		return pass(ctx_is_tagged(ctx) ? NAT_REASON_TAGGED : NAT_REASON_NOT_IPV4);
	ip = parse_pulled(ctx, l3, sizeof(*ip));
	if (!ip)
		return drop(NAT_REASON_TRUNCATED);

	pkt->l3 = l3;
	pkt->l4 = l3 + ip->ihl * 4;
	pkt->total_len = bpf_ntohs(ip->tot_len);
	pkt->l4_len = pkt->total_len - ip->ihl * 4;
	pkt->fragment = ip->frag_off & bpf_htons(NAT_IP_MF | NAT_IP_OFFSET_MASK);
	pkt->atomic = !pkt->fragment && ip->frag_off & bpf_htons(NAT_IP_DF);
	pkt->ttl = ip->ttl;
	pkt->offset = bpf_ntohs(ip->frag_off) & NAT_IP_OFFSET_MASK;
	pkt->id = ip->id;
	pkt->src.addr = ip->saddr;
	pkt->dst.addr = ip->daddr;
	pkt->src.proto = pkt->dst.proto = ip->protocol;

	if (ip->version != 4 || ip->ihl < 5 || pkt->total_len < ip->ihl * 4)
		return drop(NAT_REASON_IP_HEADER);
	/* Nearly always the linear part is the whole packet; only else is the kernel asked. */
	if (ctx_data(ctx) + l3 + pkt->total_len > ctx_end(ctx) &&
	    pkt->total_len > ctx_len(ctx) - l3)
		return drop(NAT_REASON_TRUNCATED);
	return NAT_CONTINUE;
}

static __always_inline enum nat_verdict parse_tcp(struct nat_ctx *ctx, struct pkt *pkt,
						  __u16 *check)
{
	struct tcphdr *tcp = parse_pulled(ctx, pkt->l4, sizeof(*tcp));
	__u8 flags;

	if (pkt->l4_len < sizeof(*tcp) || !tcp)
		return drop(NAT_REASON_TRUNCATED);
	if (tcp->doff < 5 || tcp->doff * 4 > pkt->l4_len)
		return drop(NAT_REASON_L4_HEADER);
	flags = ((__u8 *)tcp)[13];
	if (!tcp_flags_are_valid(flags))
		return drop(NAT_REASON_TCP_FLAGS);

	pkt->src.port = tcp->source;
	pkt->dst.port = tcp->dest;
	pkt->segment.seq = bpf_ntohl(tcp->seq);
	pkt->segment.ack = bpf_ntohl(tcp->ack_seq);
	pkt->segment.flags = flags;
	pkt->segment.len = pkt->l4_len - tcp->doff * 4 + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
	*check = tcp->check;
	return NAT_CONTINUE;
}

static __always_inline enum nat_verdict parse_udp(struct nat_ctx *ctx, struct pkt *pkt,
						  __u16 *check)
{
	struct udphdr *udp = parse_pulled(ctx, pkt->l4, sizeof(*udp));

	if (pkt->l4_len < sizeof(*udp) || !udp)
		return drop(NAT_REASON_TRUNCATED);
	if (bpf_ntohs(udp->len) < sizeof(*udp) ||
	    (!pkt->fragment && bpf_ntohs(udp->len) > pkt->l4_len))
		return drop(NAT_REASON_L4_HEADER);
	pkt->src.port = udp->source;
	pkt->dst.port = udp->dest;
	*check = udp->check;
	return NAT_CONTINUE;
}

/** parse_icmp_class() - enum pkt_icmp of an ICMP type */
static __always_inline enum pkt_icmp parse_icmp_class(__u8 type)
{
	switch (type) {
	case NAT_ICMP_ECHO:
	case NAT_ICMP_TIMESTAMP:
	case NAT_ICMP_MASK:
		return PKT_ICMP_REQUEST;
	case NAT_ICMP_ECHO_REPLY:
	case NAT_ICMP_TIMESTAMP_REPLY:
	case NAT_ICMP_MASK_REPLY:
		return PKT_ICMP_REPLY;
	case NAT_ICMP_UNREACHABLE:
	case NAT_ICMP_TIME_EXCEEDED:
	case NAT_ICMP_PARAMETER_PROBLEM:
		return PKT_ICMP_ERROR;
	default:
		return PKT_ICMP_OTHER;
	}
}

static __always_inline enum nat_verdict parse_icmp(struct nat_ctx *ctx, struct pkt *pkt)
{
	struct icmphdr *icmp = parse_pulled(ctx, pkt->l4, sizeof(*icmp));

	if (pkt->l4_len < sizeof(*icmp) || !icmp)
		return drop(NAT_REASON_TRUNCATED);
	pkt->icmp = parse_icmp_class(icmp->type);
	if (pkt->icmp == PKT_ICMP_ERROR && pkt->fragment)
		return drop(NAT_REASON_FRAGMENT);
	if (pkt->icmp == PKT_ICMP_REQUEST)
		pkt->src.port = icmp->un.echo.id;
	else if (pkt->icmp == PKT_ICMP_REPLY)
		pkt->dst.port = icmp->un.echo.id;
	return NAT_CONTINUE;
}

/** parse_has_header() - Are there @len octets of transport header, and can they be read? */
static __always_inline bool parse_has_header(struct nat_ctx *ctx, const struct pkt *pkt, __u32 len)
{
	return pkt->l4_len >= len && parse_pulled(ctx, pkt->l4, len);
}

/**
 * parse_transport() - Fill in the rest of @pkt
 * @dir: NAT_IN: comes from the wire and has its IPv4 checksum verified
 *
 * Return: NAT_CONTINUE, also for protocols that are not translated; drop(): TRUNCATED,
 * IP_CHECKSUM, L4_HEADER, TCP_FLAGS, PORT_ZERO, FRAGMENT
 */
static __always_inline enum nat_verdict parse_transport(struct nat_ctx *ctx, struct pkt *pkt,
							enum nat_direction dir)
{
	enum nat_verdict verdict;
	__u16 check = 0;

	if (dir == NAT_IN) {
		struct iphdr *ip;

		if (!parse_pulled(ctx, pkt->l4, 0)) /* options included */
			return drop(NAT_REASON_TRUNCATED);
		ip = parse_at(ctx, pkt->l3, sizeof(*ip));
		if (!ip)
			return drop(NAT_REASON_TRUNCATED);
		if (!parse_ip_csum_is_right(ctx, ip, pkt->l3, ip->ihl * 4))
			return drop(NAT_REASON_IP_CHECKSUM);
	}
	if (pkt->src.proto == NAT_PROTO_ICMP)
		return parse_icmp(ctx, pkt);
	if (pkt->src.proto == NAT_PROTO_TCP)
		verdict = parse_tcp(ctx, pkt, &check);
	else if (pkt->src.proto == NAT_PROTO_UDP)
		verdict = parse_udp(ctx, pkt, &check);
	else if (pkt->src.proto == NAT_PROTO_UDPLITE && !parse_has_header(ctx, pkt, NAT_UDP_HLEN))
		return drop(NAT_REASON_TRUNCATED);
	else
		return NAT_CONTINUE;
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (!pkt->src.port || !pkt->dst.port)
		return drop(NAT_REASON_PORT_ZERO);
	pkt->unfinished = csum_is_unfinished(
		check, csum_pseudo(pkt->src.addr, pkt->dst.addr, pkt->src.proto, pkt->l4_len),
		pkt->src.proto);
	return NAT_CONTINUE;
}

#endif /* PARSE_H */
