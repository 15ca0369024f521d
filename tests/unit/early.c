// SPDX-License-Identifier: GPL-2.0-only
/* early.c - fragments that wait for their first one: order, who gets them, bounds. */
#include "early.h"

#include <string.h>

#include "check.h"
#include "checksum.h"

#define NOW 1000
#define DEADLINE 1015

static struct early early;

static void setup(void)
{
	CHECK_EQ(early_open(&early), 0);
}

static void teardown(void)
{
	early_close(&early);
	CHECK_EQ(early.octets, 0);
}

/* A fragment of datagram @id from @src, at @offset octets. */
static struct nat_request fragment(__be32 src, __u16 id, __u16 offset, __u16 len)
{
	struct nat_request request = {
		.kind = NAT_REQUEST_HOLD,
		.len = len,
		.datagram = { .src = src, .proto = NAT_PROTO_UDP, .slot = id % NAT_FRAGMENT_SLOTS },
		.dst = 7,
		.id = htons(id)
	};

	request.packet[0] = 0x45;
	request.packet[6] = (__u8)(offset / 8 >> 8 | 0x20); /* more fragments */
	request.packet[7] = (__u8)(offset / 8);
	return request;
}

static void hold(const struct nat_request *request)
{
	early_hold(&early, request, NOW, DEADLINE);
}

static __u32 offsets[256];
static size_t taken;

static void take(void *data, __u8 *packet, size_t len)
{
	CHECK(data == &early);
	CHECK(len >= 20);
	offsets[taken++] = ((packet[6] & 0x1f) << 8 | packet[7]) * 8;
}

static size_t release(const struct nat_request *request)
{
	taken = 0;
	early_release(&early, request, take, &early);
	return taken;
}

TEST(releases_in_the_order_of_offsets)
{
	static const __u16 order[] = { 2960, 1480, 32760, 4440 };
	struct nat_request request;

	setup();
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		request = fragment(1, 5, order[i], 1500);
		hold(&request);
	}
	CHECK_EQ(release(&request), 4);
	CHECK_EQ(offsets[0], 1480);
	CHECK_EQ(offsets[1], 2960);
	CHECK_EQ(offsets[2], 4440);
	CHECK_EQ(offsets[3], 32760);
	CHECK_EQ(early.octets, 0);
	CHECK_EQ(release(&request), 0);
	teardown();
}

TEST(releases_that_datagram_alone)
{
	struct nat_request mine = fragment(1, 5, 1480, 100);
	struct nat_request neighbour = fragment(1, 6, 1480, 100);
	struct nat_request other = fragment(2, 5, 1480, 100);
	struct nat_request elsewhere = mine;

	setup();
	hold(&mine);
	hold(&neighbour);
	hold(&other);
	elsewhere.dst = 8;
	CHECK_EQ(release(&elsewhere), 0);
	CHECK_EQ(release(&mine), 1);
	CHECK_EQ(release(&neighbour), 1);
	CHECK_EQ(release(&other), 1);
	teardown();
}

TEST(the_next_datagram_of_a_slot_takes_it_over)
{
	struct nat_request old = fragment(1, 5, 1480, 100);
	struct nat_request new = fragment(1, 5 + NAT_FRAGMENT_SLOTS, 1480, 100);

	setup();
	hold(&old);
	hold(&new);
	CHECK_EQ(early.count, 1);
	CHECK_EQ(release(&old), 0);
	CHECK_EQ(release(&new), 1);
	teardown();
}

TEST(is_forgotten_at_its_deadline)
{
	struct nat_request request = fragment(1, 5, 1480, 100);
	struct nat_request later = fragment(2, 5, 1480, 100);

	setup();
	hold(&request);
	early_hold(&early, &later, NOW + 5, DEADLINE + 5);
	early_expire(&early, DEADLINE - 1);
	CHECK_EQ(early.count, 2);
	early_expire(&early, DEADLINE);
	CHECK_EQ(early.count, 1);
	CHECK_EQ(release(&request), 0);
	CHECK_EQ(release(&later), 1);
	teardown();
}

TEST(a_late_fragment_does_not_revive_what_is_past_its_deadline)
{
	struct nat_request first = fragment(1, 5, 1480, 100);
	struct nat_request second = fragment(1, 5, 2960, 100);

	setup();
	hold(&first);
	early_hold(&early, &second, DEADLINE, DEADLINE + 15);
	CHECK_EQ(release(&second), 1);
	CHECK_EQ(offsets[0], 2960);
	teardown();
}

TEST(a_flood_has_a_bound_and_the_latest_stay)
{
	struct nat_request request;

	setup();
	for (__u32 i = 0; i < 20000; i++) {
		request = fragment(i, 5, 1480, 1500);
		early_hold(&early, &request, NOW, DEADLINE + i);
		CHECK(early.octets <= EARLY_OCTETS_MAX);
		CHECK(early.count <= NAT_EARLY_MAX);
	}
	CHECK_EQ(early.count, NAT_EARLY_MAX);
	CHECK_EQ(release(&request), 1);
	request = fragment(20000 - NAT_EARLY_MAX, 5, 1480, 1500);
	CHECK_EQ(release(&request), 1);
	request = fragment(20000 - NAT_EARLY_MAX - 1, 5, 1480, 1500);
	CHECK_EQ(release(&request), 0);
	early_expire(&early, DEADLINE + 20000);
	CHECK_EQ(early.octets, 0);
	teardown();
}

TEST(memory_has_a_bound_whoever_fills_it)
{
	struct nat_request request;

	setup();
	for (__u16 i = 0; i < 64 * NAT_EARLY_FRAGMENTS; i++) {
		request = fragment(1, i / NAT_EARLY_FRAGMENTS, 8 + i % NAT_EARLY_FRAGMENTS * 8,
				   NAT_REQUEST_PACKET);
		early_hold(&early, &request, NOW, DEADLINE + i);
		CHECK(early.octets <= EARLY_OCTETS_MAX);
	}
	CHECK_EQ(release(&request), NAT_EARLY_FRAGMENTS);
	teardown();
}

TEST(is_rewritten_as_its_first_one)
{
	const struct nat_fragment note = { .new_src = htonl(0xcb007107),
					   .new_dst = htonl(0xc6336409),
					   .new_id = htons(0x1234) };
	static const __u8 expected[20] = { 0x45, 0, 0,	 60, 0x12, 0x34, 0x20, 185, 63,	 17,
					   0,	 0, 203, 0,  113,  7,	 198,  51,  100, 9 };
	__u8 packet[20] = { 0x45, 0, 0,	 60, 0xab, 0xcd, 0x20, 185, 63,	 17,
			    0,	  0, 10, 0,  0,	   5,	 198,  51,  100, 9 };

	early_translate(packet, &note, 1);
	CHECK_EQ(packet[8], 64);
	early_translate(packet, &note, -1);
	CHECK_EQ(checksum(packet, sizeof(packet)), 0);
	packet[10] = packet[11] = 0;
	CHECK(!memcmp(packet, expected, sizeof(packet)));
}
