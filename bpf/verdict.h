/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict.h - how a packet leaves the pipeline: always with a reason, always counted.
 *
 * A stage returns NAT_CONTINUE, or it ends the packet with `return drop(REASON)`,
 * `return pass(REASON)`, `return refuse(REASON)` or `return translated(REASON)`; forgetting to
 * count is not possible.
 *
 * One hook is not the last to see a packet: XDP. What it cannot finish exactly it
 * leaves to TC, with nothing changed and nothing counted, and TC decides again from
 * the beginning. So there pass() and drop() both mean "leave it" (CTX_DECIDES is
 * false), and the stages need not know where they run.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "maps.h"

/**
 * enum nat_verdict - What becomes of a packet
 * @NAT_CONTINUE: The next stage decides
 * @NAT_PASS:  Goes on, translated or as it came
 * @NAT_SENT:  Is on its way out of another interface already
 * @NAT_DROP:  Ends here
 * @NAT_REFUSE: Ends here, for want of a place; an internal host is told so (answer.h)
 * @NAT_LEAVE: None of this hook's business; goes on, uncounted
 */
enum nat_verdict {
	NAT_CONTINUE,
	NAT_PASS,
	NAT_SENT,
	NAT_DROP,
	NAT_REFUSE,
	NAT_LEAVE,
};

static __always_inline void count(enum nat_reason reason)
{
	__u32 key = reason;
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);

	if (counter)
		(*counter)++;
}

static __always_inline enum nat_verdict translated(enum nat_reason reason)
{
	count(reason);
	return NAT_PASS;
}

/** sent() - As translated(), for a packet that has been redirected */
static __always_inline enum nat_verdict sent(enum nat_reason reason)
{
	count(reason);
	return NAT_SENT;
}

static __always_inline enum nat_verdict pass(enum nat_reason reason)
{
	if (!CTX_DECIDES)
		return NAT_LEAVE;
	count(reason);
	return NAT_PASS;
}

static __always_inline enum nat_verdict drop(enum nat_reason reason)
{
	if (!CTX_DECIDES)
		return NAT_LEAVE;
	count(reason);
	return NAT_DROP;
}

/** lose() - As drop(), of a packet that has been changed already: no other hook may have it */
static __always_inline enum nat_verdict lose(enum nat_reason reason)
{
	count(reason);
	return NAT_DROP;
}

/** refuse() - As drop(), for a first packet that there is no place for */
static __always_inline enum nat_verdict refuse(enum nat_reason reason)
{
	return drop(reason) == NAT_DROP ? NAT_REFUSE : NAT_LEAVE;
}

/** nat_is_dropped() - Does the packet end here? */
static __always_inline bool nat_is_dropped(enum nat_verdict verdict)
{
	return verdict == NAT_DROP || verdict == NAT_REFUSE;
}

#endif /* VERDICT_H */
