/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * icmp_error.h - translate an ICMP error together with the packet it quotes.
 *
 * How it works
 *
 * An error travels against the packet that it is about, and quotes that packet as it
 * looked where the error was made. So the quoted packet tells the session, with the
 * direction reversed, and has to be put back to what its sender sent:
 *
 *	error arrives   about a packet that was   quoted endpoint to rewrite   outer address
 *	from outside    outbound, X:x' -> R       source, X:x' -> internal     destination
 *	from inside     inbound, R -> internal    destination, internal -> X:x'    source
 *
 * "From inside" includes inside routers and the gateway's own stack: their address must
 * not leave, so the outer source becomes the external address of the binding (RFC 5508
 * REQ-5).
 *
 * Everything behind the quoted transport header, RFC 4884 extensions included, is not
 * touched. No error changes any state: none is refreshed, shortened or created (RFC 4787
 * REQ-12, RFC 5382 REQ-10, RFC 5508 REQ-6).
 */
#ifndef ICMP_ERROR_H
#define ICMP_ERROR_H

#include "binding.h"
#include "rewrite.h"
#include "session.h"

#define QUOTE_MIN_L4 8 /* transport bytes that every error quotes (RFC 792) */

/**
 * struct quote - The quoted packet
 * @src, @dst: Its endpoints, as in struct pkt
 * @l3, @l4:   Offsets of its headers from the start of the data
 * @room:      Quoted bytes from @l4 on
 * @is_flow:   It is of a protocol with ports or query ids, and these have been read
 */
struct quote {
	struct nat_endpoint src;
	struct nat_endpoint dst;
	__u32 l3;
	__u32 l4;
	__u32 room;
	bool is_flow;
};

#define CSUM_CHUNK 64

/** struct csum_walk - State of icmp_csum_is_right()'s loop */
struct csum_walk {
	struct nat_ctx *ctx;
	__u32 off;
	__u32 left;
	__s64 sum;
};

static long csum_chunk(__u32 index, struct csum_walk *walk)
{
	__be32 chunk[CSUM_CHUNK / 4] = {};
	__u32 len = walk->left < CSUM_CHUNK ? walk->left : CSUM_CHUNK;

	if (!len)
		return 1;
	/* The verifier of 6.1 does not conclude from this that it is 1 to 64. */
	asm volatile("" : "+r"(len));
	len = ((len - 1) & (CSUM_CHUNK - 1)) + 1;
	if (bpf_skb_load_bytes(walk->ctx, walk->off, chunk, len))
		return 1;
	walk->sum = bpf_csum_diff(NULL, 0, chunk, sizeof(chunk), walk->sum);
	walk->off += len;
	walk->left -= len;
	return 0;
}

/** icmp_csum_is_right() - Verify the checksum over the whole message (RFC 5508 REQ-3) */
static __always_inline bool icmp_csum_is_right(struct nat_ctx *ctx, const struct pkt *pkt)
{
	struct csum_walk walk = { .ctx = ctx, .off = pkt->l4, .left = pkt->l4_len };

	bpf_loop(pkt->l4_len / CSUM_CHUNK + 1, csum_chunk, &walk, 0);
	return !walk.left && csum_fold((__u32)walk.sum) == 0xffff;
}

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

/**
 * quote_parse() - Read the quoted headers
 *
 * The quoted IPv4 checksum is verified, the quoted transport checksum is not (RFC 5508
 * REQ-3). What a packet that is not the first fragment belonged to is not known. Of a
 * protocol that we do not translate only the addresses are read: the error may be about
 * a tunnel of the gateway itself.
 *
 * Return: NAT_CONTINUE; drop(): ICMP_QUOTE
 */
static __always_inline enum nat_verdict quote_parse(struct nat_ctx *ctx, const struct pkt *pkt,
						    struct quote *quote)
{
	struct iphdr *ip;
	__u32 hlen;
	bool whole;

	quote->l3 = pkt->l4 + NAT_ICMP_HLEN;
	ip = parse_pulled(ctx, quote->l3, sizeof(*ip));
	if (!ip || ip->version != 4 || ip->ihl < 5)
		return drop(NAT_REASON_ICMP_QUOTE);
	hlen = ip->ihl * 4;
	quote->l4 = quote->l3 + hlen;
	quote->src = (struct nat_endpoint){ .addr = ip->saddr, .proto = ip->protocol };
	quote->dst = (struct nat_endpoint){ .addr = ip->daddr, .proto = ip->protocol };
	quote->is_flow = nat_has_ports(ip->protocol);
	whole = !(ip->frag_off & bpf_htons(NAT_IP_OFFSET_MASK)) &&
		pkt->l4_len >= NAT_ICMP_HLEN + hlen + QUOTE_MIN_L4;
	quote->room = pkt->l4_len - NAT_ICMP_HLEN - hlen;
	if (quote->room > NAT_TCP_HLEN)
		quote->room = NAT_TCP_HLEN;

	if (!parse_pulled(ctx, quote->l4, 0))
		return drop(NAT_REASON_ICMP_QUOTE);
	ip = parse_at(ctx, quote->l3, sizeof(*ip));
	if (!ip || !parse_ip_csum_is_right(ctx, ip, quote->l3, hlen))
		return drop(NAT_REASON_ICMP_QUOTE);
	if (quote->is_flow && (!whole || !quote_ports(ctx, quote)))
		return drop(NAT_REASON_ICMP_QUOTE);
	return NAT_CONTINUE;
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

	if (!l4_fields(ctx, l4, quote->room, from->proto, side, &fields))
		return false;
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

/**
 * icmp_error_in() - Which internal endpoint sent the packet that an inbound error quotes?
 * @external: The address that the error came to
 * @to:       Filled on NAT_CONTINUE
 *
 * Return: NAT_CONTINUE; pass(): HOST_IN; drop(): ICMP_NO_SESSION
 */
static __always_inline enum nat_verdict icmp_error_in(struct nat_ctx *ctx, const struct pkt *pkt,
						      const struct quote *quote,
						      const struct nat_external *external,
						      struct nat_endpoint *to)
{
	struct nat_external_key flow = { .external = quote->src,
					 .remote = { quote->dst.addr, quote->dst.port, 0 } };
	struct nat_session *session = quote->is_flow ? session_find(&flow, pkt->now) : NULL;
	struct nat_binding_rev *rev = NULL;
	struct nat_binding *binding;

	if (session) {
		*to = session->internal;
		return NAT_CONTINUE;
	}
	binding = quote->is_flow ? binding_find_rev(&quote->src, pkt->now, &rev) : NULL;
	if (!(external->flags & NAT_EXTERNAL_LOCAL) ||
	    (binding && binding->kind != NAT_HOST &&
	     port_owner(ctx, &quote->src, &quote->dst) == PORT_FREE))
		return drop(NAT_REASON_ICMP_NO_SESSION);
	return pass(NAT_REASON_HOST_IN);
}

/**
 * quote_is_internal() - Does an outbound error quote an address that must not leave?
 *
 * One that is private, or that we would have translated; not our own, and not towards a
 * destination that gets its packets untranslated.
 */
static __always_inline bool quote_is_internal(const struct pkt *pkt, const struct quote *quote)
{
	if (bpf_map_lookup_elem(&externals, &quote->dst.addr) ||
	    admit_is_listed(&excluded_nets, pkt->dst.addr))
		return false;
	return admit_is_private(quote->dst.addr) ||
	       admit_is_listed(&internal_nets, quote->dst.addr);
}

/**
 * icmp_error_out() - Which external endpoint did the packet come to that an outbound error quotes?
 * @to: Filled on NAT_CONTINUE
 *
 * Return: NAT_CONTINUE; pass(): HOST_OUT, and as admit_outbound(); drop(): ICMP_NO_SESSION
 */
static __always_inline enum nat_verdict icmp_error_out(const struct pkt *pkt,
						       const struct quote *quote,
						       const struct nat_settings *set,
						       struct nat_endpoint *to)
{
	struct nat_external_key flow = { .remote = { quote->src.addr, quote->src.port, 0 } };
	struct nat_binding *binding = NULL;
	struct nat_internal_key key;
	enum nat_verdict verdict;
	struct admission ask;

	binding_key(&key, set, &quote->dst, &quote->src);
	if (quote->is_flow)
		binding = bpf_map_lookup_elem(&bindings_fwd, &key);
	if (binding && !binding_is_identity(binding, &quote->dst)) {
		flow.external = binding->external;
		if (session_find(&flow, pkt->now)) {
			*to = binding->external;
			return NAT_CONTINUE;
		}
	}
	if (quote_is_internal(pkt, quote))
		return drop(NAT_REASON_ICMP_NO_SESSION);
	verdict = admit_outbound(pkt, &ask);
	if (verdict != NAT_CONTINUE)
		return verdict;
	return ask.own ? pass(NAT_REASON_HOST_OUT) : drop(NAT_REASON_ICMP_NO_SESSION);
}

/**
 * icmp_error() - The pipeline of an ICMP error, in either direction
 * @external: Inbound only: the external address that it came to
 *
 * A function of its own: errors are rare, and the fast path is better off without it.
 *
 * Return: translated(): ICMP_ERROR_IN, ICMP_ERROR_OUT; as the two above; drop():
 * ICMP_CHECKSUM, ICMP_QUOTE, WRITE
 */
static __noinline enum nat_verdict icmp_error(struct nat_ctx *ctx, const struct pkt *pkt,
					      enum nat_direction dir,
					      const struct nat_settings *set,
					      const struct nat_external *external)
{
	enum nat_side outer = dir == NAT_OUT ? NAT_SRC : NAT_DST;
	__be32 addr = dir == NAT_OUT ? pkt->src.addr : pkt->dst.addr;
	struct quote quote = {};
	struct nat_endpoint to = {};
	enum nat_verdict verdict;

	if (!icmp_csum_is_right(ctx, pkt))
		return drop(NAT_REASON_ICMP_CHECKSUM);
	verdict = quote_parse(ctx, pkt, &quote);
	if (verdict != NAT_CONTINUE)
		return verdict;
	/* An error goes to the sender of what it is about, or it is forged. */
	if (quote.src.addr != pkt->dst.addr)
		return drop(NAT_REASON_ICMP_QUOTE);
	verdict = dir == NAT_OUT ? icmp_error_out(pkt, &quote, set, &to) :
				   icmp_error_in(ctx, pkt, &quote, external, &to);
	if (verdict != NAT_CONTINUE)
		return verdict;

	if (!quote_rewrite(ctx, pkt, &quote, dir == NAT_OUT ? NAT_DST : NAT_SRC, &to) ||
	    !rewrite_addr(ctx, pkt->l3, outer, addr, to.addr))
		return drop(NAT_REASON_WRITE);
	return translated(dir == NAT_OUT ? NAT_REASON_ICMP_ERROR_OUT : NAT_REASON_ICMP_ERROR_IN);
}

#endif /* ICMP_ERROR_H */
