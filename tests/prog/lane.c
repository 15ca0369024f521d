// SPDX-License-Identifier: GPL-2.0-only
/*
 * lane.c - `--fast`: which packets go past the stack, and that they are the same as if they had
 * not.
 *
 * The first packet of each direction that could take the lane has its turn in the stack.
 */
#include "steps.h"

#define GW "203.0.113.1"
#define C1 "10.0.0.2:5000"
#define X1 GW ":5000"
#define SERVER "198.51.100.9:7"
#define FAST .world = { .lane = NAT_LANE_XDP }

/* A flow that both sides have confirmed, both turns taken. */
#define UDP_FLOW                                                                                   \
	{ OUT(UDP, C1, SERVER), BECOMES(X1, SERVER) },                                             \
		{ IN(UDP, SERVER, X1), BECOMES(SERVER, C1) },                                      \
		{ FORWARD(UDP, C1, SERVER), IGNORED },                                             \
		{ OUT(UDP, C1, SERVER), BECOMES(X1, SERVER) },                                     \
	{                                                                                          \
		IN(UDP, SERVER, X1), BECOMES(SERVER, C1)                                           \
	}
#define TCP_FLOW                                                                                   \
	{ OUT(TCP, C1, SERVER, .flags = SYN), BECOMES(X1, SERVER) },                               \
		{ IN(TCP, SERVER, X1, .flags = SYN | ACK), BECOMES(SERVER, C1) },                  \
		{ FORWARD(TCP, C1, SERVER), IGNORED },                                             \
		{ OUT(TCP, C1, SERVER), BECOMES(X1, SERVER) },                                     \
	{                                                                                          \
		IN(TCP, SERVER, X1), BECOMES(SERVER, C1)                                           \
	}

/* clang-format off */
static const struct row lane[] = {
	{ "a datagram of a flow that both sides have confirmed", "3022-4.1a", STEPS(
		UDP_FLOW,
		{ FORWARD(UDP, C1, SERVER), GOES(X1, SERVER) },
		{ IN(UDP, SERVER, X1), GOES(SERVER, C1) }), FAST },
	{ "a segment likewise", "3022-4.1e", STEPS(
		TCP_FLOW,
		{ FORWARD(TCP, C1, SERVER, .len = 1000), GOES(X1, SERVER) },
		{ IN(TCP, SERVER, X1, .len = 1000), GOES(SERVER, C1) }), FAST },
	{ "a ping likewise", "3022-4.1g", STEPS(
		{ OUT(ICMP, "10.0.0.2:77", "198.51.100.9"), BECOMES(GW ":77", "198.51.100.9") },
		{ IN(ICMP, "198.51.100.9", GW ":77"), BECOMES("198.51.100.9", "10.0.0.2:77") },
		{ FORWARD(ICMP, "10.0.0.2:77", "198.51.100.9", .icmp = MESSAGE(8, 0)), IGNORED },
		{ FORWARD(ICMP, "10.0.0.2:77", "198.51.100.9", .icmp = MESSAGE(8, 0)),
		  GOES(GW ":77", "198.51.100.9") },
		{ IN(ICMP, "198.51.100.9", GW ":77"), BECOMES("198.51.100.9", "10.0.0.2:77") },
		{ IN(ICMP, "198.51.100.9", GW ":77"), GOES("198.51.100.9", "10.0.0.2:77") }), FAST },
	{ "a checksum is right afterwards, or as wrong as it was", "3022-4.1f", STEPS(
		UDP_FLOW,
		{ FORWARD(UDP, C1, SERVER, .csum = CSUM_WRONG), GOES(X1, SERVER) },
		{ FORWARD(UDP, C1, SERVER, .csum = CSUM_NONE), GOES(X1, SERVER) },
		{ IN(UDP, SERVER, X1, .csum = CSUM_WRONG), GOES(SERVER, C1) }), FAST },
	{ "a datagram that may be fragmented gets an IP id of ours", "6864-a", STEPS(
		UDP_FLOW,
		{ FORWARD(UDP, C1, SERVER, .fragment = MAY_FRAGMENT, .id = 77),
		  GOES(X1, SERVER), NEW_ID(0x9e37) }), FAST },
	{ "not before the other side has answered", "3022-4.1d", STEPS(
		{ OUT(UDP, C1, SERVER), BECOMES(X1, SERVER) },
		{ FORWARD(UDP, C1, SERVER), IGNORED },
		{ FORWARD(UDP, C1, SERVER), IGNORED },
		{ OUT(TCP, C1, SERVER, .flags = SYN), BECOMES(X1, SERVER) },
		{ FORWARD(TCP, C1, SERVER), IGNORED },
		{ FORWARD(TCP, C1, SERVER), IGNORED }), FAST },
	{ "what begins or ends a connection is the stack's to see", "7857-2.2a", STEPS(
		TCP_FLOW,
		{ FORWARD(TCP, C1, SERVER, .flags = SYN), IGNORED },
		{ FORWARD(TCP, C1, SERVER, .flags = FIN | ACK), IGNORED },
		{ FORWARD(TCP, C1, SERVER, .flags = RST), IGNORED },
		{ IN(TCP, SERVER, X1, .flags = FIN | ACK), BECOMES(SERVER, C1) },
		{ FORWARD(TCP, C1, SERVER), IGNORED },
		{ IN(TCP, SERVER, X1), BECOMES(SERVER, C1) }), FAST },
	{ "what the stack has to think about", "1812-ttl", STEPS(
		UDP_FLOW,
		{ FORWARD(UDP, C1, SERVER, .ttl = 1), IGNORED },
		{ FORWARD(UDP, C1, SERVER, WITH_OPTIONS(ROUTER_ALERT)), IGNORED },
		{ FORWARD(UDP, C1, SERVER, .fragment = FIRST_FRAGMENT), IGNORED },
		{ FORWARD(UDP, C1, SERVER, .fragment = LATER_FRAGMENT(10)), IGNORED },
		{ FORWARD(UDP, C1, SERVER, .len = 1400), IGNORED },
		{ FORWARD(UDP, C1, SERVER, .ip_csum_wrong = true), IGNORED },
		{ FORWARD(UDP, C1, SERVER, .tag = TAG(7)), IGNORED },
		{ FORWARD(UDP, C1, SERVER, .ethertype = 0x0806), IGNORED },
		{ FORWARD(UDP, C1, SERVER, .cut = 30), IGNORED },
		{ FORWARD(ICMP, "10.0.0.2", "198.51.100.9", .icmp = MESSAGE(3, 3),
			  .quote = QUOTE(UDP, SERVER, C1)), IGNORED },
		{ IN(UDP, SERVER, X1, .ttl = 1), BECOMES(SERVER, C1) },
		{ IN(UDP, SERVER, X1, .len = 1400), BECOMES(SERVER, C1) },
		{ IN(UDP, SERVER, X1, WITH_OPTIONS(ROUTER_ALERT)), BECOMES(SERVER, C1) }),
	  .world = { .lane = NAT_LANE_XDP, .mtu = 1300 } },
	{ "a frame for another machine's link layer address", "1812-bcast", STEPS(
		UDP_FLOW,
		{ FORWARD(UDP, C1, SERVER, .for_others = true), IGNORED },
		{ IN(UDP, SERVER, X1, .for_others = true), BECOMES(SERVER, C1) }), FAST },
	{ "another flow of the same host", "3022-4.1d", STEPS(
		UDP_FLOW,
		{ FORWARD(UDP, C1, "198.51.100.10:7"), IGNORED },
		{ FORWARD(UDP, "10.0.0.2:5001", SERVER), IGNORED },
		{ FORWARD(UDP, "10.0.0.3:5000", SERVER), IGNORED } ), FAST },
	{ "where no route leads", "1812-bcast", STEPS(
		{ OUT(UDP, C1, "10.98.0.1:7"), BECOMES(X1, "10.98.0.1:7") },
		{ IN(UDP, "10.98.0.1:7", X1), BECOMES("10.98.0.1:7", C1) },
		{ FORWARD(UDP, C1, "10.98.0.1:7"), IGNORED },
		{ FORWARD(UDP, C1, "10.98.0.1:7"), IGNORED }), FAST },
	{ "every few seconds it is the stack's turn", "4787-13b", STEPS(
		UDP_FLOW,
		{ FORWARD(UDP, C1, SERVER), GOES(X1, SERVER) },
		{ AGE(3) },
		{ FORWARD(UDP, C1, SERVER), GOES(X1, SERVER) },
		{ AGE(3) },
		{ FORWARD(UDP, C1, SERVER), IGNORED },
		{ FORWARD(UDP, C1, SERVER), GOES(X1, SERVER) },
		{ IN(UDP, SERVER, X1), BECOMES(SERVER, C1) },
		{ IN(UDP, SERVER, X1), GOES(SERVER, C1) }), FAST },
	{ "it keeps its session alive", "4787-5", STEPS(
		UDP_FLOW,
		{ AGE(200) },
		{ FORWARD(UDP, C1, SERVER), IGNORED },
		{ FORWARD(UDP, C1, SERVER), GOES(X1, SERVER) },
		{ AGE(200) },
		{ OUT(UDP, C1, SERVER), BECOMES(X1, SERVER) },
		{ TABLES(1, 1) }), FAST },
	{ "an expired session is none", "4787-5", STEPS(
		UDP_FLOW,
		{ AGE(301) },
		{ FORWARD(UDP, C1, SERVER), IGNORED },
		{ FORWARD(UDP, C1, SERVER), IGNORED } ), FAST },
	{ "XDP leaves to TC what a driver cannot take", "4787-13b", STEPS(
		UDP_FLOW,
		{ FORWARD(UDP, C1, SERVER), GOES(X1, SERVER) },
		{ IN(UDP, SERVER, X1), GOES(SERVER, C1), .lane = LANE_TC }),
	  .world = { .lane = NAT_LANE_TC } },
	{ "a flow that a stranger has opened", "3022-3.1", STEPS(
		{ OUT(UDP, C1, SERVER), BECOMES(X1, SERVER) },
		{ IN(UDP, "192.0.2.1:9", X1), BECOMES("192.0.2.1:9", C1) },
		{ OUT(UDP, C1, "192.0.2.1:9"), BECOMES(X1, "192.0.2.1:9") },
		{ FORWARD(UDP, C1, "192.0.2.1:9"), IGNORED },
		{ FORWARD(UDP, C1, "192.0.2.1:9"), GOES(X1, "192.0.2.1:9") }),
	  .world = { .lane = NAT_LANE_XDP, .set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } } },
};
/* clang-format on */

ROWS(lane)
