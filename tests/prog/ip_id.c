// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip_id.c - a datagram that is or may become fragments leaves with an IP id of the gateway's,
 * and who sent it sees his own again in the errors that quote it (RFC 6864 section 5.3.1).
 *
 * A fresh gateway gives 0x9e37 first, and as much more to every further datagram.
 */
#include "steps.h"

#define GW "203.0.113.1"
#define HOP "192.0.2.9"
#define SERVER "198.51.100.9"

#define LEAVES BECOMES(GW ":5000", SERVER ":7")
#define FIRST(...) OUT(UDP, "10.0.0.2:5000", SERVER ":7", .fragment = FIRST_FRAGMENT, __VA_ARGS__)
#define ERROR(type, code, ...)                                                                     \
	IN(ICMP, HOP, GW, .icmp = MESSAGE(type, code),                                             \
	   .quote = QUOTE(UDP, GW ":5000", SERVER ":7", __VA_ARGS__))
#define RETURNS BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", SERVER ":7")

/* clang-format off */
static const struct row rows[] = {
	{ "an error about a first fragment shows its sender's id", "6864-c", STEPS(
		{ FIRST(.id = 700, .len = 16), LEAVES, NEW_ID(0x9e37) },
		{ ERROR(11, 1, .id = ID(0x9e37), .fragment = FIRST_FRAGMENT, .len = 16), RETURNS,
		  .quote_id = 700 },
		/* As it looks from further on: a router may quote it whole or in part. */
		{ ERROR(11, 1, .id = ID(0x9e37), .fragment = FIRST_FRAGMENT, .len = 400), RETURNS,
		  .quote_id = 700 }) },
	{ "an error about what was cut up on its way does, too", "6864-c", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 99, .fragment = MAY_FRAGMENT),
		  LEAVES, NEW_ID(0x9e37) },
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 100, .fragment = MAY_FRAGMENT),
		  LEAVES, NEW_ID(0x3c6e) },
		{ ERROR(11, 0, .id = ID(0x3c6e), .fragment = MAY_FRAGMENT), RETURNS,
		  .quote_id = 100 },
		{ ERROR(11, 1, .id = ID(0x9e37), .fragment = FIRST_FRAGMENT, .len = 16), RETURNS,
		  .quote_id = 99 }) },
	{ "an id that is the sender's own stays in the quote", "6864-c", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 99), LEAVES },
		{ ERROR(3, 4, .id = 99), RETURNS },
		{ ERROR(3, 3, .id = ID(0)), RETURNS }) },
	{ "two hosts with one id see it both", "6864-c", STEPS(
		{ FIRST(.id = 7, .len = 16), LEAVES, NEW_ID(0x9e37) },
		{ OUT(UDP, "10.0.0.3:6000", SERVER ":7", .id = 7, .fragment = FIRST_FRAGMENT),
		  BECOMES(GW ":6000", SERVER ":7"), NEW_ID(0x3c6e) },
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(11, 1),
		     .quote = QUOTE(UDP, GW ":6000", SERVER ":7", .id = ID(0x3c6e),
				    .fragment = FIRST_FRAGMENT)),
		  BECOMES_QUOTING(HOP, "10.0.0.3", "10.0.0.3:6000", SERVER ":7"),
		  .quote_id = 7 },
		{ ERROR(11, 1, .id = ID(0x9e37), .fragment = FIRST_FRAGMENT, .len = 16), RETURNS,
		  .quote_id = 7 }) },
	{ "of a later fragment, which has no ports, the sender is found too", "E-7", STEPS(
		{ FIRST(.id = 99, .len = 16), LEAVES, NEW_ID(0x9e37) },
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(3, 4), .word = 1280,
		     .quote = QUOTE(UDP, GW, SERVER, .id = 0x9e37, .fragment = LAST_FRAGMENT(3))),
		  BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2", SERVER), .quote_id = 99 },
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(3, 4), .word = 1280,
		     .quote = QUOTE(UDP, GW, SERVER, .id = 4711, .fragment = LAST_FRAGMENT(3))),
		  DROPPED(ICMP_QUOTE) },
		/* To another remote it is another datagram. */
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(3, 4), .word = 1280,
		     .quote = QUOTE(UDP, GW, "198.51.100.10", .id = 0x9e37,
				    .fragment = LAST_FRAGMENT(3))),
		  DROPPED(ICMP_QUOTE) }) },
};
/* clang-format on */
ROWS(rows)
