/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hairpin.h - the pipeline of a packet from an internal host to an external endpoint of ours.
 *
 * How it works
 *
 * An internal host sends to the endpoint by which the world knows another internal host
 * (RFC 4787 REQ-9, RFC 5382 REQ-8). To both it must look as if the packet had gone out and
 * come back in: so it undergoes the outbound translation, and then, from the external endpoint
 * that it got there, the inbound one, with the filter of the binding that it goes to.
 *
 *	c2:6000 -> X:x1      what c2 sends to what c1 is known by
 *	X:x2    -> X:x1      outbound: c2's binding and session, as towards any remote
 *	X:x2    -> c1:5000   inbound: c1's binding and session; is X:x2 allowed to send to it?
 *
 * It is done where the packet enters, on the internal interface: the kernel would take it for
 * its own, because of the destination, and after translation for a forgery, because of the
 * source. So what the kernel does for a forwarded packet is done here too: route, MTU, time to
 * live; then the packet is handed to the neighbour layer. It meets no netfilter hook.
 *
 * What nobody has a binding for is left alone, and reaches the gateway itself.
 */
#ifndef HAIRPIN_H
#define HAIRPIN_H

#include "fib.h"
#include "inbound.h"
#include "inbound_open.h"
#include "outbound.h"

/** enum hairpin_route - Can an internal host be reached? */
enum hairpin_route {
	HAIRPIN_ROUTED,
	HAIRPIN_TOO_BIG,
	HAIRPIN_UNREACHABLE,
};

/**
 * hairpin_route() - Where to send the packet
 * @to:  The internal host
 * @hop: Filled on HAIRPIN_ROUTED: the interface; on HAIRPIN_TOO_BIG: the MTU
 *
 * A packet that is too big is not cut here, whether it may be or not. Return: enum hairpin_route
 */
VERIFIED_ONCE int hairpin_route(struct nat_ctx *ctx, const struct pkt *pkt, __be32 to, __u32 *hop)
{
	struct bpf_fib_lookup fib;
	long err;

	if (!pkt || !hop)
		return HAIRPIN_UNREACHABLE;
	err = fib_ask(ctx, pkt, to, &fib);
	if (err == BPF_FIB_LKUP_RET_FRAG_NEEDED) {
		*hop = fib.mtu_result;
		return HAIRPIN_TOO_BIG;
	}
	*hop = fib.ifindex;
	return err == BPF_FIB_LKUP_RET_SUCCESS || err == BPF_FIB_LKUP_RET_NO_NEIGH ?
		       HAIRPIN_ROUTED :
		       HAIRPIN_UNREACHABLE;
}

/** hairpin_send() - Count down the time to live, hand over to the neighbour layer */
static __always_inline bool hairpin_send(struct nat_ctx *ctx, const struct pkt *pkt, __u32 ifindex)
{
	return rewrite_ttl(ctx, pkt->l3) && ctx_send(ctx, pkt->l3, ifindex);
}

/** hairpin_refuse() - Of a packet that no route can carry; if it is too big, its sender is told */
static __always_inline enum nat_verdict hairpin_refuse(struct nat_ctx *ctx, const struct pkt *pkt,
						       enum hairpin_route route, __u32 mtu)
{
	if (route == HAIRPIN_UNREACHABLE)
		return drop(NAT_REASON_NO_ROUTE);
	answer(ctx, pkt, NAT_ICMP_UNREACHABLE, NAT_ICMP_CODE_TOO_BIG, mtu);
	return drop(NAT_REASON_TOO_BIG);
}

/** hairpin_is_ours() - Is there an internal host behind the destination, for this packet? */
VERIFIED_ONCE int hairpin_is_ours(const struct pkt *pkt)
{
	struct nat_external_key flow = {};
	struct nat_binding_rev *rev = NULL;
	struct nat_binding *binding;

	/* An echo request to our address is for us (RFC 5508 REQ-1). */
	if (!pkt || !pkt_has_socket(pkt))
		return false;
	flow.external = pkt->dst;
	binding = binding_find_rev(&flow, pkt->now, &rev);
	return binding && binding->kind != NAT_HOST;
}

/**
 * hairpin_in() - The second half: from @pkt's source, which is external by now
 * @internal: Filled on NAT_CONTINUE
 */
static __always_inline enum nat_verdict hairpin_in(struct nat_ctx *ctx, const struct pkt *pkt,
						   const struct nat_settings *set,
						   const struct nat_external *external,
						   struct nat_endpoint *internal)
{
	struct nat_external_key flow;
	struct nat_session *session;

	inbound_flow(&flow, pkt);
	session = session_find(&flow, pkt->now);
	if (!session)
		return inbound_new(ctx, pkt, &flow, external, NAT_SESSION_HAIRPIN, internal);
	*internal = session->internal;
	session_use(session, &flow, pkt, NAT_IN, set, NULL);
	return NAT_CONTINUE;
}

/** hairpin_rewrite() - The last stage: both ends */
static __always_inline enum nat_verdict hairpin_rewrite(struct nat_ctx *ctx, const struct pkt *pkt,
							const struct nat_endpoint *external,
							const struct nat_endpoint *internal,
							__u32 ifindex)
{
	enum nat_verdict verdict = outbound_rewrite(ctx, pkt, external, internal->addr);

	if (verdict != NAT_CONTINUE)
		return verdict;
	return rewrite(ctx, pkt, NAT_DST, internal) && hairpin_send(ctx, pkt, ifindex) ?
		       sent(NAT_REASON_HAIRPIN) :
		       drop(NAT_REASON_WRITE);
}

/** hairpin_fragment() - A fragment without ports: as its first one, or the gateway's own */
VERIFIED_ONCE int hairpin_fragment(struct nat_ctx *ctx, const struct pkt *pkt)
{
	struct nat_fragment note;
	enum hairpin_route route;
	__u32 hop = 0;

	if (!pkt)
		return NAT_DROP;
	if (!fragment_find(pkt, &note)) {
		fragment_hold(ctx, pkt);
		return NAT_LEAVE;
	}
	if (pkt->ttl <= 1)
		return drop(NAT_REASON_TTL);
	route = hairpin_route(ctx, pkt, note.new_dst, &hop);
	if (route != HAIRPIN_ROUTED)
		return hairpin_refuse(ctx, pkt, route, hop);
	if (!rewrite_fragment(ctx, pkt, &note) || !hairpin_send(ctx, pkt, hop))
		return drop(NAT_REASON_WRITE);
	return sent(NAT_REASON_HAIRPIN);
}

/** hairpin_error() - An ICMP error about a packet that was hairpinned */
static __always_inline enum nat_verdict hairpin_error(struct nat_ctx *ctx, const struct pkt *pkt,
						      const struct nat_external *external)
{
	struct nat_endpoint internal = {};
	enum nat_verdict verdict;
	__u32 hop = 0;

	verdict = icmp_error(ctx, pkt, ERROR_HAIRPIN, external, &internal);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (pkt->ttl <= 1)
		return drop(NAT_REASON_TTL);
	if (hairpin_route(ctx, pkt, internal.addr, &hop) != HAIRPIN_ROUTED)
		return drop(NAT_REASON_NO_ROUTE);
	return hairpin_send(ctx, pkt, hop) ? sent(NAT_REASON_ICMP_ERROR_HAIRPIN) :
					     drop(NAT_REASON_WRITE);
}

/** hairpin_translate() - A packet with ports: whose, to whom, by which way? */
static __always_inline enum nat_verdict hairpin_translate(struct nat_ctx *ctx, struct pkt *pkt,
							  const struct nat_settings *set,
							  const struct nat_external *external)
{
	struct nat_endpoint internal = {}, sender = pkt->src;
	struct nat_external_key flow = {};
	enum hairpin_route route;
	enum nat_verdict verdict;
	__u32 hop = 0;

	verdict = outbound_translate(ctx, pkt, set, &flow, NAT_SESSION_HAIRPIN);
	if (verdict == NAT_CONTINUE) {
		pkt->src = flow.external;
		verdict = hairpin_in(ctx, pkt, set, external, &internal);
		pkt->src = sender;
	}
	if (verdict == NAT_REFUSE)
		answer_refused(ctx, pkt, set);
	if (verdict != NAT_CONTINUE)
		return verdict;
	route = hairpin_route(ctx, pkt, internal.addr, &hop);
	if (route != HAIRPIN_ROUTED)
		return hairpin_refuse(ctx, pkt, route, hop);
	return hairpin_rewrite(ctx, pkt, &flow.external, &internal, hop);
}

/**
 * hairpin_external() - What is known of the packet's destination, if it is an external address
 *
 * Asked before anything is judged: nearly nothing that comes from internal hosts is for us.
 */
static __always_inline struct nat_external *hairpin_external(struct nat_ctx *ctx, __u32 l2)
{
	struct nat_external *external;
	struct iphdr *ip;
	__be32 dst;

	if (ctx_ipv4(ctx, l2) < 0 || (l2 && ctx->pkt_type != NAT_PACKET_HOST))
		return NULL;
	ip = parse_pulled(ctx, l2, sizeof(*ip));
	if (!ip)
		return NULL;
	dst = ip->daddr;
	external = bpf_map_lookup_elem(&externals, &dst);
	return external && !(external->flags & NAT_EXTERNAL_OUTSIDE) ? external : NULL;
}

static __always_inline enum nat_verdict hairpin(struct nat_ctx *ctx, __u32 l2)
{
	struct nat_external *external = hairpin_external(ctx, l2);
	const struct nat_settings *set = settings_get();
	enum nat_verdict verdict;
	struct pkt pkt = {};

	if (!external || !set)
		return NAT_LEAVE;
	verdict = parse_ip(ctx, &pkt, l2);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (pool_is_away())
		return drop(NAT_REASON_NO_ADDRESS);
	pkt.now = clock_now();
	pkt.arriving = pkt.hairpin = true;
	/* Nobody to answer, or ourselves; options that the stack may want to look at. */
	if (admit_is_martian(&pkt) || bpf_map_lookup_elem(&externals, &pkt.src.addr) ||
	    (pkt.l4 - pkt.l3 > NAT_IP_HLEN && ip_option_tells(ctx, pkt.l3 + NAT_IP_HLEN, pkt.l4)))
		return NAT_LEAVE;
	if (pkt.offset)
		return hairpin_fragment(ctx, &pkt);
	verdict = parse_transport(ctx, &pkt, NAT_IN);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (pkt.icmp == PKT_ICMP_ERROR)
		return hairpin_error(ctx, &pkt, external);
	if (!hairpin_is_ours(&pkt))
		return NAT_LEAVE;
	if (pkt.ttl <= 1) {
		answer(ctx, &pkt, NAT_ICMP_TIME_EXCEEDED, 0, 0);
		return drop(NAT_REASON_TTL);
	}
	return hairpin_translate(ctx, &pkt, set, external);
}

#endif /* HAIRPIN_H */
