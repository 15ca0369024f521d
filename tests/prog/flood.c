// SPDX-License-Identifier: GPL-2.0-only
/*
 * flood.c - early fragments take no more than their share (RFC 4787 REQ-14).
 */
#include <stdio.h>

#include "steps.h"
#include "table.h"

#define GW "203.0.113.1"
#define SERVER "198.51.100.9"

static int orphan(int source, __u32 id, __u32 offset)
{
	struct packet packet =
		PACKET(HOOK_IN, UDP, NULL, GW, .id = ID(id), .fragment = LAST_FRAGMENT(offset));
	struct frame in, out;
	char src[32];

	snprintf(src, sizeof(src), "198.51.%d.%d", 100 + source / 250, 1 + source % 250);
	packet.src = src;
	packet_build(&packet, NULL, &in);
	return world_run(PROGRAM_TC_IN, &packet, &in, &out);
}

static struct nat_request taken[NAT_REQUESTS_SIZE / sizeof(struct nat_request)];

/* Have a host refused. Return: how many errors are then asked for */
static int refused(void)
{
	struct packet second = PACKET(HOOK_OUT, UDP, "10.0.0.2:5001", SERVER ":7");
	struct packet first = PACKET(HOOK_OUT, UDP, "10.0.0.2:5000", SERVER ":7");
	struct frame in, out;
	int count, errors = 0;

	packet_build(&first, NULL, &in);
	world_run(PROGRAM_TC_OUT, &first, &in, &out);
	packet_build(&second, NULL, &in);
	CHECK_EQ(world_run(PROGRAM_TC_OUT, &second, &in, &out), 2);
	count = world_requests(taken, sizeof(taken) / sizeof(*taken));
	for (int i = 0; i < count; i++)
		errors += taken[i].kind == NAT_REQUEST_ERROR;
	return errors;
}

/* Half of the ring is for everything else. */
PROG_TEST(orphans_leave_room_for_other_requests)
{
	static const struct world world = { .not_local = true, .set = { SET(PER_HOST, 1) } };
	struct nat_request request;
	int held;

	world_make(&world);
	for (int i = 0; i < 2000; i++)
		CHECK_EQ(orphan(i % 500, i / 500, 3), 2);
	held = world_requests(&request, 1);
	CHECK_EQ(request.kind, NAT_REQUEST_HOLD);
	check_note("%d were held", held);
	CHECK(held > 200 && held <= NAT_REQUESTS_SIZE / 2 / (int)sizeof(request) + 1);

	/* Full again: a refusal still finds its way. */
	for (int i = 0; i < 2000; i++)
		orphan(i % 500, i / 500, 4);
	CHECK_EQ(refused(), 1);
}

/* A datagram has its share as well, and one source has no more than 64 datagrams. */
PROG_TEST(a_source_has_no_more_than_its_slots)
{
	static const struct world world = { .not_local = true };
	struct nat_request request;

	world_make(&world);
	for (int i = 0; i < NAT_EARLY_FRAGMENTS + 10; i++)
		orphan(1, 7, 3 + i);
	CHECK_EQ(world_requests(&request, 1), NAT_EARLY_FRAGMENTS);
	for (int i = 0; i < 200; i++)
		orphan(1, i, 3);
	CHECK_EQ(table_entries(world_skel()->maps.early, false), NAT_FRAGMENT_SLOTS);
	world_requests(&request, 1);
	world_age(ticks_from_seconds(2) + NAT_GRACE_TICKS);
	world_reap();
	CHECK_EQ(table_entries(world_skel()->maps.early, false), 0);
}

/* Whole packets and fragments in order do not notice. */
PROG_TEST(in_order_goes_on_while_orphans_fill_the_table)
{
	static const struct world world = { .not_local = true };
	struct nat_request request;

	world_make(&world);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7"));
	for (int i = 0; i < 2 * NAT_EARLY_MAX; i++)
		CHECK_EQ(orphan(i % 1000, i / 1000, 3), 2);
	world_requests(&request, 1);
	step(IN(UDP, SERVER ":7", GW ":5000", .fragment = FIRST_FRAGMENT, .len = 16),
	     BECOMES(SERVER ":7", "10.0.0.2:5000"));
	step(IN(UDP, SERVER, GW, .fragment = LAST_FRAGMENT(3)), BECOMES(SERVER, "10.0.0.2"));
	step(IN(UDP, SERVER ":7", GW ":5000"), BECOMES(SERVER ":7", "10.0.0.2:5000"));
}
