// SPDX-License-Identifier: GPL-2.0-only
/*
 * life.c - the life word of include/nat_life.h: packing, expiry, grace.
 */
#include "check.h"
#include "nat_life.h"

TEST(fields_survive_packing)
{
	__u64 life = life_make(NAT_STATE_RESET, 0x89abcdef, 0x123456);

	CHECK_EQ(life_state(life), NAT_STATE_RESET);
	CHECK_EQ(life_deadline(life), 0x89abcdef);
	CHECK_EQ(life_low(life), 0x123456);
}

TEST(low_is_masked_and_never_reaches_the_deadline)
{
	__u64 life = life_make(NAT_STATE_LIVE, 7, NAT_LIFE_LOW_MAX + 2);

	CHECK_EQ(life_low(life), 1);
	CHECK_EQ(life_deadline(life), 7);
}

TEST(new_deadline_keeps_state_and_count)
{
	__u64 life = life_with_deadline(life_make(NAT_STATE_FIN_IN, 10, 99), NAT_TICK_NEVER);

	CHECK_EQ(life_state(life), NAT_STATE_FIN_IN);
	CHECK_EQ(life_deadline(life), NAT_TICK_NEVER);
	CHECK_EQ(life_low(life), 99);
}

/* The deadline is the first tick at which the entry is absent (D-expiry). */
TEST(absent_from_its_deadline_on)
{
	__u64 life = life_make(NAT_STATE_LIVE, 1000, 0);

	CHECK(!life_is_past(life, 999));
	CHECK(life_is_past(life, 1000));
	CHECK(life_is_usable(life, 999));
	CHECK(!life_is_usable(life, 1000));
}

TEST(never_is_never)
{
	__u64 life = life_make(NAT_STATE_LIVE, NAT_TICK_NEVER, 0);

	CHECK(!life_is_past(life, NAT_TICK_NEVER));
	CHECK(!life_is_reapable(life, NAT_TICK_NEVER));
	CHECK(life_is_usable(life, NAT_TICK_NEVER));
}

TEST(resting_and_deleting_are_absent_before_their_deadline)
{
	CHECK(!life_is_usable(life_make(NAT_STATE_RESTING, 1000, 0), 1));
	CHECK(!life_is_usable(life_make(NAT_STATE_DELETING, 1000, 0), 1));
}

TEST(every_other_state_is_usable_before_its_deadline)
{
	for (int state = NAT_STATE_LIVE; state < NAT_STATE_MAX; state++) {
		check_note("state %d", state);
		if (state != NAT_STATE_RESTING && state != NAT_STATE_DELETING)
			CHECK(life_is_usable(life_make(state, 1000, 0), 999));
	}
}

TEST(nobody_deletes_within_the_grace)
{
	__u64 life = life_make(NAT_STATE_LIVE, 1000, 0);

	CHECK(!life_is_reapable(life, 999));
	CHECK(!life_is_reapable(life, 1000 + NAT_GRACE_TICKS - 1));
	CHECK(life_is_reapable(life, 1000 + NAT_GRACE_TICKS));
}

TEST(grace_is_at_least_two_seconds)
{
	CHECK((__u64)NAT_GRACE_TICKS << NAT_TICK_SHIFT >= 2 * NAT_NSEC_PER_SEC);
}

TEST(an_interrupted_delete_is_reapable_at_once)
{
	CHECK(life_is_reapable(life_make(NAT_STATE_DELETING, 1000, 0), 1));
}

TEST(durations_round_up)
{
	static const __u32 seconds[] = { 0, 1, 2, 60, 120, 300, 7440, 604800, 4000000 };

	for (size_t i = 0; i < sizeof(seconds) / sizeof(*seconds); i++) {
		__u64 ns = (__u64)ticks_from_seconds(seconds[i]) << NAT_TICK_SHIFT;

		check_note("%u s", seconds[i]);
		CHECK(ns > seconds[i] * NAT_NSEC_PER_SEC);
		CHECK(ns <= seconds[i] * NAT_NSEC_PER_SEC + (1ULL << NAT_TICK_SHIFT));
	}
}

TEST(a_tick_is_about_an_eighth_of_a_second)
{
	CHECK_EQ(ticks_from_ns(0), 0);
	CHECK_EQ(ticks_from_ns((1ULL << NAT_TICK_SHIFT) - 1), 0);
	CHECK_EQ(ticks_from_ns(1ULL << NAT_TICK_SHIFT), 1);
	CHECK(1ULL << NAT_TICK_SHIFT < NAT_NSEC_PER_SEC / 7);
}

TEST(every_state_has_a_name_of_its_own)
{
	static const char *const names[] = {
#define X(id, name) [NAT_STATE_##id] = name,
		NAT_STATES(X)
#undef X
	};

	CHECK_EQ(sizeof(names) / sizeof(*names), NAT_STATE_MAX);
	for (int i = 0; i < NAT_STATE_MAX; i++) {
		check_note("state %d", i);
		CHECK(names[i]);
		for (int j = 0; j < i; j++)
			CHECK(__builtin_strcmp(names[i], names[j]));
	}
}
