/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_tc.bpf.c - WAN ingress and egress, TC: all that needs thought.
 *
 * A packet that goes on is handed to the next program of the hook, if there is one
 * (TC_ACT_UNSPEC, which TCX calls TCX_NEXT).
 */
#include "ctx_tc.h"
#include "inbound.h"
#include "outbound.h"

#define NAT_TC_NEXT (-1)
#define NAT_TC_SHOT 2

/** inbound_for_host() - Nothing is bound here: the host's, if the address is */
static __always_inline enum nat_verdict inbound_for_host(const struct nat_external *external)
{
	return external->flags & NAT_EXTERNAL_LOCAL ? pass(NAT_REASON_HOST_IN) :
						      drop(NAT_REASON_NO_BINDING);
}

/** inbound_fragment() - A fragment without ports: as its first one, or the host's */
static __always_inline enum nat_verdict inbound_fragment(struct nat_ctx *ctx, const struct pkt *pkt,
							 const struct nat_external *external)
{
	struct nat_fragment note;

	if (fragment_find(pkt, &note))
		return rewrite_fragment(ctx, pkt, NAT_IN, &note);
	return external->flags & NAT_EXTERNAL_LOCAL ? pass(NAT_REASON_HOST_FRAGMENT) :
						      drop(NAT_REASON_FRAGMENT);
}

/** inbound_may_open() - The verdict on the first packet that a stranger sends to a binding */
static __always_inline enum nat_verdict inbound_may_open(const struct pkt *pkt,
							 const struct nat_settings *set,
							 const struct nat_external_key *flow,
							 const struct nat_binding *binding,
							 const struct nat_binding_rev *rev)
{
	/* A binding made for one remote endpoint is nobody else's to use. */
	if (rev->remote.addr &&
	    (rev->remote.addr != flow->remote.addr || rev->remote.port != flow->remote.port))
		return drop(NAT_REASON_FILTERED);
	if (binding->kind != NAT_HOST && !filter_allows(set, flow, binding, pkt->now))
		return drop(NAT_REASON_FILTERED);
	if (pkt->src.proto == NAT_PROTO_TCP && !pkt_opens(pkt))
		return drop(NAT_REASON_TCP_NO_SYN);
	return NAT_CONTINUE;
}

/**
 * inbound_open() - The first packet of an inbound flow, or none of ours
 * @flow:    Its endpoints
 * @key:     Filled on NAT_CONTINUE: of the binding in `bindings_fwd`
 * @binding: Filled on NAT_CONTINUE; counts the session that is to be made
 *
 * Return: NAT_CONTINUE; NAT_LEAVE: nothing is bound here; drop(): FILTERED, TCP_NO_SYN,
 * SESSION_LIMIT, BUSY
 */
static __noinline enum nat_verdict inbound_open(struct nat_ctx *ctx, const struct pkt *pkt,
						const struct nat_external_key *flow,
						struct nat_internal_key *key,
						struct nat_binding **binding)
{
	const struct nat_settings *set = settings_get();
	struct nat_binding_rev *rev = NULL;
	enum nat_verdict verdict;

	*binding = binding_find_rev(&pkt->dst, pkt->now, &rev);
	if (!set || !*binding || !rev || binding_is_identity(*binding, &rev->internal) ||
	    port_owner(ctx, &pkt->dst, &pkt->src) != PORT_FREE)
		return NAT_LEAVE;
	verdict = inbound_may_open(pkt, set, flow, *binding, rev);
	if (verdict != NAT_CONTINUE)
		return verdict;

	if (!session_reserve(set, false))
		return drop(NAT_REASON_SESSION_LIMIT);
	key->internal = rev->internal;
	key->remote = rev->remote;
	if (binding_hold(*binding, &key->internal, pkt->now, 0) == LIFE_HELD)
		return NAT_CONTINUE;
	session_unreserve();
	return drop(NAT_REASON_BUSY);
}

/**
 * inbound_new() - A packet of no session that is alive
 *
 * The session that a stranger opens does not outlive the binding and does not extend
 * it: only the internal side can do that, by answering.
 */
static __always_inline enum nat_verdict inbound_new(struct nat_ctx *ctx, const struct pkt *pkt,
						    const struct nat_external_key *flow,
						    const struct nat_external *external)
{
	enum nat_verdict verdict = NAT_LEAVE;
	struct nat_binding *binding = NULL;
	struct nat_internal_key key = {};

	if (pkt_is_translatable(pkt, NAT_IN))
		verdict = inbound_open(ctx, pkt, flow, &key, &binding);
	if (verdict == NAT_LEAVE)
		return inbound_for_host(external);
	if (verdict == NAT_CONTINUE)
		verdict = session_create(flow, &key, binding, pkt, NAT_IN);
	if (verdict != NAT_CONTINUE)
		return verdict;
	return rewrite(ctx, pkt, NAT_IN, &key.internal);
}

static __always_inline enum nat_verdict inbound(struct nat_ctx *ctx)
{
	const struct nat_settings *set = settings_get();
	struct nat_external *external;
	struct nat_external_key flow;
	struct nat_session *session;
	enum nat_verdict verdict;
	struct pkt pkt = {};

	if (ctx_ipv4(ctx) < 0)
		return NAT_LEAVE;
	verdict = parse_ip(ctx, &pkt);
	if (verdict != NAT_CONTINUE || !set)
		return verdict;
	external = bpf_map_lookup_elem(&externals, &pkt.dst.addr);
	if (!external || external->flags & NAT_EXTERNAL_OUTSIDE)
		return NAT_LEAVE;
	pkt.now = clock_now();
	if (pkt.offset)
		return inbound_fragment(ctx, &pkt, external);
	verdict = parse_transport(ctx, &pkt, NAT_IN);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (pkt.icmp == PKT_ICMP_ERROR)
		return icmp_error(ctx, &pkt, NAT_IN, set, external);

	inbound_flow(&flow, &pkt);
	session = pkt_is_translatable(&pkt, NAT_IN) ? session_find(&flow, pkt.now) : NULL;
	if (!session)
		return inbound_new(ctx, &pkt, &flow, external);
	return inbound_known(ctx, &pkt, &flow, session, set);
}

SEC("tc")
int nat_tc_wan_in(struct __sk_buff *skb)
{
	return inbound(skb) == NAT_DROP ? NAT_TC_SHOT : NAT_TC_NEXT;
}

SEC("tc")
int nat_tc_wan_out(struct __sk_buff *skb)
{
	return outbound(skb) == NAT_DROP ? NAT_TC_SHOT : NAT_TC_NEXT;
}

char LICENSE[] SEC("license") = "GPL";
