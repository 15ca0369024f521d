// SPDX-License-Identifier: GPL-2.0-only
/*
 * spoofed.c - what comes from outside with a source that cannot be there (RFC 1812 section
 * 5.3.8) reaches no internal host and makes no state.
 */
#include "steps.h"

#define GW "203.0.113.1"
#define OPEN                                                                                       \
	.set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT),                                    \
		 SET(FILTERING_TCP, NAT_FILTERING_INDEPENDENT) }
#define SPOKEN                                                                                     \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"), BECOMES(GW ":5000", "198.51.100.9:7") \
	}
#define SPOKEN_TCP                                                                                 \
	{                                                                                          \
		OUT(TCP, "10.0.0.2:5000", "198.51.100.9:7", .flags = SYN),                         \
			BECOMES(GW ":5000", "198.51.100.9:7")                                      \
	}

/* clang-format off */
static const struct row rows[] = {
	{ "an external address as the source", "4787-lan", STEPS(
		SPOKEN, SPOKEN_TCP,
		{ IN(UDP, GW ":7", GW ":5000"), DROPPED(SPOOFED) },
		{ IN(UDP, "192.0.2.200:7", GW ":5000"), DROPPED(SPOOFED) },
		{ IN(TCP, GW ":7", GW ":5000", .flags = SYN), DROPPED(SPOOFED) },
		{ TABLES(2, 2) }),
	  .world = { .outside = "192.0.2.200", OPEN } },
	{ "a source that nobody can have", "4787-lan", STEPS(
		SPOKEN, SPOKEN_TCP,
		{ IN(UDP, "127.0.0.1:7", GW ":5000"), DROPPED(SPOOFED) },
		{ IN(UDP, "0.0.0.0:7", GW ":5000"), DROPPED(SPOOFED) },
		{ IN(UDP, "224.0.0.5:7", GW ":5000"), DROPPED(SPOOFED) },
		{ IN(UDP, "255.255.255.255:7", GW ":5000"), DROPPED(SPOOFED) },
		{ IN(TCP, "241.0.0.1:7", GW ":5000", .flags = SYN), DROPPED(SPOOFED) },
		{ TABLES(2, 2) }),
	  .world = { OPEN } },
	{ "all the others may come", "4787-8a", STEPS(
		SPOKEN,
		{ IN(UDP, "192.0.2.1:7", GW ":5000"), BECOMES("192.0.2.1:7", "10.0.0.2:5000") },
		{ TABLES(1, 2) }),
	  .world = { OPEN } },
};
/* clang-format on */
ROWS(rows)
