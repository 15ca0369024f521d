// SPDX-License-Identifier: GPL-2.0-only
/*
 * protocol.c - protocols without ports: translated by address, for one internal host and
 * remote at a time (RFC 3022 section 2.2), else dropped; never sent as they came.
 */
#include "steps.h"
#include "table.h"

#define GW "203.0.113.1"
#define SERVER "198.51.100.9"

/* clang-format off */
static const struct row rows[] = {
	{ "gre goes out and comes back", "3022-2.2d", STEPS(
		{ OUT(GRE, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ IN(GRE, SERVER, GW), BECOMES(SERVER, "10.0.0.2"), .lane = LANE_XDP },
		{ OUT(GRE, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ TABLES(1, 1) }) },
	{ "esp and sctp, each for itself", "3022-2.2d", STEPS(
		{ OUT(ESP, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ OUT(SCTP, "10.0.0.3", SERVER), BECOMES(GW, SERVER) },
		{ IN(ESP, SERVER, GW), BECOMES(SERVER, "10.0.0.2") },
		{ IN(SCTP, SERVER, GW), BECOMES(SERVER, "10.0.0.3") },
		{ TABLES(2, 2) }) },
	{ "two hosts to two remotes", "3022-2.2d", STEPS(
		{ OUT(ESP, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ OUT(ESP, "10.0.0.3", "198.51.100.10"), BECOMES(GW, "198.51.100.10") },
		{ IN(ESP, SERVER, GW), BECOMES(SERVER, "10.0.0.2") },
		{ IN(ESP, "198.51.100.10", GW), BECOMES("198.51.100.10", "10.0.0.3") }) },
	{ "two hosts to one remote: the second is refused", "3022-2.2d", STEPS(
		{ OUT(ESP, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ OUT(ESP, "10.0.0.3", SERVER), DROPPED(AMBIGUOUS), ANSWERED(3, 1) },
		{ IN(ESP, SERVER, GW), BECOMES(SERVER, "10.0.0.2") },
		/* Until the first has gone and its rest is over. */
		{ AGE(303) }, { REAP }, { AGE(2) }, { REAP },
		{ OUT(ESP, "10.0.0.3", SERVER), DROPPED(AMBIGUOUS), ANSWERED(3, 1) },
		{ AGE(123) }, { REAP }, { ENTRIES(0, 0) },
		{ OUT(ESP, "10.0.0.3", SERVER), BECOMES(GW, SERVER) }) },
	{ "nobody else may send to it", "4787-8", STEPS(
		{ OUT(GRE, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ IN(GRE, "198.51.100.10", GW), PASSES(HOST_IN) },
		{ IN(ESP, SERVER, GW), PASSES(HOST_IN) }),
	  .world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } } },
	{ "inbound packets do not keep it", "4787-6a", STEPS(
		{ OUT(GRE, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ AGE(200) },
		{ IN(GRE, SERVER, GW), BECOMES(SERVER, "10.0.0.2") },
		{ AGE(101) },
		{ IN(GRE, SERVER, GW), PASSES(HOST_IN) }) },
	{ "udp-lite has a checksum that covers the addresses", "3022-4.1e", STEPS(
		{ OUT(UDPLITE, "10.0.0.2:7", SERVER ":8"), BECOMES(GW ":7", SERVER ":8") },
		{ IN(UDPLITE, SERVER ":8", GW ":7"), BECOMES(SERVER ":8", "10.0.0.2:7") } ) },
	{ "fragments of them follow too", "4787-14.1", STEPS(
		{ OUT(GRE, "10.0.0.2", SERVER, .fragment = FIRST_FRAGMENT, .len = 24),
		  BECOMES(GW, SERVER), NEW_ID(0x9e37) },
		{ OUT(GRE, "10.0.0.2", SERVER, .fragment = LAST_FRAGMENT(3)),
		  BECOMES(GW, SERVER), NEW_ID(0x9e37) },
		{ OUT(GRE, "10.0.0.2", SERVER, .id = 9, .fragment = LAST_FRAGMENT(3)), EARLY }) },
	{ "the gateway's own claims its remote", "D-own", STEPS(
		{ OUT(ESP, GW, SERVER), PASSES(HOST_OUT) },
		{ IN(ESP, SERVER, GW), PASSES(HOST_IN) },
		{ OUT(ESP, "10.0.0.2", SERVER), DROPPED(AMBIGUOUS), ANSWERED(3, 1) },
		{ OUT(ESP, "10.0.0.2", "198.51.100.10"), BECOMES(GW, "198.51.100.10") },
		{ TABLES(2, 1) }) },
	{ "and keeps it as long as the remote speaks", "D-own", STEPS(
		{ OUT(ESP, GW, SERVER), PASSES(HOST_OUT) },
		{ AGE(200) },
		{ IN(ESP, SERVER, GW), PASSES(HOST_IN) },
		{ AGE(200) },
		{ OUT(ESP, "10.0.0.2", SERVER), DROPPED(AMBIGUOUS), ANSWERED(3, 1) },
		{ AGE(101) }, { REAP }, { AGE(3) }, { REAP }, { AGE(3) }, { REAP },
		{ OUT(ESP, "10.0.0.2", SERVER), BECOMES(GW, SERVER) }) },
	{ "a udp-lite header that is not whole", "1812-chk", STEPS(
		{ OUT(UDPLITE, "10.0.0.2:7", SERVER ":8"), BECOMES(GW ":7", SERVER ":8") },
		{ IN(UDPLITE, SERVER ":8", GW ":7", .pokes = { { 2, 2, 27 } }), DROPPED(TRUNCATED) } ) },
	{ "errors about them, both ways", "E-1", STEPS(
		{ OUT(GRE, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ IN(ICMP, "192.0.2.9", GW, .icmp = MESSAGE(3, 4), .word = 1400,
		     .quote = QUOTE(GRE, GW, SERVER)),
		  BECOMES_QUOTING("192.0.2.9", "10.0.0.2", "10.0.0.2", SERVER) },
		{ OUT(ICMP, "10.0.0.7", SERVER, .icmp = MESSAGE(11, 0),
		      .quote = QUOTE(GRE, SERVER, "10.0.0.2")),
		  BECOMES_QUOTING(GW, SERVER, SERVER, GW) },
		{ IN(ICMP, "192.0.2.9", GW, .icmp = MESSAGE(3, 4),
		     .quote = QUOTE(GRE, GW, "198.51.100.10")), PASSES(HOST_IN) }) },
	{ "with dependent mapping nothing is different", "4787-1", STEPS(
		{ OUT(GRE, "10.0.0.2", SERVER), BECOMES(GW, SERVER) },
		{ IN(GRE, SERVER, GW), BECOMES(SERVER, "10.0.0.2") },
		{ OUT(GRE, "10.0.0.3", SERVER), DROPPED(AMBIGUOUS), ANSWERED(3, 1) }),
	  .world = { .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT) } } },
};
/* clang-format on */
ROWS(rows)
