// SPDX-License-Identifier: GPL-2.0-only
/*
 * sweep.c - when to reap: as seldom as the deadlines allow.
 *
 * How it works
 *
 * A sweep walks every table, half a second for a million sessions, so it is not
 * done on a clock. Each notes the earliest deadline it leaves behind. Nothing can
 * become reapable before that, or before the shortest timeout after the sweep (for
 * what is made later), plus the grace of the life word. Where no packet has been counted
 * since, nothing was made later: idle sessions cost nothing until the first of them ends.
 *
 * While sessions end all the time, one is always reapable. They can wait: after a sweep there is
 * none for fifty times as long as it took, but three seconds at most.
 *
 * The small tables hold what is due within seconds, and have 1,024 entries at most. They
 * are swept by themselves, twice a second while there is something in them.
 */
#include "sweep.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <time.h>

#include "counters.h"

#define SPACING 50 /* of the duration of the last sweep */
#define SPACING_MOST (3 * NAT_NSEC_PER_SEC)
#define BELIEVED (600 * NAT_NSEC_PER_SEC) /* for how long that nothing has changed */

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

void sweep_soon(struct sweep *sweep)
{
	__u32 soon = gateway_now() + NAT_GRACE_TICKS + 1;

	sweep->idle = false;
	if (soon < sweep->known)
		sweep->known = soon;
}

/* Those that may have made something, and are counted when it is there. */
static int count_packets(const struct gateway *gw, __u64 *packets)
{
	uint64_t by_reason[NAT_REASON_MAX];
	int err = counters_read(gw, by_reason);

	*packets = 0;
	for (int i = 0; !err && i < NAT_REASON_MAX; i++)
		if (i != NAT_REASON_NOT_IPV4 && i != NAT_REASON_TAGGED)
			*packets += by_reason[i];
	return err;
}

/* When to look again at what was left behind. */
static __u32 known_from(const struct nat_reap_args *args, __u32 begun, __u64 took_ns)
{
	__u64 ns = took_ns * SPACING;
	__u32 earliest = gateway_now() + ticks_from_ns(ns < SPACING_MOST ? ns : SPACING_MOST);
	__u32 reapable = args->next + NAT_GRACE_TICKS + 1;

	if (args->busy)
		reapable = begun;
	else if (args->next == NAT_TICK_NEVER)
		return NAT_TICK_NEVER;
	return reapable < earliest ? earliest : reapable;
}

static int run(struct sweep *sweep, const struct gateway *gw, const struct nat_usage *usage)
{
	struct nat_reap_args args = {};
	__u32 begun = gateway_now();
	int err;

	err = count_packets(gw, &sweep->packets);
	if (err)
		return err;
	sweep->forwards = usage->forwards;
	sweep->began_ns = now_ns();
	err = gateway_reap(gw, &args);
	if (err)
		return err;
	sweep->known = known_from(&args, begun, now_ns() - sweep->began_ns);
	sweep->since = begun;
	sweep->idle = args.next == NAT_TICK_NEVER && !args.busy;
	sweep->settled = !args.sessions && !args.bindings && !args.permits && !args.hosts;
	sweep->waiting = args.waiting;
	return 0;
}

/*
 * Neither packets nor orders: no entry and no deadline that the last sweep has not seen. An order
 * that was killed before it could wake us is found by looking all the same, now and then.
 */
static bool is_unchanged(const struct sweep *sweep, const struct gateway *gw,
			 const struct nat_usage *usage)
{
	__u64 packets;

	if (sweep->idle && !usage->sessions && !usage->bindings)
		return true;
	return sweep->settled && usage->forwards == sweep->forwards &&
	       now_ns() - sweep->began_ns < BELIEVED && !count_packets(gw, &packets) &&
	       packets == sweep->packets;
}

int sweep_tick(struct sweep *sweep, const struct gateway *gw)
{
	__u32 now = gateway_now(), unknown;
	struct nat_settings settings;
	struct nat_usage usage;

	if (bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &usage) ||
	    bpf_map_lookup_elem(gw->fd[GATEWAY_settings], &ONLY, &settings))
		return -errno;
	unknown = sweep->since + ticks_from_seconds(shortest_timeout(&settings)) + NAT_GRACE_TICKS +
		  1;
	if (now < sweep->known && now < unknown)
		return 0;
	if (now < sweep->known && is_unchanged(sweep, gw, &usage)) {
		sweep->since = now;
		return 0;
	}
	return run(sweep, gw, &usage);
}

int sweep_small(struct sweep *sweep, const struct gateway *gw)
{
	struct nat_reap_args args = { .small = 1 };
	int err = gateway_reap(gw, &args);

	if (!err)
		sweep->waiting = args.waiting;
	return err;
}
