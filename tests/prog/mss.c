// SPDX-License-Identifier: GPL-2.0-only
/*
 * mss.c - what a SYN says about segments it will take, behind a WAN that takes less.
 */
#include <stdint.h>
#include <stdio.h>

#include "random.h"
#include "sockets.h"
#include "steps.h"

#define SYN_OUT(...)                                                                               \
	OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN, .seq = 1, __VA_ARGS__)
#define SYN_ACK_IN(...)                                                                            \
	IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .ack = 2, __VA_ARGS__)
#define LEAVES BECOMES("203.0.113.1:5000", "198.51.100.9:80")
#define RETURNS BECOMES("198.51.100.9:80", "10.0.0.2:5000")

#define NOP "\x01"
#define END "\x00"
#define SCALE_7 "\x03\x03\x07"
#define SACK_OK "\x04\x02"
#define TIMESTAMP "\x08\x0a\x11\x22\x33\x44\0\0\0\0"

#define MTU_1400 .world = { .mtu = 1400 }
#define CLAMP(limit) .world = { .set = { SET(CLAMP_MSS, limit) } }

/* clang-format off */
static const struct row lowered[] = {
	{ "both sides hear what fits the wan", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES, NEW_TCP_OPTIONS(MSS_1360) },
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES, NEW_TCP_OPTIONS(MSS_1360) },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_1460)), RETURNS, NEW_TCP_OPTIONS(MSS_1360),
		  .lane = LANE_TC }),
	  MTU_1400 },
	{ "a stranger's syn to an open binding, and the answer", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES, NEW_TCP_OPTIONS(MSS_1360) },
		{ IN(TCP, "198.51.100.9:81", "203.0.113.1:5000", .flags = SYN,
		      WITH_TCP_OPTIONS(MSS_1460)),
		  BECOMES("198.51.100.9:81", "10.0.0.2:5000"), NEW_TCP_OPTIONS(MSS_1360) },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:81", .flags = SYN | ACK,
		      WITH_TCP_OPTIONS(MSS_1460)),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:81"), NEW_TCP_OPTIONS(MSS_1360) }),
	  MTU_1400 },
	{ "among the options that hosts send", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460 SACK_OK TIMESTAMP NOP SCALE_7)), LEAVES,
		  NEW_TCP_OPTIONS(MSS_1360 SACK_OK TIMESTAMP NOP SCALE_7) },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(SACK_OK TIMESTAMP MSS_1460)), RETURNS,
		  NEW_TCP_OPTIONS(SACK_OK TIMESTAMP MSS_1360) }),
	  MTU_1400 },
	{ "at an odd offset", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(NOP MSS_1460 SCALE_7)), LEAVES,
		  NEW_TCP_OPTIONS(NOP MSS_1360 SCALE_7) },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(SCALE_7 MSS_1460 END)), RETURNS,
		  NEW_TCP_OPTIONS(SCALE_7 MSS_1360 END) }),
	  MTU_1400 },
	{ "as the last of forty octets", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(NOPS_36 MSS_1460)), LEAVES,
		  NEW_TCP_OPTIONS(NOPS_36 MSS_1360) }),
	  MTU_1400 },
	{ "behind ip options, in front of data", "D-mss", STEPS(
		{ SYN_OUT(WITH_OPTIONS(ROUTER_ALERT NOPS_36), WITH_TCP_OPTIONS(MSS_1460), .len = 99),
		  LEAVES, NEW_TCP_OPTIONS(MSS_1360) },
		{ SYN_ACK_IN(WITH_OPTIONS(NOPS_4), WITH_TCP_OPTIONS(MSS_1460), .padding = 3),
		  RETURNS, NEW_TCP_OPTIONS(MSS_1360) }),
	  MTU_1400 },
	{ "with a checksum that a device is to finish", "D-offload", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460), .csum = CSUM_UNFINISHED), LEAVES,
		  NEW_TCP_OPTIONS(MSS_1360) },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(NOP MSS_1460 SCALE_7), .csum = CSUM_UNFINISHED),
		  RETURNS, NEW_TCP_OPTIONS(NOP MSS_1360 SCALE_7) }),
	  MTU_1400 },
	{ "a wrong checksum stays wrong by as much", "1624-neg0", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460), .csum = CSUM_WRONG), LEAVES,
		  NEW_TCP_OPTIONS(MSS_1360) },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(NOP MSS_1460 SCALE_7), .csum = CSUM_WRONG),
		  RETURNS, NEW_TCP_OPTIONS(NOP MSS_1360 SCALE_7) }),
	  MTU_1400 },
	{ "on an interface without ethernet header", "D-mss", STEPS(
		/* A test run takes two octets of the source for the ethertype: 8.0 is IPv4. */
		{ OUT(TCP, "8.0.0.2:5000", "198.51.100.9:80", .no_link = true, .flags = SYN,
		      WITH_TCP_OPTIONS(MSS_1460)), LEAVES, NEW_TCP_OPTIONS(MSS_1360) }),
	  .world = { .no_link = true, .mtu = 1400 } },
	{ "to a number, whatever the wan takes", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES, NEW_TCP_OPTIONS(MSS_1000) },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_1460)), RETURNS, NEW_TCP_OPTIONS(MSS_1000),
		  .lane = LANE_TC }),
	  CLAMP(1000) },
	{ "to the least that can be set", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES, NEW_TCP_OPTIONS(MSS_536) }),
	  CLAMP(536) },
	{ "from the next syn on when it is set", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES },
		{ NOW_SET(CLAMP_MSS, 1000) },
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES, NEW_TCP_OPTIONS(MSS_1000) },
		{ NOW_SET(CLAMP_MSS, NAT_CLAMP_OFF) },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_1460)), RETURNS }) },
};
/* clang-format on */
ROWS(lowered)

/* clang-format off */
static const struct row left_alone[] = {
	{ "never raised", "9293-3.7.1", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1000)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1360)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x02\x04\x00\x00")), LEAVES },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_536)), RETURNS }),
	  MTU_1400 },
	{ "never added", "9293-3.7.1", STEPS(
		{ SYN_OUT(.len = 4), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS(SACK_OK NOP NOP)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS(TIMESTAMP NOP NOP)), LEAVES },
		{ SYN_ACK_IN(.len = 4), RETURNS }),
	  MTU_1400 },
	{ "when it is off", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_1460)), RETURNS, .lane = LANE_XDP }),
	  .world = { .mtu = 1400, .set = { SET(CLAMP_MSS, NAT_CLAMP_OFF) } } },
	{ "when the wan takes what ethernet does", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS("\x02\x04\x23\x00")), LEAVES },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS("\x02\x04\xff\xff")), RETURNS }),
	  .world = { .mtu = 1500 } },
	{ "in segments without syn", "D-mss", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(MSS_1000)), LEAVES },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_1000)), RETURNS },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .seq = 2, .ack = 1,
		      WITH_TCP_OPTIONS(MSS_1460)), LEAVES },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .seq = 1, .ack = 2,
		     WITH_TCP_OPTIONS(MSS_1460)), RETURNS, .lane = LANE_XDP }),
	  MTU_1400 },
	{ "in what only looks like a syn", "D-mss", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:80", .len = 40,
		      .pokes = { { 33, 1, SYN }, { 40, 4, 0x020405b4 } }), LEAVES },
		{ IN(UDP, "198.51.100.9:80", "203.0.113.1:5000", .len = 40,
		     .pokes = { { 33, 1, SYN }, { 40, 4, 0x020405b4 } }), RETURNS,
		  .lane = LANE_XDP }),
	  MTU_1400 },
	{ "options that end before it", "9293-3.1", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS(END "\x04\x01\x01" MSS_1460)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS(SCALE_7 END MSS_1460)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS(NOPS_4), .len = 4, .pokes = { { 44, 4, 0x020405b4 } }),
		  LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS(NOPS_4), .len = 8,
			  .pokes = { { 44, 4, 0x01020405 }, { 48, 1, 0xb4 } }), LEAVES }),
	  MTU_1400 },
	{ "options that cannot be read", "9293-3.1", STEPS(
		{ SYN_OUT(WITH_TCP_OPTIONS("\x03\x00\x07\x01" MSS_1460)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x03\x01\x07\x01" MSS_1460)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x03\x09\x07\x01" MSS_1460)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\xfd\xff\x07\x01" MSS_1460)), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x02\x03\x05\xb4")), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x02\x05\x05\xb4\x00\x01\x01\x01")), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x02\x02\x05\xb4")), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x01\x01\x01\x02"), .len = 3), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x01\x01\x02\x04"), .len = 3), LEAVES },
		{ SYN_OUT(WITH_TCP_OPTIONS("\x01\x02\x04\x05"), .len = 3), LEAVES },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS("\x03\x00\x07\x01" MSS_1460)), RETURNS },
		{ SYN_ACK_IN(WITH_TCP_OPTIONS("\x01\x02\x04\x05"), .len = 3), RETURNS }),
	  MTU_1400 },
	{ "of the gateway's own connections", "D-own", STEPS(
		{ OUT(TCP, "203.0.113.1:5000", "198.51.100.9:80", .flags = SYN,
		      WITH_TCP_OPTIONS(MSS_1460)), PASSES(HOST_OUT) },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK,
		     WITH_TCP_OPTIONS(MSS_1460)), PASSES(HOST_IN) }),
	  MTU_1400 },
	{ "of packets that do not pass", "D-mss", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "224.0.0.5:80", .flags = SYN,
		      WITH_TCP_OPTIONS(MSS_1460)), DROPPED(MULTICAST) },
		{ OUT(TCP, "192.0.2.77:5000", "198.51.100.9:80", .flags = SYN,
		      WITH_TCP_OPTIONS(MSS_1460)), PASSES(NOT_INTERNAL) }),
	  .world = { .mtu = 1400, .internal = "10.0.0.0/24" } },
};
/* clang-format on */
ROWS(left_alone)

/* The programs ask the kernel, so no one has to tell them. */
PROG_TEST(an_mtu_that_changes_counts_at_once)
{
	world_make(NULL);
	step(SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES);
	sockets_mtu(1400);
	step(SYN_OUT(WITH_TCP_OPTIONS(MSS_1460)), LEAVES, NEW_TCP_OPTIONS(MSS_1360));
	sockets_mtu(1040);
	step(SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_1460)), RETURNS, NEW_TCP_OPTIONS(MSS_1000));
	sockets_mtu(1499);
	step(SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_1460)), RETURNS, NEW_TCP_OPTIONS("\x02\x04\x05\xb3"));
	sockets_mtu(65536);
	step(SYN_ACK_IN(WITH_TCP_OPTIONS(MSS_1460)), RETURNS);
}

static void offer_put(char *at, __u16 mss)
{
	at[0] = 2;
	at[1] = 4;
	at[2] = mss >> 8;
	at[3] = mss;
}

/* O2 on many packets: any MSS, at any offset, under any checksum. */
PROG_TEST(random_offers_have_right_checksums_both_ways)
{
	uint64_t seed = RANDOM_SEED;

	world_make(&(struct world){ .set = { SET(CLAMP_MSS, 1000) } });
	for (int i = 0; i < 500; i++) {
		char before[] = NOPS_4 NOPS_4, after[] = NOPS_4 NOPS_4;
		__u32 at = random_below(&seed, 5), seq = random_next(&seed);

		offer_put(before + at, 1001 + random_below(&seed, 64000));
		offer_put(after + at, 1000);
		step(OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN, .seq = seq,
			 WITH_TCP_OPTIONS(before)),
		     LEAVES, NEW_TCP_OPTIONS(after));
		step(IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .seq = seq,
			.ack = seq + 1, WITH_TCP_OPTIONS(before)),
		     RETURNS, NEW_TCP_OPTIONS(after));
	}
}
