// SPDX-License-Identifier: GPL-2.0-only
/*
 * switches.c - what an operator may have otherwise than natctl would: inbound packets that
 * refresh (RFC 4787 REQ-6), errors whose quoted header is damaged (RFC 5508 REQ-3).
 */
#include "steps.h"

#define GW "203.0.113.1"
#define HOP "192.0.2.9"
#define SERVER "198.51.100.9"
#define REFRESH .set = { SET(INBOUND_REFRESH, 1) }

#define SPOKEN                                                                                     \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7")           \
	}
#define ANSWER                                                                                     \
	{                                                                                          \
		IN(UDP, SERVER ":7", GW ":5000"), BECOMES(SERVER ":7", "10.0.0.2:5000")            \
	}

/* clang-format off */
static const struct row refresh[] = {
	{ "inbound packets keep a session and its binding", "4787-6a", STEPS(
		SPOKEN, { AGE(200) }, ANSWER, { AGE(200) }, ANSWER, { AGE(200) }, ANSWER,
		{ TABLES(1, 1) }, { AGE(301) }, { TABLES(0, 0) }),
	  .world = { REFRESH } },
	{ "not those that the filter refuses", "7857-7", STEPS(
		SPOKEN, { AGE(200) },
		{ IN(UDP, "198.51.100.10:7", GW ":5000"), DROPPED(FILTERED) },
		{ AGE(100) }, { TABLES(0, 0) }),
	  .world = { REFRESH } },
	{ "nor icmp errors", "5508-6b", STEPS(
		SPOKEN, { AGE(200) },
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(3, 1),
		     .quote = QUOTE(UDP, GW ":5000", SERVER ":7")),
		  BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", SERVER ":7") },
		{ AGE(100) }, { TABLES(0, 0) }),
	  .world = { REFRESH } },
	{ "switched on while it runs, obeyed by the next packet", "4787-6a", STEPS(
		SPOKEN, { AGE(200) }, ANSWER, { NOW_SET(INBOUND_REFRESH, 1) }, ANSWER,
		{ AGE(200) }, { TABLES(1, 1) }, { NOW_SET(INBOUND_REFRESH, 0) }, ANSWER,
		{ AGE(100) }, { TABLES(0, 0) }) },
};
/* clang-format on */
ROWS(refresh)

/* clang-format off */
static const struct row quotes[] = {
	{ "a damaged header in the quote passes and stays damaged", "5508-3a", STEPS(
		SPOKEN,
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(3, 1),
		     .quote = QUOTE(UDP, GW ":5000", SERVER ":7", .ip_csum_wrong = true)),
		  BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", SERVER ":7") },
		{ OUT(ICMP, "10.0.0.2", SERVER, .icmp = MESSAGE(3, 3),
		      .quote = QUOTE(UDP, SERVER ":7", "10.0.0.2:5000", .ip_csum_wrong = true)),
		  BECOMES_QUOTING(GW, SERVER, SERVER ":7", GW ":5000") }),
	  .world = { .set = { SET(QUOTE_CHECK, 0) } } },
};
/* clang-format on */
ROWS(quotes)
