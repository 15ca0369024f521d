// SPDX-License-Identifier: GPL-2.0-only
/*
 * address.c - an external address leaves the pool and another takes its place, while
 * packets flow. The order of natctl's steps is that of pool_write() in user/pool.c.
 */
#include <bpf/bpf.h>

#include "steps.h"
#include "table.h"

#define OLD "203.0.113.1"
#define NEW "203.0.113.2"
#define SERVER "198.51.100.9:7"
#define FLOW OUT(UDP, "10.0.0.2:5000", SERVER)

static __be32 address(const char *text)
{
	struct nat_endpoint endpoint;

	endpoint_parse(text, NULL, &endpoint);
	return endpoint.addr;
}

/* The first two steps: what is new is known, and given to whoever comes. */
static void new_is_added(void)
{
	const struct nat_external external = { .index = 0, .flags = NAT_EXTERNAL_LOCAL };
	const struct nat_pool pool = { .count = 1, .addr = { address(NEW) } };
	__be32 key = address(NEW);

	table_write(world_skel()->maps.externals, &key, &external);
	table_write(world_skel()->maps.pool, &(__u32){ 0 }, &pool);
}

static void old_is_forgotten(void)
{
	__be32 key = address(OLD);

	CHECK_EQ(bpf_map__delete_elem(world_skel()->maps.externals, &key, sizeof(key), 0), 0);
}

static void old_is_flushed(void)
{
	struct nat_flush_args args = { .external.addr = address(OLD) };

	world_flush(&args);
}

PROG_TEST(a_flow_moves_to_the_new_address)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	new_is_added();
	step(AGE(1));
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	old_is_forgotten();
	step(AGE(1));
	step(FLOW, DROPPED(NO_ADDRESS));
	old_is_flushed();
	step(FLOW, DROPPED(NO_ADDRESS));
	step(IN(UDP, SERVER, OLD ":5000"), IGNORED);
	/* No rest: the address may be somebody else's, its ports are of no use to us. */
	step(AGE(3));
	step(REAP);
	step(AGE(3));
	step(REAP);
	step(FLOW, BECOMES(NEW ":5000", SERVER));
	step(IN(UDP, SERVER, NEW ":5000"), BECOMES(SERVER, "10.0.0.2:5000"));
	step(ENTRIES(1, 1));
}

/* A host that sends all the time does not keep the address alive. */
PROG_TEST_OUT(nothing_is_sent_from_an_address_that_has_left)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	new_is_added();
	old_is_forgotten();
	old_is_flushed();
	for (int i = 0; i < 3; i++) {
		step(FLOW, DROPPED(NO_ADDRESS));
		step(AGE(1));
		step(REAP);
	}
	for (int i = 0; i < 2; i++) {
		step(AGE(3));
		step(REAP);
	}
	step(FLOW, BECOMES(NEW ":5000", SERVER));
}

/* natctl was killed before it could flush: packets get there by themselves. */
PROG_TEST_OUT(a_flow_moves_though_nobody_flushed_it)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	new_is_added();
	old_is_forgotten();
	step(AGE(1));
	step(FLOW, DROPPED(NO_ADDRESS));
	for (int i = 0; i < 2; i++) {
		step(AGE(3));
		step(REAP);
	}
	step(FLOW, BECOMES(NEW ":5000", SERVER));
}
