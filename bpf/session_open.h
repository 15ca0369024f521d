/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session_open.h - make a session: the last step of a flow's first packet.
 *
 * How it works
 *
 *	session_reserve()   a place under max-sessions, before anything else is done
 *	(binding)           found or made; counts this session already
 *	session_create()    insert if absent, or revive an expired entry of the same flow
 *
 * If another CPU has made the same session meanwhile, or an expired one was revived,
 * there is one session and it has been counted: the place and the count are given back,
 * and the packet goes on. If the table refuses, they are given back and it does not.
 */
#ifndef SESSION_OPEN_H
#define SESSION_OPEN_H

#include "session.h"

/* What strangers open may not use up: a quarter of every limit is for internal hosts. */
#define SESSION_STRANGERS(limit) ((limit) - (limit) / 4)

/**
 * session_reserve() - Take a place under max-sessions, before anything is claimed
 * @limit:  max-sessions, or the strangers' part of it
 * @exempt: The gateway's own flow: counted, never refused
 */
static __always_inline bool session_reserve(__u32 limit, bool exempt)
{
	struct nat_usage *used = usage_get();

	if (!used)
		return false;
	if (__sync_fetch_and_add(&used->sessions, 1) < limit || exempt)
		return true;
	__sync_fetch_and_add(&used->sessions, -1);
	return false;
}

static __always_inline void session_unreserve(void)
{
	struct nat_usage *used = usage_get();

	if (used)
		__sync_fetch_and_add(&used->sessions, -1);
}

enum session_error {
	SESSION_NEW,	/* inserted: place and count are used */
	SESSION_THERE,	/* existed or was revived: place and count are to be taken back */
	SESSION_BUSY,	/* being deleted at this moment, or another binding's */
	SESSION_REFUSED /* the table is full */
};

/** session_revive() - Bring an expired session of the same binding back, in place */
static __always_inline enum session_error session_revive(struct nat_session *session,
							 const struct nat_external_key *flow,
							 const struct nat_session *new, __u32 now)
{
	__u64 old = life_read(&session->life);

	if (life_state(old) == NAT_STATE_DELETING || session->internal.addr != new->internal.addr ||
	    session->internal.port != new->internal.port)
		return SESSION_BUSY;
	if (life_is_usable(old, now))
		return SESSION_THERE; /* another CPU was faster */
	if (!life_swap(&session->life, old, new->life))
		return SESSION_BUSY;
	/* It may have been dead for long, deleted, and be another flow's by now. */
	if (session != bpf_map_lookup_elem(&sessions, flow)) {
		life_end(&session->life, now);
		return SESSION_BUSY;
	}
	session->created = new->created;
	session->flags = new->flags;
	session->knows_out = new->knows_out;
	session->knows_in = new->knows_in;
	session->out = new->out;
	session->in = new->in;
	return SESSION_THERE;
}

/**
 * session_insert() - Put a session into the table, or revive the one that is there
 * @new: Complete, first packet counted
 */
static __always_inline enum session_error session_insert(const struct nat_external_key *flow,
							 const struct nat_session *new, __u32 now)
{
	int err = map_insert(&sessions, flow, new);
	struct nat_session *session;

	if (!err)
		return SESSION_NEW;
	if (err != -NAT_EEXIST)
		return SESSION_REFUSED;
	session = bpf_map_lookup_elem(&sessions, flow);
	return session ? session_revive(session, flow, new, now) : SESSION_BUSY;
}

/** session_first_deadline() - A session that a stranger opens does not outlive the binding */
static __always_inline __u32 session_first_deadline(const struct nat_binding *binding,
						    const struct nat_external_key *flow,
						    enum nat_state state, enum nat_direction dir,
						    const struct nat_settings *set, __u32 now)
{
	__u32 deadline = session_deadline(set, flow->external.proto, state, flow->remote.port, now);
	__u32 bound;

	if (dir == NAT_OUT || !binding)
		return deadline;
	bound = life_deadline(life_read(&binding->life));
	return bound < deadline ? bound : deadline;
}

/** session_kind() - Of its binding; the gateway's own sends from the external address itself */
static __always_inline enum nat_entry_kind session_kind(const struct nat_external_key *flow,
							const struct nat_internal_key *key,
							const struct nat_binding *binding)
{
	if (binding)
		return binding->kind;
	return key->internal.addr == flow->external.addr ? NAT_HOST : NAT_DYNAMIC;
}

/**
 * session_end_with() - End a session that has just been made if its static binding has been ended
 *
 * Whoever ended it has then looked for its sessions, and may have been too early for this one,
 * which could live on for as long as its remote likes.
 */
static __always_inline void session_end_with(const struct nat_binding *binding,
					     const struct nat_external_key *flow, __u32 now)
{
	struct nat_session *session;

	if (binding->kind != NAT_STATIC || life_is_usable(life_read(&binding->life), now))
		return;
	session = session_find(flow, now);
	if (session)
		life_end(&session->life, now);
}

/**
 * session_create() - The first packet of a flow that is allowed
 * @ends:     Its endpoints
 * @of:       Key of its binding in `bindings_fwd`
 * @flags:    Of enum nat_session_flag: INBOUND, HAIRPIN
 * @binding:  Has counted this session; taken back if it was not needed. NULL for one that
 *	      has just been made for it: then nothing in it needs to be changed
 *
 * A place under max-sessions has been reserved; it is given back likewise. A function of
 * its own, so that its stack is not there while a port is being claimed.
 *
 * Return: NAT_CONTINUE; refuse(): TABLE_FULL; drop(): BUSY
 */
VERIFIED_ONCE int session_create(const struct nat_external_key *ends,
				 const struct nat_internal_key *of, struct nat_binding *binding,
				 const struct pkt *pkt, __u32 flags)
{
	enum nat_direction dir = flags & NAT_SESSION_INBOUND ? NAT_IN : NAT_OUT;
	const struct nat_settings *set = settings_get();
	struct nat_session new = {};
	struct nat_external_key flow;
	struct nat_internal_key key;
	enum session_error err;
	enum nat_state state;
	__u32 deadline, now;

	if (!set || !ends || !of || !pkt)
		return NAT_DROP;
	flow = *ends;
	key = *of;
	now = pkt->now;
	state = session_opening_state(flow.external.proto, dir);
	new.internal = key.internal;
	new.kind = session_kind(&flow, &key, binding);
	deadline = session_first_deadline(binding, &flow, state, dir, set, now);
	new.life = life_make(state, deadline, session_generation(&flow));
	new.created = now;
	new.flags = flags;
	if (key.remote.addr)
		new.flags |= remote_is(&key.remote, &flow.remote) ? NAT_SESSION_DEPENDENT :
								    NAT_SESSION_GUEST;
	session_record(&new, pkt, dir);

	err = session_insert(&flow, &new, now);
	if (err != SESSION_NEW) {
		if (!binding)
			binding = bpf_map_lookup_elem(&bindings_fwd, &key);
		if (binding)
			life_unhold(&binding->life, now);
		session_unreserve();
		if (err == SESSION_REFUSED)
			return refuse(NAT_REASON_TABLE_FULL);
		if (err == SESSION_BUSY)
			return drop(NAT_REASON_BUSY);
	}
	if (!binding)
		return NAT_CONTINUE;
	session_end_with(binding, &flow, now);
	life_extend(&binding->life, now, deadline);
	if (dir == NAT_OUT)
		permit_extend(set, &flow, binding, deadline, true);
	return NAT_CONTINUE;
}

#endif /* SESSION_OPEN_H */
