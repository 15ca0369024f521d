// SPDX-License-Identifier: GPL-2.0-only
/*
 * host.c - the gateway's own traffic: told apart from that of internal hosts, never cut.
 *
 * It is translated like that of an internal host whose address is the external one: the
 * port is kept when it is free, so that nothing is left to translate, and changed when
 * an internal host holds it.
 */
#include "steps.h"

#define GW "203.0.113.1"

/* clang-format off */
static const struct row rows[] = {
	{ "keeps its port, and claims it", "3022-2.2b", STEPS(
		{ OUT(UDP, GW ":40000", "198.51.100.9:53"), PASSES(HOST_OUT) },
		{ CLAIMED(UDP, GW ":40000") },
		{ IN(UDP, "198.51.100.9:53", GW ":40000"), PASSES(HOST_IN) }) },
	{ "an internal host does not get the port it uses", "3022-2.2b", STEPS(
		{ OUT(UDP, GW ":40000", "198.51.100.9:53"), PASSES(HOST_OUT) },
		{ OUT(UDP, "10.0.0.2:40000", "198.51.100.9:53"),
		  BECOMES(GW ":x", "198.51.100.9:53") },
		{ IN(UDP, "198.51.100.9:53", GW ":40000"), PASSES(HOST_IN) },
		{ IN(UDP, "198.51.100.9:53", GW ":x"),
		  BECOMES("198.51.100.9:53", "10.0.0.2:40000") }) },
	{ "gets another when an internal host holds it", "3022-2.2b", STEPS(
		{ OUT(UDP, "10.0.0.2:40000", "198.51.100.9:53"),
		  BECOMES(GW ":40000", "198.51.100.9:53") },
		{ OUT(UDP, GW ":40000", "198.51.100.9:53"), BECOMES(GW ":x", "198.51.100.9:53") },
		{ IN(UDP, "198.51.100.9:53", GW ":x"), BECOMES("198.51.100.9:53", GW ":40000"),
		  .lane = LANE_TC },
		{ IN(UDP, "198.51.100.9:53", GW ":40000"),
		  BECOMES("198.51.100.9:53", "10.0.0.2:40000") }) },
	{ "likewise for tcp", "3022-2.2b", STEPS(
		{ OUT(TCP, "10.0.0.2:40000", "198.51.100.9:80", .flags = SYN),
		  BECOMES(GW ":40000", "198.51.100.9:80") },
		{ OUT(TCP, GW ":40000", "198.51.100.9:80", .flags = SYN),
		  BECOMES(GW ":x", "198.51.100.9:80") },
		{ IN(TCP, "198.51.100.9:80", GW ":x", .flags = SYN | ACK, .ack = 1),
		  BECOMES("198.51.100.9:80", GW ":40000"), .lane = LANE_TC },
		{ OUT(TCP, GW ":40000", "198.51.100.9:80", .seq = 1, .ack = 1),
		  BECOMES(GW ":x", "198.51.100.9:80") }) },
	{ "likewise for ping", "3022-2.2b", STEPS(
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9"), BECOMES(GW ":7", "198.51.100.9") },
		{ OUT(ICMP, GW ":7", "198.51.100.9"), BECOMES(GW ":x", "198.51.100.9") },
		{ IN(ICMP, "198.51.100.9", GW ":x"), BECOMES("198.51.100.9", GW ":7") },
		{ IN(ICMP, "198.51.100.9", GW ":7"), BECOMES("198.51.100.9", "10.0.0.2:7") }) },
	{ "a connection that was open before attach goes on", "D-own", STEPS(
		{ OUT(TCP, GW ":40000", "198.51.100.9:80", .flags = ACK, .seq = 77, .ack = 88),
		  PASSES(HOST_OUT) },
		{ CLAIMED(TCP, GW ":40000") },
		{ IN(TCP, "198.51.100.9:80", GW ":40000", .flags = ACK, .seq = 88, .ack = 77),
		  PASSES(HOST_IN) }) },
	{ "an answer of a server keeps its port", "3022-2.2c", STEPS(
		{ IN(TCP, "198.51.100.9:4000", GW ":22", .flags = SYN), PASSES(HOST_IN) },
		{ OUT(TCP, GW ":22", "198.51.100.9:4000", .flags = SYN | ACK, .ack = 1),
		  PASSES(HOST_OUT) },
		{ IN(TCP, "198.51.100.9:4000", GW ":22", .flags = ACK, .ack = 1), PASSES(HOST_IN) },
		{ IN(TCP, "198.51.100.77:4000", GW ":22", .flags = SYN), PASSES(HOST_IN) }) },
	{ "is never filtered", "D-own", STEPS(
		{ OUT(UDP, GW ":40000", "198.51.100.9:53"), PASSES(HOST_OUT) },
		{ IN(UDP, "198.51.100.77:9", GW ":40000"), PASSES(HOST_IN) } ),
	  .world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_ADDRESS_PORT) } } },
	{ "is not filtered where its port was changed either", "D-own", STEPS(
		{ OUT(UDP, "10.0.0.2:40000", "198.51.100.9:53"),
		  BECOMES(GW ":40000", "198.51.100.9:53") },
		{ OUT(UDP, GW ":40000", "198.51.100.9:53"), BECOMES(GW ":x", "198.51.100.9:53") },
		{ IN(UDP, "198.51.100.77:9", GW ":x"), BECOMES("198.51.100.77:9", GW ":40000") }) },
	{ "other protocols, broadcast and dhcp pass", "D-own", STEPS(
		{ OUT(GRE, GW, "198.51.100.9"), PASSES(HOST_OUT) },
		{ OUT(ESP, GW, "198.51.100.9"), PASSES(HOST_OUT) },
		{ OUT(IGMP, GW, "224.0.0.22"), PASSES(HOST_OUT) },
		{ OUT(UDP, GW ":138", "255.255.255.255:138"), PASSES(HOST_OUT) },
		{ OUT(UDP, "0.0.0.0:68", "255.255.255.255:67"), PASSES(HOST_OUT) },
		{ OUT(ICMP, GW, "198.51.100.9:9", .icmp = MESSAGE(0, 0)), PASSES(HOST_OUT) },
		{ TABLES(0, 0) }) },
	{ "from an address that is not in the pool", "D-own", STEPS(
		{ OUT(UDP, "192.0.2.200:5000", "198.51.100.9:53"), PASSES(HOST_OUT) },
		{ OUT(TCP, "192.0.2.200:5000", "198.51.100.9:80"), PASSES(HOST_OUT) },
		{ TABLES(0, 0) }),
	  .world = { .outside = "192.0.2.200" } },
	{ "its later fragments pass", "D-own", STEPS(
		{ OUT(UDP, GW ":5000", "198.51.100.9:53", .pokes = { { 6, 2, 0x2003 } }),
		  PASSES(HOST_FRAGMENT) },
		{ OUT(UDP, GW ":5000", "198.51.100.9:53", .pokes = { { 6, 2, 0x0010 } }),
		  PASSES(HOST_FRAGMENT) }) },
	{ "its resets pass and bind nothing", "D-own", STEPS(
		{ OUT(TCP, GW ":5000", "198.51.100.9:80", .flags = RST), PASSES(HOST_OUT) },
		{ TABLES(0, 0) }) },
	{ "is exempt from the limit per host", "6888-4", STEPS(
		{ OUT(UDP, GW ":5000", "198.51.100.9:53"), PASSES(HOST_OUT) },
		{ OUT(UDP, GW ":5001", "198.51.100.9:53"), PASSES(HOST_OUT) },
		{ OUT(UDP, GW ":5002", "198.51.100.9:53"), PASSES(HOST_OUT) },
		{ TABLES(3, 0) }),
	  .world = { .set = { SET(PER_HOST, 1) } } },
	{ "is exempt from the limit of sessions", "6888-4", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"),
		  BECOMES(GW ":5000", "198.51.100.9:53") },
		{ OUT(UDP, GW ":5000", "198.51.100.9:53"), BECOMES(GW ":x", "198.51.100.9:53") },
		{ OUT(UDP, "10.0.0.3:5002", "198.51.100.9:53"), DROPPED(SESSION_LIMIT) }),
	  .world = { .set = { SET(MAX_SESSIONS, 1) } } },
	{ "its port is free again after it has been idle", "D-leakports", STEPS(
		{ OUT(UDP, GW ":40000", "198.51.100.9:53"), PASSES(HOST_OUT) },
		{ AGE(303) }, { REAP }, { AGE(123) }, { REAP },
		{ ENTRIES(0, 0) }, { FREE(UDP, GW ":40000") },
		{ OUT(UDP, "10.0.0.2:40000", "198.51.100.9:53"),
		  BECOMES(GW ":40000", "198.51.100.9:53") }) },
	{ "excluded destinations are excluded for it too", "6888-6", STEPS(
		{ OUT(UDP, GW ":40000", "198.51.100.9:53"), PASSES(EXCLUDED) }, { TABLES(0, 0) }),
	  .world = { .exclude = "198.51.100.0/24" } },
};
/* clang-format on */
ROWS(rows)
