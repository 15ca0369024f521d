// SPDX-License-Identifier: GPL-2.0-only
/*
 * inbound.c - packets that arrive: back to the internal host, to the gateway, or none of ours.
 */
#include "steps.h"

#define UDP_FLOW                                                                                   \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"),                                      \
			BECOMES("203.0.113.1:5000", "198.51.100.9:53")                             \
	}
#define PING_FLOW                                                                                  \
	{                                                                                          \
		OUT(ICMP, "10.0.0.2:77", "198.51.100.9"),                                          \
			BECOMES("203.0.113.1:77", "198.51.100.9")                                  \
	}

/* clang-format off */
static const struct row replies[] = {
	{ "udp reply comes back, in the express lane", "3022-4.1b", STEPS(
		UDP_FLOW,
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000"),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000"), .lane = LANE_XDP }) },
	{ "tcp reply comes back, in the express lane", "3022-4.1b", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN, .seq = 9),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:80") },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .seq = 70,
		      .ack = 10),
		  BECOMES("198.51.100.9:80", "10.0.0.2:5000"), .lane = LANE_TC },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .seq = 71, .ack = 10),
		  BECOMES("198.51.100.9:80", "10.0.0.2:5000"), .lane = LANE_XDP },
		{ SESSION(TCP, "203.0.113.1:5000", "198.51.100.9:80", ESTABLISHED) }) },
	{ "echo reply comes back, in the express lane", "3022-4.1g", STEPS(
		PING_FLOW,
		{ IN(ICMP, "198.51.100.9", "203.0.113.1:77"),
		  BECOMES("198.51.100.9", "10.0.0.2:77"), .lane = LANE_XDP }) },
	{ "replies to two hosts with one port go to their owners", "3022-4.1d", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:53") },
		{ OUT(UDP, "10.0.0.3:5000", "198.51.100.9:53"),
		  BECOMES("203.0.113.1:x", "198.51.100.9:53") },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:x"),
		  BECOMES("198.51.100.9:53", "10.0.0.3:5000") },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000"),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000") }) },
	{ "payload, options and odd lengths come through", "3022-4.1e", STEPS(
		UDP_FLOW,
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .len = NO_PAYLOAD),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .len = 1),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .len = 1471),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000",
		      WITH_OPTIONS(ROUTER_ALERT NOPS_4)),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .ttl = 1, .tos = 0x2e, .id = 9,
		      .padding = 6),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000") }) },
	{ "a priority tag is no vlan", "D-vlan", STEPS(
		UDP_FLOW,
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .tag = TAG(0xe000)),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000") }),
	  /* TC never sees a tag in the frame: the kernel has taken it out. */
	  .ingress = INGRESS_XDP },
	{ "an interface without ethernet header inbound", "D-vlan", STEPS(
		{ OUT(UDP, "8.0.0.2:5000", "8.0.0.9:7", .no_link = true),
		  BECOMES("203.0.113.1:5000", "8.0.0.9:7") },
		{ IN(UDP, "8.0.0.9:7", "203.0.113.1:5000", .no_link = true),
		  BECOMES("8.0.0.9:7", "8.0.0.2:5000") }),
	  .world = { .no_link = true }, .ingress = INGRESS_TC },
	{ "headers beyond the linear area", "D-offload", STEPS(
		UDP_FLOW,
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .len = 1000, .linear = 100),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .len = 1000, .linear = 30),
		  BECOMES("198.51.100.9:53", "10.0.0.2:5000"), .lane = LANE_TC }) },
};
/* clang-format on */
ROWS(replies)

/* clang-format off */
static const struct row others[] = {
	{ "what nothing claims is for the gateway", "3022-2.2c", STEPS(
		{ IN(TCP, "198.51.100.9:4000", "203.0.113.1:22", .flags = SYN), PASSES(HOST_IN) },
		{ IN(UDP, "198.51.100.9:4000", "203.0.113.1:123"), PASSES(HOST_IN) },
		{ IN(ICMP, "198.51.100.9", "203.0.113.1:9"), PASSES(HOST_IN) },
		{ IN(ESP, "198.51.100.9", "203.0.113.1"), PASSES(HOST_IN) },
		{ TABLES(0, 0) }) },
	{ "a pool address without owner never reaches the host", "3022-6.2", STEPS(
		{ IN(TCP, "198.51.100.9:4000", "203.0.113.1:22", .flags = SYN),
		  DROPPED(NO_BINDING) },
		{ IN(UDP, "198.51.100.9:4000", "203.0.113.1:123"), DROPPED(NO_BINDING) },
		{ IN(ESP, "198.51.100.9", "203.0.113.1"), DROPPED(NO_BINDING) }),
	  .world = { .not_local = true } },
	{ "other destinations are none of ours", "3022-2.2c", STEPS(
		{ IN(UDP, "198.51.100.9:53", "10.0.0.2:5000"), IGNORED },
		{ IN(UDP, "198.51.100.9:53", "192.0.2.1:5000", .ip_csum_wrong = true), IGNORED },
		{ IN(UDP, "198.51.100.9:53", "192.0.2.200:5000"), IGNORED }),
	  .world = { .outside = "192.0.2.200" } },
	{ "frames that are not ipv4 are none of ours", "D-own", STEPS(
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .ethertype = 0x0806), IGNORED },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .ethertype = 0x86dd, .len = 40),
		  IGNORED }) },
	{ "tagged frames are none of ours", "D-vlan", STEPS(
		UDP_FLOW,
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .tag = TAG(5)), IGNORED }) },
	{ "an echo request is for the gateway, whatever its id", "5508-1d", STEPS(
		PING_FLOW,
		{ IN(ICMP, "198.51.100.9:77", "203.0.113.1", .icmp = MESSAGE(8, 0)),
		  PASSES(HOST_IN) }) },
	{ "a scan from outside reaches no internal host", "4787-8", STEPS(
		UDP_FLOW,
		{ IN(UDP, "198.51.100.77:4000", "203.0.113.1:4999"), PASSES(HOST_IN) },
		{ IN(UDP, "198.51.100.77:4000", "203.0.113.1:5000"), DROPPED(FILTERED) },
		{ IN(UDP, "198.51.100.77:4000", "203.0.113.1:5001"), PASSES(HOST_IN) },
		{ IN(TCP, "198.51.100.77:4000", "203.0.113.1:5000", .flags = SYN),
		  HELD },
		{ TABLES(1, 1) }) },
	{ "later fragments that nobody has taught us are left to the host", "4787-14", STEPS(
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .pokes = { { 6, 2, 0x2003 } }),
		  PASSES(HOST_FRAGMENT), ASKS(HOLD) },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .pokes = { { 6, 2, 0x0007 } }),
		  PASSES(HOST_FRAGMENT), ASKS(HOLD) }) },
	{ "later fragments to a pool address without owner wait for it", "4787-14", STEPS(
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .pokes = { { 6, 2, 0x2003 } }),
		  EARLY }),
	  .world = { .not_local = true } },
	{ "tcp that opens nothing does not reach an internal host", "5382-5g", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:80") },
		{ IN(TCP, "198.51.100.9:81", "203.0.113.1:5000", .flags = ACK),
		  DROPPED(TCP_NO_SYN) },
		{ IN(TCP, "198.51.100.9:81", "203.0.113.1:5000", .flags = RST),
		  DROPPED(TCP_NO_SYN) },
		{ TABLES(1, 1) }) },
};
/* clang-format on */
ROWS(others)
