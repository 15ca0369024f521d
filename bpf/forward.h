/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * forward.h - the moves of nat_forward: static bindings are made, ended, given another address.
 *
 * How it works
 *
 * A static binding is an ordinary one whose deadline is never, entered into the same tables in
 * the same order (binding.h), so it cannot collide with one that packets make meanwhile.
 *
 * What an internal endpoint sends from itself leaves as its binding in `bindings_fwd` says, and
 * there is one for its plain key. The first static binding gets that key if it is free. Any other
 * one, with dependent mapping every one, has a key that no packet has (NAT_TAG_FORWARD): its
 * sessions are those of guests, and `replies` knows how they are answered.
 *
 *	ADD    nobody there: claim the port, publish. The same internal endpoint's dynamic binding:
 *	       becomes static where it is. Dying: its rest is cut short, to be tried again
 *	DEL    deadline := past
 *	CUT    the sessions of all that have been ended, in one pass; the reaper does the rest
 *	MOVE   as a dynamic one moves (binding_move.h), with a claim of the new address if its
 *	       index is another. To the same address with another index only the claim changes
 */
#ifndef FORWARD_H
#define FORWARD_H

#include "binding_move.h"
#include "claims.h"
#include "reap.h"

#define FORWARD_TAGS 8

/** struct forward - What the callbacks of one run share */
struct forward {
	struct nat_forward_args args;
	__u32 now;
};

static __always_inline void forward_count(__s64 more)
{
	struct nat_usage *used = usage_get();

	if (used)
		__sync_fetch_and_add(&used->forwards, more);
}

static __always_inline struct nat_claims *forward_claims(__u32 address, __u8 proto)
{
	__u32 index = claim_set_index(address, proto);

	return bpf_map_lookup_elem(&ports, &index);
}

/* ---- add ------------------------------------------------------------------------------- */

/** forward_taken() - Say who has the endpoint */
static __always_inline __u32 forward_taken(struct nat_forward_args *args,
					   const struct nat_binding_rev *rev,
					   const struct nat_binding *binding)
{
	args->internal = rev->internal;
	args->kind = binding->kind;
	args->from = binding->first;
	args->from_len = binding->first_len;
	return NAT_FORWARD_TAKEN;
}

/** forward_promote() - A binding of that very internal endpoint becomes static, dead or alive */
static __always_inline __u32 forward_promote(const struct nat_forward_args *args,
					     const struct nat_internal_key *key,
					     struct nat_binding_rev *rev,
					     struct nat_binding *binding)
{
	__u64 old = life_read(&binding->life);
	struct nat_host *host;

	if (life_state(old) == NAT_STATE_DELETING ||
	    !life_swap(&binding->life, old,
		       life_make(NAT_STATE_LIVE, NAT_TICK_NEVER, life_low(old))))
		return NAT_FORWARD_BUSY;
	/* Nobody deletes it now; whether somebody has, and it is another, can be asked. */
	if (binding != bpf_map_lookup_elem(&bindings_fwd, key) ||
	    !endpoint_is(&binding->external, &args->external)) {
		life_swap(&binding->life, life_make(NAT_STATE_LIVE, NAT_TICK_NEVER, life_low(old)),
			  old);
		return NAT_FORWARD_BUSY;
	}
	if (binding->kind == NAT_DYNAMIC) {
		host = bpf_map_lookup_elem(&hosts, &key->internal.addr);
		if (host)
			life_unhold(&host->life, control_now());
	}
	/* The kind first: from then on no packet writes the rest. */
	binding->kind = rev->kind = NAT_STATIC;
	binding->first_len = args->from_len;
	binding->first = args->from;
	forward_count(1);
	return NAT_FORWARD_DONE;
}

/** forward_meet() - The external endpoint is in the tables: whose is it? */
static __always_inline __u32 forward_meet(struct nat_forward_args *args,
					  struct nat_binding_rev *rev, __u32 now)
{
	struct nat_internal_key key = { .internal = rev->internal, .remote = rev->remote };
	struct nat_binding *binding = bpf_map_lookup_elem(&bindings_fwd, &key);
	bool is_same = endpoint_is(&rev->internal, &args->internal);
	__u64 life;

	if (!binding || !endpoint_is(&binding->external, &args->external))
		return NAT_FORWARD_BUSY; /* an orphan */
	life = life_read(&binding->life);
	if (binding->kind == NAT_STATIC && life_is_usable(life, now))
		return is_same && binding->first == args->from &&
				       binding->first_len == args->from_len ?
			       NAT_FORWARD_THERE :
			       forward_taken(args, rev, binding);
	if (is_same && binding->kind != NAT_HOST && (!key.remote.addr || key.remote.tag))
		return forward_promote(args, &key, rev, binding);
	if (life_is_usable(life, now))
		return forward_taken(args, rev, binding);
	if (life_state(life) == NAT_STATE_RESTING && !life_is_past(life, now))
		life_swap(&binding->life, life, life_with_deadline(life, now));
	return NAT_FORWARD_BUSY;
}

/** forward_key() - Under which key of `bindings_fwd`? */
static __always_inline void forward_key(struct nat_internal_key *key,
					const struct nat_forward_args *args,
					const struct nat_settings *set)
{
	*key = (struct nat_internal_key){ .internal = args->internal };
	if (set->value[NAT_SETTING_MAPPING] != NAT_MAPPING_DEPENDENT &&
	    !bpf_map_lookup_elem(&bindings_fwd, key))
		return;
	key->remote.addr = args->external.addr;
	key->remote.port = args->external.port;
	/* One that has moved away keeps the key that it was given here. */
	for (int i = 0; i < FORWARD_TAGS; i++) {
		key->remote.tag = NAT_TAG_FORWARD + i;
		if (!bpf_map_lookup_elem(&bindings_fwd, key))
			return;
	}
}

static __always_inline __u32 forward_add(struct nat_forward_args *args, __u32 now)
{
	struct nat_external_key rev_key = { .external = args->external };
	struct nat_binding_rev *rev = bpf_map_lookup_elem(&bindings_rev, &rev_key);
	struct nat_claims *claims = forward_claims(args->address, args->external.proto);
	const struct nat_settings *set = settings_get();
	struct nat_binding new = {
		.life = life_make(NAT_STATE_LIVE, NAT_TICK_NEVER, 0),
		.external = args->external,
		.created = now,
		.kind = NAT_STATIC,
		.address = args->address,
		.first = args->from,
		.first_len = args->from_len,
	};
	__u32 port = bpf_ntohs(args->external.port);
	struct nat_internal_key key;

	if (rev)
		return forward_meet(args, rev, now);
	if (!claims || !set)
		return NAT_FORWARD_FULL;
	if (!claim_port(claims, port, true))
		return NAT_FORWARD_BUSY; /* claimed by a packet that has not published it yet */
	forward_key(&key, args, set);
	switch (binding_publish(&key, &new, now)) {
	case BINDING_PUBLISHED:
		forward_count(1);
		return NAT_FORWARD_DONE;
	case BINDING_REFUSED:
		claim_release(claims, port);
		return NAT_FORWARD_FULL;
	case BINDING_LEFT:
		claim_release(claims, port);
		return NAT_FORWARD_BUSY;
	case BINDING_STRANDED:
		return NAT_FORWARD_FULL;
	}
	return NAT_FORWARD_BUSY; /* a packet was faster: next time we meet it */
}

/* ---- delete ------------------------------------------------------------------------------ */

static __always_inline __u32 forward_del(struct forward *forward)
{
	struct nat_external_key rev_key = { .external = forward->args.external };
	struct nat_binding_rev *rev = bpf_map_lookup_elem(&bindings_rev, &rev_key);
	struct nat_internal_key key;
	struct nat_binding *binding;
	__u64 life;

	if (!rev)
		return NAT_FORWARD_ABSENT;
	key.internal = rev->internal;
	key.remote = rev->remote;
	binding = bpf_map_lookup_elem(&bindings_fwd, &key);
	if (!binding || binding->kind != NAT_STATIC)
		return NAT_FORWARD_ABSENT;
	life = life_read(&binding->life);
	if (life_deadline(life) != NAT_TICK_NEVER)
		return NAT_FORWARD_ABSENT; /* ended before */
	if (!life_swap(&binding->life, life, life_with_deadline(life, forward->now - 1)))
		return NAT_FORWARD_BUSY; /* a packet has counted a session meanwhile */
	forward_count(-1);
	forward->args.internal = key.internal;
	forward->args.from = binding->first;
	forward->args.from_len = binding->first_len;
	return NAT_FORWARD_DONE;
}

/**
 * forward_cut() - End a session if its static binding has been ended
 *
 * What is dead may be somebody else's before it has been judged, so it is left alone. But what has
 * just died, a packet that began a tick ago still finds alive, and would extend.
 */
static long forward_cut(struct bpf_map *map, struct nat_external_key *flow,
			struct nat_session *session, struct forward *forward)
{
	struct nat_binding *binding;
	__u32 before = forward->now - 1;

	if (!life_is_usable(life_read(&session->life), before))
		return 0;
	binding = session_binding(session, flow);
	if (binding && binding->kind == NAT_STATIC &&
	    life_is_past(life_read(&binding->life), forward->now))
		forward->args.count += life_end(&session->life, before);
	return 0;
}

/* ---- move -------------------------------------------------------------------------------- */

/** forward_unclaim() - Give back what it has claimed, at the index that it has */
static __always_inline void forward_unclaim(const struct nat_binding *binding)
{
	struct nat_claims *claims = forward_claims(binding->address, binding->external.proto);

	if (claims)
		claim_release(claims, bpf_ntohs(binding->external.port));
}

static long forward_move(struct bpf_map *map, struct nat_internal_key *key,
			 struct nat_binding *binding, struct forward *forward)
{
	__u32 address = forward->args.address;
	struct nat_endpoint external = binding->external;
	struct nat_claims *claims = forward_claims(address, external.proto);
	struct nat_external_key rev_key = { .external = external };
	struct nat_internal_key on_stack = *key; /* a global function may not get a map's */
	struct nat_binding_rev *rev;
	__u32 was = binding->address;

	if (binding->kind != NAT_STATIC || external.addr != forward->args.external.addr ||
	    life_deadline(life_read(&binding->life)) != NAT_TICK_NEVER)
		return 0;
	if (was != address && (!claims || !claim_port(claims, bpf_ntohs(external.port), true))) {
		forward->args.count++;
		return 0;
	}
	if (external.addr == forward->args.new_addr) {
		rev = bpf_map_lookup_elem(&bindings_rev, &rev_key);
		if (rev && was != address) {
			forward_unclaim(binding);
			binding->address = rev->address = address;
		}
		return 0;
	}
	if (!binding_move(&on_stack, binding, forward->args.new_addr, address, forward->now)) {
		if (claims && was != address)
			claim_release(claims, bpf_ntohs(external.port));
		forward->args.count++;
	}
	return 0;
}

#endif /* FORWARD_H */
