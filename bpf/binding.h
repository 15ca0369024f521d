/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * binding.h - internal endpoint <-> external endpoint: find one, or make one.
 *
 * How a binding comes to be, on any number of CPUs at once
 *
 *	claim the port        one atomic OR: ours, or somebody else's
 *	-> bindings_rev       insert if absent; inbound packets may find it from here on,
 *	                      but do nothing with it before it has a mirror
 *	-> bindings_fwd       insert if absent, already counting one session: published
 *
 * Two first packets of one internal endpoint race for the last step. The loser's claim
 * and its bindings_rev entry are useless but not wrong: it marks the entry as past its
 * deadline, which makes it an orphan that the reaper collects together with the claim,
 * and goes on with the winner's binding. Nobody deletes what another may be reading.
 *
 * Revival: the entry of an expired or resting binding is still there, and so is its
 * claim. The same internal endpoint gets it back by one compare-and-swap, with the same
 * external port.
 *
 * The gateway's own traffic needs none of this as long as it has its endpoint for itself:
 * a TCP or UDP port is protected by the socket that uses it, for the kernel is asked
 * before a port is claimed and before an inbound packet is given to an internal host. Two
 * cases remain. A ping or a tunnel has no socket that could be found, so its id is claimed: a
 * binding whose endpoints are the same, without sessions. And a connection from the very external
 * to the very remote endpoint that an internal host's session has already is bound like
 * an internal host's, with another port.
 */
#ifndef BINDING_H
#define BINDING_H

#include "admit.h"
#include "host.h"
#include "port.h"
#include "publish.h"
#include "session.h"

/**
 * binding_limit() - How many sessions may it have?
 * @limit: per-binding, or the strangers' part of it: of one that no person has made
 */
static __always_inline __u32 binding_limit(const struct nat_binding *binding, __u32 limit)
{
	return binding->kind == NAT_DYNAMIC ? limit : NAT_LIFE_LOW_MAX;
}

/**
 * binding_hold() - Count one more session on a binding, reviving it if it was dead
 * @internal: Its internal endpoint
 *
 * A static one does not come back to life: a person has ended it.
 */
static __always_inline enum life_error binding_hold(struct nat_binding *binding,
						    const struct nat_endpoint *internal,
						    const struct nat_settings *set, __u32 now,
						    __u32 deadline)
{
	return life_hold(&binding->life, now, binding->kind == NAT_STATIC ? 0 : deadline,
			 !binding_is_identity(binding, internal),
			 binding_limit(binding, set->value[NAT_SETTING_PER_BINDING]));
}

/**
 * binding_claim() - Find an external endpoint for a new binding, and claim it
 * @ask:     Whose packet it is
 * @binding: @address and @external.addr are filled in, @external.port on NAT_CONTINUE
 *
 * Return: NAT_CONTINUE; refuse(): PORTS_EXHAUSTED; pass(): HOST_OUT, for the gateway's own
 * packet, which then goes as it is
 */
static __always_inline enum nat_verdict binding_claim(struct nat_ctx *ctx, const struct pkt *pkt,
						      const struct admission *ask,
						      struct nat_binding *binding)
{
	__u32 index = claim_set_index(binding->address, pkt->src.proto);

	binding->external.port = pkt->src.port;
	if (nat_has_address_only(pkt->src.proto))
		return NAT_CONTINUE; /* bindings_rev itself is the claim */
	if (ask->own && pkt->icmp && port_claim_own(index, pkt->src.port))
		return NAT_CONTINUE;
	if (port_claim(ctx, index, &binding->external, pkt->src.port, &pkt->dst))
		return NAT_CONTINUE;
	return ask->own ? pass(NAT_REASON_HOST_OUT) : refuse(NAT_REASON_PORTS_EXHAUSTED);
}

/** binding_fails() - The verdict on a packet for which no binding could be published */
static __always_inline enum nat_verdict binding_fails(const struct pkt *pkt,
						      const struct admission *ask,
						      enum binding_error err)
{
	if (ask->own)
		return pass(NAT_REASON_HOST_OUT);
	if (err == BINDING_REFUSED || err == BINDING_STRANDED)
		return refuse(NAT_REASON_TABLE_FULL);
	if (err == BINDING_CLASHED && nat_has_address_only(pkt->src.proto))
		return refuse(NAT_REASON_AMBIGUOUS);
	return drop(NAT_REASON_BUSY);
}

/** binding_unheld() - The verdict on a packet whose binding could not count one session more */
static __always_inline enum nat_verdict binding_unheld(const struct admission *ask,
						       enum life_error err)
{
	if (ask->own)
		return pass(NAT_REASON_HOST_OUT);
	return err == LIFE_AT_LIMIT ? refuse(NAT_REASON_BINDING_LIMIT) : drop(NAT_REASON_BUSY);
}

/**
 * binding_adopt() - After losing the race for a binding: use the winner's
 * @err: From binding_publish()
 */
static __always_inline enum nat_verdict binding_adopt(const struct nat_internal_key *key,
						      const struct pkt *pkt,
						      const struct admission *ask,
						      const struct nat_settings *set,
						      enum binding_error err, __u32 deadline,
						      struct nat_external_key *flow)
{
	struct nat_binding *binding = bpf_map_lookup_elem(&bindings_fwd, key);
	enum life_error held;

	if (err != BINDING_LOST || !binding)
		return binding_fails(pkt, ask, err);
	held = binding_hold(binding, &pkt->src, set, pkt->now, deadline);
	if (held != LIFE_HELD)
		return binding_unheld(ask, held);
	flow->external = binding->external;
	permit_extend(set, flow, binding, deadline, true);
	return NAT_CONTINUE;
}

/**
 * binding_create() - Claim an endpoint and publish a binding for it
 * @deadline: Of the binding, and of the session that it counts
 * @flow:     @external is filled on NAT_CONTINUE
 *
 * Return: NAT_CONTINUE; pass(): HOST_OUT; drop(): BUSY, SPOOFED; refuse(): NO_ADDRESS, HOST_LIMIT,
 * HOST_RATE, PORTS_EXHAUSTED, TABLE_FULL, AMBIGUOUS
 */
static __always_inline enum nat_verdict binding_create(struct nat_ctx *ctx, const struct pkt *pkt,
						       const struct nat_settings *set,
						       const struct nat_internal_key *key,
						       const struct admission *ask, __u32 deadline,
						       struct nat_external_key *flow)
{
	struct nat_pool *pooled = bpf_map_lookup_elem(&pool, &ONLY);
	struct nat_binding new = {
		.external = { .addr = pkt->src.addr, .proto = pkt->src.proto },
		.created = pkt->now,
		.kind = ask->own ? NAT_HOST : NAT_DYNAMIC,
		.address = ask->address,
		.first = pkt->dst.addr,
	};
	struct nat_host *host = NULL;
	enum nat_verdict verdict = NAT_DROP;
	enum binding_error err;

	if (!pooled || !pooled->count)
		return refuse(NAT_REASON_NO_ADDRESS);
	if (!ask->own) {
		host = host_admit(ctx, pkt, set, &verdict);
		if (!host)
			return verdict;
		new.address = host->address;
		new.external.addr = pooled->addr[new.address &(NAT_POOL_MAX - 1)];
	}
	verdict = binding_claim(ctx, pkt, ask, &new);
	if (verdict != NAT_CONTINUE)
		goto err_host;
	new.life = life_make(NAT_STATE_LIVE, deadline, !binding_is_identity(&new, &pkt->src));

	flow->external = new.external;
	err = binding_publish(key, &new, pkt->now);
	if (err == BINDING_PUBLISHED)
		return NAT_CONTINUE;
	if ((err == BINDING_REFUSED || err == BINDING_LEFT) && nat_has_ports(new.external.proto))
		port_release(claim_set_index(new.address, new.external.proto), new.external.port);
	verdict = binding_adopt(key, pkt, ask, set, err, deadline, flow);
err_host:
	if (host)
		host_release(host, pkt->now);
	return verdict;
}

/** binding_find_rev() - The living binding of a flow's external endpoint, or NULL */
static __always_inline struct nat_binding *binding_find_rev(const struct nat_external_key *flow,
							    __u32 now,
							    struct nat_binding_rev **found)
{
	const struct nat_endpoint *external = &flow->external;
	struct nat_internal_key internal;
	struct nat_external_key key;
	struct nat_binding *binding;
	struct nat_binding_rev *rev;

	binding_rev_key(&key, external, flow->remote.addr);
	rev = bpf_map_lookup_elem(&bindings_rev, &key);
	if (!rev || !life_is_usable(life_read(&rev->life), now))
		return NULL;
	internal.internal = rev->internal;
	internal.remote = rev->remote;
	binding = bpf_map_lookup_elem(&bindings_fwd, &internal);
	if (!binding || !endpoint_is(&binding->external, external) ||
	    !life_is_usable(life_read(&binding->life), now))
		return NULL;
	*found = rev;
	return binding;
}

#endif /* BINDING_H */
