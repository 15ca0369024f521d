/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lane.h - the express lane of `--fast`: between internal interface and WAN, past the stack.
 *
 * How it works
 *
 *	packet     no fragment, no options, a time to live of more than 1
 *	interface  is in `lanes`, and the frame is for this machine
 *	session    alive, and both sides have confirmed it
 *	turn       is not due
 *	route      as the kernel would choose it; MTU and neighbour are good (fib.h)
 *	exit       the interface that it leads to is in `lanes`, too
 *		   ---- a "no" so far: the stack gets the packet as it came
 *	record     counts and sequence numbers                             session.h
 *	rewrite    addresses, ports, time to live                          rewrite.h
 *	send
 *
 * So what is new, what ends a connection, and what needs an answer is seen by everything that
 * the administrator has put into the stack. What is not seen there is data of sessions that were
 * let through.
 *
 * The turn: every few seconds a packet of each direction goes through the stack, although it
 * need not. That restarts the session's timer, which the lane has no time for, and whatever is
 * looked at as often as that. The neighbour entries are kept fresh, or found to be dead;
 * connection tracking does not forget the flow; a rule that was added is felt.
 *
 * XDP hands the frame to a driver, for which both interfaces must be able to do that. TC hands
 * the packet to the neighbour layer. It then passes our own egress hook, which must not
 * translate it again: a mark in skb->tc_index says so, and is taken off there.
 */
#ifndef LANE_H
#define LANE_H

#include "fib.h"
#include "inbound.h"
#include "outbound_known.h"

#define LANE_TURN ticks_from_seconds(5)

/** enum lane - Which way does a packet take? */
enum lane {
	LANE_STACK,
	LANE_HERE,
	LANE_LATER, /* TC's lane: XDP is to leave it as it is */
};

/** lane_of() - The entry of an interface, or NULL */
static __always_inline const struct nat_lane *lane_of(__u32 ifindex)
{
	__u32 slot = nat_lane_slot(ifindex);
	const struct nat_lane *lane = bpf_map_lookup_elem(&lanes, &slot);

	return lane && lane->ifindex == ifindex && lane->exit ? lane : NULL;
}

/** lane_is_plain() - Is there nothing about the packet that somebody should look at? */
static __always_inline bool lane_is_plain(const struct pkt *pkt)
{
	return !pkt->fragment && pkt->ttl > 1 && pkt->l4 - pkt->l3 == NAT_IP_HLEN;
}

/**
 * lane_is_confirmed() - Has each side heard the other, and does nobody end the connection?
 *
 * Nor time: a session that may end before its next turn is not for the lane.
 */
static __always_inline bool lane_is_confirmed(const struct nat_session *session,
					      const struct pkt *pkt)
{
	__u64 life = life_read(&session->life);

	if (session->kind == NAT_HOST || session->flags & NAT_SESSION_HAIRPIN ||
	    life_deadline(life) - pkt->now <= LANE_TURN)
		return false;
	if (pkt->src.proto == NAT_PROTO_TCP)
		return life_state(life) == NAT_STATE_ESTABLISHED &&
		       !(pkt->segment.flags & (TCP_SYN | TCP_FIN | TCP_RST));
	return session->out.packets && session->in.packets;
}

/**
 * lane_is_due() - Is it the stack's turn? Then this packet takes it
 *
 * It is noted by whoever sees the packet last: what XDP leaves on an internal interface comes to
 * TC's lane, which would think that the turn is over.
 */
static __always_inline bool lane_is_due(struct nat_session *session, const struct pkt *pkt,
					enum nat_direction dir)
{
	struct nat_flow *own = dir == NAT_OUT ? &session->out : &session->in;

	if (pkt->now - own->lane < LANE_TURN)
		return false;
	if (dir == NAT_IN || CTX_EXIT == NAT_LANE_TC)
		own->lane = pkt->now;
	return true;
}

/**
 * lane_find() - May this packet of a living session take the lane?
 * @to:  Its destination, once it is translated
 * @way: Filled on LANE_HERE
 */
static __always_inline enum lane lane_find(struct nat_ctx *ctx, const struct pkt *pkt,
					   struct nat_session *session, enum nat_direction dir,
					   __be32 to, struct way *way)
{
	const struct nat_lane *entry = lane_of(ctx_ifindex(ctx)), *exit;
	struct bpf_fib_lookup fib;

	if (!entry || !lane_is_plain(pkt) || !ctx_is_for(ctx, pkt, entry->mac) ||
	    !lane_is_confirmed(session, pkt))
		return LANE_STACK;
	if (fib_ask(ctx, pkt, to, &fib) != BPF_FIB_LKUP_RET_SUCCESS)
		return LANE_STACK;
	exit = lane_of(fib.ifindex);
	if (!exit || exit->is_wan != (dir == NAT_OUT))
		return LANE_STACK;
	if (exit->exit < CTX_EXIT)
		return LANE_LATER;
	if (lane_is_due(session, pkt, dir))
		return LANE_STACK;
	way->ifindex = fib.ifindex;
	__builtin_memcpy(way->dmac, fib.dmac, NAT_ETH_ALEN);
	__builtin_memcpy(way->smac, fib.smac, NAT_ETH_ALEN);
	return LANE_HERE;
}

/** lane_send() - The last stage */
static __always_inline enum nat_verdict lane_send(struct nat_ctx *ctx, const struct pkt *pkt,
						  const struct way *way, enum nat_direction dir)
{
	if (!rewrite_ttl(ctx, pkt->l3) || !ctx_forward(ctx, pkt, way, dir == NAT_OUT))
		return lose(NAT_REASON_WRITE);
	return sent(dir == NAT_OUT ? NAT_REASON_LANE_OUT : NAT_REASON_LANE_IN);
}

/**
 * lane_out() - The pipeline on an internal interface: a known flow that leaves
 * @l2: Octets of the link layer header
 *
 * Return: NAT_SENT, or NAT_LEAVE: it goes the usual way, and is judged there
 */
static __always_inline enum nat_verdict lane_out(struct nat_ctx *ctx, __u32 l2)
{
	const struct nat_settings *set = settings_get();
	struct nat_external_key flow = {};
	struct nat_session *session;
	struct nat_binding *binding;
	struct nat_internal_key key;
	struct way way = {};
	struct pkt pkt = {};

	if (parse_ip(ctx, &pkt, l2) != NAT_CONTINUE || pkt.fragment || !set || pool_is_away())
		return NAT_LEAVE;
	if (parse_transport(ctx, &pkt, NAT_IN) != NAT_CONTINUE || !ctx_csum_is_known(&pkt) ||
	    !pkt_is_translatable(&pkt, NAT_OUT))
		return NAT_LEAVE;
	pkt.now = clock_now();
	pkt.arriving = true;
	flow.remote.addr = pkt.dst.addr;
	flow.remote.port = pkt.dst.port;
	binding_key(&key, set, &pkt.src, &pkt.dst);
	binding = bpf_map_lookup_elem(&bindings_fwd, &key);
	session = outbound_session(&pkt, set, &flow, &binding);
	if (!session || lane_find(ctx, &pkt, session, NAT_OUT, pkt.dst.addr, &way) != LANE_HERE)
		return NAT_LEAVE;
	session_record(session, &pkt, NAT_OUT);
	if (!outbound_write(ctx, &pkt, &flow.external, outbound_id(&pkt)))
		return lose(NAT_REASON_WRITE);
	return lane_send(ctx, &pkt, &way, NAT_OUT);
}

/** lane_in() - The end of the inbound pipeline: rewrite, and on by the way that was found */
static __always_inline enum nat_verdict lane_in(struct nat_ctx *ctx, const struct pkt *pkt,
						const struct nat_endpoint *internal, enum lane lane,
						const struct way *way)
{
	if (!rewrite(ctx, pkt, NAT_DST, internal))
		return lose(NAT_REASON_WRITE);
	return lane == LANE_HERE ? lane_send(ctx, pkt, way, NAT_IN) :
				   translated(NAT_REASON_TRANSLATED_IN);
}

#endif /* LANE_H */
