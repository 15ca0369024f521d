// SPDX-License-Identifier: GPL-2.0-only
/*
 * expiry.c - expired means absent, whoever looks; the reaper deletes later, in two phases.
 *
 * A reap needs the grace of two seconds after the deadline: AGE(303) is a UDP timeout of
 * 300 s and a little more. A UDP port rests for 120 s after that.
 */
#include <stdio.h>

#include "invariants.h"
#include "steps.h"
#include "table.h"

#define SERVER "198.51.100.9:53000"
#define FLOW                                                                                       \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER)             \
	}
#define REPLY(...) IN(UDP, SERVER, "203.0.113.1:5000" __VA_OPT__(, ) __VA_ARGS__)

/* clang-format off */
static const struct row rows[] = {
	{ "alive one second before its deadline", "4787-5", STEPS(
		FLOW, { AGE(299) }, { REPLY(), BECOMES(SERVER, "10.0.0.2:5000") }) },
	{ "absent from its deadline on, keeper or not", "D-expiry", STEPS(
		FLOW, { AGE(300) }, { REPLY(), PASSES(HOST_IN) }, { ENTRIES(1, 1) },
		{ TABLES(0, 0) }) },
	{ "dns sessions are short, their binding is not", "4787-5a", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:53") },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:3478"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:3478") },
		{ AGE(60) },
		{ SESSION(UDP, "203.0.113.1:5000", "198.51.100.9:53", NONE) },
		{ SESSION(UDP, "203.0.113.1:5000", "198.51.100.9:3478", LIVE) },
		{ AGE(230) },
		{ IN(UDP, "198.51.100.9:3478", "203.0.113.1:5000"),
		  BECOMES("198.51.100.9:3478", "10.0.0.2:5000") }) },
	{ "dns alone is gone after a minute", "4787-5a", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:53") },
		{ AGE(59) }, { TABLES(1, 1) }, { AGE(1) }, { TABLES(0, 0) }) },
	{ "the same host gets its port back", "6888-8", STEPS(
		FLOW, { AGE(1000) }, FLOW, { TABLES(1, 1) }, { ENTRIES(1, 1) }) },
	{ "also while the port rests", "6888-8", STEPS(
		FLOW, { AGE(303) }, { REAP }, { ENTRIES(1, 0) }, FLOW, { TABLES(1, 1) }) },
	{ "an expired port is not another host's before it is reaped", "6888-8", STEPS(
		FLOW, { AGE(1000) },
		{ OUT(UDP, "10.0.0.3:5000", SERVER), BECOMES("203.0.113.1:x", SERVER) },
		FLOW) },
	{ "nor while it rests", "6888-8", STEPS(
		FLOW, { AGE(303) }, { REAP }, { REAP }, { ENTRIES(1, 0) },
		{ CLAIMED(UDP, "203.0.113.1:5000") },
		{ REPLY(), PASSES(HOST_IN) },
		{ OUT(UDP, "10.0.0.3:5000", SERVER), BECOMES("203.0.113.1:x", SERVER) }) },
	{ "after its rest it is anybody's", "6888-8", STEPS(
		FLOW, { AGE(303) }, { REAP }, { AGE(119) }, { REAP },
		{ CLAIMED(UDP, "203.0.113.1:5000") },
		{ AGE(4) }, { REAP }, { ENTRIES(0, 0) }, { FREE(UDP, "203.0.113.1:5000") },
		{ OUT(UDP, "10.0.0.3:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ REPLY(), BECOMES(SERVER, "10.0.0.3:5000") }) },
	{ "a query id rests too", "6888-8", STEPS(
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9"),
		  BECOMES("203.0.113.1:7", "198.51.100.9") },
		{ AGE(63) }, { REAP }, { CLAIMED(ICMP, "203.0.113.1:7") }, { AGE(123) }, { REAP },
		{ FREE(ICMP, "203.0.113.1:7") }) },
	{ "a tcp port does not rest", "6888-8", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER, .flags = SYN),
		  BECOMES("203.0.113.1:5000", SERVER) },
		{ AGE(243) }, { REAP }, { AGE(3) }, { REAP }, { ENTRIES(0, 0) },
		{ FREE(TCP, "203.0.113.1:5000") }) },
	{ "the reaper leaves what lives", "6888-11d", STEPS(
		FLOW, { AGE(299) }, { REAP }, { REAP }, { ENTRIES(1, 1) },
		{ REPLY(), BECOMES(SERVER, "10.0.0.2:5000") }) },
	{ "the reaper leaves what has just died", "D-expiry", STEPS(
		FLOW, { AGE(301) }, { REAP }, { ENTRIES(1, 1) }, FLOW, { TABLES(1, 1) }) },
	{ "the reaper takes a dead session of a living binding", "3022-3.3", STEPS(
		FLOW, { AGE(200) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:7") },
		{ AGE(103) }, { REAP }, { REAP }, { ENTRIES(1, 1) }, { TABLES(1, 1) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:7") }) },
	{ "revived and refreshed any number of times", "4787-6", STEPS(
		FLOW, { AGE(400) }, FLOW, { AGE(400) }, { REAP }, FLOW, { AGE(400) }, { REAP },
		{ AGE(50) }, FLOW,
		{ TABLES(1, 1) }, { ENTRIES(1, 1) }) },
	{ "a shorter timeout governs from the next packet on", "2663-2.6b", STEPS(
		FLOW, { NOW_SET(UDP, 120) },
		{ OUT(UDP, "10.0.0.3:6000", SERVER), BECOMES("203.0.113.1:6000", SERVER) },
		{ AGE(120) }, { SESSION(UDP, "203.0.113.1:6000", SERVER, NONE) },
		{ SESSION(UDP, "203.0.113.1:5000", SERVER, LIVE) }) },
};
/* clang-format on */
ROWS(rows)

/* What the keeper is told, and that nothing is left behind. */
PROG_TEST_OUT(a_sweep_reports_what_it_did_and_when_to_come_again)
{
	struct nat_reap_args args;

	world_make(NULL);
	CHECK_EQ(world_reap().next, NAT_TICK_NEVER);
	step(OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER));
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.10:7"));

	args = world_reap();
	CHECK_EQ(args.sessions + args.bindings + args.permits + args.hosts + args.busy, 0);
	CHECK(args.next > table_now() + ticks_from_seconds(290));
	CHECK(args.next <= table_now() + ticks_from_seconds(301));

	step(AGE(303));
	args = world_reap();
	CHECK_EQ(args.sessions, 2);
	CHECK_EQ(args.permits, 1);
	CHECK_EQ(args.bindings, 0);
	CHECK(args.next <= table_now() + ticks_from_seconds(121));

	step(AGE(123));
	args = world_reap();
	CHECK_EQ(args.bindings, 1);
	step(AGE(300));
	world_reap();
	CHECK_EQ(world_reap().next, NAT_TICK_NEVER);
	CHECK_EQ(table_entries(world_skel()->maps.bindings_rev, false), 0);
	CHECK_EQ(table_entries(world_skel()->maps.permits, false), 0);
	CHECK_EQ(table_entries(world_skel()->maps.hosts, false), 0);
}

/* D-leakports: whatever happened before, after everything has died all ports are free. */
PROG_TEST(a_thousand_flows_leave_nothing_behind)
{
	static const struct world world = { .set = { SET(PORT_FIRST, 40000),
						     SET(PORT_LAST, 40063) } };
	struct packet packet = { .hook = HOOK_OUT, .flags = SYN };
	struct frame in, out;
	char src[32], dst[32];

	world_make(&world);
	for (int i = 0; i < 1000; i++) {
		snprintf(src, sizeof(src), "10.0.0.%d:%d", i % 200 + 1, 5000 + i % 7);
		snprintf(dst, sizeof(dst), "198.51.100.%d:%d", i % 100 + 1, 1000 + i % 3);
		packet.proto = i % 3 ? NAT_PROTO_UDP : NAT_PROTO_TCP;
		packet.src = src;
		packet.dst = dst;
		packet_build(&packet, NULL, &in);
		world_run(PROGRAM_TC_OUT, &packet, &in, &out);
		if (i % 50 == 0) {
			step(AGE(100));
			world_reap();
		}
		if (i % 250 == 0)
			invariants_check();
	}
	for (int i = 0; i < 5; i++) {
		step(AGE(8000));
		world_reap();
	}
	step(ENTRIES(0, 0));
	CHECK_EQ(table_entries(world_skel()->maps.hosts, false), 0);
}
