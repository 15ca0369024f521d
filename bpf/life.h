/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * life.h - the moves on a life word that the rules of include/nat_life.h allow.
 *
 * All are compare-and-swap. A move that loses looks again a few times and then gives
 * up: whoever won has just written the word, so what was to be said about it is either
 * said already or will be said by the next packet.
 */
#ifndef LIFE_H
#define LIFE_H

#include "nat_life.h"

#define LIFE_TRIES 4

/** clock_now() - The current tick. The coarse clock is good to a few milliseconds, and cheap */
static __always_inline __u32 clock_now(void)
{
	return ticks_from_ns(bpf_ktime_get_coarse_ns());
}

static __always_inline __u64 life_read(const __u64 *life)
{
	return *(const volatile __u64 *)life;
}

/** life_swap() - Replace @old by @new. Return: false if the word is not @old any more */
static __always_inline bool life_swap(__u64 *life, __u64 old, __u64 new)
{
	return __sync_val_compare_and_swap(life, old, new) == old;
}

/**
 * life_extend() - Move the deadline of a living entry ahead, never back
 *
 * One that is past stays so: somebody has ended it while a packet was on its way through one
 * of its sessions.
 *
 * Writes nothing if the deadline is there already: a busy flow writes its word once in
 * a tick, not once a packet.
 */
static __always_inline void life_extend(__u64 *life, __u32 now, __u32 deadline)
{
	for (int i = 0; i < LIFE_TRIES; i++) {
		__u64 old = life_read(life);

		if (life_state(old) == NAT_STATE_RESTING || life_state(old) == NAT_STATE_DELETING ||
		    life_is_past(old, now) || life_deadline(old) >= deadline)
			return;
		if (life_swap(life, old, life_with_deadline(old, deadline)))
			return;
	}
}

enum life_error {
	LIFE_HELD,
	LIFE_AT_LIMIT, /* the count is at its limit */
	LIFE_BUSY,     /* being deleted, or contended beyond reason */
	LIFE_LOST,     /* of one attempt: another CPU has written the word meanwhile */
};

/** life_hold_once() - One attempt of life_hold() */
VERIFIED_ONCE int life_hold_once(__u64 *life, __u32 now, __u32 deadline, __u32 more, __u32 limit)
{
	__u32 until = deadline;
	__u64 old;

	if (!life)
		return LIFE_BUSY; /* cannot be; the verifier wants it said */
	old = life_read(life);
	if (life_state(old) == NAT_STATE_DELETING || (!deadline && !life_is_usable(old, now)))
		return LIFE_BUSY;
	if (life_low(old) + more > limit)
		return LIFE_AT_LIMIT;
	if (life_is_usable(old, now) && life_deadline(old) > until)
		until = life_deadline(old);
	return life_swap(life, old, life_make(NAT_STATE_LIVE, until, life_low(old) + more)) ?
		       LIFE_HELD :
		       LIFE_LOST;
}

/**
 * life_hold() - Count @more on an entry, bringing it to life if it was dead
 * @deadline: Of a revived entry; a living one keeps its own if that is later. 0: a dead
 *	      one is not to be revived
 * @more:     1, or 0 to revive and extend only
 * @limit:    The count stays at or below this
 *
 * Return: enum life_error
 */
static __always_inline int life_hold(__u64 *life, __u32 now, __u32 deadline, __u32 more,
				     __u32 limit)
{
	for (int i = 0; i < LIFE_TRIES; i++) {
		int err = life_hold_once(life, now, deadline, more, limit);

		if (err != LIFE_LOST)
			return err;
	}
	return LIFE_BUSY;
}

/**
 * life_end() - Set the deadline to the past
 *
 * To the tick before this one: another clock that packets read may be a little behind.
 *
 * Return: 1 if the entry was alive until then, and may be ended by others than a person
 */
VERIFIED_ONCE int life_end(__u64 *life, __u32 now)
{
	if (!life)
		return 0;
	for (int i = 0; i < LIFE_TRIES; i++) {
		__u64 old = life_read(life);

		if (!life_is_usable(old, now) || life_deadline(old) == NAT_TICK_NEVER)
			return 0;
		if (life_swap(life, old, life_with_deadline(old, now - 1)))
			return 1;
	}
	return 0;
}

/** life_unhold_once() - One attempt of life_unhold(). Return: false if it lost */
VERIFIED_ONCE int life_unhold_once(__u64 *life, __u32 now)
{
	__u64 old, new;

	if (!life)
		return true;
	old = life_read(life);
	new = life_low(old) == 1 && life_is_past(old, now) ? life_make(life_state(old), now, 0) :
							     old - 1;
	return !life_low(old) || life_swap(life, old, new);
}

/**
 * life_unhold() - Count one less
 *
 * An entry that counts nothing any more, and whose deadline is past, begins its grace
 * now: somebody may have found it a moment ago.
 *
 * Tries longer than the others: a count that is not taken back is a leak. The bound is
 * there for the verifier, who would look at every attempt if it were not a function; each
 * failure means that another CPU has succeeded.
 */
VERIFIED_ONCE int life_unhold(__u64 *life, __u32 now)
{
	for (int i = 0; i < 64 && !life_unhold_once(life, now); i++)
		;
	return 0;
}

#endif /* LIFE_H */
