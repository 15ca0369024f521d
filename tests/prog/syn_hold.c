// SPDX-License-Identifier: GPL-2.0-only
/*
 * syn_hold.c - a SYN that nobody waits for is not answered for six seconds (RFC 5382 REQ-4).
 *
 * The reaper asks the keeper for the answer; ANSWER() is a sweep that does, REAP one that
 * must not.
 */
#include <sys/socket.h>

#include "sockets.h"
#include "steps.h"
#include "table.h"

#define GW "203.0.113.1"
#define REMOTE "198.51.100.9:4000"
#define CALLS(...) IN(TCP, REMOTE, GW ":5000", .flags = SYN, .seq = 77 __VA_OPT__(, ) __VA_ARGS__)

/* clang-format off */
static const struct row rows[] = {
	{ "silence, also when it is sent again", "5382-4a", STEPS(
		{ CALLS(), HELD },
		{ AGE(3) },
		{ CALLS(), DROPPED(SYN_HELD) },
		{ TABLES(0, 0) }) },
	{ "to a port outside the range: the host answers", "5382-4e", STEPS(
		{ IN(TCP, REMOTE, GW ":999", .flags = SYN), PASSES(HOST_IN) },
		{ IN(TCP, REMOTE, GW ":39999", .flags = SYN), PASSES(HOST_IN) },
		{ IN(TCP, REMOTE, GW ":40000", .flags = SYN), HELD },
		{ IN(TCP, REMOTE, GW ":40010", .flags = SYN), HELD },
		{ IN(TCP, REMOTE, GW ":40011", .flags = SYN), PASSES(HOST_IN) }),
	  .world = { .set = { SET(PORT_FIRST, 40000), SET(PORT_LAST, 40010) } } },
	{ "what is no SYN is the host's", "3022-2.2c", STEPS(
		{ IN(TCP, REMOTE, GW ":5000"), PASSES(HOST_IN) },
		{ IN(TCP, REMOTE, GW ":5000", .flags = SYN | ACK), PASSES(HOST_IN) },
		{ IN(TCP, REMOTE, GW ":5000", .flags = RST), PASSES(HOST_IN) },
		{ IN(UDP, REMOTE, GW ":5000"), PASSES(HOST_IN) }) },
	{ "its own side calls: the next one is let in", "5382-4b", STEPS(
		{ CALLS(), HELD },
		{ AGE(3) },
		{ OUT(TCP, "10.0.0.2:5000", REMOTE, .flags = SYN, .seq = 1),
		  BECOMES(GW ":5000", REMOTE) },
		{ CALLS(), BECOMES(REMOTE, "10.0.0.2:5000") },
		{ SESSION(TCP, GW ":5000", REMOTE, ESTABLISHED) },
		{ AGE(4) }, { REAP }) },
	{ "refused by the filter: held too", "5382-4a", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "192.0.2.7:80", .flags = SYN),
		  BECOMES(GW ":5000", "192.0.2.7:80") },
		{ CALLS(), HELD },
		{ OUT(TCP, "10.0.0.2:5000", REMOTE, .flags = SYN), BECOMES(GW ":5000", REMOTE) },
		{ CALLS(), BECOMES(REMOTE, "10.0.0.2:5000") }) },
	{ "never answered, if the operator says so", "5382-4d", STEPS(
		{ CALLS(), DROPPED(SYN_HELD) },
		{ AGE(7) }, { REAP }),
	  .world = { .set = { SET(UNSOLICITED_SYN, NAT_SYN_DROP) } } },
	{ "or the host's, if he says that", "5382-4e", STEPS(
		{ CALLS(), PASSES(HOST_IN) },
		{ AGE(7) }, { REAP }),
	  .world = { .set = { SET(UNSOLICITED_SYN, NAT_SYN_PASS) } } },
	{ "with options there is no room for it: never answered", "5382-4c", STEPS(
		{ CALLS(WITH_OPTIONS(NOPS_4)), DROPPED(SYN_HELD) }) },
};
/* clang-format on */
ROWS(rows)

PROG_TEST(a_local_listener_answers_at_once)
{
	world_make(NULL);
	socket_listen(SOCK_STREAM, 5000);
	step(CALLS(), PASSES(HOST_IN));
	sockets_close();
	step(CALLS(), HELD);
}

/* One answer, between six and seven seconds, that quotes the header and the ports. */
PROG_TEST(after_six_seconds_it_is_answered_once)
{
	static struct nat_request request;

	world_make(NULL);
	step(CALLS(), HELD);
	world_age(ticks_from_seconds(5));
	CHECK_EQ(world_reap().waiting, 1);
	CHECK_EQ(world_requests(&request, 1), 0);
	world_age(ticks_from_seconds(1) + 1);
	world_reap();
	CHECK_EQ(world_requests(&request, 1), 1);
	CHECK_EQ(request.kind, NAT_REQUEST_ERROR);
	CHECK_EQ(request.type << 8 | request.code, 3 << 8 | 3);
	CHECK_EQ(request.len, 28);
	CHECK_EQ(request.packet[0], 0x45);
	CHECK_EQ(request.packet[22] << 8 | request.packet[23], 5000);
	world_reap();
	CHECK_EQ(world_requests(&request, 1), 0);
	/* Forgotten, a sweep after its grace; the next call begins anew. */
	world_age(NAT_GRACE_TICKS + 1);
	world_reap();
	CHECK_EQ(table_entries(world_skel()->maps.held_syns, false), 0);
	step(CALLS(), HELD);
}

/* Full: dropped like the others, but never answered. */
PROG_TEST(a_flood_of_them_fills_its_own_table_and_no_other)
{
	struct packet packet = PACKET(HOOK_IN, TCP, NULL, GW ":5000", .flags = SYN);
	struct nat_request request;
	struct frame in, out;
	char src[32];

	world_make(NULL);
	for (int i = 0; i < NAT_HELD_MAX + 100; i++) {
		snprintf(src, sizeof(src), "198.51.%d.%d:4000", 100 + i / 250, 1 + i % 250);
		packet.src = src;
		packet_build(&packet, NULL, &in);
		CHECK_EQ(world_run(PROGRAM_TC_IN, &packet, &in, &out), 2);
	}
	CHECK(table_entries(world_skel()->maps.held_syns, false) <= NAT_HELD_MAX);
	world_requests(&request, 1);
	step(OUT(TCP, "10.0.0.2:5000", REMOTE, .flags = SYN), BECOMES(GW ":5000", REMOTE));
	step(CALLS(), BECOMES(REMOTE, "10.0.0.2:5000"));
	/* And the answers stay within half the rate: the other half is for internal hosts. */
	world_age(ticks_from_seconds(6) + 1);
	world_reap();
	CHECK_EQ(world_requests(&request, 1), 50);
}
