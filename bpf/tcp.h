/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp.h - the TCP session state machine, as a table (pure: no helper, no map).
 *
 * Source: RFC 7857 figure 1 and RFC 6146 section 3.5.2.2, with RFC 5382 REQ-5 for
 * what counts as established.
 *
 *	           SYN out                      SYN or SYN+ACK in
 *	(no session) ------> OPENING_OUT ------------------------.
 *	           SYN in                       SYN or SYN+ACK out v
 *	(no session) ------> OPENING_IN  -------------------> ESTABLISHED <---.
 *	                                      FIN out |   | FIN in   | RST    | anything
 *	                                              v   v          v        | but RST
 *	                                        FIN_OUT   FIN_IN   RESET -----'
 *	                                      FIN in  |   | FIN out
 *	                                              v   v
 *	                                             CLOSING
 *
 * FIN_OUT and FIN_IN are established for their timer: a half-closed connection may
 * carry data for hours. In CLOSING and RESET a new SYN begins the next connection of
 * the same tuple at once. Nobody is sent away by this table: every segment of a
 * session that exists is translated in every state.
 *
 * Data behind a FIN takes it back: CLOSING becomes FIN_OUT or FIN_IN again. Nobody sends any, so
 * the FIN was forged.
 *
 * Two departures, both towards less power for strangers: a RST while opening changes
 * nothing (as in RFC 7857), and a repeated SYN from the remote side does not restart
 * the opening timer, or a stranger could keep half-open sessions for ever.
 *
 * Who may shorten a session's life: a RST or FIN counts only if its sequence number
 * lies between what the other side has acknowledged and a little beyond what its own side
 * has sent (RFC 7857 section 2.2, RFC 5382 section 7.1). A segment without that knowledge, on a
 * session picked up in the middle, is believed.
 */
#ifndef TCP_H
#define TCP_H

#include "nat_abi.h"

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
};

/** enum nat_direction - Which way a packet crosses the gateway */
enum nat_direction {
	NAT_OUT,
	NAT_IN,
};

enum tcp_event {
	TCP_EVENT_SYN,	  /* SYN without ACK: wants a new connection */
	TCP_EVENT_SYNACK, /* SYN with ACK: answers one */
	TCP_EVENT_FIN,
	TCP_EVENT_RST,
	TCP_EVENT_DATA, /* everything else */
	TCP_EVENT_MAX,
};

/* Set in a cell: the state's timer is not restarted by this event. */
#define TCP_KEEP_TIMER 0x80

#define TCP_EVENT_SLOTS 8 /* TCP_EVENT_MAX rounded up, so that a mask bounds the index */
#define TCP_STATE_SLOTS 16

#define TCP_ROW(s, dir, syn, synack, fin, rst, data)                                               \
	[NAT_STATE_##s][NAT_##dir] = { syn, synack, fin, rst, data }
#define TO(s) NAT_STATE_##s
#define STAY(s) (NAT_STATE_##s | TCP_KEEP_TIMER)

/* clang-format off */
static const __u8 tcp_table[TCP_STATE_SLOTS][2][TCP_EVENT_SLOTS] = {
	/*       state        dir  SYN                SYN+ACK            FIN                RST                other */
	TCP_ROW(OPENING_OUT, OUT, TO(OPENING_OUT),   STAY(OPENING_OUT), STAY(OPENING_OUT), STAY(OPENING_OUT), STAY(OPENING_OUT)),
	TCP_ROW(OPENING_OUT, IN,  TO(ESTABLISHED),   TO(ESTABLISHED),   STAY(OPENING_OUT), STAY(OPENING_OUT), STAY(OPENING_OUT)),
	TCP_ROW(OPENING_IN,  OUT, TO(ESTABLISHED),   TO(ESTABLISHED),   STAY(OPENING_IN),  STAY(OPENING_IN),  STAY(OPENING_IN)),
	TCP_ROW(OPENING_IN,  IN,  STAY(OPENING_IN),  STAY(OPENING_IN),  STAY(OPENING_IN),  STAY(OPENING_IN),  STAY(OPENING_IN)),
	TCP_ROW(ESTABLISHED, OUT, TO(ESTABLISHED),   TO(ESTABLISHED),   TO(FIN_OUT),       TO(RESET),         TO(ESTABLISHED)),
	TCP_ROW(ESTABLISHED, IN,  TO(ESTABLISHED),   TO(ESTABLISHED),   TO(FIN_IN),        TO(RESET),         TO(ESTABLISHED)),
	TCP_ROW(FIN_OUT,     OUT, TO(FIN_OUT),       TO(FIN_OUT),       TO(FIN_OUT),       TO(RESET),         TO(FIN_OUT)),
	TCP_ROW(FIN_OUT,     IN,  TO(FIN_OUT),       TO(FIN_OUT),       TO(CLOSING),       TO(RESET),         TO(FIN_OUT)),
	TCP_ROW(FIN_IN,      OUT, TO(FIN_IN),        TO(FIN_IN),        TO(CLOSING),       TO(RESET),         TO(FIN_IN)),
	TCP_ROW(FIN_IN,      IN,  TO(FIN_IN),        TO(FIN_IN),        TO(FIN_IN),        TO(RESET),         TO(FIN_IN)),
	TCP_ROW(CLOSING,     OUT, TO(OPENING_OUT),   STAY(CLOSING),     STAY(CLOSING),     STAY(CLOSING),     STAY(CLOSING)),
	TCP_ROW(CLOSING,     IN,  TO(OPENING_IN),    STAY(CLOSING),     STAY(CLOSING),     STAY(CLOSING),     STAY(CLOSING)),
	TCP_ROW(RESET,       OUT, TO(OPENING_OUT),   TO(ESTABLISHED),   TO(ESTABLISHED),   STAY(RESET),       TO(ESTABLISHED)),
	TCP_ROW(RESET,       IN,  STAY(RESET),       TO(ESTABLISHED),   TO(ESTABLISHED),   STAY(RESET),       TO(ESTABLISHED)),
};
/* clang-format on */

#undef TCP_ROW
#undef TO
#undef STAY

/** tcp_event() - What a segment's flags mean to the table */
static __always_inline enum tcp_event tcp_event(__u8 flags)
{
	if (flags & TCP_RST)
		return TCP_EVENT_RST;
	if (flags & TCP_SYN)
		return flags & TCP_ACK ? TCP_EVENT_SYNACK : TCP_EVENT_SYN;
	return flags & TCP_FIN ? TCP_EVENT_FIN : TCP_EVENT_DATA;
}

/**
 * tcp_next() - One step of the state machine
 *
 * Return: enum nat_state, with TCP_KEEP_TIMER if its timer runs on
 */
static __always_inline __u8 tcp_next(enum nat_state state, enum nat_direction dir,
				     enum tcp_event event)
{
	return tcp_table[state & (TCP_STATE_SLOTS - 1)][dir & 1][event & (TCP_EVENT_SLOTS - 1)];
}

/** tcp_flags_are_valid() - SYN excludes FIN and RST (RFC 9293 section 3.10.7) */
static __always_inline bool tcp_flags_are_valid(__u8 flags)
{
	return !(flags & TCP_SYN) || !(flags & (TCP_FIN | TCP_RST));
}

/**
 * struct tcp_segment - What the sequence check needs to know of a segment
 * @seq, @ack: Host order
 * @len:       Sequence space it occupies: payload, plus one each for SYN and FIN
 * @flags:     enum tcp_flag
 */
struct tcp_segment {
	__u32 seq;
	__u32 ack;
	__u32 len;
	__u8 flags;
};

/* A segment further ahead of what its side has sent so far is not learnt from: no burst
 * of this size is lost in front of us without a packet of it getting through. */
#define TCP_MAX_GAP (1 << 24)

/* How far ahead of what its side has sent a FIN or RST may be and still be believed: what
 * was lost before it reached us leaves a gap, and a FIN in order is not sent again. */
#define TCP_MAX_LEAD (1 << 16)

/**
 * tcp_is_plausible() - May this FIN or RST end something?
 * @own:   The flow in the direction of the segment
 * @other: The opposite flow
 * @known: Both flows have been seen (knows_out and knows_in of the session)
 */
static __always_inline bool tcp_is_plausible(const struct tcp_segment *segment,
					     const struct nat_flow *own,
					     const struct nat_flow *other, bool known)
{
	if (!known)
		return true;
	return (__s32)(segment->seq - other->ack) >= 0 &&
	       (__s32)(own->seq_end - segment->seq) >= -TCP_MAX_LEAD;
}

/**
 * tcp_is_beyond_fin() - Does a side go on after the FIN that was taken for its own?
 * @own: The flow in the direction of the segment, whose @seq_end is the end of that FIN
 *
 * Nobody does: the FIN was forged, and the connection is closed from the other side only.
 */
static __always_inline bool tcp_is_beyond_fin(enum nat_state state, enum tcp_event event,
					      const struct tcp_segment *segment,
					      const struct nat_flow *own)
{
	return state == NAT_STATE_CLOSING && event == TCP_EVENT_DATA && segment->len &&
	       (__s32)(segment->seq + segment->len - own->seq_end) > 0;
}

/**
 * tcp_learn() - Note what a segment says about its direction
 * @known: This direction has been seen before; otherwise the segment is believed
 */
static __always_inline void tcp_learn(const struct tcp_segment *segment, struct nat_flow *own,
				      const struct nat_flow *other, bool known, bool other_known)
{
	__u32 end = segment->seq + segment->len;
	__s32 ahead = (__s32)(end - own->seq_end);

	if (!known || (ahead > 0 && ahead < TCP_MAX_GAP))
		own->seq_end = end;
	if (!(segment->flags & TCP_ACK))
		return;
	if (!known || ((__s32)(segment->ack - own->ack) > 0 &&
		       (!other_known || (__s32)(segment->ack - other->seq_end) <= 0)))
		own->ack = segment->ack;
}

#endif /* TCP_H */
