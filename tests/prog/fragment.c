// SPDX-License-Identifier: GPL-2.0-only
/*
 * fragment.c - the fragments of a datagram are translated alike (RFC 4787 REQ-14).
 *
 * The first has the ports, the others follow it by source, protocol and IP id. Outbound,
 * the datagram gets an id of its own: the first one that a fresh gateway sends gets 0x9e37, and
 * every further one as much more. A source has 64 slots for each protocol, by id modulo 64.
 *
 * Offsets are in units of eight octets. XDP leaves all fragments to TC.
 */
#include <stdio.h>
#include <string.h>

#include "steps.h"
#include "table.h"

#define GW "203.0.113.1"
#define SERVER "198.51.100.9"

#define FIRST_ID NEW_ID(0x9e37)
#define SECOND_ID NEW_ID(0x3c6e)
#define THIRD_ID NEW_ID(0xdaa5)

/* Of datagrams of 10.0.0.2 and others to one server; all but the last are 24 octets long. */
#define FIRST_OF(host, ...)                                                                        \
	OUT(UDP, host ":5000", SERVER ":7", .fragment = FIRST_FRAGMENT,                            \
	    .len = 16 __VA_OPT__(, ) __VA_ARGS__)
#define LATER_OF(host, offset, ...)                                                                \
	OUT(UDP, host, SERVER, .fragment = LATER_FRAGMENT(offset),                                 \
	    .len = 24 __VA_OPT__(, ) __VA_ARGS__)
#define LAST_OF(host, offset, ...)                                                                 \
	OUT(UDP, host, SERVER, .fragment = LAST_FRAGMENT(offset) __VA_OPT__(, ) __VA_ARGS__)
#define LEAVES BECOMES(GW ":5000", SERVER ":7")
#define FOLLOWS BECOMES(GW, SERVER)

/* ... and back. */
#define FLOW                                                                                       \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", SERVER ":7"), LEAVES                                     \
	}
#define FIRST_BACK(...)                                                                            \
	IN(UDP, SERVER ":7", GW ":5000", .fragment = FIRST_FRAGMENT,                               \
	   .len = 16 __VA_OPT__(, ) __VA_ARGS__)
#define LATER_BACK(offset, ...)                                                                    \
	IN(UDP, SERVER, GW, .fragment = LATER_FRAGMENT(offset),                                    \
	   .len = 24 __VA_OPT__(, ) __VA_ARGS__)
#define LAST_BACK(offset, ...)                                                                     \
	IN(UDP, SERVER, GW, .fragment = LAST_FRAGMENT(offset) __VA_OPT__(, ) __VA_ARGS__)
#define RETURNS BECOMES(SERVER ":7", "10.0.0.2:5000"), .lane = LANE_TC
#define FOLLOWS_BACK BECOMES(SERVER, "10.0.0.2"), .lane = LANE_TC

/* clang-format off */
static const struct row outbound[] = {
	{ "follow their first one out, with one new id", "6864-c", STEPS(
		{ FIRST_OF("10.0.0.2", .id = 700), LEAVES, FIRST_ID },
		{ LATER_OF("10.0.0.2", 3, .id = 700), FOLLOWS, FIRST_ID },
		{ LATER_OF("10.0.0.2", 6, .id = 700), FOLLOWS, FIRST_ID },
		{ LAST_OF("10.0.0.2", 9, .id = 700), FOLLOWS, FIRST_ID },
		{ TABLES(1, 1) }) },
	{ "every datagram gets an id of its own", "6864-5.3.1", STEPS(
		{ FIRST_OF("10.0.0.2", .id = 1), LEAVES, FIRST_ID },
		{ LAST_OF("10.0.0.2", 3, .id = 1), FOLLOWS, FIRST_ID },
		{ FIRST_OF("10.0.0.2", .id = 1), LEAVES, SECOND_ID },
		{ LAST_OF("10.0.0.2", 3, .id = 1), FOLLOWS, SECOND_ID },
		{ FIRST_OF("10.0.0.2", .id = 2), LEAVES, THIRD_ID },
		{ LAST_OF("10.0.0.2", 3, .id = 2), FOLLOWS, THIRD_ID }) },
	{ "two hosts with one id to one server get two", "4787-14.3", STEPS(
		{ FIRST_OF("10.0.0.2", .id = 7), LEAVES, FIRST_ID },
		{ FIRST_OF("10.0.0.3", .id = 7), BECOMES(GW ":x", SERVER ":7"), SECOND_ID },
		{ LATER_OF("10.0.0.3", 3, .id = 7), FOLLOWS, SECOND_ID },
		{ LATER_OF("10.0.0.2", 3, .id = 7), FOLLOWS, FIRST_ID },
		{ LAST_OF("10.0.0.2", 6, .id = 7), FOLLOWS, FIRST_ID },
		{ LAST_OF("10.0.0.3", 6, .id = 7), FOLLOWS, SECOND_ID }) },
	{ "what cannot become fragments keeps its id, and counts for nothing", "6864-5.3.1", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 99), LEAVES },
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = ID(0)), LEAVES },
		{ FIRST_OF("10.0.0.2", .id = 700), LEAVES, FIRST_ID }) },
	{ "what a router may cut up gets one too", "6864-5.3.1", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 99, .fragment = MAY_FRAGMENT),
		  LEAVES, FIRST_ID },
		{ OUT(UDP, "10.0.0.3:5001", SERVER ":7", .id = 99, .fragment = MAY_FRAGMENT),
		  BECOMES(GW ":5001", SERVER ":7"), SECOND_ID },
		{ IN(UDP, SERVER ":7", GW ":5000", .id = 99, .fragment = MAY_FRAGMENT),
		  BECOMES(SERVER ":7", "10.0.0.2:5000") }) },
	{ "before their first one they are kept, and sent on when it has come", "4787-14.2", STEPS(
		{ LATER_OF("10.0.0.2", 3, .id = 700), EARLY },
		{ LAST_OF("10.0.0.2", 6, .id = 700), EARLY },
		{ FIRST_OF("10.0.0.2", .id = 700), LEAVES, FIRST_ID, ASKS(RELEASE) },
		{ LATER_OF("10.0.0.2", 3, .id = 700), FOLLOWS, FIRST_ID },
		{ LATER_OF("10.0.0.2", 3, .id = 701), EARLY },
		{ LATER_OF("10.0.0.3", 3, .id = 700), EARLY },
		{ OUT(UDP, "10.0.0.2", "198.51.100.10", .id = 700, .fragment = LAST_FRAGMENT(3)),
		  EARLY },
		{ OUT(TCP, "10.0.0.2", SERVER, .id = 700, .fragment = LAST_FRAGMENT(3), .len = 9),
		  EARLY },
		{ OUT(AH, "10.0.0.2", SERVER, .id = 700, .fragment = LAST_FRAGMENT(3), .len = 9),
		  DROPPED(FRAGMENT) }) },
	{ "a first one that comes too late finds nobody", "6146-frag", STEPS(
		{ LAST_OF("10.0.0.2", 3, .id = 700), EARLY },
		{ AGE(1) },
		{ LATER_OF("10.0.0.2", 2, .id = 700), EARLY },
		{ AGE(2) },
		{ FIRST_OF("10.0.0.2", .id = 700), LEAVES, FIRST_ID }) },
	{ "a first one that is refused teaches nothing", "4787-14", STEPS(
		{ FIRST_OF("10.0.0.2", .id = 700), LEAVES, FIRST_ID },
		{ OUT(UDP, "10.0.0.2:5001", SERVER ":7", .id = 701, .fragment = FIRST_FRAGMENT),
		  DROPPED(HOST_LIMIT), ANSWERED(3, 1) },
		{ LAST_OF("10.0.0.2", 3, .id = 701), EARLY },
		{ LAST_OF("10.0.0.2", 3, .id = 700), FOLLOWS, FIRST_ID }),
	  .world = { .set = { SET(PER_HOST, 1) } } },
	{ "udp without checksum stays without", "791-udp0", STEPS(
		{ FIRST_OF("10.0.0.2", .csum = CSUM_NONE), LEAVES, FIRST_ID },
		{ LAST_OF("10.0.0.2", 3), FOLLOWS, FIRST_ID }) },
	{ "the udp length is that of the whole datagram", "1812-chk", STEPS(
		{ FIRST_OF("10.0.0.2", .pokes = { { 24, 2, 1400 } }), LEAVES, FIRST_ID },
		{ FIRST_OF("10.0.0.2", .pokes = { { 24, 2, 7 } }), DROPPED(L4_HEADER) }) },
	{ "a long ping", "5508-1", STEPS(
		{ OUT(ICMP, "10.0.0.2:77", SERVER, .fragment = FIRST_FRAGMENT, .len = 1472),
		  BECOMES(GW ":77", SERVER), FIRST_ID },
		{ OUT(ICMP, "10.0.0.2", SERVER, .fragment = LAST_FRAGMENT(185), .len = 99),
		  BECOMES(GW, SERVER), FIRST_ID },
		{ OUT(ICMP, "10.0.0.3:77", SERVER, .fragment = FIRST_FRAGMENT, .len = 1472),
		  BECOMES(GW ":x", SERVER), SECOND_ID },
		{ OUT(ICMP, "10.0.0.3", SERVER, .fragment = LAST_FRAGMENT(185), .len = 99),
		  BECOMES(GW, SERVER), SECOND_ID },
		{ IN(ICMP, SERVER, GW ":x", .id = 5, .fragment = FIRST_FRAGMENT, .len = 1472),
		  BECOMES(SERVER, "10.0.0.3:77"), .lane = LANE_TC },
		{ IN(ICMP, SERVER, GW, .id = 5, .fragment = LAST_FRAGMENT(185), .len = 99),
		  BECOMES(SERVER, "10.0.0.3"), .lane = LANE_TC }) },
	{ "an icmp error in fragments is dropped", "5508-3", STEPS(
		FLOW,
		{ OUT(ICMP, "10.0.0.2", SERVER, .icmp = MESSAGE(3, 3), .fragment = FIRST_FRAGMENT,
		      .quote = QUOTE(UDP, SERVER ":7", "10.0.0.2:5000")), DROPPED(FRAGMENT) },
		{ IN(ICMP, SERVER, GW, .icmp = MESSAGE(3, 3), .fragment = FIRST_FRAGMENT,
		     .quote = QUOTE(UDP, GW ":5000", SERVER ":7")), DROPPED(FRAGMENT) }) },
	{ "a source route in a later one does not leave either", "5508-7.3", STEPS(
		{ FIRST_OF("10.0.0.2"), LEAVES, FIRST_ID },
		{ LAST_OF("10.0.0.2", 3, WITH_OPTIONS("\x83\x07\x04\xc0\x00\x02\x01\x00")),
		  DROPPED(IP_OPTION) },
		{ LAST_OF("10.0.0.2", 3, WITH_OPTIONS(NOPS_4)), FOLLOWS, FIRST_ID } ) },
	{ "to an excluded destination as they are", "6888-6", STEPS(
		{ FIRST_OF("10.0.0.2"), PASSES(EXCLUDED) },
		{ LAST_OF("10.0.0.2", 3), PASSES(EXCLUDED) }),
	  .world = { .exclude = "198.51.100.0/24" } },
};
/* clang-format on */
ROWS(outbound)

/* clang-format off */
static const struct row inbound[] = {
	{ "follow their first one in, with the id that they have", "4787-14.1", STEPS(
		FLOW,
		{ FIRST_BACK(.id = 700), RETURNS },
		{ LATER_BACK(3, .id = 700), FOLLOWS_BACK },
		{ LATER_BACK(6, .id = 700), FOLLOWS_BACK },
		{ LAST_BACK(9, .id = 700), FOLLOWS_BACK },
		/* None of it was a datagram that went out. */
		{ FIRST_OF("10.0.0.2"), LEAVES, FIRST_ID }) },
	{ "the two directions are told apart", "4787-14.3", STEPS(
		{ FIRST_OF("10.0.0.2", .id = 700), LEAVES, FIRST_ID },
		{ LATER_BACK(3, .id = 700), PASSES(HOST_FRAGMENT), ASKS(HOLD) },
		{ FIRST_BACK(.id = 700), RETURNS, ASKS(RELEASE) },
		{ LATER_BACK(3, .id = 700), FOLLOWS_BACK },
		{ LAST_OF("10.0.0.2", 3, .id = 700), FOLLOWS, FIRST_ID }) },
	{ "of two flows of one remote each goes to its owner", "4787-14.3", STEPS(
		FLOW,
		{ OUT(UDP, "10.0.0.3:6000", SERVER ":7"), BECOMES(GW ":6000", SERVER ":7") },
		{ FIRST_BACK(.id = 700), RETURNS },
		{ IN(UDP, SERVER ":7", GW ":6000", .id = 701, .fragment = FIRST_FRAGMENT),
		  BECOMES(SERVER ":7", "10.0.0.3:6000") },
		{ LAST_BACK(3, .id = 700), FOLLOWS_BACK },
		{ LAST_BACK(3, .id = 701), BECOMES(SERVER, "10.0.0.3") }) },
	{ "without their first one they are the host's", "4787-14", STEPS(
		FLOW,
		{ LATER_BACK(3), PASSES(HOST_FRAGMENT), ASKS(HOLD) },
		{ LAST_BACK(6), PASSES(HOST_FRAGMENT), ASKS(HOLD) }) },
	{ "or nobody's yet", "4787-14.2", STEPS(
		FLOW,
		{ LATER_BACK(3), EARLY },
		{ FIRST_BACK(), RETURNS, ASKS(RELEASE) },
		{ LATER_BACK(3), FOLLOWS_BACK },
		{ LATER_BACK(3, .id = 9), EARLY }),
	  .world = { .not_local = true } },
	{ "a first one that is filtered teaches nothing", "4787-14", STEPS(
		FLOW,
		{ IN(UDP, "198.51.100.10:7", GW ":5000", .fragment = FIRST_FRAGMENT),
		  DROPPED(FILTERED) },
		{ IN(UDP, "198.51.100.10", GW, .fragment = LAST_FRAGMENT(3)), EARLY }),
	  .world = { .not_local = true } },
	{ "a first one may open a flow", "4787-8", STEPS(
		FLOW,
		{ IN(UDP, SERVER ":99", GW ":5000", .fragment = FIRST_FRAGMENT),
		  BECOMES(SERVER ":99", "10.0.0.2:5000") },
		{ LAST_BACK(3), FOLLOWS_BACK },
		{ TABLES(1, 2) }) },
	{ "udp without checksum stays without inbound", "791-udp0", STEPS(
		FLOW,
		{ FIRST_BACK(.csum = CSUM_NONE), RETURNS },
		{ LAST_BACK(3), FOLLOWS_BACK }) },
	{ "a wrong checksum stays wrong by as much", "1624-neg0", STEPS(
		FLOW,
		{ FIRST_BACK(.csum = CSUM_WRONG), RETURNS },
		{ FIRST_OF("10.0.0.2", .csum = CSUM_WRONG), LEAVES, FIRST_ID }) },
	{ "what came in under a host's name does not lead what it sends", "4787-14a", STEPS(
		FLOW,
		{ IN(UDP, "10.0.0.3:7", GW ":5000", .fragment = FIRST_FRAGMENT, .len = 16),
		  BECOMES("10.0.0.3:7", "10.0.0.2:5000") },
		{ OUT(UDP, "10.0.0.3", GW, .fragment = LATER_FRAGMENT(3), .len = 24), EARLY }),
	  .world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } } },
};
/* clang-format on */
ROWS(inbound)

/* clang-format off */
static const struct row tcp[] = {
	{ "tcp follows too", "5382-2", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER ":80", .flags = SYN, .len = 4,
		      .fragment = FIRST_FRAGMENT), BECOMES(GW ":5000", SERVER ":80"), FIRST_ID },
		{ OUT(TCP, "10.0.0.2", SERVER, .len = 24, .fragment = LAST_FRAGMENT(3)),
		  FOLLOWS, FIRST_ID }) },
	{ "tcp at offset 1 could rewrite the flags that were judged", "791-frag", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER ":80", .flags = SYN, .len = 4,
		      .fragment = FIRST_FRAGMENT), BECOMES(GW ":5000", SERVER ":80"), FIRST_ID },
		{ OUT(TCP, "10.0.0.2", SERVER, .len = 24, .fragment = LAST_FRAGMENT(1)),
		  DROPPED(FRAGMENT) },
		{ OUT(TCP, "10.0.0.2", SERVER, .len = 24, .fragment = LATER_FRAGMENT(1)),
		  DROPPED(FRAGMENT) },
		{ IN(TCP, SERVER ":80", GW ":5000", .flags = SYN | ACK, .ack = 1, .len = 4,
		     .fragment = FIRST_FRAGMENT), BECOMES(SERVER ":80", "10.0.0.2:5000") },
		{ IN(TCP, SERVER, GW, .len = 24, .fragment = LAST_FRAGMENT(1)),
		  DROPPED(FRAGMENT) },
		{ IN(TCP, SERVER, GW, .len = 24, .fragment = LAST_FRAGMENT(2)),
		  BECOMES(SERVER, "10.0.0.2") }),
	  .world = { .not_local = true } },
	{ "udp at offset 1 is behind its header", "791-frag", STEPS(
		{ FIRST_OF("10.0.0.2"), LEAVES, FIRST_ID },
		{ LAST_OF("10.0.0.2", 1), FOLLOWS, FIRST_ID }) },
	{ "a first one without the whole tcp header", "791-frag", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER ":80", .flags = SYN,
		      .fragment = FIRST_FRAGMENT, .pokes = { { 2, 2, 28 } }),
		  DROPPED(TRUNCATED) },
		{ TABLES(0, 0) }) },
	{ "tcp that opens nothing teaches nothing", "2663-2.5", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER ":80", .fragment = FIRST_FRAGMENT),
		  DROPPED(TCP_NO_SYN) },
		{ OUT(TCP, "10.0.0.2", SERVER, .len = 24, .fragment = LAST_FRAGMENT(3)),
		  EARLY }) },
};
/* clang-format on */
ROWS(tcp)

/* clang-format off */
static const struct row slots[] = {
	{ "a source's next datagram in a slot takes it over", "4787-14a", STEPS(
		{ FIRST_OF("10.0.0.2", .id = 5), LEAVES, FIRST_ID },
		{ FIRST_OF("10.0.0.2", .id = 5 + 64), LEAVES, SECOND_ID },
		{ LAST_OF("10.0.0.2", 3, .id = 5), EARLY },
		{ LAST_OF("10.0.0.2", 3, .id = 5 + 64), FOLLOWS, SECOND_ID },
		{ FIRST_OF("10.0.0.2", .id = 5), LEAVES, THIRD_ID, ASKS(RELEASE) },
		{ LAST_OF("10.0.0.2", 3, .id = 5 + 64), EARLY },
		{ LAST_OF("10.0.0.2", 3, .id = 5), FOLLOWS, THIRD_ID }) },
	{ "no other source's, slot or protocol", "4787-14a", STEPS(
		{ FIRST_OF("10.0.0.2", .id = 5), LEAVES, FIRST_ID },
		{ OUT(UDP, "10.0.0.2:5000", SERVER ":7", .id = 6, .fragment = FIRST_FRAGMENT),
		  LEAVES, SECOND_ID },
		{ OUT(ICMP, "10.0.0.2:7", SERVER, .id = 5 + 64, .fragment = FIRST_FRAGMENT),
		  BECOMES(GW ":7", SERVER), FIRST_ID },
		{ FIRST_OF("10.0.0.3", .id = 5 + 64), BECOMES(GW ":x", SERVER ":7"),
		  THIRD_ID },
		{ FIRST_OF("10.0.0.3", .id = 5 + 128), BECOMES(GW ":x", SERVER ":7"),
		  NEW_ID(0x78dc) },
		{ LAST_OF("10.0.0.2", 3, .id = 5), FOLLOWS, FIRST_ID },
		{ LAST_OF("10.0.0.2", 3, .id = 6), FOLLOWS, SECOND_ID }) },
	{ "a remote's flood hurts no other remote", "4787-14a.t", STEPS(
		FLOW,
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
		  BECOMES(GW ":5000", "198.51.100.10:7") },
		{ FIRST_BACK(.id = 5), RETURNS },
		{ IN(UDP, "198.51.100.10:7", GW ":5000", .id = 5, .fragment = FIRST_FRAGMENT),
		  BECOMES("198.51.100.10:7", "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.10:7", GW ":5000", .id = 69, .fragment = FIRST_FRAGMENT),
		  BECOMES("198.51.100.10:7", "10.0.0.2:5000") },
		{ LAST_BACK(3, .id = 5), FOLLOWS_BACK }) },
	{ "forgotten after half a minute", "4787-14", STEPS(
		{ FIRST_OF("10.0.0.2"), LEAVES, FIRST_ID },
		{ AGE(29) },
		{ LATER_OF("10.0.0.2", 3), FOLLOWS, FIRST_ID },
		{ AGE(1) },
		{ LAST_OF("10.0.0.2", 6), EARLY },
		/* The datagram that comes next in the slot. */
		{ FIRST_OF("10.0.0.2"), LEAVES, SECOND_ID, ASKS(RELEASE) },
		{ LAST_OF("10.0.0.2", 6), FOLLOWS, SECOND_ID }) },
	{ "forgotten when the setting says so", "6146-frag", STEPS(
		FLOW,
		{ FIRST_BACK(), RETURNS },
		{ AGE(1) },
		{ LATER_BACK(3), FOLLOWS_BACK },
		{ AGE(1) },
		{ LAST_BACK(6), EARLY }),
	  .world = { .not_local = true, .set = { SET(FRAGMENT, 2) } } },
};
/* clang-format on */
ROWS(slots)

/* clang-format off */
static const struct row own[] = {
	{ "the gateway's own keep their id and leave no trace", "D-own", STEPS(
		{ FIRST_OF(GW, .id = 5), PASSES(HOST_OUT) },
		{ LATER_OF(GW, 3, .id = 5), PASSES(HOST_FRAGMENT) },
		{ LAST_OF(GW, 6, .id = 5), PASSES(HOST_FRAGMENT) },
		{ IN(UDP, SERVER ":7", GW ":5000", .fragment = FIRST_FRAGMENT), PASSES(HOST_IN) },
		{ LAST_BACK(3), PASSES(HOST_FRAGMENT), ASKS(HOLD) },
		{ TABLES(0, 0) }) },
	{ "the gateway's own whose port is changed follow as well", "D-own", STEPS(
		FLOW,
		{ FIRST_OF(GW), BECOMES(GW ":x", SERVER ":7"), FIRST_ID },
		{ LAST_OF(GW, 3), BECOMES(GW, SERVER), FIRST_ID }) },
};
/* clang-format on */
ROWS(own)

/* ---- a whole datagram, cut up as a router does, translated, and put together again ----------- */

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* Octets from on of the transport of whole as a frame of their own; true if more follow. */
static bool cut(const struct frame *whole, size_t from, size_t max, struct frame *part)
{
	size_t len = whole->len - whole->l4 - from;
	bool more = len > max;
	unsigned char *ip;
	__u32 sum = 0;

	*part = *whole;
	len = more ? max : len;
	ip = part->bytes + part->l3;
	memcpy(part->bytes + part->l4, whole->bytes + whole->l4 + from, len);
	part->len = part->l4 + len;
	put16(ip + 2, part->len - part->l3);
	put16(ip + 6, from / 8 | (more ? 0x2000 : 0));
	put16(ip + 10, 0);
	for (int i = 0; i < 20; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~(sum + (sum >> 16)));
	return more;
}

/* The transport of expected must be what packet has become when all its parts have passed. */
static void check_in_parts(enum program program, const struct packet *packet,
			   const struct packet *expected)
{
	struct frame whole, part, out, joined = { .len = 0 };
	size_t from = 0;
	bool more = true;

	packet_build(packet, NULL, &whole);
	while (more) {
		more = cut(&whole, from, 1480, &part);
		check_note("part at %zu", from);
		CHECK(world_run(program, packet, &part, &out) != 2);
		CHECK_EQ(out.len, part.len);
		memcpy(joined.bytes + from, out.bytes + part.l4, part.len - part.l4);
		from += part.len - part.l4;
	}
	packet_build(expected, NULL, &whole);
	CHECK_EQ(from, whole.len - whole.l4);
	for (size_t i = 0; i < from; i++) {
		check_note("octet %zu", i);
		CHECK_EQ(joined.bytes[i], whole.bytes[whole.l4 + i]);
	}
}

/* 791-udp0: the checksum is in the first, is about all of it, and is adjusted once. */
PROG_TEST_OUT(put_together_again_it_is_the_datagram_translated_whole)
{
	static const struct packet before =
		PACKET(HOOK_OUT, UDP, "10.0.0.3:5000", SERVER ":7", .len = 3501);
	static const struct packet back =
		PACKET(HOOK_IN, UDP, SERVER ":7", GW ":5000", .len = 3501);
	struct packet after = before, returned = back;
	char external[32];

	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":7"), LEAVES);
	step(OUT(UDP, "10.0.0.3:5000", SERVER ":7"), BECOMES(GW ":x", SERVER ":7"));
	snprintf(external, sizeof(external), GW ":%u", step_named_port('x'));
	after.src = external;
	check_in_parts(PROGRAM_TC_OUT, &before, &after);
	returned.dst = "10.0.0.2:5000";
	check_in_parts(PROGRAM_TC_IN, &back, &returned);
}

/* ---- many ----------------------------------------------------------------------------------- */

/* Send the first fragment of a datagram with id. Return: the id it has got, -1 if dropped */
static int first_fragment(const char *src, __u16 id)
{
	struct packet packet = PACKET(HOOK_OUT, UDP, src, SERVER ":7", .id = ID(id),
				      .fragment = FIRST_FRAGMENT, .len = 16);
	struct frame in, out;

	packet_build(&packet, NULL, &in);
	if (world_run(PROGRAM_TC_OUT, &packet, &in, &out) == 2)
		return -1;
	return out.bytes[out.l3 + 4] << 8 | out.bytes[out.l3 + 5];
}

static bool later_fragment_follows(const char *src)
{
	struct packet packet =
		PACKET(HOOK_OUT, UDP, src, SERVER, .id = ID(1), .fragment = LAST_FRAGMENT(3));
	struct frame in, out;

	packet_build(&packet, NULL, &in);
	return world_run(PROGRAM_TC_OUT, &packet, &in, &out) != 2;
}

/* A server behind another NAT of our kind sees neighbours in time in different slots. */
PROG_TEST_OUT(a_thousand_datagrams_get_a_thousand_ids)
{
	static bool seen[65536];
	int previous = -1;

	memset(seen, 0, sizeof(seen));
	world_make(NULL);
	for (int i = 0; i < 1000; i++) {
		int id = first_fragment("10.0.0.2:5000", 4711);

		check_note("datagram %d, id %d", i, id);
		CHECK(id >= 0 && !seen[id]);
		CHECK(id % NAT_FRAGMENT_SLOTS != previous % NAT_FRAGMENT_SLOTS);
		seen[id] = true;
		previous = id;
	}
	CHECK_EQ(table_entries(world_skel()->maps.fragments, false), 1);
}

/* 4787-14a: whatever one source sends, it has its slots and no more; when there are more sources
 * than slots, the newest are served. */
PROG_TEST_OUT(a_full_table_stops_nobody)
{
	const int sources = WORLD_TABLE_SIZE / NAT_FRAGMENT_SLOTS;
	char src[32];

	world_make(NULL);
	for (int id = 0; id < 3 * NAT_FRAGMENT_SLOTS; id++)
		CHECK(first_fragment("10.0.0.2:5000", id) >= 0);
	CHECK_EQ(table_entries(world_skel()->maps.fragments, false), NAT_FRAGMENT_SLOTS);
	for (int source = 1; source < 2 * sources; source++) {
		snprintf(src, sizeof(src), "10.0.0.%d:%d", source + 2, 5000 + source);
		for (int id = 0; id < NAT_FRAGMENT_SLOTS; id++)
			CHECK(first_fragment(src, id) >= 0);
	}
	CHECK(table_entries(world_skel()->maps.fragments, false) <= WORLD_TABLE_SIZE);
	/* Nor those who are in the middle of a datagram: half a table of others goes by. */
	CHECK(first_fragment("10.0.2.1:9001", 1) >= 0);
	for (int source = 1; source < sources / 2; source++) {
		snprintf(src, sizeof(src), "10.0.0.%d:%d", source + 2, 5000 + source);
		for (int id = 0; id < NAT_FRAGMENT_SLOTS; id++)
			CHECK(first_fragment(src, id + NAT_FRAGMENT_SLOTS) >= 0);
	}
	CHECK(later_fragment_follows("10.0.2.1"));
	CHECK(first_fragment("10.0.1.1:9000", 1) >= 0);
	step(LAST_OF("10.0.1.1", 3), FOLLOWS,
	     .id = ID(0x9e37 * (2 + (3 + 2 * sources - 1 + sources / 2 - 1) * NAT_FRAGMENT_SLOTS) &
		      0xffff));
	/* The reaper makes room. */
	step(AGE(33));
	CHECK_EQ(table_entries(world_skel()->maps.fragments, true), 0);
	step(REAP);
	CHECK_EQ(table_entries(world_skel()->maps.fragments, false), 0);
}
