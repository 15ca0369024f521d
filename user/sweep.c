// SPDX-License-Identifier: GPL-2.0-only
/*
 * sweep.c - when to reap: as seldom as the deadlines allow.
 *
 * How it works
 *
 * A sweep walks every table, a sixth of a second for a million entries, so it is not
 * done on a clock. Each notes the earliest deadline it leaves behind. Nothing can
 * become reapable before that, or before the shortest timeout after the sweep (for
 * what is made later), plus the grace of the life word.
 *
 * The small tables hold what is due within seconds, and have 1,024 entries at most. They
 * are swept by themselves, twice a second while there is something in them.
 *
 * Under pressure, with the session table almost full, dead entries stand in the way of
 * live ones and are taken at once, but never for more than a fiftieth of the time.
 */
#include "sweep.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <time.h>

#define PRESSURE_PERCENT 90
#define PRESSURE_SPACING 50 /* of the duration of the last sweep */

static const __u32 ONLY = 0; /* the key of every map of one entry */

#define X(id, name, unit, ...) NAT_UNIT_##unit,
static const enum nat_unit units[NAT_SETTING_MAX] = { NAT_SETTINGS(X) };
#undef X

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NAT_NSEC_PER_SEC + now.tv_nsec;
}

/*
 * Whose entries need no sweep of the large tables: two are of the small ones, and notes about
 * fragments have a bound for each source and are taken over in place by its next datagrams.
 */
static bool is_small(enum nat_setting setting)
{
	return setting == NAT_SETTING_SYN_HOLD || setting == NAT_SETTING_EARLY ||
	       setting == NAT_SETTING_FRAGMENT;
}

static __u32 shortest_timeout(const struct nat_settings *settings)
{
	__u32 shortest = UINT32_MAX;

	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++)
		if (units[i] == NAT_UNIT_SECONDS && !is_small(i) && settings->value[i] < shortest)
			shortest = settings->value[i];
	return shortest;
}

static bool is_pressed(const struct sweep *sweep, const struct nat_usage *usage,
		       const struct nat_settings *settings)
{
	__u64 limit = settings->value[NAT_SETTING_MAX_SESSIONS];

	return usage->sessions * 100 > limit * PRESSURE_PERCENT &&
	       now_ns() - sweep->last_ns > sweep->took_ns * PRESSURE_SPACING;
}

void sweep_soon(struct sweep *sweep)
{
	__u32 soon = gateway_now() + NAT_GRACE_TICKS + 1;

	sweep->idle = false;
	if (soon < sweep->due)
		sweep->due = soon;
}

static int run(struct sweep *sweep, const struct gateway *gw, const struct nat_settings *settings)
{
	__u32 begun = gateway_now(), later;
	struct nat_reap_args args = {};
	int err;

	sweep->last_ns = now_ns();
	err = gateway_reap(gw, &args);
	sweep->took_ns = now_ns() - sweep->last_ns;
	if (err)
		return err;

	later = begun + ticks_from_seconds(shortest_timeout(settings));
	if (args.next < later)
		later = args.next;
	sweep->due = args.busy ? begun : later + NAT_GRACE_TICKS + 1;
	sweep->idle = args.next == NAT_TICK_NEVER && !args.busy;
	sweep->waiting = args.waiting;
	return 0;
}

int sweep_tick(struct sweep *sweep, const struct gateway *gw)
{
	struct nat_settings settings;
	struct nat_usage usage;

	if (bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &usage) ||
	    bpf_map_lookup_elem(gw->fd[GATEWAY_settings], &ONLY, &settings))
		return -errno;
	if (sweep->idle && !usage.sessions && !usage.bindings) {
		/* Whatever comes next begins after now. */
		sweep->due = gateway_now() + ticks_from_seconds(shortest_timeout(&settings));
		return 0;
	}
	if (gateway_now() < sweep->due && !is_pressed(sweep, &usage, &settings))
		return 0;
	return run(sweep, gw, &settings);
}

int sweep_small(struct sweep *sweep, const struct gateway *gw)
{
	struct nat_reap_args args = { .small = 1 };
	int err = gateway_reap(gw, &args);

	if (!err)
		sweep->waiting = args.waiting;
	return err;
}
