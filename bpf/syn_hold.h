/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * syn_hold.h - a SYN that nobody waits for: silence first (RFC 5382 REQ-4).
 *
 * Two hosts behind NATs that open a connection to each other at the same time send SYNs that
 * cross. The one that arrives before its own side has called must not be answered, or the
 * connection fails. So it is dropped, and noted in `held_syns`; after six seconds the reaper
 * looks whether the flow has a session by now, and if it has not, the keeper tells the sender
 * that the port is unreachable.
 *
 * A SYN that is sent again in the meantime is dropped like the first; it does not start the
 * six seconds anew.
 */
#ifndef SYN_HOLD_H
#define SYN_HOLD_H

#include "life.h"
#include "parse.h"
#include "request.h"

/** syn_is_held() - May this be a packet that syn_hold() is for? */
static __always_inline bool syn_is_held(const struct nat_settings *set, const struct pkt *pkt)
{
	__u32 port = bpf_ntohs(pkt->dst.port);

	return pkt->src.proto == NAT_PROTO_TCP && pkt_opens(pkt) &&
	       set->value[NAT_SETTING_UNSOLICITED_SYN] != NAT_SYN_PASS &&
	       port >= set->value[NAT_SETTING_PORT_FIRST] &&
	       port <= set->value[NAT_SETTING_PORT_LAST];
}

/** syn_note() - Enter it, and tell the keeper that there is one */
static __always_inline void syn_note(struct nat_ctx *ctx, const struct pkt *pkt,
				     const struct nat_external_key *ends, __u32 seconds)
{
	struct nat_external_key flow = *ends;
	struct nat_request *request;
	struct nat_held held = {};

	/* Behind options there would be no room for the ports. */
	if (pkt->l4 - pkt->l3 != NAT_IP_HLEN ||
	    bpf_skb_load_bytes(ctx, pkt->l3, held.quote, sizeof(held.quote)))
		return;
	/* A tick more, as this one has begun a while ago: it may not be a moment less. */
	held.life = life_make(NAT_STATE_LIVE, pkt->now + ticks_from_seconds(seconds) + 1, 0);
	if (map_insert(&held_syns, &flow, &held))
		return; /* it is there already, or the table is full */
	request = request_begin(NAT_REQUEST_SYN, pkt->now);
	if (request)
		bpf_ringbuf_submit(request, 0);
}

/** syn_hold() - Drop it, and answer later. Return: enum nat_verdict */
VERIFIED_ONCE int syn_hold(struct nat_ctx *ctx, const struct pkt *pkt,
			   const struct nat_external_key *flow)
{
	const struct nat_settings *set = settings_get();

	if (!pkt || !flow || !set)
		return NAT_DROP;
	if (set->value[NAT_SETTING_UNSOLICITED_SYN] == NAT_SYN_HOLD)
		syn_note(ctx, pkt, flow, set->value[NAT_SETTING_SYN_HOLD]);
	return drop(NAT_REASON_SYN_HELD);
}

#endif /* SYN_HOLD_H */
