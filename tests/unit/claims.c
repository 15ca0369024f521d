// SPDX-License-Identifier: GPL-2.0-only
/*
 * claims.c - the port pool of bpf/claims.h, against a plain array of what is taken.
 *
 * The demands: the last free port of a range is found at any fill (6056-search), a
 * claim never leaves its range (4787-3a) nor, while there is a choice, its parity
 * (4787-4), no port is given twice (4787-3), the choice is random (6056-4a), and the
 * hints never hide a free port whatever was claimed and released before.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "claims.h"
#include "random.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#define PORTS 65536

static const struct claim_range ranges[] = {
	{ 1024, 65535 },  /* the default */
	{ 512, 1023 },	  /* sources below 1024 */
	{ 0, 65535 },	  /* ICMP ids */
	{ 40000, 40099 }, /* begins and ends within a word */
	{ 40000, 40063 }, /* one word long */
	{ 40001, 40062 }, /* within one word */
	{ 65535, 65535 }, /* a single port */
};

/* Too large for the stack of a case. */
static struct nat_claims set;

static void set_reset(void)
{
	memset(&set, 0, sizeof(set));
}

static __s32 search(const struct claim_range *range, __u32 parity, uint64_t *seed)
{
	__u32 random[2] = { random_next(seed), random_next(seed) };

	return claim_search(&set, range, parity, random);
}

static bool is_claimed(__u32 port)
{
	return set.claimed[port / 64] >> (port % 64) & 1;
}

static void claim_all_but(const struct claim_range *range, __u32 port)
{
	set_reset();
	for (__u32 i = range->first; i <= range->last; i++)
		if (i != port)
			CHECK(claim_port(&set, i, false));
}

/* The hint may be missing where a word is full, never set where a port is free. */
static void check_hints(void)
{
	for (__u32 word = 0; word < NAT_PORT_WORDS; word++) {
		for (__u32 parity = 0; parity < 2; parity++) {
			__u64 mask = claim_parity_mask(parity);
			bool full = ((set.claimed[word] | set.host[word]) & mask) == mask;

			check_note("word %u, parity %u", word, parity);
			if (!full)
				CHECK(!(set.full[parity][word / 64] >> (word % 64) & 1));
		}
	}
}

TEST(the_last_free_port_is_found_at_once)
{
	uint64_t seed = RANDOM_SEED;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		const struct claim_range *range = &ranges[i];

		for (int round = 0; round < 40; round++) {
			__u32 span = range->last - range->first + 1;
			__u32 port = range->first + random_below(&seed, span);

			/* The edges are where words are shared with other ports. */
			if (round < 2)
				port = round ? range->first : range->last;
			check_note("range %u-%u, port %u", range->first, range->last, port);
			claim_all_but(range, port);
			CHECK_EQ(search(range, port, &seed), port);
			CHECK_EQ(search(range, port, &seed), CLAIM_NONE);
		}
	}
}

/* 4787-4: the wanted parity as long as there is any of it, then the other, then refusal. */
TEST(a_range_is_served_to_its_last_port_and_not_beyond)
{
	uint64_t seed = RANDOM_SEED;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(ranges); i++) {
		const struct claim_range *range = &ranges[i / 2];
		__u32 span = range->last - range->first + 1, parity = i % 2;
		__u32 wanted = (span + ((range->first & 1) == parity)) / 2;

		set_reset();
		for (__u32 served = 0; served < span; served++) {
			__s32 port = search(range, parity, &seed);

			check_note("range %u-%u, parity %u, port %d, the %u-th", range->first,
				   range->last, parity, port, served + 1);
			CHECK(port >= (__s32)range->first && port <= (__s32)range->last);
			CHECK_EQ((port & 1) == (__s32)parity, served < wanted);
			CHECK(is_claimed(port));
		}
		CHECK_EQ(search(range, parity, &seed), CLAIM_NONE);
		check_hints();
	}
}

TEST(random_claims_and_releases_never_lose_or_double_a_port)
{
	static bool taken[PORTS];
	const struct claim_range range = { 40000, 40999 };
	uint64_t seed = RANDOM_SEED;
	__u32 held = 0;

	set_reset();
	memset(taken, 0, sizeof(taken));
	for (int i = 0; i < 200000; i++) {
		__u32 port = range.first + random_below(&seed, 1000);

		check_note("step %d, port %u", i, port);
		if (taken[port]) {
			claim_release(&set, port);
			taken[port] = false;
			held--;
		} else if (i % 3) {
			__s32 got = search(&range, port, &seed);

			CHECK(got != CLAIM_NONE);
			CHECK(!taken[got]);
			taken[got] = true;
			held++;
		} else {
			CHECK(claim_port(&set, port, false));
			taken[port] = true;
			held++;
		}
	}
	for (__u32 port = 0; port < PORTS; port++)
		CHECK_EQ(is_claimed(port), taken[port]);
	check_hints();
	CHECK(held > 0);
	CHECK_EQ(set.used, held);
}

TEST(a_released_port_is_found_again_in_a_full_set)
{
	const struct claim_range range = { 0, 65535 };
	uint64_t seed = RANDOM_SEED;

	claim_all_but(&range, PORTS);
	for (int i = 0; i < 1000; i++) {
		__u32 port = random_below(&seed, PORTS);

		check_note("port %u", port);
		claim_release(&set, port);
		/* Its parity is asked for, or the other: it is the only one in any case. */
		CHECK_EQ(search(&range, port + i, &seed), port);
		CHECK_EQ(search(&range, port + i, &seed), CLAIM_NONE);
	}
}

TEST(a_port_of_a_local_socket_is_never_given_away)
{
	const struct claim_range range = { 40000, 40063 };
	uint64_t seed = RANDOM_SEED;

	set_reset();
	set.host[40022 / 64] |= 1ULL << (40022 % 64);
	CHECK(!claim_port(&set, 40022, false));
	for (int i = 0; i < 63; i++) {
		__s32 port = search(&range, 0, &seed);

		CHECK(port != CLAIM_NONE && port != 40022);
	}
	CHECK_EQ(search(&range, 0, &seed), CLAIM_NONE);
}

TEST(the_gateways_own_traffic_claims_its_sockets_port)
{
	set_reset();
	set.host[40022 / 64] |= 1ULL << (40022 % 64);
	CHECK(claim_port(&set, 40022, true));
	CHECK(!claim_port(&set, 40022, true));
	CHECK_EQ(set.used, 1);
}

/*
 * natctl writes host bits without touching the hints. Every search repairs a few of
 * them, so the last port is found after a bounded number of refusals.
 */
TEST(hints_heal_after_host_bits_have_been_rewritten)
{
	const struct claim_range range = { 1024, 65535 };
	uint64_t seed = RANDOM_SEED;
	__s32 port = CLAIM_NONE;
	int refused = 0;

	set_reset();
	memset(set.host, 0xff, sizeof(set.host));
	set.host[50000 / 64] &= ~(1ULL << (50000 % 64));
	while ((port = search(&range, 0, &seed)) == CLAIM_NONE) {
		CHECK(refused < NAT_PORT_WORDS);
		refused++;
	}
	CHECK_EQ(port, 50000);
	check_hints();
}

TEST(every_port_of_the_range_can_be_drawn)
{
	static __u32 drawn[PORTS];
	const struct claim_range range = { 40000, 40099 };
	uint64_t seed = RANDOM_SEED;

	memset(drawn, 0, sizeof(drawn));
	for (int i = 0; i < 50000; i++) {
		__s32 port;

		set_reset();
		port = claim_probe(&set, &range, i & 1,
				   (__u64)random_next(&seed) << 32 | random_next(&seed));
		if (port == CLAIM_NONE)
			port = search(&range, i & 1, &seed);
		CHECK(port != CLAIM_NONE);
		drawn[port]++;
	}
	/* 500 are expected of each; 300 and 700 are nine standard deviations away. */
	for (__u32 port = range.first; port <= range.last; port++) {
		check_note("port %u", port);
		CHECK(drawn[port] > 300 && drawn[port] < 700);
	}
}

TEST(the_choice_is_not_the_first_free_one)
{
	const struct claim_range range = { 1024, 65535 };
	uint64_t seed = RANDOM_SEED;
	int ascending = 0;
	__s32 previous = 0;

	set_reset();
	for (int i = 0; i < 1000; i++) {
		__s32 port = search(&range, 0, &seed);

		ascending += port > previous;
		previous = port;
	}
	CHECK(ascending > 400 && ascending < 600);
}

TEST(nth_bit_agrees_with_counting)
{
	uint64_t seed = RANDOM_SEED;

	for (int i = 0; i < 20000; i++) {
		__u64 word = (__u64)random_next(&seed) << 32 | random_next(&seed);
		__u32 n = 0;

		if (i % 2)
			word &= (__u64)random_next(&seed) << random_below(&seed, 33);
		check_note("word %#llx", word);
		CHECK_EQ(claim_popcount(word), __builtin_popcountll(word));
		for (__u32 bit = 0; bit < 64; bit++)
			if (word >> bit & 1)
				CHECK_EQ(claim_nth_bit(word, n++), bit);
	}
}

TEST(bits_of_a_range_agree_with_counting)
{
	uint64_t seed = RANDOM_SEED;

	for (int i = 0; i < 20000; i++) {
		__u32 base = random_below(&seed, 8) * 64;
		__u32 first = random_below(&seed, 512), last = random_below(&seed, 512);
		__u64 expected = 0;

		for (__u32 bit = 0; bit < 64; bit++)
			if (base + bit >= first && base + bit <= last)
				expected |= 1ULL << bit;
		check_note("base %u, %u-%u", base, first, last);
		CHECK_EQ(claim_bits(base, first, last), expected);
	}
}
