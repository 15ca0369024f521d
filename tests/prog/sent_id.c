// SPDX-License-Identifier: GPL-2.0-only
/*
 * sent_id.c - an ICMP error shows the IP id that the internal host had sent, although another
 * went out (RFC 6864 section 5.3.1), and finds the sender of a fragment that has no ports.
 */
#include "steps.h"

#define GW "203.0.113.1"
#define SERVER "198.51.100.9"
#define HOP "192.0.2.9"
#define ERROR(type, code, ...)                                                                     \
	IN(ICMP, HOP, GW, .icmp = MESSAGE(type, code) __VA_OPT__(, ) __VA_ARGS__)
#define SENT(...) QUOTE(UDP, GW ":5000", SERVER ":7" __VA_OPT__(, ) __VA_ARGS__)
#define RETURNS BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", SERVER ":7")

/* A fresh gateway gives 0, then 0x9e37. */
#define NEXT_ID 0x9e37

/* clang-format off */
static const struct row rows[] = {
	{ "of a datagram that may be fragmented", "6864-c", STEPS(
		{ OUT(UDP, "10.0.0.3:6000", SERVER ":7", .fragment = MAY_FRAGMENT),
		  BECOMES(GW ":6000", SERVER ":7"), NEW_ID(0) },
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 99, .fragment = MAY_FRAGMENT),
		  BECOMES(GW ":5000", SERVER ":7"), NEW_ID(NEXT_ID) },
		{ ERROR(11, 0, .quote = SENT(.id = NEXT_ID, .fragment = MAY_FRAGMENT)),
		  RETURNS, .quote_id = 99 },
		/* Not one of ours: as it came. */
		{ ERROR(11, 0, .quote = SENT(.id = 4711, .fragment = MAY_FRAGMENT)), RETURNS },
		{ ERROR(11, 0, .quote = SENT(.id = NEXT_ID)), RETURNS }) },
	{ "of a first fragment", "6864-c", STEPS(
		{ OUT(UDP, "10.0.0.3:6000", SERVER ":7", .fragment = MAY_FRAGMENT),
		  BECOMES(GW ":6000", SERVER ":7"), NEW_ID(0) },
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 99, .len = 16,
		      .fragment = FIRST_FRAGMENT),
		  BECOMES(GW ":5000", SERVER ":7"), NEW_ID(NEXT_ID) },
		{ ERROR(11, 1, .quote = SENT(.id = NEXT_ID, .len = 16, .fragment = FIRST_FRAGMENT)),
		  RETURNS, .quote_id = 99 }) },
	{ "of a later one, which has no ports", "E-7", STEPS(
		{ OUT(UDP, "10.0.0.3:6000", SERVER ":7", .fragment = MAY_FRAGMENT),
		  BECOMES(GW ":6000", SERVER ":7"), NEW_ID(0) },
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 99, .len = 16,
		      .fragment = FIRST_FRAGMENT),
		  BECOMES(GW ":5000", SERVER ":7"), NEW_ID(NEXT_ID) },
		{ ERROR(3, 4, .word = 1280,
			.quote = QUOTE(UDP, GW, SERVER, .id = NEXT_ID, .fragment = LAST_FRAGMENT(3))),
		  BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2", SERVER), .quote_id = 99 },
		{ ERROR(3, 4, .word = 1280,
			.quote = QUOTE(UDP, GW, SERVER, .id = 4711, .fragment = LAST_FRAGMENT(3))),
		  DROPPED(ICMP_QUOTE) },
		/* To another remote, it is another datagram. */
		{ ERROR(3, 4, .word = 1280,
			.quote = QUOTE(UDP, GW, "198.51.100.10", .id = NEXT_ID,
				       .fragment = LAST_FRAGMENT(3))),
		  DROPPED(ICMP_QUOTE) }) },
};
/* clang-format on */
ROWS(rows)
