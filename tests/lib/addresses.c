// SPDX-License-Identifier: GPL-2.0-only
/* addresses.c - change the only external address, step by step. */
#include "addresses.h"

#include "check.h"
#include "packet.h"
#include "table.h"
#include "world.h"

static __be32 address(const char *text)
{
	struct nat_endpoint endpoint;

	endpoint_parse(text, NULL, &endpoint);
	return endpoint.addr;
}

void address_add(const char *text)
{
	const struct nat_external external = { .index = 0, .flags = NAT_EXTERNAL_LOCAL };
	const struct nat_pool pool = { .count = 1, .addr = { address(text) } };
	__be32 key = address(text);

	table_write(world_skel()->maps.externals, &key, &external);
	table_write(world_skel()->maps.pool, &(__u32){ 0 }, &pool);
}

void address_away(const char *text, bool is_away)
{
	const struct nat_external external = { .flags = is_away ? 0 : NAT_EXTERNAL_LOCAL };
	const struct nat_pool pool = { .count = 1, .is_away = is_away, .addr = { address(text) } };
	__be32 key = address(text);

	table_write(world_skel()->maps.externals, &key, &external);
	table_write(world_skel()->maps.pool, &(__u32){ 0 }, &pool);
}

void address_forget(const char *text)
{
	__be32 key = address(text);

	CHECK_EQ(bpf_map__delete_elem(world_skel()->maps.externals, &key, sizeof(key), 0), 0);
}

void address_flush(const char *text)
{
	struct nat_flush_args args = { .external.addr = address(text) };

	world_flush(&args);
}

void address_replace(const char *old, const char *new)
{
	address_add(new);
	address_forget(old);
	address_flush(old);
}
