/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * outbound.h - the pipeline of a packet that leaves: source becomes an external endpoint.
 *
 *	parse           bytes -> struct pkt                               parse.h
 *	options         that tell where it has been: drop                 ip_option.h
 *	icmp error?     translated with what it quotes                    icmp_error.h
 *	binding         internal endpoint -> external endpoint            binding.h
 *	session         + remote endpoint: alive? use it                  session.h
 *	clamp           the MSS of a SYN                                  mss.h
 *	rewrite         source := external endpoint                       rewrite.h
 *
 * The first packet of a flow takes the long way, outbound_open(): may it (admit.h), is
 * there a place (session.h), a port (host.h, port.h), then both tables, then the same
 * rewrite. Whatever is not translated and not the gateway's own is dropped.
 */
#ifndef OUTBOUND_H
#define OUTBOUND_H

#include "answer.h"
#include "binding_move.h"
#include "fragment_note.h"
#include "icmp_error.h"
#include "ip_option.h"
#include "mss.h"
#include "outbound_known.h"
#include "route.h"
#include "session_open.h"

/** outbound_deadline() - Of the binding that a flow's first packet makes or revives */
static __always_inline __u32 outbound_deadline(const struct pkt *pkt,
					       const struct nat_settings *set)
{
	return session_deadline(set, pkt->src.proto, session_opening_state(pkt->src.proto, NAT_OUT),
				pkt->dst.port, pkt->now);
}

/** outbound_fragment() - A fragment without ports: as its first one, or the gateway's own */
VERIFIED_ONCE int outbound_fragment(struct nat_ctx *ctx, const struct pkt *pkt)
{
	struct nat_fragment note;
	struct admission ask = {};
	enum nat_verdict verdict;

	if (!pkt)
		return NAT_DROP;
	if (fragment_find(pkt, &note))
		return rewrite_fragment(ctx, pkt, &note) ? translated(NAT_REASON_TRANSLATED_OUT) :
							   drop(NAT_REASON_WRITE);
	verdict = admit_outbound(pkt, &ask);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (ask.own)
		return pass(NAT_REASON_HOST_FRAGMENT);
	return drop(fragment_hold(ctx, pkt) ? NAT_REASON_FRAGMENT_EARLY : NAT_REASON_FRAGMENT);
}

/**
 * outbound_own() - May the gateway's own packet go as it is?
 *
 * Yes, unless it would be mistaken for an internal host's: a ping or a tunnel, which must be
 * claimed, or a new connection between two endpoints that a session has already.
 */
static __always_inline bool outbound_own(const struct pkt *pkt,
					 const struct nat_external_key *remote)
{
	struct nat_external_key flow = { .external = pkt->src, .remote = remote->remote };

	if (!pkt_is_translatable(pkt, NAT_OUT) || !pkt_opens(pkt))
		return true;
	return pkt_has_socket(pkt) && !session_find(&flow, pkt->now);
}

/** outbound_refuse() - The verdict on an internal host's packet that may not open a flow */
static __always_inline enum nat_verdict outbound_refuse(const struct pkt *pkt)
{
	if (!pkt_is_translatable(pkt, NAT_OUT))
		return drop(pkt->icmp ? NAT_REASON_ICMP_TYPE : NAT_REASON_PROTOCOL);
	return pkt_opens(pkt) ? NAT_CONTINUE : drop(NAT_REASON_TCP_NO_SYN);
}

/**
 * outbound_bind() - A binding that counts one session more: the one found, or a new one
 *
 * If its address has been replaced it moves to the one that came, unless a local socket has
 * its port there.
 */
static __always_inline enum nat_verdict outbound_bind(struct nat_ctx *ctx, const struct pkt *pkt,
						      const struct nat_settings *set,
						      const struct admission *ask,
						      struct nat_external_key *flow,
						      struct nat_binding *binding)
{
	__u32 deadline = outbound_deadline(pkt, set);
	struct nat_internal_key key;
	enum life_error held;
	bool was_dead, moves;

	binding_key(&key, set, &pkt->src, &pkt->dst);
	if (!binding)
		return binding_create(ctx, pkt, set, &key, ask, deadline, flow);
	if (ask->own && binding->kind == NAT_DYNAMIC)
		return pass(NAT_REASON_HOST_OUT); /* the address was an internal host's */
	flow->external = binding->external;
	moves = binding_is_stale(binding);
	if (moves)
		flow->external.addr = binding_next_address(binding);
	if (!flow->external.addr)
		return drop(NAT_REASON_NO_ADDRESS);
	if (!ask->own && pkt_has_socket(pkt) &&
	    port_owner(ctx, &flow->external, &pkt->dst) > (moves ? PORT_FREE : PORT_LISTENS))
		return drop(NAT_REASON_LOCAL_SOCKET);
	was_dead = !life_is_usable(life_read(&binding->life), pkt->now);
	held = binding_hold(binding, &pkt->src, set, pkt->now, deadline);
	if (held != LIFE_HELD)
		return binding_unheld(ask, held);
	/*
	 * It may have been dead for long when it was found, deleted, and be somebody else's by
	 * now, alive; or its own again, with another port. Held, it stays what it is.
	 */
	if (binding != bpf_map_lookup_elem(&bindings_fwd, &key) ||
	    binding->external.port != flow->external.port ||
	    (moves &&
	     !binding_move(&key, binding, flow->external.addr, binding->address, pkt->now))) {
		life_unhold(&binding->life, pkt->now);
		return binding_unheld(ask, LIFE_BUSY);
	}
	if ((was_dead || moves) && binding->kind == NAT_DYNAMIC)
		binding->first = pkt->dst.addr; /* whom it permitted is history */
	return NAT_CONTINUE;
}

/**
 * outbound_open() - The first packet of a flow: may it pass, and as what?
 * @flow:    @remote is given; @external is filled on NAT_CONTINUE
 * @binding: What was found for it, alive or not, or NULL. On NAT_CONTINUE it, or the one that
 *	     has been made, counts the session that is to come
 *
 * A function of its own, so that the compiler keeps the registers for the known flows.
 *
 * Return: NAT_CONTINUE; pass(): as admit_outbound(), HOST_OUT; drop(): as the stages above,
 * NO_ADDRESS, LOCAL_SOCKET, BUSY; refuse(): SESSION_LIMIT, BINDING_LIMIT, as binding_create()
 */
VERIFIED_ONCE int outbound_open(struct nat_ctx *ctx, const struct pkt *pkt,
				struct nat_external_key *flow, struct nat_binding *binding)
{
	const struct nat_settings *set = settings_get();
	struct admission ask = {};
	enum nat_verdict verdict;

	if (!pkt || !flow || !set)
		return NAT_DROP;
	verdict = admit_outbound(pkt, &ask);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (ask.own && outbound_own(pkt, flow))
		return pass(NAT_REASON_HOST_OUT);
	verdict = outbound_refuse(pkt);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (!session_reserve(set->value[NAT_SETTING_MAX_SESSIONS], ask.own))
		return refuse(NAT_REASON_SESSION_LIMIT);

	verdict = outbound_bind(ctx, pkt, set, &ask, flow, binding);
	if (verdict == NAT_CONTINUE) {
		if (!ask.own || !endpoint_is(&flow->external, &pkt->src))
			return NAT_CONTINUE;
		verdict = pass(NAT_REASON_HOST_OUT); /* of our own, and claimed now */
	}
	session_unreserve();
	return verdict;
}

/** outbound_ping() - Of the gateway itself, and its endpoint is claimed: nothing to rewrite */
static __always_inline enum nat_verdict outbound_ping(struct nat_binding *binding,
						      const struct pkt *pkt,
						      const struct nat_settings *set)
{
	life_extend(&binding->life, pkt->now, outbound_deadline(pkt, set));
	return pass(NAT_REASON_HOST_OUT);
}

/**
 * outbound_translate() - Which external endpoint does this packet leave from?
 * @flow:  Filled on NAT_CONTINUE
 * @flags: For a new session: NAT_SESSION_HAIRPIN or 0
 *
 * Return: NAT_CONTINUE; pass(), drop(), refuse(): as outbound_open() and session_create();
 * NAT_LEAVE: hairpin, and the source is not at home where it comes from
 */
static __always_inline enum nat_verdict outbound_translate(struct nat_ctx *ctx,
							   const struct pkt *pkt,
							   const struct nat_settings *set,
							   struct nat_external_key *flow,
							   __u32 flags)
{
	struct nat_binding *binding = NULL;
	struct nat_session *session;
	struct nat_internal_key key;
	enum nat_verdict verdict;

	flow->remote.addr = pkt->dst.addr;
	flow->remote.port = pkt->dst.port;
	binding_key(&key, set, &pkt->src, &pkt->dst);
	if (pkt_is_translatable(pkt, NAT_OUT))
		binding = bpf_map_lookup_elem(&bindings_fwd, &key);
	if (binding && binding_is_identity(binding, &pkt->src) &&
	    life_is_usable(life_read(&binding->life), pkt->now))
		return outbound_ping(binding, pkt, set);
	session = outbound_session(pkt, set, flow, &binding);
	if (session)
		return outbound_known(pkt, flow, session, set, binding);

	if (flags & NAT_SESSION_HAIRPIN && !route_leads_back(ctx, pkt))
		return NAT_LEAVE;
	verdict = outbound_open(ctx, pkt, flow, binding);
	if (verdict != NAT_CONTINUE)
		return verdict;
	return session_create(flow, &key, binding, pkt, flags);
}

/**
 * outbound_rewrite() - Everything that changes on the way out: IP id, MSS, source
 * @new_dst: The destination that the packet is going to have; only a hairpin changes it
 *
 * What is or may become fragments gets an IP id of ours; a first fragment leaves a note.
 * Return: NAT_CONTINUE; drop(): TABLE_FULL, WRITE
 */
static __always_inline enum nat_verdict outbound_rewrite(struct nat_ctx *ctx, const struct pkt *pkt,
							 const struct nat_endpoint *external,
							 __be32 new_dst)
{
	__be16 id = outbound_id(pkt);

	if (pkt->fragment && !fragment_note(pkt, external->addr, new_dst, id))
		return drop(NAT_REASON_TABLE_FULL);
	return mss_clamp(ctx, pkt) && outbound_write(ctx, pkt, external, id) ?
		       NAT_CONTINUE :
		       drop(NAT_REASON_WRITE);
}

/**
 * outbound_away() - While the external address is away: what would leave from it does not
 *
 * Nothing is ended by that: if the address returns, the flows go on.
 */
static __always_inline enum nat_verdict outbound_away(const struct pkt *pkt)
{
	struct admission ask = {};
	enum nat_verdict verdict;
	__be32 src = pkt->src.addr;
	struct nat_external *own = bpf_map_lookup_elem(&externals, &src);

	if (own && !(own->flags & NAT_EXTERNAL_OUTSIDE))
		return drop(NAT_REASON_NO_ADDRESS);
	verdict = admit_outbound(pkt, &ask);
	return verdict == NAT_CONTINUE ? drop(NAT_REASON_NO_ADDRESS) : verdict;
}

static __always_inline enum nat_verdict outbound(struct nat_ctx *ctx, __u32 l2)
{
	const struct nat_settings *set = settings_get();
	struct nat_external_key flow = {};
	enum nat_verdict verdict;
	struct pkt pkt = {};

	verdict = parse_ip(ctx, &pkt, l2);
	if (verdict != NAT_CONTINUE || !set)
		return verdict;
	pkt.now = clock_now();
	pkt.reflected = ctx->ingress_ifindex == ctx->ifindex;
	if (pool_is_away())
		return outbound_away(&pkt);
	if (pkt.l4 - pkt.l3 > NAT_IP_HLEN) {
		verdict = ip_option_check(ctx, &pkt);
		if (verdict != NAT_CONTINUE)
			return verdict;
	}
	if (pkt.offset)
		return outbound_fragment(ctx, &pkt);
	verdict = parse_transport(ctx, &pkt, NAT_OUT);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (pkt.icmp == PKT_ICMP_ERROR) {
		verdict = icmp_error(ctx, &pkt, ERROR_OUT, NULL, &flow.external);
		return verdict == NAT_CONTINUE ? translated(NAT_REASON_ICMP_ERROR_OUT) : verdict;
	}

	verdict = outbound_translate(ctx, &pkt, set, &flow, 0);
	if (verdict == NAT_REFUSE)
		answer_refused(ctx, &pkt, set);
	if (verdict == NAT_CONTINUE)
		verdict = outbound_rewrite(ctx, &pkt, &flow.external, pkt.dst.addr);
	return verdict == NAT_CONTINUE ? translated(NAT_REASON_TRANSLATED_OUT) : verdict;
}

#endif /* OUTBOUND_H */
