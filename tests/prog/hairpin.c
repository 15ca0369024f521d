// SPDX-License-Identifier: GPL-2.0-only
/*
 * hairpin.c - from an internal host to another by its external endpoint (RFC 4787 REQ-9,
 * RFC 5382 REQ-8, RFC 5508 REQ-7): out and in again, without leaving.
 *
 * The frame counts the time to live down: what is hairpinned is forwarded on the spot.
 */
#include "steps.h"

#define GW "203.0.113.1"
#define SERVER "198.51.100.9:7"
#define OPEN                                                                                       \
	.set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT),                                    \
		 SET(FILTERING_TCP, NAT_FILTERING_INDEPENDENT) }

/* c1 is 10.0.0.2, known outside by port 5000; c2 is 10.0.0.3, by 6000. */
#define C1_SPEAKS                                                                                  \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES(GW ":5000", SERVER)                     \
	}
#define C2_TO_C1                                                                                   \
	{                                                                                          \
		LAN(UDP, "10.0.0.3:6000", GW ":5000"), BECOMES(GW ":6000", "10.0.0.2:5000")        \
	}
#define C1_TO_C2                                                                                   \
	{                                                                                          \
		LAN(UDP, "10.0.0.2:5000", GW ":6000"), BECOMES(GW ":5000", "10.0.0.3:6000")        \
	}

/* clang-format off */
static const struct row udp[] = {
	{ "with the external source, and back", "4787-9a", STEPS(
		C1_SPEAKS, C2_TO_C1, C1_TO_C2, C2_TO_C1,
		{ TABLES(2, 3) }),
	  .world = { OPEN } },
	{ "by the binding that the world sees too", "4787-9b", STEPS(
		C1_SPEAKS,
		{ OUT(UDP, "10.0.0.4:6000", SERVER), BECOMES(GW ":6000", SERVER) },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000"), BECOMES(GW ":x", "10.0.0.2:5000") },
		{ OUT(UDP, "10.0.0.3:6000", SERVER), BECOMES(GW ":x", SERVER) },
		{ LAN(UDP, "10.0.0.2:5000", GW ":x"), BECOMES(GW ":5000", "10.0.0.3:6000") }),
	  .world = { OPEN } },
	{ "the filter of the binding that it goes to is asked", "4787-9c", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000"), DROPPED(FILTERED) },
		C1_TO_C2,
		C2_TO_C1,
		{ OUT(UDP, "10.0.0.3:6001", SERVER), BECOMES(GW ":6001", SERVER) },
		{ LAN(UDP, "10.0.0.3:6001", GW ":5000"), BECOMES(GW ":6001", "10.0.0.2:5000") }) },
	{ "from a host to itself", "4787-9", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.0.0.2:5000", GW ":5000"), BECOMES(GW ":5000", "10.0.0.2:5000") },
		{ LAN(UDP, "10.0.0.2:5001", GW ":5000"), BECOMES(GW ":5001", "10.0.0.2:5000") }),
	  .world = { OPEN } },
	{ "to another address of the pool", "4787-9", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES(GW ":5000", SERVER) },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000"), BECOMES(GW ":6000", "10.0.0.2:5000") }),
	  .world = { .not_local = true, OPEN } },
	{ "what nobody has a binding for is the gateway's", "3022-2.2c", STEPS(
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000"), IGNORED },
		{ LAN(TCP, "10.0.0.3:6000", GW ":22", .flags = SYN), IGNORED },
		{ LAN(ICMP, "10.0.0.3:6000", GW), IGNORED },
		{ LAN(GRE, "10.0.0.3", GW), IGNORED },
		{ TABLES(0, 0) }) },
	{ "an echo request is the gateway's, whoever has the id", "5508-1d", STEPS(
		{ OUT(ICMP, "10.0.0.2:77", "198.51.100.9"), BECOMES(GW ":77", "198.51.100.9") },
		{ LAN(ICMP, "10.0.0.3:77", GW), IGNORED }),
	  .world = { OPEN } },
	{ "from nobody: the stack may judge", "1812-bcast", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "127.0.0.1:6000", GW ":5000"), IGNORED },
		{ LAN(UDP, "224.0.0.1:6000", GW ":5000", .ttl = 1), IGNORED },
		{ LAN(UDP, "0.0.0.0:6000", GW ":5000", .ttl = 1), IGNORED },
		{ TABLES(1, 1) }),
	  .world = { OPEN } },
	{ "from where no way leads back: the stack may judge", "4787-lan", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.98.0.3:6000", GW ":5000"), IGNORED },
		{ TABLES(1, 1) }),
	  .world = { OPEN } },
	{ "options that tell the way inside do not reach the other host", "5508-7.3", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000",
		      WITH_OPTIONS("\x07\x07\x04\0\0\0\0\1")), IGNORED },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", WITH_OPTIONS(ROUTER_ALERT)),
		  BECOMES(GW ":6000", "10.0.0.2:5000") }),
	  .world = { OPEN } },
	{ "what is not for us is not looked at", "4787-9", STEPS(
		{ LAN(UDP, "10.0.0.3:6000", SERVER), IGNORED },
		{ LAN(UDP, "10.0.0.3:6000", SERVER, .ip_csum_wrong = true), IGNORED },
		{ LAN(UDP, GW ":6000", GW ":5000"), IGNORED }) },
	{ "from a source that is not internal: the gateway's", "3022-5.1", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "192.0.2.7:6000", GW ":5000"), PASSES(NOT_INTERNAL) }),
	  .world = { .internal = "10.0.0.0/8", OPEN } },
	{ "nothing of it can be had from outside", "4787-lan", STEPS(
		C1_SPEAKS, C2_TO_C1,
		{ IN(UDP, GW ":6000", GW ":5000"), DROPPED(SPOOFED) },
		{ IN(UDP, GW ":5000", GW ":6000"), DROPPED(SPOOFED) },
		{ IN(UDP, GW ":7000", GW ":5000"), DROPPED(SPOOFED) }),
	  .world = { OPEN } },
	{ "without a place it is refused, and its sender told", "6888-11b", STEPS(
		C1_SPEAKS,
		{ OUT(UDP, "10.0.0.3:6001", SERVER), BECOMES(GW ":6001", SERVER) },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000"), DROPPED(HOST_LIMIT), ANSWERED(3, 1) }),
	  .world = { .set = { SET(PER_HOST, 1) } } },
	{ "a session ends like any other", "4787-5", STEPS(
		C1_SPEAKS, C2_TO_C1,
		{ AGE(301) }, { REAP }, { AGE(3) }, { REAP }, { AGE(400) }, { REAP },
		{ ENTRIES(0, 0) }),
	  .world = { OPEN } },
	{ "checksums that are not there stay so", "3022-4.1f", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .csum = CSUM_NONE),
		  BECOMES(GW ":6000", "10.0.0.2:5000") },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .csum = CSUM_WRONG),
		  BECOMES(GW ":6000", "10.0.0.2:5000") }),
	  .world = { OPEN } },
	{ "on an interface without link header", "4787-9", STEPS(
		/* The test run takes octets 12 and 13 for the Ethernet type. */
		{ OUT(UDP, "8.0.0.2:5000", SERVER, .no_link = true), BECOMES(GW ":5000", SERVER) },
		{ LAN(UDP, "8.0.0.3:6000", GW ":5000", .no_link = true),
		  BECOMES(GW ":6000", "8.0.0.2:5000") }),
	  .world = { .no_link = true, OPEN } },
};
/* clang-format on */
ROWS(udp)

/* clang-format off */
static const struct row router[] = {
	{ "time to live: one less, never none", "5508-7.2d", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .ttl = 2), BECOMES(GW ":6000", "10.0.0.2:5000") },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .ttl = 1), DROPPED(TTL), ANSWERED(11, 0) }),
	  .world = { OPEN } },
	{ "too big for the way to its destination", "4787-13b", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .len = 1472),
		  BECOMES(GW ":6000", "10.0.0.2:5000") },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .len = 1473),
		  DROPPED(TOO_BIG), ANSWERED(3, 4) }),
	  .world = { OPEN } },
	{ "no way to its destination", "D-failclosed", STEPS(
		{ OUT(UDP, "10.98.0.2:5000", SERVER), BECOMES(GW ":5000", SERVER) },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000"), DROPPED(NO_ROUTE) }),
	  .world = { OPEN } },
	{ "fragments follow their first one", "4787-14.1", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .id = 9, .len = 16,
		      .fragment = FIRST_FRAGMENT),
		  BECOMES(GW ":6000", "10.0.0.2:5000"), NEW_ID(0x9e37) },
		{ LAN(UDP, "10.0.0.3", GW, .id = 9, .fragment = LAST_FRAGMENT(3)),
		  BECOMES(GW, "10.0.0.2"), NEW_ID(0x9e37) },
		{ LAN(UDP, "10.0.0.3", GW, .id = 9, .ttl = 1, .fragment = LAST_FRAGMENT(3)),
		  DROPPED(TTL) },
		{ LAN(UDP, "10.0.0.3", GW, .id = 10, .fragment = LAST_FRAGMENT(3)), IGNORED, ASKS(HOLD) },
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .id = 10, .len = 16,
		      .fragment = FIRST_FRAGMENT),
		  BECOMES(GW ":6000", "10.0.0.2:5000"), NEW_ID(0x3c6e), ASKS(RELEASE) }),
	  .world = { OPEN } },
};
/* clang-format on */
ROWS(router)

/* clang-format off */
static const struct row tcp[] = {
	{ "a connection", "5382-8", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER, .flags = SYN), BECOMES(GW ":5000", SERVER) },
		{ LAN(TCP, "10.0.0.3:6000", GW ":5000", .flags = SYN, .seq = 100),
		  BECOMES(GW ":6000", "10.0.0.2:5000") },
		{ LAN(TCP, "10.0.0.2:5000", GW ":6000", .flags = SYN | ACK, .seq = 900, .ack = 101),
		  BECOMES(GW ":5000", "10.0.0.3:6000") },
		{ LAN(TCP, "10.0.0.3:6000", GW ":5000", .seq = 101, .ack = 901),
		  BECOMES(GW ":6000", "10.0.0.2:5000") },
		{ SESSION(TCP, GW ":5000", GW ":6000", ESTABLISHED) },
		{ SESSION(TCP, GW ":6000", GW ":5000", ESTABLISHED) },
		{ LAN(TCP, "10.0.0.3:6000", GW ":5000", .flags = FIN | ACK, .seq = 101, .ack = 901),
		  BECOMES(GW ":6000", "10.0.0.2:5000") },
		{ LAN(TCP, "10.0.0.2:5000", GW ":6000", .flags = FIN | ACK, .seq = 901, .ack = 102),
		  BECOMES(GW ":5000", "10.0.0.3:6000") },
		{ SESSION(TCP, GW ":5000", GW ":6000", CLOSING) },
		{ SESSION(TCP, GW ":6000", GW ":5000", CLOSING) }),
	  .world = { OPEN } },
	{ "what opens nothing does not reach the other host", "5382-5g", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER, .flags = SYN), BECOMES(GW ":5000", SERVER) },
		{ LAN(TCP, "10.0.0.3:6000", GW ":5000"), DROPPED(TCP_NO_SYN) }),
	  .world = { OPEN } },
};
/* clang-format on */
ROWS(tcp)

#define ABOUT(type, code, ...)                                                                     \
	LAN(ICMP, "10.0.0.2", GW, .icmp = MESSAGE(type, code),                                     \
	    .quote = QUOTE(UDP, GW ":6000", "10.0.0.2:5000", __VA_ARGS__))

/* clang-format off */
static const struct row errors[] = {
	{ "an error about it goes to its sender, and shows what he sent", "5508-7b", STEPS(
		C1_SPEAKS, C2_TO_C1,
		{ ABOUT(3, 3, .ttl = 63),
		  BECOMES_QUOTING(GW, "10.0.0.3", "10.0.0.3:6000", GW ":5000") },
		{ ABOUT(11, 0, .ttl = 1),
		  BECOMES_QUOTING(GW, "10.0.0.3", "10.0.0.3:6000", GW ":5000") },
		{ TABLES(2, 3) }),
	  .world = { OPEN } },
	{ "an error of an inside router too", "5508-7c", STEPS(
		C1_SPEAKS, C2_TO_C1,
		{ LAN(ICMP, "10.0.7.1", GW, .icmp = MESSAGE(3, 4), .word = 1280,
		      .quote = QUOTE(UDP, GW ":6000", "10.0.0.2:5000")),
		  BECOMES_QUOTING(GW, "10.0.0.3", "10.0.0.3:6000", GW ":5000") }),
	  .world = { OPEN } },
	{ "about tcp", "7857-12b", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER, .flags = SYN), BECOMES(GW ":5000", SERVER) },
		{ LAN(TCP, "10.0.0.3:6000", GW ":5000", .flags = SYN, .seq = 100),
		  BECOMES(GW ":6000", "10.0.0.2:5000") },
		{ LAN(ICMP, "10.0.0.2", GW, .icmp = MESSAGE(3, 3), .quoted = 8,
		      .quote = QUOTE(TCP, GW ":6000", "10.0.0.2:5000")),
		  BECOMES_QUOTING(GW, "10.0.0.3", "10.0.0.3:6000", GW ":5000") }),
	  .world = { OPEN } },
	{ "one from outside about it is forged", "4787-lan", STEPS(
		C1_SPEAKS, C2_TO_C1,
		{ IN(ICMP, "192.0.2.9", GW, .icmp = MESSAGE(3, 4), .word = 576,
		     .quote = QUOTE(UDP, GW ":6000", GW ":5000")), DROPPED(SPOOFED) },
		{ IN(ICMP, "192.0.2.9", GW, .icmp = MESSAGE(3, 3),
		     .quote = QUOTE(UDP, GW ":5000", GW ":6000")), DROPPED(SPOOFED) }),
	  .world = { OPEN } },
	{ "one that cannot be read may be the gateway's", "D-own", STEPS(
		C1_SPEAKS, C2_TO_C1,
		{ ABOUT(3, 3, .ip_csum_wrong = true), IGNORED },
		{ LAN(ICMP, "10.0.0.2", GW, .icmp = MESSAGE(3, 3), .icmp_csum_wrong = true,
		      .quote = QUOTE(UDP, GW ":6000", "10.0.0.2:5000")), IGNORED }),
	  .world = { OPEN } },
	{ "of a packet that may be fragmented it shows its sender's id", "6864-c", STEPS(
		C1_SPEAKS,
		{ LAN(UDP, "10.0.0.3:6000", GW ":5000", .id = 99, .fragment = MAY_FRAGMENT),
		  BECOMES(GW ":6000", "10.0.0.2:5000"), NEW_ID(0x9e37) },
		{ ABOUT(3, 3, .id = 0x9e37, .fragment = MAY_FRAGMENT),
		  BECOMES_QUOTING(GW, "10.0.0.3", "10.0.0.3:6000", GW ":5000"),
		  .quote_id = 99 }),
	  .world = { OPEN } },
	{ "an error about the gateway's own packet is the gateway's", "D-own", STEPS(
		C1_SPEAKS,
		{ LAN(ICMP, "10.0.0.2", GW, .icmp = MESSAGE(3, 3),
		      .quote = QUOTE(UDP, GW ":4000", "10.0.0.2:53")), IGNORED }),
	  .world = { OPEN } },
};
/* clang-format on */
ROWS(errors)
