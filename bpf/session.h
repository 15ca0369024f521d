/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - a binding plus one remote endpoint: find one and use it.
 *
 * How it works
 *
 * A session that exists and is alive is all that a packet needs, in either direction.
 * Using it means: step the TCP state machine, restart the timer where the rules say so,
 * note sequence numbers, count. The life word is written only when it changes, that is
 * on a change of state or once in a tick; only then are the binding and the permit
 * extended too, because a binding's deadline is the latest of its sessions'.
 *
 * What restarts a timer: outbound packets always, inbound ones only for TCP (RFC 4787
 * REQ-6: or a stranger could keep a UDP binding for ever), and then as bpf/tcp.h says. The
 * setting inbound-refresh restarts the others' too (REQ-6A).
 */
#ifndef SESSION_H
#define SESSION_H

#include "filter.h"
#include "find.h"
#include "nat_timeout.h"
#include "tcp.h"

/** session_deadline() - When a session in @state ends if nothing more comes */
static __always_inline __u32 session_deadline(const struct nat_settings *set, __u8 proto,
					      enum nat_state state, __be16 remote_port, __u32 now)
{
	return now + ticks_from_seconds(set->value[nat_timeout(proto, state, remote_port)]);
}

/** session_opening_state() - The state in which the first packet leaves a session */
static __always_inline enum nat_state session_opening_state(__u8 proto, enum nat_direction dir)
{
	if (proto != NAT_PROTO_TCP)
		return NAT_STATE_LIVE;
	return dir == NAT_OUT ? NAT_STATE_OPENING_OUT : NAT_STATE_OPENING_IN;
}

/** session_has_replies() - Can there be anything in `replies`? */
static __always_inline bool session_has_replies(const struct nat_settings *set)
{
	struct nat_usage *used = usage_get();

	return set->value[NAT_SETTING_MAPPING] == NAT_MAPPING_DEPENDENT || (used && used->forwards);
}

/**
 * session_of_reply() - The session of an answer that goes out as the flow came in
 *
 * With dependent mapping a remote may reach a binding that was made for another one, if the
 * filter allows. What the internal host answers has no binding of its own. And an internal
 * endpoint may have several static bindings, or one beside its dynamic one.
 *
 * Return: the session, and @flow is complete; or NULL
 */
static __always_inline struct nat_session *session_of_reply(const struct nat_endpoint *internal,
							    const struct nat_settings *set,
							    struct nat_external_key *flow,
							    __u32 now)
{
	struct nat_internal_key key = { .internal = *internal, .remote = flow->remote };
	struct nat_session *session;
	struct nat_reply *reply;

	if (!session_has_replies(set))
		return NULL;
	reply = bpf_map_lookup_elem(&replies, &key);
	if (!reply)
		return NULL;
	flow->external = reply->external;
	session = session_find(flow, now);
	return session && endpoint_is(&session->internal, internal) ? session : NULL;
}

/** session_sides_known() - Have acknowledgements of both sides been seen? */
static __always_inline bool session_sides_known(const struct nat_session *session)
{
	return session->knows_out && session->knows_in;
}

/**
 * session_event() - The TCP event of a segment, after doubting it
 *
 * A FIN that does not fit is data; a RST that does not fit is TCP_EVENT_MAX: nothing.
 */
static __always_inline enum tcp_event session_event(const struct nat_session *session,
						    const struct tcp_segment *segment,
						    enum nat_direction dir)
{
	const struct nat_flow *own = dir == NAT_OUT ? &session->out : &session->in;
	const struct nat_flow *other = dir == NAT_OUT ? &session->in : &session->out;
	enum tcp_event event = tcp_event(segment->flags);

	if (event != TCP_EVENT_RST && event != TCP_EVENT_FIN)
		return event;
	if (tcp_is_plausible(segment, own, other, session_sides_known(session)))
		return event;
	return event == TCP_EVENT_FIN ? TCP_EVENT_DATA : TCP_EVENT_MAX;
}

/** session_restart() - A SYN begins the next connection in a session that was ending */
static __always_inline void session_restart(struct nat_session *session, enum nat_direction dir,
					    __u32 now)
{
	session->knows_out = session->knows_in = false;
	session->flags &= ~NAT_SESSION_INBOUND;
	session->flags |= dir == NAT_IN ? NAT_SESSION_INBOUND : 0;
	session->created = now;
	session->out.packets = session->out.bytes = 0;
	session->in.packets = session->in.bytes = 0;
}

/**
 * session_next() - What a packet makes of the life word of its session
 * @old: The word as it is
 * @new: Filled on true
 *
 * Return: is there anything to be written? Nearly always not: neither the state changes, nor is
 * it another tick
 */
static __always_inline bool session_next(const struct nat_session *session,
					 const struct nat_external_key *flow, const struct pkt *pkt,
					 enum nat_direction dir, const struct nat_settings *set,
					 __u64 old, __u64 *new)
{
	const struct nat_flow *own = dir == NAT_OUT ? &session->out : &session->in;
	enum nat_state state = life_state(old), next = state;
	__u8 proto = flow->external.proto;
	__u32 deadline;

	if (!life_is_usable(old, pkt->now))
		return false; /* flushed a moment ago */
	if (proto == NAT_PROTO_TCP) {
		enum tcp_event event = session_event(session, &pkt->segment, dir);
		__u8 cell = tcp_next(state, dir, event);

		if (event == TCP_EVENT_MAX)
			return false;
		if (cell & TCP_KEEP_TIMER) {
			if (!tcp_is_beyond_fin(state, event, &pkt->segment, own))
				return false;
			cell = dir == NAT_OUT ? NAT_STATE_FIN_IN : NAT_STATE_FIN_OUT;
		}
		next = cell;
	} else if (dir == NAT_IN && !set->value[NAT_SETTING_INBOUND_REFRESH]) {
		return false;
	}
	deadline = session_deadline(set, proto, next, flow->remote.port, pkt->now);
	*new = life_make(next, deadline, life_low(old));
	return next != state || life_deadline(old) < deadline;
}

/**
 * session_extend() - Its timer has been restarted: so is that of what it stands on
 * @binding: Its binding if the caller has it, else NULL
 *
 * Return: 0
 */
VERIFIED_ONCE int session_extend(const struct nat_session *session,
				 const struct nat_external_key *flow, struct nat_binding *binding,
				 __u32 deadline, enum nat_direction dir)
{
	const struct nat_settings *set = settings_get();

	if (!session || !flow || !set)
		return 0;
	if (!binding)
		binding = session_binding(session, flow);
	if (binding) {
		life_extend(&binding->life, clock_now(), deadline);
		permit_extend(set, flow, binding, deadline, dir == NAT_OUT);
	}
	return 0;
}

/** enum session_move - What became of an attempt to write a session's life word */
enum session_move {
	SESSION_STAYS, /* nothing to be written any more */
	SESSION_MOVED, /* its timer was restarted */
	SESSION_LOST,  /* another CPU has written the word meanwhile */
};

/**
 * session_advance() - Step the state machine and restart the timer, if nobody comes in between
 * @binding: Its binding if the caller has it, else NULL
 *
 * Only for a packet that changes the life word: of a busy flow that is one in a tick.
 *
 * Return: enum session_move
 */
VERIFIED_ONCE int session_advance(struct nat_session *session, const struct nat_external_key *flow,
				  const struct pkt *pkt, struct nat_binding *binding,
				  enum nat_direction dir)
{
	const struct nat_settings *set = settings_get();
	enum nat_state state;
	__u64 old, new;

	if (!session || !flow || !pkt || !set)
		return SESSION_STAYS;
	old = life_read(&session->life);
	if (!session_next(session, flow, pkt, dir, set, old, &new))
		return SESSION_STAYS;
	if (!life_swap(&session->life, old, new))
		return SESSION_LOST;
	state = life_state(new);
	if (state != life_state(old) && state != NAT_STATE_ESTABLISHED &&
	    tcp_event(pkt->segment.flags) == TCP_EVENT_SYN)
		session_restart(session, dir, pkt->now);
	session_extend(session, flow, binding, life_deadline(new), dir);
	return SESSION_MOVED;
}

/** session_record() - Note sequence numbers, count the packet */
static __always_inline void session_record(struct nat_session *session, const struct pkt *pkt,
					   enum nat_direction dir)
{
	struct nat_flow *own = dir == NAT_OUT ? &session->out : &session->in;
	const struct nat_flow *other = dir == NAT_OUT ? &session->in : &session->out;
	const __u8 *theirs = dir == NAT_OUT ? &session->knows_in : &session->knows_out;
	__u8 *mine = dir == NAT_OUT ? &session->knows_out : &session->knows_in;

	/* Our side begins anew, whatever it was that both have forgotten. */
	if (dir == NAT_OUT && pkt->src.proto == NAT_PROTO_TCP &&
	    tcp_event(pkt->segment.flags) == TCP_EVENT_SYN)
		session->knows_out = session->knows_in = false;
	if (pkt->src.proto == NAT_PROTO_TCP && !(pkt->segment.flags & TCP_RST)) {
		tcp_learn(&pkt->segment, own, other, *mine, *theirs);
		if (pkt->segment.flags & TCP_ACK && !*mine)
			*mine = true;
	}
	own->packets++;
	own->bytes += pkt->total_len;
}

/**
 * session_use() - A packet passes through a living session
 * @binding: Its binding if the caller has it, else NULL
 *
 * Return: was its timer restarted? Then this was the time for what need not be done with
 * every packet
 */
static __always_inline bool session_use(struct nat_session *session,
					const struct nat_external_key *flow, const struct pkt *pkt,
					enum nat_direction dir, const struct nat_settings *set,
					struct nat_binding *binding)
{
	int move = SESSION_STAYS;
	__u64 new;

	if (session_next(session, flow, pkt, dir, set, life_read(&session->life), &new))
		for (int i = 0; i < LIFE_TRIES; i++) {
			move = session_advance(session, flow, pkt, binding, dir);
			if (move != SESSION_LOST)
				break;
		}
	session_record(session, pkt, dir);
	return move == SESSION_MOVED;
}

#endif /* SESSION_H */
