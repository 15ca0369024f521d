// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmp_query.c - echo, timestamp and mask: ids are a port space of their own.
 */
#include <stdio.h>

#include "steps.h"

#define SERVER "198.51.100.9"

/* clang-format off */
static const struct row rows[] = {
	{ "one id, two servers, one external id", "5508-1a", STEPS(
		{ OUT(ICMP, "10.0.0.2:4660", SERVER), BECOMES("203.0.113.1:4660", SERVER) },
		{ OUT(ICMP, "10.0.0.2:4660", "198.51.100.10"),
		  BECOMES("203.0.113.1:4660", "198.51.100.10") },
		{ TABLES(1, 2) }) },
	{ "two hosts, one id, one server", "5508-1b", STEPS(
		{ OUT(ICMP, "10.0.0.2:1", SERVER), BECOMES("203.0.113.1:1", SERVER) },
		{ OUT(ICMP, "10.0.0.3:1", SERVER), BECOMES("203.0.113.1:x", SERVER) },
		{ IN(ICMP, SERVER, "203.0.113.1:x"), BECOMES(SERVER, "10.0.0.3:1") },
		{ IN(ICMP, SERVER, "203.0.113.1:1"), BECOMES(SERVER, "10.0.0.2:1") }) },
	{ "ids 0 and 65535 are ids", "5508-1c", STEPS(
		{ OUT(ICMP, "10.0.0.2:0", SERVER), BECOMES("203.0.113.1:0", SERVER) },
		{ OUT(ICMP, "10.0.0.2:65535", SERVER), BECOMES("203.0.113.1:65535", SERVER) },
		{ IN(ICMP, SERVER, "203.0.113.1:0"), BECOMES(SERVER, "10.0.0.2:0") },
		{ IN(ICMP, SERVER, "203.0.113.1:65535"), BECOMES(SERVER, "10.0.0.2:65535") }) },
	{ "the port range does not bind ids", "5508-1c", STEPS(
		{ OUT(ICMP, "10.0.0.2:7", SERVER), BECOMES("203.0.113.1:7", SERVER) },
		{ OUT(ICMP, "10.0.0.2:60000", SERVER), BECOMES("203.0.113.1:60000", SERVER) }),
	  .world = { .set = { SET(PORT_FIRST, 40000), SET(PORT_LAST, 40099) } } },
	{ "timestamp and its reply", "5508-1", STEPS(
		{ OUT(ICMP, "10.0.0.2:9", SERVER, .icmp = MESSAGE(13, 0), .len = 12),
		  BECOMES("203.0.113.1:9", SERVER) },
		{ IN(ICMP, SERVER, "203.0.113.1:9", .icmp = MESSAGE(14, 0), .len = 12),
		  BECOMES(SERVER, "10.0.0.2:9") }) },
	{ "address mask and its reply", "5508-1", STEPS(
		{ OUT(ICMP, "10.0.0.2:9", SERVER, .icmp = MESSAGE(17, 0), .len = 4),
		  BECOMES("203.0.113.1:9", SERVER) },
		{ IN(ICMP, SERVER, "203.0.113.1:9", .icmp = MESSAGE(18, 0), .len = 4),
		  BECOMES(SERVER, "10.0.0.2:9") }) },
	{ "a reply without its query is for the gateway", "5508-1d", STEPS(
		{ IN(ICMP, SERVER, "203.0.113.1:9"), PASSES(HOST_IN) }) },
	{ "a query is remembered for a minute", "5508-2", STEPS(
		{ OUT(ICMP, "10.0.0.2:9", SERVER), BECOMES("203.0.113.1:9", SERVER) },
		{ AGE(59) },
		{ IN(ICMP, SERVER, "203.0.113.1:9"), BECOMES(SERVER, "10.0.0.2:9") },
		{ AGE(1) },
		{ IN(ICMP, SERVER, "203.0.113.1:9"), PASSES(HOST_IN) }) },
	{ "what has no id is not of the session with id 0", "5508-10c", STEPS(
		{ OUT(ICMP, "10.0.0.2:0", SERVER), BECOMES("203.0.113.1:0", SERVER) },
		{ IN(ICMP, "198.51.100.10", "203.0.113.1:0"),
		  BECOMES("198.51.100.10", "10.0.0.2:0") },
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.10", .icmp = MESSAGE(4, 0)),
		  DROPPED(ICMP_TYPE) },
		{ OUT(ICMP, "10.0.0.2:0", "198.51.100.10", .icmp = MESSAGE(0, 0)),
		  DROPPED(ICMP_TYPE) }),
	  .world = { .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT),
			      SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } } },
};
/* clang-format on */
ROWS(rows)

/* 200 hosts with one id, all to one server, all at once. */
PROG_TEST(two_hundred_hosts_with_one_id)
{
	static bool taken[65536];
	char internal[32], external[200][32];

	world_make(NULL);
	for (size_t i = 0; i < sizeof(taken); i++)
		taken[i] = false;
	for (int i = 0; i < 200; i++) {
		snprintf(internal, sizeof(internal), "10.0.0.%d:4660", i + 2);
		step_forget();
		step(OUT(ICMP, internal, SERVER), BECOMES("203.0.113.1:x", SERVER));
		check_note("host %d, id %u", i, step_named_port('x'));
		CHECK(!taken[step_named_port('x')]);
		taken[step_named_port('x')] = true;
		snprintf(external[i], sizeof(*external), "203.0.113.1:%u", step_named_port('x'));
	}
	CHECK(taken[4660]);
	for (int i = 0; i < 200; i++) {
		snprintf(internal, sizeof(internal), "10.0.0.%d:4660", i + 2);
		step(IN(ICMP, SERVER, external[i]), BECOMES(SERVER, internal));
	}
	step(TABLES(200, 200));
}
