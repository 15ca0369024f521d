// SPDX-License-Identifier: GPL-2.0-only
/*
 * limits.c - full means that the new one is refused, counted by name, and that everything
 * which lives goes on.
 */
#include <stdio.h>

#include "steps.h"
#include "table.h"

#define SERVER "198.51.100.9:7"

/* clang-format off */
static const struct row rows[] = {
	{ "a host has its limit of bindings", "6888-4", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(TCP, "10.0.0.2:5001", SERVER, .flags = SYN),
		  BECOMES("203.0.113.1:5001", SERVER) },
		{ OUT(UDP, "10.0.0.2:5002", SERVER), DROPPED(HOST_LIMIT), ANSWERED(3, 1) },
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9"), DROPPED(HOST_LIMIT), ANSWERED(3, 1) },
		/* Others are not affected, nor is what it has. */
		{ OUT(UDP, "10.0.0.3:5002", SERVER), BECOMES("203.0.113.1:5002", SERVER) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:7") },
		{ TABLES(3, 4) }, { FREE(UDP, "203.0.113.1:5003") }),
	  .world = { .set = { SET(PER_HOST, 2) } } },
	{ "a reaped binding makes room for another", "6888-4", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), DROPPED(HOST_LIMIT), ANSWERED(3, 1) },
		{ AGE(303) }, { REAP }, { AGE(123) }, { REAP },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), BECOMES("203.0.113.1:5001", SERVER) }),
	  .world = { .set = { SET(PER_HOST, 1) } } },
	{ "more sessions than the limit are refused", "6888-11d", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:7") },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.11:7"), DROPPED(SESSION_LIMIT), ANSWERED(3, 1) },
		{ OUT(UDP, "10.0.0.3:6000", SERVER), DROPPED(SESSION_LIMIT), ANSWERED(3, 1) },
		{ FREE(UDP, "203.0.113.1:6000") },
		{ IN(UDP, "198.51.100.9:99", "203.0.113.1:5000"), DROPPED(SESSION_LIMIT) },
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ IN(UDP, SERVER, "203.0.113.1:5000"), BECOMES(SERVER, "10.0.0.2:5000") }),
	  .world = { .set = { SET(MAX_SESSIONS, 2) } } },
	{ "the limit is live", "6888-5a", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), DROPPED(SESSION_LIMIT), ANSWERED(3, 1) },
		{ NOW_SET(MAX_SESSIONS, 2) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), BECOMES("203.0.113.1:5001", SERVER) },
		/* Lowered below what exists: nothing is broken, nothing is added. */
		{ NOW_SET(MAX_SESSIONS, 1) },
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), BECOMES("203.0.113.1:5001", SERVER) },
		{ OUT(UDP, "10.0.0.2:5002", SERVER), DROPPED(SESSION_LIMIT), ANSWERED(3, 1) }),
	  .world = { .set = { SET(MAX_SESSIONS, 1) } } },
	{ "refusing changes nothing", "6888-11a", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.3:5002", SERVER), DROPPED(SESSION_LIMIT), ANSWERED(3, 1) },
		{ OUT(UDP, "10.0.0.3:5002", SERVER), DROPPED(SESSION_LIMIT), ANSWERED(3, 1) },
		{ TABLES(1, 1) }, { ENTRIES(1, 1) }),
	  .world = { .set = { SET(MAX_SESSIONS, 1) } } },
};
/* clang-format on */
ROWS(rows)

/* clang-format off */
static const struct row rates[] = {
	{ "a host may not make bindings faster than its rate", "6888-4c", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), BECOMES("203.0.113.1:5001", SERVER) },
		{ OUT(UDP, "10.0.0.2:5002", SERVER), DROPPED(HOST_RATE), ANSWERED(3, 1) },
		{ FREE(UDP, "203.0.113.1:5002") },
		/* Others are not affected, nor is what it has. */
		{ OUT(UDP, "10.0.0.3:5002", SERVER), BECOMES("203.0.113.1:5002", SERVER) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:7") },
		{ AGE(1) },
		{ OUT(UDP, "10.0.0.2:5003", SERVER), BECOMES("203.0.113.1:5003", SERVER) },
		{ OUT(UDP, "10.0.0.2:5004", SERVER), DROPPED(HOST_RATE), ANSWERED(3, 1) },
		{ AGE(60) },
		{ OUT(UDP, "10.0.0.2:5005", SERVER), BECOMES("203.0.113.1:5005", SERVER) },
		{ OUT(UDP, "10.0.0.2:5006", SERVER), BECOMES("203.0.113.1:5006", SERVER) },
		{ OUT(UDP, "10.0.0.2:5007", SERVER), DROPPED(HOST_RATE), ANSWERED(3, 1) }),
	  .world = { .set = { SET(HOST_RATE, 1) } } },
	{ "a binding has its limit of sessions", "6888-5", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ IN(UDP, "198.51.100.77:1", "203.0.113.1:5000"),
		  BECOMES("198.51.100.77:1", "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.78:1", "203.0.113.1:5000"), DROPPED(BINDING_LIMIT) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
		  DROPPED(BINDING_LIMIT), ANSWERED(3, 1) },
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5001", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:5001", "198.51.100.10:7") },
		{ TABLES(2, 3) }),
	  .world = { .set = { SET(PER_BINDING, 2),
			      SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } } },
};
/* clang-format on */
ROWS(rates)

/* clang-format off */
static const struct row answers[] = {
	{ "the refused are told what the operator has chosen", "5508-8", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), DROPPED(HOST_LIMIT), ANSWERED(3, 1) },
		{ NOW_SET(REFUSE_WITH, NAT_REFUSAL_PROHIBITED) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), DROPPED(HOST_LIMIT), ANSWERED(3, 13) },
		{ NOW_SET(REFUSE_WITH, NAT_REFUSAL_SILENT) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), DROPPED(HOST_LIMIT) }),
	  .world = { .set = { SET(PER_HOST, 1) } } },
	{ "so many in a second and no more", "5508-10f", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), DROPPED(HOST_LIMIT), ANSWERED(3, 1) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), DROPPED(HOST_LIMIT), ANSWERED(3, 1) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER), DROPPED(HOST_LIMIT) }),
	  .world = { .set = { SET(PER_HOST, 1), SET(ERROR_RATE, 2) } } },
	{ "about a packet of more than 576 octets only its beginning", "5508-8", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER) },
		{ OUT(UDP, "10.0.0.2:5001", SERVER, .len = 1400),
		  DROPPED(HOST_LIMIT), ANSWERED(3, 1) }),
	  .world = { .set = { SET(PER_HOST, 1) } } },
};
/* clang-format on */
ROWS(answers)

static void send_from(int host, int port, const char *to, int remote)
{
	struct packet packet = PACKET(HOOK_OUT, UDP, NULL, NULL);
	char src[32], dst[32];
	struct frame in, out;

	snprintf(src, sizeof(src), "10.0.%d.%d:%d", host / 250, host % 250 + 1, port);
	snprintf(dst, sizeof(dst), "%s.%d:7", to, remote);
	packet.src = src;
	packet.dst = dst;
	packet_build(&packet, NULL, &in);
	world_run(PROGRAM_TC_OUT, &packet, &in, &out);
}

/* The kernel's own limit, where max-sessions is above it: the session table. */
PROG_TEST_OUT(a_full_session_table_refuses_and_undoes)
{
	world_make(NULL);
	world_set(NAT_SETTING_MAX_SESSIONS, 100000);
	for (int i = 0; i < WORLD_TABLE_SIZE; i++)
		send_from(1, 5000,
			  i < 250  ? "198.51.100" :
			  i < 500  ? "198.51.101" :
			  i < 750  ? "198.51.102" :
			  i < 1000 ? "198.51.103" :
				     "198.51.104",
			  i % 250 + 1);
	step(ENTRIES(1, WORLD_TABLE_SIZE));
	step(OUT(UDP, "10.0.0.2:5000", "192.0.2.9:7"), DROPPED(TABLE_FULL), ANSWERED(3, 1));
	step(ENTRIES(1, WORLD_TABLE_SIZE));
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.1:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.1:7"));
}

/* ... and the tables of bindings: the claim and the host's count are given back. */
PROG_TEST_OUT(full_binding_tables_refuse_and_undo)
{
	static const struct world world = { .set = { SET(MAX_SESSIONS, 100000) } };

	world_make(&world);
	/* A port for each, so that each keeps it: one that is drawn might be 60000. */
	for (int i = 0; i < WORLD_TABLE_SIZE; i++)
		send_from(i / 8, 5000 + i, "198.51.100", 9);
	step(ENTRIES(WORLD_TABLE_SIZE, WORLD_TABLE_SIZE));
	step(OUT(UDP, "10.0.0.1:60000", "198.51.100.9:7"), DROPPED(TABLE_FULL), ANSWERED(3, 1));
	step(FREE(UDP, "203.0.113.1:60000"));
	step(OUT(UDP, "10.0.9.1:60000", "198.51.100.9:7"), DROPPED(TABLE_FULL), ANSWERED(3, 1));
	step(FREE(UDP, "203.0.113.1:60000"));
	step(ENTRIES(WORLD_TABLE_SIZE, WORLD_TABLE_SIZE));
	step(OUT(UDP, "10.0.0.1:5000", "198.51.100.9:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.9:7"));

	/* Nobody is locked out of the gateway, and what it needs itself goes on. */
	step(OUT(TCP, "203.0.113.1:22", "198.51.100.9:4000", .flags = SYN | ACK, .ack = 1),
	     PASSES(HOST_OUT));
	step(OUT(UDP, "203.0.113.1:33333", "198.51.100.9:53"), PASSES(HOST_OUT));
	step(OUT(UDP, "203.0.113.1:5000", "198.51.100.9:7"), PASSES(HOST_OUT));
	step(OUT(ICMP, "203.0.113.1:7", "198.51.100.9"), PASSES(HOST_OUT));
	step(FREE(ICMP, "203.0.113.1:7"));
	step(ENTRIES(WORLD_TABLE_SIZE, WORLD_TABLE_SIZE));
}

/*
 * A deletion that was interrupted leaves DELETING behind (-EBUSY). A packet that meets it
 * is dropped; the next sweep finishes the job. This state cannot be had by packets alone.
 */
static void begin_deletion(struct bpf_map *map, const void *key, void *value)
{
	__u64 *life = value;

	CHECK(table_lookup(map, key, value));
	*life = life_make(NAT_STATE_DELETING, table_now() - NAT_GRACE_TICKS, life_low(*life));
	table_write(map, key, value);
}

PROG_TEST(a_packet_that_meets_a_deletion_is_dropped)
{
	struct nat_internal_key internal = { 0 };
	struct nat_external_key flow = { 0 };
	struct nat_session session;
	struct nat_binding binding;
	struct nat_endpoint remote;

	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER));
	endpoint_parse("203.0.113.1:5000", NULL, &flow.external);
	endpoint_parse(SERVER, NULL, &remote);
	flow.external.proto = NAT_PROTO_UDP;
	flow.remote.addr = remote.addr;
	flow.remote.port = remote.port;
	begin_deletion(world_skel()->maps.sessions, &flow, &session);
	step(OUT(UDP, "10.0.0.2:5000", SERVER), DROPPED(BUSY));
	step(IN(UDP, SERVER, "203.0.113.1:5000"), DROPPED(BUSY));
	world_reap();
	step(OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER));

	endpoint_parse("10.0.0.2:5000", NULL, &internal.internal);
	internal.internal.proto = NAT_PROTO_UDP;
	begin_deletion(world_skel()->maps.sessions, &flow, &session);
	begin_deletion(world_skel()->maps.bindings_fwd, &internal, &binding);
	step(OUT(UDP, "10.0.0.2:5000", SERVER), DROPPED(BUSY));
	world_reap();
	step(ENTRIES(0, 0));
	step(OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER));
}
