// SPDX-License-Identifier: GPL-2.0-only
/*
 * csum.c - incremental checksums against a full recomputation (1624-neg0, 768-zero).
 *
 * The reference is written the slow way, octet by octet as in RFC 1071, and shares
 * nothing with bpf/csum.h.
 */
#include <string.h>

#include "check.h"
#include "csum.h"
#include "random.h"

#define ROUNDS 100000

/* A transport packet with its pseudo header; the checksum field is at @check. */
struct message {
	__be32 saddr, daddr;
	__u8 zero, proto;
	__be16 len;
	union {
		struct {
			__be16 sport, dport, rest, check;
		};
		unsigned char bytes[64];
	};
};

static __u16 reference(const void *data, size_t len)
{
	const unsigned char *bytes = data;
	__u32 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static size_t message_random(struct message *message, uint64_t *seed)
{
	__u16 len = 8 + random_below(seed, sizeof(message->bytes) - 8);

	memset(message, 0, sizeof(*message));
	for (size_t i = 0; i < len; i++)
		message->bytes[i] = random_next(seed);
	message->saddr = random_next(seed);
	message->daddr = random_next(seed);
	message->proto = NAT_PROTO_UDP;
	message->len = htons(len);
	message->check = 0;
	message->check = reference(message, 12 + len);
	return 12 + len;
}

/* Extreme words are where negative zero lives: half of all rounds use them. */
static __u32 word_random(uint64_t *seed)
{
	static const __u32 extremes[] = { 0, 0xffff, 0xffff0000, 0xffffffff, 1, 0x10000 };
	__u32 choice = random_below(seed, 12);

	return choice < 6 ? extremes[choice] : random_next(seed);
}

TEST(incremental_update_equals_recomputation)
{
	uint64_t seed = RANDOM_SEED;
	struct message message;

	for (int i = 0; i < ROUNDS; i++) {
		size_t len = message_random(&message, &seed);
		__be32 addr = word_random(&seed);
		__be16 port = word_random(&seed);
		__u64 delta = csum_delta32(message.saddr, addr) + csum_delta16(message.sport, port);
		__u16 incremental = csum_apply(message.check, delta);

		check_note("round %d", i);
		message.saddr = addr;
		message.sport = port;
		message.check = 0;
		CHECK_EQ(incremental, reference(&message, len));
	}
}

TEST(change_and_change_back_restores_the_field)
{
	uint64_t seed = RANDOM_SEED;
	struct message message;

	for (int i = 0; i < ROUNDS; i++) {
		__be32 addr;
		__u16 there;

		message_random(&message, &seed);
		addr = word_random(&seed);
		there = csum_apply(message.check, csum_delta32(message.saddr, addr));
		check_note("round %d", i);
		CHECK_EQ(csum_apply(there, csum_delta32(addr, message.saddr)), message.check);
	}
}

TEST(an_error_in_the_checksum_is_carried_not_repaired)
{
	uint64_t seed = RANDOM_SEED;
	struct message message;

	for (int i = 0; i < 1000; i++) {
		size_t len = message_random(&message, &seed);
		__u64 delta = csum_delta32(message.saddr, 0x01020304);
		__u16 wrong = csum_apply(message.check ^ 0x0100, delta);

		message.saddr = 0x01020304;
		message.check = 0;
		CHECK(wrong != reference(&message, len));
	}
}

TEST(udp_without_checksum_stays_without)
{
	CHECK_EQ(csum_apply_udp(0, csum_delta32(0x0a000002, 0xcb007101)), 0);
}

/* RFC 768: a computed 0 is transmitted as all ones. */
TEST(udp_checksum_never_becomes_zero)
{
	int became_ones = 0;

	for (__u32 check = 1; check <= 0xffff; check++) {
		__u64 delta = csum_delta16(0x1234, 0x4321);
		__u16 result = csum_apply_udp(check, delta);

		check_note("field %#x", check);
		CHECK(result);
		if (!csum_apply(check, delta)) {
			CHECK_EQ(result, 0xffff);
			became_ones++;
		}
	}
	CHECK_EQ(became_ones, 1);
}

TEST(fold_is_the_residue_modulo_65535)
{
	uint64_t seed = RANDOM_SEED;

	for (int i = 0; i < ROUNDS; i++) {
		__u64 sum = (__u64)random_next(&seed) << 32 | random_next(&seed);

		check_note("sum %#llx", sum);
		CHECK_EQ(csum_fold(sum) % 0xffff, sum % 0xffff);
	}
	CHECK_EQ(csum_fold(~0ULL), 0xffff);
	CHECK_EQ(csum_fold(0), 0);
}

TEST(pseudo_header_sum_equals_recomputation)
{
	uint64_t seed = RANDOM_SEED;
	struct message message;

	for (int i = 0; i < ROUNDS; i++) {
		message_random(&message, &seed);
		CHECK_EQ((__u16)~csum_pseudo(message.saddr, message.daddr, message.proto,
					     ntohs(message.len)),
			 reference(&message, 12));
	}
}

TEST(an_unfinished_checksum_is_recognised)
{
	CHECK(csum_is_unfinished(0x1234, 0x1234, NAT_PROTO_TCP));
	CHECK(csum_is_unfinished(0x1234, 0x1234, NAT_PROTO_UDP));
	CHECK(!csum_is_unfinished(0x1234, 0x1235, NAT_PROTO_TCP));
}

TEST(unfinished_zero_and_all_ones_are_the_same_number)
{
	CHECK(csum_is_unfinished(0xffff, 0, NAT_PROTO_TCP));
	CHECK(csum_is_unfinished(0, 0xffff, NAT_PROTO_TCP));
	CHECK(csum_is_unfinished(0xffff, 0, NAT_PROTO_UDP));
}

TEST(udp_zero_is_no_checksum_rather_than_an_unfinished_one)
{
	CHECK(!csum_is_unfinished(0, 0, NAT_PROTO_UDP));
	CHECK(!csum_is_unfinished(0, 0xffff, NAT_PROTO_UDP));
}
