// SPDX-License-Identifier: GPL-2.0-only
/*
 * malformed.c - truncated, contradictory and absurd packets: counted by name, never
 * translated, never state.
 *
 * Offsets in pokes are from the start of the IPv4 header of 20 octets.
 */
#include "steps.h"

#define FLOW                                                                                       \
	{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),                                             \
	  BECOMES("203.0.113.1:5000", "198.51.100.9:7") },                                         \
	{                                                                                          \
		OUT(TCP, "10.0.0.2:5000", "198.51.100.9:7", .flags = SYN, .seq = 9),               \
			BECOMES("203.0.113.1:5000", "198.51.100.9:7")                              \
	}
#define UDP_BACK(...) IN(UDP, "198.51.100.9:7", "203.0.113.1:5000", __VA_ARGS__)
#define TCP_BACK(...) IN(TCP, "198.51.100.9:7", "203.0.113.1:5000", __VA_ARGS__)
#define UDP_AWAY(...) OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", __VA_ARGS__)
#define TCP_AWAY(...) OUT(TCP, "10.0.0.2:5000", "198.51.100.9:7", __VA_ARGS__)

/* clang-format off */
static const struct row rows[] = {
	{ "udp cut in its header", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.cut = 27), DROPPED(TRUNCATED) },
		{ UDP_AWAY(.cut = 27), DROPPED(TRUNCATED) }) },
	{ "tcp cut in its header", "1812-chk", STEPS(
		FLOW,
		{ TCP_BACK(.cut = 39), DROPPED(TRUNCATED) },
		{ TCP_AWAY(.cut = 39), DROPPED(TRUNCATED) }) },
	{ "cut in its payload", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.len = 100, .cut = 127), DROPPED(TRUNCATED) },
		{ UDP_AWAY(.len = 100, .cut = 127), DROPPED(TRUNCATED) }) },
	{ "ipv4 cut in its options", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(WITH_OPTIONS(ROUTER_ALERT NOPS_4),
		      .cut = 24), DROPPED(TRUNCATED) },
		{ UDP_AWAY(WITH_OPTIONS(ROUTER_ALERT NOPS_4),
		      .cut = 24), DROPPED(TRUNCATED) }) },
	{ "total length too short for the transport", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.pokes = { { 2, 2, 27 } }), DROPPED(TRUNCATED) },
		{ TCP_BACK(.pokes = { { 2, 2, 39 } }), DROPPED(TRUNCATED) },
		{ UDP_AWAY(.pokes = { { 2, 2, 27 } }), DROPPED(TRUNCATED) },
		{ TCP_AWAY(.pokes = { { 2, 2, 39 } }), DROPPED(TRUNCATED) }) },
	{ "icmp too short for a header", "1812-chk", STEPS(
		FLOW,
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9", .pokes = { { 2, 2, 27 } }),
		  DROPPED(TRUNCATED) },
		{ IN(ICMP, "198.51.100.9", "203.0.113.1:7", .pokes = { { 2, 2, 27 } }),
		  DROPPED(TRUNCATED) }) },
	{ "ipv4 of another version", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.pokes = { { 0, 1, 0x65 } }), DROPPED(IP_HEADER) },
		{ UDP_AWAY(.pokes = { { 0, 1, 0x65 } }), DROPPED(IP_HEADER) }) },
	{ "ipv4 header shorter than itself", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.pokes = { { 0, 1, 0x44 } }), DROPPED(IP_HEADER) },
		{ UDP_AWAY(.pokes = { { 0, 1, 0x44 } }), DROPPED(IP_HEADER) },
		{ UDP_AWAY(.pokes = { { 0, 1, 0x40 } }), DROPPED(IP_HEADER) }) },
	{ "ipv4 header longer than the packet", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.pokes = { { 0, 1, 0x4f } }), DROPPED(IP_HEADER) },
		{ UDP_AWAY(.pokes = { { 0, 1, 0x4f } }), DROPPED(IP_HEADER) },
		{ UDP_AWAY(.pokes = { { 2, 2, 19 } }), DROPPED(IP_HEADER) }) },
	{ "wrong ipv4 checksum inbound", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.ip_csum_wrong = true), DROPPED(IP_CHECKSUM) },
		{ TCP_BACK(.ip_csum_wrong = true), DROPPED(IP_CHECKSUM) },
		{ UDP_BACK(WITH_OPTIONS(ROUTER_ALERT), .ip_csum_wrong = true),
		  DROPPED(IP_CHECKSUM) }) },
	{ "udp length shorter than its header", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.pokes = { { 24, 2, 7 } }), DROPPED(L4_HEADER) },
		{ UDP_AWAY(.pokes = { { 24, 2, 0 } }), DROPPED(L4_HEADER) }) },
	{ "udp length longer than the packet", "1812-chk", STEPS(
		FLOW,
		{ UDP_BACK(.pokes = { { 24, 2, 20 } }), DROPPED(L4_HEADER) },
		{ UDP_AWAY(.pokes = { { 24, 2, 20 } }), DROPPED(L4_HEADER) }) },
	{ "tcp data offset below 5 or beyond the packet", "1812-chk", STEPS(
		FLOW,
		{ TCP_BACK(.pokes = { { 32, 1, 0x40 } }), DROPPED(L4_HEADER) },
		{ TCP_BACK(.pokes = { { 32, 1, 0xf0 } }), DROPPED(L4_HEADER) },
		{ TCP_AWAY(.pokes = { { 32, 1, 0x40 } }), DROPPED(L4_HEADER) },
		{ TCP_AWAY(.pokes = { { 32, 1, 0xf0 } }), DROPPED(L4_HEADER) }) },
	{ "impossible tcp flags", "5382-2", STEPS(
		FLOW,
		{ TCP_BACK(.flags = SYN | FIN), DROPPED(TCP_FLAGS) },
		{ TCP_BACK(.flags = SYN | RST | ACK), DROPPED(TCP_FLAGS) },
		{ TCP_AWAY(.flags = SYN | FIN), DROPPED(TCP_FLAGS) },
		{ OUT(TCP, "10.0.0.2:6000", "198.51.100.9:7", .flags = SYN | RST),
		  DROPPED(TCP_FLAGS) },
		{ TABLES(2, 2) }) },
	{ "port zero", "4787-4.2.1", STEPS(
		{ OUT(UDP, "10.0.0.2:0", "198.51.100.9:7"), DROPPED(PORT_ZERO) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:0"), DROPPED(PORT_ZERO) },
		{ OUT(TCP, "10.0.0.2:0", "198.51.100.9:7", .flags = SYN), DROPPED(PORT_ZERO) },
		{ IN(UDP, "198.51.100.9:0", "203.0.113.1:5000"), DROPPED(PORT_ZERO) },
		{ IN(TCP, "198.51.100.9:7", "203.0.113.1:0", .flags = SYN), DROPPED(PORT_ZERO) },
		{ TABLES(0, 0) }) },
	{ "icmp that a nat does not carry", "5508-10c", STEPS(
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9", .icmp = MESSAGE(4, 0)),
		  DROPPED(ICMP_TYPE) },
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9", .icmp = MESSAGE(5, 1)),
		  DROPPED(ICMP_TYPE) },
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9", .icmp = MESSAGE(9, 0)),
		  DROPPED(ICMP_TYPE) },
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9", .icmp = MESSAGE(15, 0)),
		  DROPPED(ICMP_TYPE) },
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9", .icmp = MESSAGE(0, 0)),
		  DROPPED(ICMP_TYPE) },
		{ TABLES(0, 0) }) },
};
/* clang-format on */
ROWS(rows)

/* Every length from an empty frame on: no crash, no leak, always a name. */
PROG_TEST(a_packet_cut_anywhere_is_dropped)
{
	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.9:7"));
	for (__u16 cut = 20; cut < 39; cut++) {
		step(OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .cut = cut), DROPPED(TRUNCATED));
		step(IN(UDP, "198.51.100.9:7", "203.0.113.1:5000", .cut = cut), DROPPED(TRUNCATED));
	}
	step(TABLES(1, 1));
}
