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
 * No error changes any state: none is refreshed, shortened or created (RFC 4787 REQ-12, RFC
 * 5382 REQ-10, RFC 5508 REQ-6).
 */
#ifndef ICMP_ERROR_H
#define ICMP_ERROR_H

#include "binding.h"
#include "ip_option.h"
#include "quote.h"
#include "rewrite.h"
#include "route.h"
#include "session.h"

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
	if (route_is_inside(ctx, quote->dst.addr))
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

/** icmp_error_write() - Put the outer and the quoted header as they are on the other side */
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
