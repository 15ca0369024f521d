// SPDX-License-Identifier: GPL-2.0-only
/*
 * invariants.c - what must be true of the maps at any moment between two packets.
 *
 *	bindings_fwd and bindings_rev mirror each other, but for orphans, whose deadline is past
 *	every reverse entry has its port claimed, but for that of a binding that has moved on; no
 *	other port is claimed, and claim sets count what is claimed in them
 *	a binding counts the sessions that name it; an identity binding has none, and is a ping's
 *	a host counts its bindings
 *	a permit that is alive names a binding: its port is not another's yet
 *	usage is the number of entries
 *
 * Written against include/nat_abi.h and the design, not taken from `natctl audit`: the
 * two check each other.
 */
#include "invariants.h"

#include <arpa/inet.h>
#include <string.h>

#include "check.h"
#include "table.h"
#include "world.h"

bool invariants_were_flushed;

#define KEY_MAX 16
#define VALUE_MAX 256

/* Call @check with every entry of a hash map. */
static void each(struct bpf_map *map, void (*check)(const void *key, const void *value))
{
	unsigned char key[KEY_MAX], value[VALUE_MAX] __attribute__((aligned(8)));
	void *previous = NULL;

	while (!bpf_map__get_next_key(map, previous, key, bpf_map__key_size(map))) {
		if (table_lookup(map, key, value))
			check(key, value);
		previous = key;
	}
}

static bool same(const void *a, const void *b, size_t size)
{
	return !memcmp(a, b, size);
}

static bool claimed(__u16 address, const struct nat_endpoint *external)
{
	static struct nat_claims claims;
	__u32 index = claim_set_index(address, external->proto);
	__u16 port = ntohs(external->port);

	CHECK(table_lookup(world_skel()->maps.ports, &index, &claims));
	return claims.claimed[port / 64] >> (port % 64) & 1;
}

/* What the walk over one table adds up for the judgement of another. */
static const struct nat_internal_key *wanted_binding;
static __be32 wanted_host;
static __u32 found;

/* The remote in the key of a session's binding: none, its own, or its host's. */
static struct nat_remote session_remote(const struct nat_external_key *flow,
					const struct nat_session *session)
{
	struct nat_external_key external = { .external = flow->external };
	struct nat_binding_rev rev;

	if (session->flags & NAT_SESSION_GUEST) {
		CHECK(table_lookup(world_skel()->maps.bindings_rev, &external, &rev));
		return rev.remote;
	}
	if (session->flags & NAT_SESSION_DEPENDENT)
		return flow->remote;
	return (struct nat_remote){ 0 };
}

static void count_session(const void *key, const void *value)
{
	const struct nat_external_key *flow = key;
	const struct nat_session *session = value;
	struct nat_internal_key names = { .internal = session->internal };

	names.remote = session_remote(flow, session);
	found += same(&names, wanted_binding, sizeof(names));
}

static void check_binding(const void *key, const void *value)
{
	const struct nat_internal_key *internal = key;
	const struct nat_binding *binding = value;
	struct nat_external_key external = { .external = binding->external };
	struct nat_binding_rev rev;

	if (!nat_has_ports(binding->external.proto))
		external.remote.addr = internal->remote.addr;
	check_note("binding of internal port %u", ntohs(internal->internal.port));
	CHECK(table_lookup(world_skel()->maps.bindings_rev, &external, &rev));
	CHECK(same(&rev.internal, &internal->internal, sizeof(rev.internal)));
	CHECK(same(&rev.remote, &internal->remote, sizeof(rev.remote)));
	CHECK_EQ(rev.address, binding->address);
	CHECK_EQ(rev.kind, binding->kind);

	wanted_binding = internal;
	found = 0;
	each(world_skel()->maps.sessions, count_session);
	CHECK_EQ(life_low(binding->life), found);
	if (same(&binding->external, &internal->internal, sizeof(binding->external))) {
		CHECK_EQ(binding->kind, NAT_HOST);
		CHECK(internal->internal.proto != NAT_PROTO_TCP &&
		      internal->internal.proto != NAT_PROTO_UDP);
		CHECK_EQ(found, 0);
	}
}

static bool has_moved(const struct nat_binding_rev *rev)
{
	return life_low(rev->life) == NAT_REV_MOVED;
}

static void check_reverse(const void *key, const void *value)
{
	const struct nat_external_key *external = key;
	const struct nat_binding_rev *rev = value;
	struct nat_internal_key internal = { .internal = rev->internal, .remote = rev->remote };
	struct nat_binding binding;

	check_note("reverse entry of external port %u", ntohs(external->external.port));
	CHECK(!nat_has_ports(external->external.proto) || has_moved(rev) ||
	      claimed(rev->address, &external->external));
	if (life_deadline(rev->life) != NAT_TICK_NEVER)
		return;
	CHECK(table_lookup(world_skel()->maps.bindings_fwd, &internal, &binding));
	CHECK(same(&binding.external, &external->external, sizeof(binding.external)));
}

/* Is the external endpoint of a flow one that its binding has left? */
static bool is_left(const struct nat_external_key *flow)
{
	struct nat_external_key external = { .external = flow->external };
	struct nat_binding_rev rev;

	if (!nat_has_ports(flow->external.proto))
		external.remote.addr = flow->remote.addr;
	return table_lookup(world_skel()->maps.bindings_rev, &external, &rev) && has_moved(&rev);
}

static void check_session(const void *key, const void *value)
{
	const struct nat_external_key *flow = key;
	const struct nat_session *session = value;
	struct nat_internal_key internal = { .internal = session->internal };
	struct nat_binding binding;

	internal.remote = session_remote(flow, session);
	check_note("session of external port %u", ntohs(flow->external.port));
	CHECK(table_lookup(world_skel()->maps.bindings_fwd, &internal, &binding));
	if (!life_is_usable(session->life, table_now())) {
		CHECK(same(&binding.external, &flow->external, sizeof(flow->external)) ||
		      is_left(flow));
		return;
	}
	CHECK(same(&binding.external, &flow->external, sizeof(flow->external)));
	CHECK(life_deadline(binding.life) >= life_deadline(session->life) ||
	      (invariants_were_flushed && life_is_past(binding.life, table_now())));
}

static void check_permit(const void *key, const void *value)
{
	const struct nat_permit_key *names = key;
	const struct nat_permit *permit = value;
	struct nat_external_key external = { .external = names->external };
	struct nat_binding_rev rev;

	if (!life_is_usable(permit->life, table_now()))
		return;
	check_note("permit of external port %u", ntohs(names->external.port));
	CHECK(table_lookup(world_skel()->maps.bindings_rev, &external, &rev));
}

static void count_binding(const void *key, const void *value)
{
	const struct nat_internal_key *internal = key;
	const struct nat_binding *binding = value;

	found += internal->internal.addr == wanted_host && binding->kind == NAT_DYNAMIC;
}

static void check_host(const void *key, const void *value)
{
	const struct nat_host *host = value;

	memcpy(&wanted_host, key, sizeof(wanted_host));
	found = 0;
	each(world_skel()->maps.bindings_fwd, count_binding);
	check_note("host %#x", ntohl(wanted_host));
	CHECK_EQ(life_low(host->life), found);
}

static void count_claim(const void *key, const void *value)
{
	found += nat_has_ports(((const struct nat_external_key *)key)->external.proto) &&
		 !has_moved(value);
}

static void check_claims(void)
{
	__u32 claimed_bits;
	static struct nat_claims claims;
	int bits = 0;

	for (__u32 i = 0; i < bpf_map__max_entries(world_skel()->maps.ports); i++) {
		int before = bits;

		CHECK(table_lookup(world_skel()->maps.ports, &i, &claims));
		for (int word = 0; word < NAT_PORT_WORDS; word++)
			bits += __builtin_popcountll(claims.claimed[word]);
		CHECK_EQ(claims.used, bits - before);
	}
	claimed_bits = bits;
	found = 0;
	each(world_skel()->maps.bindings_rev, count_claim);
	CHECK_EQ(claimed_bits, found);
}

static void check_usage(void)
{
	struct nat_usage usage;
	__u32 only = 0;

	CHECK(table_lookup(world_skel()->maps.usage, &only, &usage));
	CHECK_EQ(usage.sessions, table_entries(world_skel()->maps.sessions, false));
	CHECK_EQ(usage.bindings, table_entries(world_skel()->maps.bindings_fwd, false));
}

void invariants_check(void)
{
	check_note("invariants");
	check_claims();
	check_usage();
	/* Counting sessions once a binding: not for tables that a case has filled up. */
	if (table_entries(world_skel()->maps.bindings_fwd, false) <= 128) {
		each(world_skel()->maps.bindings_fwd, check_binding);
		each(world_skel()->maps.hosts, check_host);
	}
	each(world_skel()->maps.bindings_rev, check_reverse);
	each(world_skel()->maps.sessions, check_session);
	each(world_skel()->maps.permits, check_permit);
}
