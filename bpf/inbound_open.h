/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inbound_open.h - the first packet of an inbound flow, on TC: may it come in, and to whom?
 *
 *	spoofed?     a source that cannot be out there: drop
 *	binding      external endpoint -> internal endpoint; none: for the gateway itself
 *	local socket has one claimed it after all? for the gateway itself
 *	filter       may this remote send to it?                          filter.h
 *	session      a place for it, then made
 *
 * What is for the gateway itself goes to its stack, but for a SYN to a port on which nobody
 * listens (syn_hold.h).
 */
#ifndef INBOUND_OPEN_H
#define INBOUND_OPEN_H

#include "binding.h"
#include "route.h"
#include "session_open.h"
#include "syn_hold.h"

/** inbound_is_spoofed() - Can this source not be on the outside? (RFC 1812 section 5.3.8) */
static __always_inline bool inbound_is_spoofed(struct nat_ctx *ctx, const struct pkt *pkt)
{
	__be32 src = pkt->src.addr;

	return admit_is_martian(pkt) || bpf_map_lookup_elem(&externals, &src) ||
	       route_is_inside(ctx, src);
}

/** inbound_for_host() - Nothing is bound here: the host's, if the address is */
static __always_inline enum nat_verdict inbound_for_host(const struct nat_external *external)
{
	return external->flags & NAT_EXTERNAL_LOCAL ? pass(NAT_REASON_HOST_IN) :
						      drop(NAT_REASON_NO_BINDING);
}

/**
 * inbound_has_socket() - Is it for a socket of this machine, whatever is bound there?
 *
 * A static binding is a person's word, and goes before a socket that waits for anybody.
 */
static __always_inline bool inbound_has_socket(struct nat_ctx *ctx, const struct pkt *pkt,
					       const struct nat_binding *binding)
{
	enum port_owner owner =
		pkt_has_socket(pkt) ? port_owner(ctx, &pkt->dst, &pkt->src) : PORT_FREE;

	return owner == PORT_CONNECTED || (owner == PORT_LISTENS && binding->kind != NAT_STATIC);
}

/**
 * inbound_open() - May the first packet of an inbound flow open it?
 * @flow: Its endpoints
 * @key:  Filled on NAT_CONTINUE: of the binding in `bindings_fwd`, which counts the session
 *	  that is to be made
 *
 * Return: NAT_CONTINUE; NAT_LEAVE: nothing is bound here; drop(): SPOOFED, FILTERED,
 * SYN_HELD, TCP_NO_SYN, SESSION_LIMIT, BINDING_LIMIT, BUSY
 */
VERIFIED_ONCE int inbound_open(struct nat_ctx *ctx, const struct pkt *pkt,
			       const struct nat_external_key *flow, struct nat_internal_key *key)
{
	const struct nat_settings *set = settings_get();
	struct nat_binding_rev *rev = NULL;
	struct nat_binding *binding;
	struct nat_internal_key own; /* see maps.h: until Linux 6.5 */
	enum life_error held;

	if (!pkt || !flow || !key || !set)
		return NAT_DROP;
	binding = binding_find_rev(flow, pkt->now, &rev);
	/* A tunnel of the gateway itself may do nothing but listen. */
	if (binding && rev && nat_has_address_only(pkt->dst.proto) &&
	    binding_is_identity(binding, &rev->internal))
		life_extend(&binding->life, pkt->now,
			    pkt->now + ticks_from_seconds(set->value[NAT_SETTING_OTHER]));
	if (!binding || !rev || binding_is_identity(binding, &rev->internal) ||
	    inbound_has_socket(ctx, pkt, binding))
		return NAT_LEAVE;
	if (binding->kind != NAT_HOST && !filter_allows(set, flow, binding, pkt->now))
		return syn_is_held(set, pkt) ? syn_hold(ctx, pkt, flow) : drop(NAT_REASON_FILTERED);
	if (!pkt_opens(pkt) && pkt->src.proto == NAT_PROTO_TCP)
		return drop(NAT_REASON_TCP_NO_SYN);

	if (!session_reserve(SESSION_STRANGERS(set->value[NAT_SETTING_MAX_SESSIONS]), false))
		return drop(NAT_REASON_SESSION_LIMIT);
	own = (struct nat_internal_key){ .internal = rev->internal, .remote = rev->remote };
	*key = own;
	held = life_hold(
		&binding->life, pkt->now, 0, 1,
		binding_limit(binding, SESSION_STRANGERS(set->value[NAT_SETTING_PER_BINDING])));
	if (held == LIFE_HELD) {
		/* Found dead, it may be somebody else's by now, as in outbound_bind(). */
		if (binding == bpf_map_lookup_elem(&bindings_fwd, &own) &&
		    endpoint_is(&binding->external, &flow->external))
			return NAT_CONTINUE;
		life_unhold(&binding->life, pkt->now);
	}
	session_unreserve();
	return drop(held == LIFE_AT_LIMIT ? NAT_REASON_BINDING_LIMIT : NAT_REASON_BUSY);
}

/**
 * inbound_guest() - Note by which external endpoint a guest is to be answered
 *
 * A guest uses a binding that was made for another remote, or a static one beside another.
 * Return: 0 if there is no room
 */
VERIFIED_ONCE int inbound_guest(const struct nat_external_key *flow,
				const struct nat_internal_key *key)
{
	struct nat_reply reply = { .life = life_make(NAT_STATE_LIVE, NAT_TICK_NEVER, 0) };
	struct nat_internal_key guest = {};

	if (!key || !flow)
		return 0;
	guest.internal = key->internal;
	guest.remote = flow->remote;
	reply.external = flow->external;
	return !bpf_map_update_elem(&replies, &guest, &reply, BPF_ANY);
}

/**
 * inbound_is_ambiguous() - Does the internal endpoint speak to this remote by another way already?
 *
 * By two external endpoints at once: to the internal host both flows are the same.
 *
 * Return: 1 if so
 */
VERIFIED_ONCE int inbound_is_ambiguous(const struct nat_external_key *flow,
				       const struct nat_internal_key *key, __u32 now)
{
	const struct nat_settings *set = settings_get();
	struct nat_external_key other = {};
	struct nat_internal_key plain = {};
	struct nat_endpoint internal;
	struct nat_binding *binding;

	if (!flow || !key || !set || !session_has_replies(set))
		return 0;
	internal = key->internal;
	other.remote = flow->remote;
	if (session_of_reply(&internal, set, &other, now) &&
	    !endpoint_is(&other.external, &flow->external))
		return 1;
	plain.internal = internal;
	binding = bpf_map_lookup_elem(&bindings_fwd, &plain);
	if (!binding || endpoint_is(&binding->external, &flow->external))
		return 0;
	other.external = binding->external;
	return !!session_find(&other, now);
}

/** inbound_undo() - No session comes of it: take back what inbound_open() has counted */
static __always_inline enum nat_verdict inbound_undo(const struct pkt *pkt,
						     struct nat_binding *binding,
						     enum nat_reason reason)
{
	if (binding)
		life_unhold(&binding->life, pkt->now);
	session_unreserve();
	return drop(reason);
}

/**
 * inbound_new() - A packet of no session that is alive
 * @flags:    For the session: NAT_SESSION_HAIRPIN or 0
 * @internal: Filled on NAT_CONTINUE
 *
 * The session that a stranger opens does not outlive the binding and does not extend
 * it: only the internal side can do that, by answering.
 *
 * Return: NAT_CONTINUE; pass(): HOST_IN; drop(): NO_BINDING, AMBIGUOUS, TABLE_FULL, as
 * inbound_open() and session_create()
 */
static __always_inline enum nat_verdict inbound_new(struct nat_ctx *ctx, const struct pkt *pkt,
						    const struct nat_external_key *flow,
						    const struct nat_external *external,
						    __u32 flags, struct nat_endpoint *internal)
{
	const struct nat_settings *set = settings_get();
	enum nat_verdict verdict = NAT_LEAVE;
	struct nat_internal_key key = {};
	struct nat_binding *binding;

	if (!set)
		return NAT_DROP;
	if (!(flags & NAT_SESSION_HAIRPIN) && inbound_is_spoofed(ctx, pkt))
		return drop(NAT_REASON_SPOOFED);
	if (pkt_is_translatable(pkt, NAT_IN))
		verdict = inbound_open(ctx, pkt, flow, &key);
	if (verdict == NAT_LEAVE) {
		if (syn_is_held(set, pkt) && port_owner(ctx, &pkt->dst, &pkt->src) == PORT_FREE)
			return syn_hold(ctx, pkt, flow);
		return inbound_for_host(external);
	}
	if (verdict != NAT_CONTINUE)
		return verdict;
	binding = bpf_map_lookup_elem(&bindings_fwd, &key);
	if (inbound_is_ambiguous(flow, &key, pkt->now))
		return inbound_undo(pkt, binding, NAT_REASON_AMBIGUOUS);
	if (key.remote.addr && !remote_is(&key.remote, &flow->remote) && !inbound_guest(flow, &key))
		return inbound_undo(pkt, binding, NAT_REASON_TABLE_FULL);
	verdict = session_create(flow, &key, binding, pkt, flags | NAT_SESSION_INBOUND);
	*internal = key.internal;
	return verdict;
}

#endif /* INBOUND_OPEN_H */
