// SPDX-License-Identifier: GPL-2.0-only
/*
 * abi.c - the layout of keys and values, and the table of reasons.
 *
 * A change of any size or offset here is a change of NAT_LAYOUT_VERSION: a newer
 * natctl would adopt pinned maps whose entries mean something else.
 */
#include <string.h>

#include "check.h"
#include "nat_abi.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* Keys are compared byte by byte: members must leave no hole for the compiler to skip. */
TEST(keys_have_no_holes)
{
	struct nat_external_key external;
	struct nat_internal_key internal;
	struct nat_permit_key permit;
	struct nat_fragment_key fragment;

	CHECK_EQ(sizeof(external), sizeof(external.external) + sizeof(external.remote));
	CHECK_EQ(sizeof(internal), sizeof(internal.internal) + sizeof(internal.remote));
	CHECK_EQ(sizeof(permit), sizeof(permit.external) + sizeof(permit.remote_addr));
	CHECK_EQ(sizeof(fragment), sizeof(fragment.src) + 1 + 1 + 2);
	CHECK_EQ(sizeof(struct nat_endpoint), 4 + 2 + 1 + 1);
	CHECK_EQ(sizeof(struct nat_remote), 4 + 2 + 2);
	CHECK_EQ(sizeof(struct nat_prefix), 8);
}

TEST(layout_version_6_has_these_sizes)
{
	CHECK_EQ(NAT_LAYOUT_VERSION, 6);
	CHECK_EQ(sizeof(struct nat_binding), 32);
	CHECK_EQ(sizeof(struct nat_binding_rev), 32);
	CHECK_EQ(sizeof(struct nat_session), 128);
	CHECK_EQ(sizeof(struct nat_permit), 8);
	CHECK_EQ(sizeof(struct nat_host), 24);
	CHECK_EQ(sizeof(struct nat_reply), 16);
	CHECK_EQ(sizeof(struct nat_lane), 12);
	CHECK_EQ(sizeof(struct nat_sent_id), 24);
	CHECK_EQ(sizeof(struct nat_early), 16);
	CHECK_EQ(sizeof(struct nat_held), 40);
	CHECK_EQ(sizeof(struct nat_request), 2048);
	CHECK_EQ(sizeof(struct nat_claims), 16640 + 8);
	CHECK_EQ(sizeof(struct nat_external), 4);
	CHECK_EQ(sizeof(struct nat_pool), 4 + 4 + 4 * NAT_POOL_MAX);
	CHECK_EQ(sizeof(struct nat_usage), 192);
	CHECK_EQ(sizeof(struct nat_fragment_key), 8);
	CHECK_EQ(sizeof(struct nat_fragment), 24);
	CHECK_EQ(sizeof(struct nat_settings), 28 * 4);
}

/* The kernel aligns values to 8 bytes; a compare-and-swap needs the word there. */
TEST(the_life_word_comes_first)
{
	CHECK_EQ(offsetof(struct nat_binding, life), 0);
	CHECK_EQ(offsetof(struct nat_binding_rev, life), 0);
	CHECK_EQ(offsetof(struct nat_session, life), 0);
	CHECK_EQ(offsetof(struct nat_permit, life), 0);
	CHECK_EQ(offsetof(struct nat_host, life), 0);
	CHECK_EQ(offsetof(struct nat_fragment, life), 0);
	CHECK_EQ(offsetof(struct nat_reply, life), 0);
	CHECK_EQ(offsetof(struct nat_early, life), 0);
	CHECK_EQ(offsetof(struct nat_held, life), 0);
}

/* Values start 64 bytes into an element (48-byte header, 16-byte key). */
TEST(the_two_directions_of_a_session_share_no_cache_line)
{
	size_t value = 48 + sizeof(struct nat_external_key);
	size_t out_end = value + offsetof(struct nat_session, out) + sizeof(struct nat_flow);

	CHECK((out_end - 1) / 64 < (value + offsetof(struct nat_session, in)) / 64);
}

TEST(usage_counters_share_no_cache_line)
{
	CHECK(offsetof(struct nat_usage, bindings) - offsetof(struct nat_usage, sessions) >= 64);
	CHECK(offsetof(struct nat_usage, errors) - offsetof(struct nat_usage, bindings) >= 64);
}

TEST(every_protocol_has_a_claim_set_of_its_own)
{
	static const __u8 protos[] = { NAT_PROTO_TCP, NAT_PROTO_UDP, NAT_PROTO_ICMP };
	bool seen[2 * NAT_CLAIMS_MAX] = { false };

	for (__u16 address = 0; address < 2; address++) {
		for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
			__u32 index = claim_set_index(address, protos[i]);

			check_note("address %u, protocol %u", address, protos[i]);
			CHECK(index < ARRAY_SIZE(seen));
			CHECK(!seen[index]);
			seen[index] = true;
		}
	}
}

struct reason_row {
	enum nat_verdict_kind kind;
	const char *name, *meaning, *source;
};

static const struct reason_row reasons[NAT_REASON_MAX] = {
#define X(verdict, id, name, meaning, source)                                                      \
	[NAT_REASON_##id] = { NAT_KIND_##verdict, name, meaning, source },
	NAT_REASONS(X)
#undef X
};

TEST(reason_names_are_unique_words)
{
	for (int i = 0; i < NAT_REASON_MAX; i++) {
		check_note("%s", reasons[i].name);
		CHECK(strspn(reasons[i].name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
		      strlen(reasons[i].name));
		for (int j = 0; j < i; j++)
			CHECK(strcmp(reasons[i].name, reasons[j].name));
	}
}

TEST(every_reason_explains_itself)
{
	for (int i = 0; i < NAT_REASON_MAX; i++) {
		check_note("%s", reasons[i].name);
		CHECK(strlen(reasons[i].meaning) > 10);
		CHECK(reasons[i].source[0]);
		CHECK(reasons[i].kind <= NAT_KIND_DROPPED);
	}
}

TEST(kinds_of_entries_have_names_in_the_order_of_their_enum)
{
	static const char *const names[] = {
#define X(id, name) [NAT_##id] = name,
		NAT_ENTRY_KINDS(X)
#undef X
	};

	CHECK_EQ(ARRAY_SIZE(names), 3);
	CHECK_STR(names[NAT_DYNAMIC], "dynamic");
	CHECK_STR(names[NAT_STATIC], "static");
	CHECK_STR(names[NAT_HOST], "host");
}
