/* SPDX-License-Identifier: GPL-2.0-only */
/* sweep.h - when to reap: as seldom as the deadlines allow. */
#ifndef SWEEP_H
#define SWEEP_H

#include "gateway.h"

/**
 * struct sweep - What the last one found; zeroed: none yet, so one is due
 * @known:   Tick at which what it left behind can be reaped
 * @since:   Tick from which on more may have been made, which the last sweep has not seen
 * @idle:    It left nothing behind: until `usage` counts something, there is nothing to do
 * @settled: It ended nothing itself: what it does end may let others end
 * @waiting: There was something in the small tables, which want sweep_small()
 * @began_ns: When it began
 * @packets, @forwards: Packets and port forwards that there had been by then
 */
struct sweep {
	__u32 known;
	__u32 since;
	bool idle;
	bool settled;
	bool waiting;
	__u64 began_ns;
	__u64 packets;
	__u64 forwards;
};

/** sweep_soon() - Something was ended early: look as soon as it may be deleted */
void sweep_soon(struct sweep *sweep);

/** sweep_tick() - Reap if it is time. Return: 0 or -errno of a sweep that failed */
int sweep_tick(struct sweep *sweep, const struct gateway *gw);

/** sweep_small() - Reap the small tables, and set @sweep->waiting. Return: 0 or -errno */
int sweep_small(struct sweep *sweep, const struct gateway *gw);

#endif /* SWEEP_H */
