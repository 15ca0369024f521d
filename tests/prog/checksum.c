// SPDX-License-Identifier: GPL-2.0-only
/*
 * checksum.c - transport checksums in all the states in which a packet can carry them.
 *
 * A test run cannot mark an skb as unfinished (CHECKSUM_PARTIAL). What it can show: XDP
 * leaves such a packet alone, and TC changes the field by exactly what the packet's
 * change is worth. That the kernel's helper then does the right thing for a device to
 * finish is for tests/net to show.
 */
#include <stdint.h>
#include <stdio.h>

#include "random.h"
#include "steps.h"

#define UDP_FLOW                                                                                   \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"),                                      \
			BECOMES("203.0.113.1:5000", "198.51.100.9:53")                             \
	}
#define UDP_BECOMES BECOMES("203.0.113.1:5000", "198.51.100.9:53")
#define UDP_RETURNS BECOMES("198.51.100.9:53", "10.0.0.2:5000")
#define TCP_FLOW                                                                                   \
	{                                                                                          \
		OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN, .seq = 1), TCP_BECOMES  \
	}
#define TCP_BECOMES BECOMES("203.0.113.1:5000", "198.51.100.9:80")
#define TCP_RETURNS BECOMES("198.51.100.9:80", "10.0.0.2:5000")

/* clang-format off */
static const struct row rows[] = {
	{ "udp without checksum stays without", "3022-4.1f", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .csum = CSUM_NONE), UDP_BECOMES },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .csum = CSUM_NONE), UDP_BECOMES },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .csum = CSUM_NONE), UDP_RETURNS,
		  .lane = LANE_XDP }) },
	{ "udp without checksum, and another port", "3022-4.1f", STEPS(
		UDP_FLOW,
		{ OUT(UDP, "10.0.0.3:5000", "198.51.100.9:53", .csum = CSUM_NONE),
		  BECOMES("203.0.113.1:x", "198.51.100.9:53") },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:x", .csum = CSUM_NONE),
		  BECOMES("198.51.100.9:53", "10.0.0.3:5000") }) },
	{ "a wrong checksum stays wrong by as much", "1624-neg0", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .csum = CSUM_WRONG), UDP_BECOMES },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .csum = CSUM_WRONG), UDP_RETURNS },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN, .csum = CSUM_WRONG),
		  TCP_BECOMES },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK,
		      .csum = CSUM_WRONG), TCP_RETURNS }) },
	{ "unfinished udp goes by the slow lane", "D-offload", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .csum = CSUM_UNFINISHED),
		  UDP_BECOMES },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .csum = CSUM_UNFINISHED, .len = 700),
		  UDP_BECOMES },
		{ IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .csum = CSUM_UNFINISHED),
		  UDP_RETURNS, .lane = LANE_TC }) },
	{ "unfinished tcp goes by the slow lane", "D-offload", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN, .seq = 1,
		      .csum = CSUM_UNFINISHED), TCP_BECOMES },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .ack = 2,
		      .csum = CSUM_UNFINISHED), TCP_RETURNS, .lane = LANE_TC },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .seq = 2, .ack = 1, .len = 1000,
		      .csum = CSUM_UNFINISHED), TCP_BECOMES }) },
	{ "an icmp checksum is never taken for unfinished", "3022-4.1g", STEPS(
		{ OUT(ICMP, "10.0.0.2:77", "198.51.100.9", .len = 301),
		  BECOMES("203.0.113.1:77", "198.51.100.9") },
		{ IN(ICMP, "198.51.100.9", "203.0.113.1:77", .len = 301),
		  BECOMES("198.51.100.9", "10.0.0.2:77"), .lane = LANE_XDP }) },
	{ "a wrong icmp query checksum stays wrong", "3022-4.1g", STEPS(
		{ OUT(ICMP, "10.0.0.2:77", "198.51.100.9"),
		  BECOMES("203.0.113.1:77", "198.51.100.9") },
		{ OUT(ICMP, "10.0.0.3:77", "198.51.100.9", .icmp_csum_wrong = true),
		  BECOMES("203.0.113.1:x", "198.51.100.9") }) },
	{ "a segment that a device will cut up", "D-offload", STEPS(
		TCP_FLOW,
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .ack = 2),
		  TCP_RETURNS },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .seq = 2, .ack = 1, .len = 2896,
		      .gso = 1448, .csum = CSUM_UNFINISHED), TCP_BECOMES },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .seq = 1, .ack = 2, .len = 2896,
		      .gso = 1448), TCP_RETURNS }) },
	{ "lengths odd, even and none", "3022-4.1e", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .len = NO_PAYLOAD), UDP_BECOMES },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .len = 1), UDP_BECOMES },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .len = 2), UDP_BECOMES },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .len = 1471), UDP_BECOMES },
		TCP_FLOW,
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .ack = 2,
		      .len = 1), TCP_RETURNS },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .ack = 2, .len = 1459),
		  TCP_RETURNS }) },
};
/* clang-format on */
ROWS(rows)

/* The first two octets of payload for which a packet's UDP checksum computes to 0. */
static __u16 fill_for_zero(struct packet packet)
{
	static const struct names names;
	struct frame frame;

	for (__u32 fill = 1; fill <= 0xffff; fill++) {
		packet.fill = fill;
		packet_build(&packet, &names, &frame);
		if (frame.bytes[frame.l4 + 6] == 0xff && frame.bytes[frame.l4 + 7] == 0xff)
			return fill;
	}
	check_fail(__FILE__, __LINE__, "no payload gives a checksum of 0");
}

/* 768-zero: computed 0 is sent as 0xFFFF; 0 would say that there is no checksum. */
PROG_TEST(udp_checksum_computed_as_zero_is_sent_as_ones)
{
	struct packet out = PACKET(HOOK_OUT, UDP, "203.0.113.1:5000", "198.51.100.9:53");
	struct packet in = PACKET(HOOK_IN, UDP, "198.51.100.9:53", "10.0.0.2:5000");

	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .fill = fill_for_zero(out)), UDP_BECOMES);
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53", .fill = fill_for_zero(out)), UDP_BECOMES);
	step(IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .fill = fill_for_zero(in)),
	     UDP_RETURNS);
}

/* Finished, and by chance equal to the pseudo header's sum: one packet in 65,536. */
PROG_TEST(a_finished_checksum_that_looks_unfinished_is_right_too)
{
	static const struct names names;
	struct packet packet = PACKET(HOOK_IN, UDP, "198.51.100.9:53", "203.0.113.1:5000");
	struct frame right, unfinished;
	__u32 fill = 0;

	do {
		packet.fill = ++fill;
		packet.csum = CSUM_RIGHT;
		packet_build(&packet, &names, &right);
		packet.csum = CSUM_UNFINISHED;
		packet_build(&packet, &names, &unfinished);
		CHECK(fill < 0xffff);
	} while (right.bytes[right.l4 + 6] != unfinished.bytes[right.l4 + 6] ||
		 right.bytes[right.l4 + 7] != unfinished.bytes[right.l4 + 7]);

	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"), UDP_BECOMES);
	step(IN(UDP, "198.51.100.9:53", "203.0.113.1:5000", .fill = fill), UDP_RETURNS,
	     .lane = LANE_TC);
}

/* O2 on many packets: whatever the addresses, ports and lengths are. */
PROG_TEST(random_flows_have_right_checksums_both_ways)
{
	uint64_t seed = RANDOM_SEED;
	char internal[32], remote[32];

	for (int i = 0; i < 500; i++) {
		int len = 1 + random_below(&seed, 1400);
		__u32 seq = random_next(&seed);

		if (i % 250 == 0)
			world_make(NULL);
		step_forget();
		snprintf(internal, sizeof(internal), "10.%d.%u.2:%u", i % 250,
			 random_below(&seed, 256), 1024 + random_below(&seed, 60000));
		snprintf(remote, sizeof(remote), "198.51.%u.9:%u", random_below(&seed, 256),
			 1 + random_below(&seed, 65535));
		step(OUT(UDP, internal, remote, .len = len), BECOMES("203.0.113.1:x", remote));
		step(IN(UDP, remote, "203.0.113.1:x", .len = len), BECOMES(remote, internal));
		step_forget();
		step(OUT(TCP, internal, remote, .flags = SYN, .seq = seq),
		     BECOMES("203.0.113.1:x", remote));
		step(IN(TCP, remote, "203.0.113.1:x", .flags = SYN | ACK, .ack = seq + 1,
			.len = len),
		     BECOMES(remote, internal));
	}
}
