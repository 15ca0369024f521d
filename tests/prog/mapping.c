// SPDX-License-Identifier: GPL-2.0-only
/*
 * mapping.c - mapping that depends on the remote endpoint (RFC 4787 section 4.1): every
 * remote endpoint has a binding of its own, which nobody else can use.
 */
#include "steps.h"

#define GW "203.0.113.1"
#define DEPENDENT .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT) }
#define OPEN_UDP                                                                                   \
	.set = { SET(MAPPING, NAT_MAPPING_DEPENDENT),                                              \
		 SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT),                                    \
		 SET(FILTERING_TCP, NAT_FILTERING_INDEPENDENT) }
#define SPOKEN                                                                                     \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", "198.51.100.9:80"),                                      \
			BECOMES(GW ":5000", "198.51.100.9:80")                                     \
	}
#define GONE                                                                                       \
	{ AGE(400) }, { REAP }, { AGE(400) }, { REAP },                                            \
	{                                                                                          \
		ENTRIES(0, 0)                                                                      \
	}

/* clang-format off */
static const struct row rows[] = {
	{ "the filter says who else may use a binding", "4787-8", STEPS(
		SPOKEN,
		{ IN(UDP, "198.51.100.10:80", GW ":5000"), DROPPED(FILTERED) },
		{ IN(UDP, "198.51.100.9:81", GW ":5000"),
		  BECOMES("198.51.100.9:81", "10.0.0.2:5000") },
		{ NOW_SET(FILTERING_UDP, NAT_FILTERING_ADDRESS_PORT) },
		{ IN(UDP, "198.51.100.9:82", GW ":5000"), DROPPED(FILTERED) },
		{ IN(UDP, "198.51.100.9:80", GW ":5000"),
		  BECOMES("198.51.100.9:80", "10.0.0.2:5000") },
		{ TABLES(1, 2) }, GONE),
	  .world = { DEPENDENT } },
	{ "a guest is answered by the endpoint it came to", "4787-1", STEPS(
		SPOKEN,
		{ IN(UDP, "198.51.100.10:80", GW ":5000"),
		  BECOMES("198.51.100.10:80", "10.0.0.2:5000") },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:80"),
		  BECOMES(GW ":5000", "198.51.100.10:80") },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:81"),
		  BECOMES(GW ":x", "198.51.100.10:81") },
		{ OUT(ICMP, "10.0.0.2", "198.51.100.10", .icmp = MESSAGE(3, 3),
		      .quote = QUOTE(UDP, "198.51.100.10:80", "10.0.0.2:5000")),
		  BECOMES_QUOTING(GW, "198.51.100.10", "198.51.100.10:80", GW ":5000") },
		{ TABLES(2, 3) }, GONE),
	  .world = { OPEN_UDP } },
	{ "a guest's connection too", "5382-2", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN),
		  BECOMES(GW ":5000", "198.51.100.9:80") },
		{ IN(TCP, "198.51.100.10:81", GW ":5000", .flags = SYN),
		  BECOMES("198.51.100.10:81", "10.0.0.2:5000") },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.10:81", .flags = SYN | ACK, .ack = 1),
		  BECOMES(GW ":5000", "198.51.100.10:81") },
		{ IN(TCP, "198.51.100.10:81", GW ":5000", .seq = 1, .ack = 1),
		  BECOMES("198.51.100.10:81", "10.0.0.2:5000") },
		{ SESSION(TCP, GW ":5000", "198.51.100.10:81", ESTABLISHED) },
		{ AGE(7500) }, { REAP }, { AGE(400) }, { REAP }, { ENTRIES(0, 0) }),
	  .world = { OPEN_UDP } },
	{ "a guest that has gone is forgotten", "4787-1", STEPS(
		SPOKEN,
		{ IN(UDP, "198.51.100.10:80", GW ":5000"),
		  BECOMES("198.51.100.10:80", "10.0.0.2:5000") },
		{ AGE(301) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:80"),
		  BECOMES(GW ":x", "198.51.100.10:80") }),
	  .world = { OPEN_UDP } },
	{ "another port of the remote gets another external port", "4787-1", STEPS(
		SPOKEN,
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:81"),
		  BECOMES(GW ":x", "198.51.100.9:81") },
		{ IN(UDP, "198.51.100.9:81", GW ":x"),
		  BECOMES("198.51.100.9:81", "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.9:81", GW ":5000"), DROPPED(FILTERED) },
		{ IN(UDP, "198.51.100.9:80", GW ":x"), DROPPED(FILTERED) },
		{ TABLES(2, 2) }, GONE),
	  .world = { .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT),
			      SET(FILTERING_UDP, NAT_FILTERING_ADDRESS_PORT) } } },
	{ "a reset to another port of the remote is not let in", "4787-1", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN),
		  BECOMES(GW ":5000", "198.51.100.9:80") },
		{ IN(TCP, "198.51.100.9:81", GW ":5000", .flags = RST), DROPPED(TCP_NO_SYN) }),
	  .world = { DEPENDENT } },
	{ "an error about a flow finds its binding", "5508-4", STEPS(
		SPOKEN,
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:81"),
		  BECOMES(GW ":x", "198.51.100.9:81") },
		{ IN(ICMP, "192.0.2.9", GW, .icmp = MESSAGE(3, 3),
		      .quote = QUOTE(UDP, GW ":x", "198.51.100.9:81")),
		  BECOMES_QUOTING("192.0.2.9", "10.0.0.2", "10.0.0.2:5000", "198.51.100.9:81") },
		{ OUT(ICMP, "10.0.0.2", "198.51.100.9", .icmp = MESSAGE(3, 3),
		      .quote = QUOTE(UDP, "198.51.100.9:81", "10.0.0.2:5000")),
		  BECOMES_QUOTING(GW, "198.51.100.9", "198.51.100.9:81", GW ":x") }),
	  .world = { DEPENDENT } },
	{ "a binding of the other kind is used and counted as what it is", "D-leakports", STEPS(
		SPOKEN,
		{ NOW_SET(MAPPING, NAT_MAPPING_DEPENDENT) },
		{ IN(UDP, "198.51.100.9:81", GW ":5000"),
		  BECOMES("198.51.100.9:81", "10.0.0.2:5000") },
		{ TABLES(1, 2) }, GONE) },
};
/* clang-format on */
ROWS(rows)
