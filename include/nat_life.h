/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_life.h - the life word: one 64-bit word that says what a map entry is worth.
 *
 * How it works
 *
 *	 63      56 55                       24 23                    0
 *	+----------+---------------------------+-----------------------+
 *	|  state   |  deadline, in ticks       |  count or generation  |
 *	+----------+---------------------------+-----------------------+
 *
 * Every entry of every state table begins with such a word, and after the entry
 * has been published nothing changes the word but compare-and-swap. The whole of
 * natctl's locking is these rules:
 *
 *   1. An entry past its deadline is absent, whoever looks. Nothing is ever
 *      wrong because the keeper was late, or dead.
 *   2. The data path never deletes and never inserts over what exists. It
 *      revives an expired entry in place by compare-and-swap, or it inserts
 *      with BPF_NOEXIST and, told EEXIST, goes and looks who won.
 *   3. Only the reap program deletes, one at a time: NAT_GRACE_TICKS after the deadline it
 *      swaps the state to DELETING, then deletes by key. A packet that meets
 *      DELETING is dropped with a reason; it never waits.
 *
 * Why the grace matters: the kernel reuses a freed element at once, so a program
 * that still holds a pointer to it may be looking at somebody else's entry. A
 * program runs for microseconds. An entry that was alive when it looked cannot
 * have been deleted before it ends if deletion starts two seconds after death.
 *
 * What the low 24 bits mean depends on the table: bindings count their sessions,
 * hosts count their bindings, sessions carry a generation so that two lives of one element
 * do not have the same word, permits that of their binding.
 */
#ifndef NAT_LIFE_H
#define NAT_LIFE_H

#include "nat_types.h"

/* A tick is 2^27 ns (134 ms), the power of two next to an eighth of a second: the
 * data path divides by shifting. 32 bits of ticks last 18 years of uptime. */
#define NAT_TICK_SHIFT 27

/* The deadline of an entry that only a person ends (a static binding). */
#define NAT_TICK_NEVER 0xffffffffU

/* How long after its deadline an entry may be deleted: two seconds, and a tick for the
 * difference of the coarse clock, which packets read, and the fine one. */
#define NAT_GRACE_TICKS 16

#define NAT_LIFE_LOW_BITS 24
#define NAT_LIFE_LOW_MAX ((1U << NAT_LIFE_LOW_BITS) - 1)

/**
 * enum nat_state - What an entry is, in the top byte of its life word
 * @NAT_STATE_NONE: never seen in a map; zeroed memory
 * @NAT_STATE_LIVE: in use, for everything but TCP sessions. Entered at insertion
 *		    or revival; left by expiry, or by the reaper
 * @NAT_STATE_RESTING: a binding without sessions whose external port nobody else
 *		    may have yet (RFC 6888 REQ-8). Inbound treats it as absent;
 *		    its own internal endpoint revives it. Entered and left by the
 *		    reaper, left also by revival
 * @NAT_STATE_DELETING: the reaper is about to delete this key. Nobody touches it
 * @NAT_STATE_OPENING_OUT: TCP, SYN seen from the internal side only
 * @NAT_STATE_OPENING_IN: TCP, SYN seen from the remote side only
 * @NAT_STATE_ESTABLISHED: TCP, SYN seen from both sides
 * @NAT_STATE_FIN_OUT: TCP, FIN seen from the internal side only: still established
 *		    for RFC 5382 REQ-5, and for its timer
 * @NAT_STATE_FIN_IN: TCP, FIN seen from the remote side only: likewise
 * @NAT_STATE_CLOSING: TCP, FIN seen from both sides
 * @NAT_STATE_RESET: TCP, a RST that belongs to the connection was seen; any other
 *		    segment brings the session back (RFC 7857 section 2.2, TRANS)
 *
 * The TCP states follow RFC 7857 figure 1; bpf/tcp.h has the table.
 */
enum nat_state {
	NAT_STATE_NONE,
	NAT_STATE_LIVE,
	NAT_STATE_RESTING,
	NAT_STATE_DELETING,
	NAT_STATE_OPENING_OUT,
	NAT_STATE_OPENING_IN,
	NAT_STATE_ESTABLISHED,
	NAT_STATE_FIN_OUT,
	NAT_STATE_FIN_IN,
	NAT_STATE_CLOSING,
	NAT_STATE_RESET,
	NAT_STATE_MAX,
};

/* state -> name in every listing, and the word that filters take */
#define NAT_STATES(X)                                                                              \
	X(NONE, "none")                                                                            \
	X(LIVE, "active")                                                                          \
	X(RESTING, "resting")                                                                      \
	X(DELETING, "deleting")                                                                    \
	X(OPENING_OUT, "opening-out")                                                              \
	X(OPENING_IN, "opening-in")                                                                \
	X(ESTABLISHED, "established")                                                              \
	X(FIN_OUT, "fin-out")                                                                      \
	X(FIN_IN, "fin-in")                                                                        \
	X(CLOSING, "closing")                                                                      \
	X(RESET, "reset")

/**
 * life_make() - Compose a life word
 * @state:    The state
 * @deadline: Tick from which on the entry is absent, or NAT_TICK_NEVER
 * @low:      Count or generation; only its low 24 bits are kept
 */
static __always_inline __u64 life_make(enum nat_state state, __u32 deadline, __u32 low)
{
	return (__u64)state << 56 | (__u64)deadline << NAT_LIFE_LOW_BITS | (low & NAT_LIFE_LOW_MAX);
}

static __always_inline enum nat_state life_state(__u64 life)
{
	return (enum nat_state)(life >> 56);
}

static __always_inline __u32 life_deadline(__u64 life)
{
	return (__u32)(life >> NAT_LIFE_LOW_BITS);
}

static __always_inline __u32 life_low(__u64 life)
{
	return (__u32)life & NAT_LIFE_LOW_MAX;
}

/** life_is_past() - Has the deadline gone by, whatever the state? */
static __always_inline bool life_is_past(__u64 life, __u32 now)
{
	__u32 deadline = life_deadline(life);

	return deadline != NAT_TICK_NEVER && now >= deadline;
}

/** life_is_usable() - May a packet use this entry now? False for RESTING and DELETING */
static __always_inline bool life_is_usable(__u64 life, __u32 now)
{
	enum nat_state state = life_state(life);

	return state != NAT_STATE_RESTING && state != NAT_STATE_DELETING &&
	       !life_is_past(life, now);
}

/** life_is_reapable() - Is the entry dead for so long that no program can still be using it? */
static __always_inline bool life_is_reapable(__u64 life, __u32 now)
{
	__u32 deadline = life_deadline(life);

	if (life_state(life) == NAT_STATE_DELETING)
		return true; /* an earlier delete failed with -EBUSY */
	return deadline != NAT_TICK_NEVER && now >= deadline && now - deadline >= NAT_GRACE_TICKS;
}

/** life_with_deadline() - The same word with another deadline */
static __always_inline __u64 life_with_deadline(__u64 life, __u32 deadline)
{
	return life_make(life_state(life), deadline, life_low(life));
}

/** ticks_from_ns() - CLOCK_MONOTONIC nanoseconds to ticks, rounding down */
static __always_inline __u32 ticks_from_ns(__u64 ns)
{
	return (__u32)(ns >> NAT_TICK_SHIFT);
}

/** ticks_from_seconds() - A duration in ticks, rounded up: never shorter than asked for */
static __always_inline __u32 ticks_from_seconds(__u32 seconds)
{
	return (__u32)((seconds * NAT_NSEC_PER_SEC) >> NAT_TICK_SHIFT) + 1;
}

#endif /* NAT_LIFE_H */
