/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * outbound_known.h - a packet that leaves through a session that is alive: what XDP does, too.
 */
#ifndef OUTBOUND_KNOWN_H
#define OUTBOUND_KNOWN_H

#include "rewrite.h"
#include "session.h"

/**
 * outbound_session() - The living session of a packet that leaves
 * @flow:    @remote is given; @external is filled on success
 * @binding: In: what was found for its source, or NULL. Out: NULL if it is not the session's
 *
 * Return: NULL if there is none
 */
static __always_inline struct nat_session *outbound_session(const struct pkt *pkt,
							    const struct nat_settings *set,
							    struct nat_external_key *flow,
							    struct nat_binding **binding)
{
	struct nat_session *session = NULL;

	if (*binding && life_is_usable(life_read(&(*binding)->life), pkt->now)) {
		flow->external = (*binding)->external;
		session = session_find(flow, pkt->now);
	}
	/* A binding found long dead may be another's when it is read, and lead to his session. */
	if (session && endpoint_is(&session->internal, &pkt->src))
		return session;
	if (!pkt_is_translatable(pkt, NAT_OUT))
		return NULL;
	session = session_of_reply(&pkt->src, set, flow, pkt->now);
	if (session)
		*binding = NULL;
	return session;
}

/**
 * outbound_known() - A packet of a session that is alive
 *
 * Whether the address is still ours is asked as often as the timer is restarted. If it is
 * not, although nobody has ended the flow, it ends here, and the next packet moves it to an
 * address that is.
 */
static __always_inline enum nat_verdict outbound_known(const struct pkt *pkt,
						       const struct nat_external_key *flow,
						       struct nat_session *session,
						       const struct nat_settings *set,
						       struct nat_binding *binding)
{
	if (session_use(session, flow, pkt, NAT_OUT, set, binding) && binding &&
	    binding_is_stale(binding)) {
		life_end(&session->life, pkt->now);
		life_end(&binding->life, pkt->now);
		return drop(NAT_REASON_NO_ADDRESS);
	}
	return NAT_CONTINUE;
}

/** outbound_id() - The IP id that a packet leaves with: its own, or a new one (fragment.h) */
static __always_inline __be16 outbound_id(const struct pkt *pkt)
{
	return pkt->atomic ? pkt->id : fragment_new_id(pkt, pkt->dst.addr);
}

/** outbound_write() - Source and IP id. Return: has it been done? */
static __always_inline bool outbound_write(struct nat_ctx *ctx, const struct pkt *pkt,
					   const struct nat_endpoint *external, __be16 id)
{
	if (!pkt->atomic) {
		fragment_sent(pkt, external->addr, pkt->dst.addr, id, pkt->now + FRAGMENT_SENT);
		if (!rewrite_id(ctx, pkt->l3, pkt->id, id))
			return false;
	}
	return rewrite(ctx, pkt, NAT_SRC, external);
}

#endif /* OUTBOUND_KNOWN_H */
