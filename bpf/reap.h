/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reap.h - the two moves of every reaping callback: mark an entry, then delete it.
 */
#ifndef REAP_H
#define REAP_H

#include "find.h"

/** control_now() - clock_now(); the coarse clock is not for programs of this type */
static __always_inline __u32 control_now(void)
{
	return ticks_from_ns(bpf_ktime_get_ns());
}

/**
 * struct sweep - What the callbacks of one sweep share
 * @rest: How long a port rests, in ticks
 * @permits_are_bound: Permits need not be asked for their bindings
 */
struct sweep {
	struct nat_reap_args *args;
	__u32 now;
	__u32 rest;
	bool permits_are_bound;
};

/** reap_begin() - Swap a dead entry to DELETING. Return: may it be deleted? */
static __always_inline bool reap_begin(struct sweep *sweep, __u64 *life, __u64 old)
{
	__u32 deadline = life_deadline(old);

	if (!life_is_reapable(old, sweep->now)) {
		if (deadline < sweep->args->next)
			sweep->args->next = deadline;
		return false;
	}
	return life_swap(life, old, life_make(NAT_STATE_DELETING, deadline, life_low(old)));
}

/** reap_end() - Delete it. Return: is it gone? */
static __always_inline bool reap_end(struct sweep *sweep, void *map, const void *key)
{
	if (!bpf_map_delete_elem(map, key))
		return true;
	sweep->args->busy++;
	return false;
}

#endif /* REAP_H */
