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
 *	from inside     hairpinned,               both                            both
 *	                X:x' -> internal
 *
 * The last is the one before it and then the first, on one packet.
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
#include "ip_option.h"
#include "route.h"
#include "rewrite.h"
#include "session.h"

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

/** enum error_way - Which translations an ICMP error undergoes */
enum error_way {
	ERROR_OUT = 1,
	ERROR_IN = 2,
	ERROR_HAIRPIN = ERROR_OUT | ERROR_IN,
};

#define CSUM_CHUNK 32 /* octets at a time; more would not fit the stack on Linux 6.1 */

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
	/* The verifier of 6.1 does not conclude from this that it is 1 to 32. */
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
	ip = parse_at(ctx, quote->l3, sizeof(*ip));
	if (!ip || (set->value[NAT_SETTING_QUOTE_CHECK] &&
		    !parse_ip_csum_is_right(ctx, ip, quote->l3, hlen)))
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

/**
 * icmp_error_in() - Which internal endpoint sent the packet that an inbound error quotes?
 * @external: The address that the error came to
 * @to:       Filled on NAT_CONTINUE
 *
 * Return: NAT_CONTINUE; pass(): HOST_IN; drop(): ICMP_NO_SESSION
 */
static __always_inline enum nat_verdict icmp_error_in(struct nat_ctx *ctx, const struct pkt *pkt,
						      struct quote *quote, __u32 way,
						      const struct nat_external *external,
						      struct nat_endpoint *to)
{
	struct nat_external_key flow = { .external = quote->src,
					 .remote = { quote->dst.addr, quote->dst.port, 0 } };
	struct nat_session *session = quote->is_flow ? session_find(&flow, pkt->now) : NULL;
	struct nat_binding_rev *rev = NULL;
	bool is_known = quote_sent(quote, pkt->now, to);
	struct nat_binding *binding;

	if (session && way == ERROR_IN && session->flags & NAT_SESSION_HAIRPIN)
		return drop(NAT_REASON_SPOOFED);
	if (session) {
		*to = session->internal;
		return NAT_CONTINUE;
	}
	if (quote->offset && nat_carriage[quote->src.proto] != NAT_CARRIES_NOTHING)
		return is_known ? NAT_CONTINUE : drop(NAT_REASON_ICMP_QUOTE);
	/* We have sent nothing out there to an address inside: the stack would remember its MTU. */
	if (admit_is_private(quote->dst.addr) &&
	    route_to(ctx, quote->dst.addr) != (int)ctx->ifindex)
		return drop(NAT_REASON_SPOOFED);
	binding = quote->is_flow ? binding_find_rev(&flow, pkt->now, &rev) : NULL;
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
 * @to: Filled if it is known
 */
static __always_inline bool icmp_error_out(const struct pkt *pkt, const struct quote *quote,
					   const struct nat_settings *set, struct nat_endpoint *to)
{
	struct nat_external_key flow = { .remote = { quote->src.addr, quote->src.port, 0 } };
	struct nat_session *session = NULL;
	struct nat_binding *binding;
	struct nat_internal_key key;

	if (!quote->is_flow)
		return false;
	binding_key(&key, set, &quote->dst, &quote->src);
	binding = bpf_map_lookup_elem(&bindings_fwd, &key);
	if (binding && !binding_is_identity(binding, &quote->dst)) {
		flow.external = binding->external;
		session = session_find(&flow, pkt->now);
	}
	if (!session)
		session = session_of_reply(&quote->dst, set, &flow, pkt->now);
	*to = flow.external;
	return session;
}

/**
 * icmp_error_stray() - The verdict on an outbound error about nothing that we have translated
 *
 * Return: pass(): HOST_OUT, and as admit_outbound(); drop(): ICMP_NO_SESSION
 */
static __always_inline enum nat_verdict icmp_error_stray(const struct pkt *pkt,
							 const struct quote *quote)
{
	struct admission ask = {};
	enum nat_verdict verdict;

	if (quote_is_internal(pkt, quote))
		return drop(NAT_REASON_ICMP_NO_SESSION);
	verdict = admit_outbound(pkt, &ask);
	if (verdict != NAT_CONTINUE)
		return verdict;
	return ask.own ? pass(NAT_REASON_HOST_OUT) : drop(NAT_REASON_ICMP_NO_SESSION);
}

/** icmp_error_write() - Put both headers, the outer and the quoted one, as they are on the other
 * side */
static __always_inline bool icmp_error_write(struct nat_ctx *ctx, const struct pkt *pkt,
					     const struct quote *quote, enum nat_side outer,
					     const struct nat_endpoint *to)
{
	enum nat_side quoted = outer == NAT_SRC ? NAT_DST : NAT_SRC;
	__be32 addr = outer == NAT_SRC ? pkt->src.addr : pkt->dst.addr;

	return quote_rewrite(ctx, pkt, quote, quoted, to) &&
	       rewrite_addr(ctx, pkt->l3, outer, addr, to->addr);
}

/** icmp_error_reject() - Of one that cannot be read; the gateway's stack may have sent for it */
static __always_inline enum nat_verdict icmp_error_reject(__u32 way, enum nat_reason reason)
{
	return way == ERROR_HAIRPIN ? NAT_LEAVE : drop(reason);
}

/**
 * icmp_error() - The pipeline of an ICMP error
 * @way:      enum error_way
 * @external: What is known of its destination, if that is ours; else NULL
 * @internal: Filled on NAT_CONTINUE if it goes to an internal host: its address
 *
 * Return: NAT_CONTINUE, and it has been translated; as the two above; drop(): ICMP_CHECKSUM,
 * ICMP_QUOTE, WRITE. Hairpin: NAT_LEAVE if it is about nothing that was hairpinned
 */
VERIFIED_ONCE int icmp_error(struct nat_ctx *ctx, const struct pkt *pkt, __u32 way,
			     const struct nat_external *external, struct nat_endpoint *internal)
{
	const struct nat_settings *set = settings_get();
	struct nat_endpoint outside = {}, inside;
	struct quote quote = {};
	enum nat_verdict verdict;

	if (!pkt || !set || !internal || (way & ERROR_IN && !external))
		return NAT_DROP;
	if (!icmp_csum_is_right(ctx, pkt))
		return icmp_error_reject(way, NAT_REASON_ICMP_CHECKSUM);
	/* An error goes to the sender of what it is about, or it is forged. */
	if (!quote_parse(ctx, pkt, set, &quote) || quote.src.addr != pkt->dst.addr)
		return icmp_error_reject(way, NAT_REASON_ICMP_QUOTE);
	inside = quote.dst;
	if (way & ERROR_OUT) {
		if (!icmp_error_out(pkt, &quote, set, &outside))
			return way == ERROR_HAIRPIN ? NAT_LEAVE : icmp_error_stray(pkt, &quote);
		if (quote.l4 - quote.l3 > NAT_IP_HLEN &&
		    ip_option_tells(ctx, quote.l3 + NAT_IP_HLEN, quote.l4))
			return drop(NAT_REASON_IP_OPTION);
		quote.dst = outside; /* as the other side has seen it */
	}
	if (way & ERROR_IN) {
		verdict = icmp_error_in(ctx, pkt, &quote, way, external, internal);
		if (verdict != NAT_CONTINUE)
			return verdict;
	}
	quote.dst = inside;

	if (quote.new_id != quote.id && !rewrite_id(ctx, quote.l3, quote.id, quote.new_id))
		return drop(NAT_REASON_WRITE);
	if ((way & ERROR_OUT && !icmp_error_write(ctx, pkt, &quote, NAT_SRC, &outside)) ||
	    (way & ERROR_IN && !icmp_error_write(ctx, pkt, &quote, NAT_DST, internal)))
		return drop(NAT_REASON_WRITE);
	return NAT_CONTINUE;
}

#endif /* ICMP_ERROR_H */
