/* SPDX-License-Identifier: GPL-2.0-only */
/* sweep.h - when to reap: as seldom as the deadlines allow. */
#ifndef SWEEP_H
#define SWEEP_H

#include "gateway.h"

/**
 * struct sweep - What the last one found; zeroed: none yet, so one is due
 * @due:     Tick at which the next is due
 * @idle:    It left nothing behind: until `usage` counts something, there is nothing to do
 * @waiting: There was something in the small tables, which want sweep_small()
 * @last_ns, @took_ns: When it began, and how long it took
 */
struct sweep {
	__u32 due;
	bool idle;
	bool waiting;
	__u64 last_ns;
	__u64 took_ns;
};

/** sweep_soon() - Something was ended early: look as soon as it may be deleted */
void sweep_soon(struct sweep *sweep);

/** sweep_tick() - Reap if it is time. Return: 0 or -errno of a sweep that failed */
int sweep_tick(struct sweep *sweep, const struct gateway *gw);

/** sweep_small() - Reap the small tables, and set @sweep->waiting. Return: 0 or -errno */
int sweep_small(struct sweep *sweep, const struct gateway *gw);

#endif /* SWEEP_H */
