/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * budget.h - how many ICMP errors the translator may cause (RFC 5508 REQ-10F).
 *
 * One window of about a second for all programs and CPUs: a word that holds the tick in which it
 * began and the errors asked for since. Over budget, nothing is written: a flood of refused
 * packets costs one read each.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include "life.h"
#include "maps.h"

#define BUDGET_WINDOW 7 /* ticks, 0.94 s */

/**
 * budget_take() - May one more error be sent now?
 * @part: 1, or the part of the budget that such errors may use up: what strangers ask for must
 *	  leave something for internal hosts
 */
static __always_inline bool budget_take(const struct nat_settings *set, __u32 now, __u32 part)
{
	__u32 most = set->value[NAT_SETTING_ERROR_RATE] / part;
	struct nat_usage *used = usage_get();
	__u64 old;

	if (!used)
		return false;
	old = life_read(&used->errors);
	/* Signed: another CPU's clock may be a tick ahead. */
	if ((__s32)(now - (__u32)(old >> 32)) >= BUDGET_WINDOW)
		return life_swap(&used->errors, old, (__u64)now << 32 | 1);
	if ((__u32)old >= most)
		return false;
	__sync_fetch_and_add(&used->errors, 1);
	return true;
}

#endif /* BUDGET_H */
