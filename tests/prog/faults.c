// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults.c - an insertion fails, at each step of opening a flow: the packet is refused by name,
 * nothing stays behind, and what comes afterwards finds the gateway as it was.
 *
 * How it works: the one table that is to fail is filled behind the programs' back, with entries
 * whose keys no packet has, and emptied of them again. No packets could fill one table alone: a
 * flow has an entry in all of them. The kernel then answers what it answers when it has no
 * memory, an error other than EEXIST.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "invariants.h"
#include "steps.h"
#include "table.h"

#define GW "203.0.113.1"
#define SERVER "198.51.100.9"

#define INDEPENDENT                                                                                \
	{                                                                                          \
		.set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) }                           \
	}

#define FILLER 0xee /* in all of a key but its number */

static struct bpf_map *table(const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(world_skel()->obj, name);

	check_note("%s", name);
	CHECK(map);
	return map;
}

static void filler_key(struct bpf_map *map, __u8 *key, __u32 number)
{
	memset(key, FILLER, bpf_map__key_size(map));
	memcpy(key + bpf_map__key_size(map) - sizeof(number), &number, sizeof(number));
}

/* fill() - Leave @spare free places in a table. Return: what empty() must be told */
static __u32 fill(const char *name, __u32 spare)
{
	struct bpf_map *map = table(name);
	__u8 key[64], value[256] = { 0 };
	__u32 number = 0;

	CHECK(bpf_map__key_size(map) <= sizeof(key) && bpf_map__value_size(map) <= sizeof(value));
	do
		filler_key(map, key, number++);
	while (!bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_NOEXIST));
	CHECK_EQ(errno, E2BIG);
	number--;
	while (spare--) {
		filler_key(map, key, --number);
		CHECK_EQ(bpf_map_delete_elem(bpf_map__fd(map), key), 0);
	}
	return number;
}

static void empty(const char *name, __u32 count)
{
	struct bpf_map *map = table(name);
	__u8 key[64];

	while (count--) {
		filler_key(map, key, count);
		CHECK_EQ(bpf_map_delete_elem(bpf_map__fd(map), key), 0);
	}
}

/* Everything that has been begun has its end, and the reaper finds all of it. */
static void check_nothing_is_left(void)
{
	invariants_check();
	for (int i = 0; i < 4; i++) {
		step(AGE(303));
		step(REAP);
	}
	step(ENTRIES(0, 0));
	CHECK_EQ(table_entries(world_skel()->maps.bindings_rev, false), 0);
	CHECK_EQ(table_entries(world_skel()->maps.permits, false), 0);
	CHECK_EQ(table_entries(world_skel()->maps.replies, false), 0);
	CHECK_EQ(table_entries(world_skel()->maps.hosts, false), 0);
}

/* ---- outbound: the tables in the order in which the first packet is entered into them ---- */

static void no_room_outbound(const char *name)
{
	__u32 count;

	world_make(NULL);
	count = fill(name, 0);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), DROPPED(TABLE_FULL), ANSWERED(3, 1));
	step(OUT(ICMP, "10.0.0.2:9", SERVER), DROPPED(TABLE_FULL), ANSWERED(3, 1));
	step(OUT(GRE, "10.0.0.2", SERVER), DROPPED(TABLE_FULL), ANSWERED(3, 1));
	empty(name, count);
	check_nothing_is_left();
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7"));
	step(OUT(ICMP, "10.0.0.2:9", SERVER), BECOMES(GW ":9", SERVER));
	step(OUT(GRE, "10.0.0.2", SERVER), BECOMES(GW, SERVER));
}

PROG_TEST_OUT(no_room_for_a_host)
{
	no_room_outbound("hosts");
}

PROG_TEST_OUT(no_room_for_the_reverse_of_a_binding)
{
	no_room_outbound("bindings_rev");
}

PROG_TEST_OUT(no_room_for_a_binding)
{
	no_room_outbound("bindings_fwd");
}

PROG_TEST_OUT(no_room_for_a_session)
{
	no_room_outbound("sessions");
}

/* Its socket owns the port: it needs no table to go out. */
PROG_TEST_OUT(the_gateway_itself_gets_out_without_room)
{
	static const char *const tables[] = { "hosts", "bindings_rev", "bindings_fwd" };

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		__u32 count;

		world_make(NULL);
		count = fill(tables[i], 0);
		step(OUT(ICMP, GW ":7", SERVER), PASSES(HOST_OUT));
		step(OUT(TCP, GW ":50000", SERVER ":80", .flags = SYN), PASSES(HOST_OUT));
		empty(tables[i], count);
		check_nothing_is_left();
	}
}

/* The flow works; what is filtered too much is other ports of that remote (maps.h). */
PROG_TEST(no_room_for_a_permit)
{
	static const struct world world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_ADDRESS) } };
	__u32 count;

	world_make(&world);
	count = fill("permits", 0);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7"));
	step(IN(UDP, SERVER ":7", GW ":5000"), BECOMES(SERVER ":7", "10.0.0.2:5000"));
	empty("permits", count);
	check_nothing_is_left();
}

/* ---- inbound ------------------------------------------------------------------------------ */

PROG_TEST(no_room_for_the_session_of_a_stranger)
{
	static const struct world world = INDEPENDENT;
	__u32 count;

	world_make(&world);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7"));
	count = fill("sessions", 0);
	step(IN(UDP, "198.51.100.20:8", GW ":5000"), DROPPED(TABLE_FULL));
	step(IN(UDP, SERVER ":7", GW ":5000"), BECOMES(SERVER ":7", "10.0.0.2:5000"));
	empty("sessions", count);
	step(ENTRIES(1, 1));
	step(IN(UDP, "198.51.100.20:8", GW ":5000"), BECOMES("198.51.100.20:8", "10.0.0.2:5000"));
	check_nothing_is_left();
}

PROG_TEST(no_room_for_the_answers_to_a_guest)
{
	static const struct world world = { .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT),
						     SET(FILTERING_UDP,
							 NAT_FILTERING_INDEPENDENT) } };
	__u32 count;

	world_make(&world);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7"));
	count = fill("replies", 0);
	step(IN(UDP, "198.51.100.20:8", GW ":5000"), DROPPED(TABLE_FULL));
	empty("replies", count);
	step(ENTRIES(1, 1));
	step(IN(UDP, "198.51.100.20:8", GW ":5000"), BECOMES("198.51.100.20:8", "10.0.0.2:5000"));
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.20:8"), BECOMES(GW ":5000", "198.51.100.20:8"));
	check_nothing_is_left();
}

/* ---- both at once: a hairpinned flow is two sessions --------------------------------------- */

PROG_TEST_OUT(room_for_the_first_half_of_a_hairpin)
{
	static const struct world world = INDEPENDENT;
	__u32 count;

	world_make(&world);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7"));
	count = fill("sessions", 1);
	step(LAN(UDP, "10.0.0.3:6000", GW ":5000"), DROPPED(TABLE_FULL), ANSWERED(3, 1));
	/* The first half is there now and will do for the next packet, too. */
	step(LAN(UDP, "10.0.0.3:6000", GW ":5000"), DROPPED(TABLE_FULL), ANSWERED(3, 1));
	empty("sessions", count);
	step(ENTRIES(2, 2));
	step(LAN(UDP, "10.0.0.3:6000", GW ":5000"), BECOMES(GW ":6000", "10.0.0.2:5000"));
	check_nothing_is_left();
}

/* ---- what the keeper is asked for ------------------------------------------------------------ */

PROG_TEST(no_room_for_an_unsolicited_syn)
{
	__u32 count;

	world_make(NULL);
	count = fill("held_syns", 0);
	step(IN(TCP, SERVER ":7", GW ":5000", .flags = SYN), DROPPED(SYN_HELD));
	empty("held_syns", count);
	step(IN(TCP, SERVER ":7", GW ":5000", .flags = SYN), HELD);
}

PROG_TEST(no_room_for_an_early_fragment)
{
	static const struct world world = { .not_local = true };
	__u32 count;

	world_make(&world);
	count = fill("early", 0);
	step(IN(UDP, SERVER, GW, .fragment = LAST_FRAGMENT(3)), DROPPED(FRAGMENT));
	empty("early", count);
	step(IN(UDP, SERVER, GW, .fragment = LAST_FRAGMENT(3)), EARLY);
}

static void unanswered(const struct packet *packet)
{
	enum program program = packet->hook == HOOK_OUT ? PROGRAM_TC_OUT : PROGRAM_TC_IN;
	struct frame in, out;

	packet_build(packet, NULL, &in);
	CHECK_EQ(world_run(program, packet, &in, &out), 2);
}

static void unsolicited(int number)
{
	struct packet syn = PACKET(HOOK_IN, TCP, NULL, GW ":5000", .flags = SYN);
	char src[32];

	snprintf(src, sizeof(src), SERVER ":%d", 1024 + number);
	syn.src = src;
	unanswered(&syn);
}

/* The keeper is stopped, and nobody takes what is asked for. */
PROG_TEST_OUT(no_room_for_a_request)
{
	static const struct world world = { .not_local = true, .set = { SET(PER_HOST, 1) } };
	const struct packet refused = PACKET(HOOK_OUT, UDP, "10.0.0.2:5001", SERVER ":7");
	const struct packet orphan = PACKET(HOOK_IN, UDP, SERVER, GW, .fragment = LAST_FRAGMENT(3));
	int most = NAT_REQUESTS_SIZE / sizeof(struct nat_request), taken;
	static struct nat_request requests[NAT_HELD_MAX];

	world_make(&world);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7"));
	for (int i = 0; i < most; i++)
		unsolicited(i);
	unanswered(&refused);
	unanswered(&orphan);
	unsolicited(most);
	taken = world_requests(requests, NAT_HELD_MAX);
	CHECK(taken > most / 2 && taken <= most);
	for (int i = 0; i < taken; i++)
		CHECK_EQ(requests[i].kind, NAT_REQUEST_SYN);
	/* And on it goes. */
	step(OUT(UDP, "10.0.0.2:5001", SERVER ":7"), DROPPED(HOST_LIMIT), ANSWERED(3, 1));
	step(IN(UDP, SERVER, GW, .fragment = LAST_FRAGMENT(6)), EARLY);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7"));
	/* A SYN of which nobody has heard is answered all the same. */
	world_age(ticks_from_seconds(7));
	world_reap();
	taken = world_requests(requests, NAT_HELD_MAX);
	for (int i = 0; i < taken; i++)
		CHECK_EQ(requests[i].kind, NAT_REQUEST_ERROR);
	CHECK(taken > 0);
}
