// SPDX-License-Identifier: GPL-2.0-only
/* statics_want.c - what rules mean here and now, and what differs from that. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "msg.h"
#include "out.h"
#include "pool.h"
#include "statics.h"
#include "value.h"
#include "walk.h"

static const struct rows empty = { .row_size = sizeof(struct static_row),
				   .key_size = sizeof(struct nat_endpoint) };

/* ---- what a rule means ------------------------------------------------------------------------
 */

/* Its address in the pool. Return: 0 or negative after a message. */
static int find_address(const struct gateway *gw, const struct static_rule *rule, __be32 *addr,
			__u16 *index)
{
	char text[OUT_TEXT_MAX], place[MSG_PLACE_MAX];
	const char *object = rule->line ? msg_place(place, rule->file, rule->line) : gw->name;
	struct nat_pool pool;
	int err = pool_read(gw, &pool), at;

	if (err) {
		msg_error(gw->name, "cannot read the addresses: %s", strerror(-err));
		return err;
	}
	at = rule->external ? pool_find(&pool, rule->external) : 0;
	if (!pool.count || at < 0) {
		msg_error(object, "%s%s (\"natctl status %s\" lists its addresses)",
			  pool.count ? "not one of its external addresses: " :
				       "it has no external address",
			  pool.count ? out_addr_text(text, rule->external) : "", gw->name);
		return -ENOENT;
	}
	if (pool_find(&pool, rule->internal) >= 0) {
		msg_error(object, "cannot forward to its own external address (name a host)");
		return -EINVAL;
	}
	*addr = pool.addr[at];
	*index = (__u16)at;
	return 0;
}

static int expand_proto(const struct static_rule *rule, __u8 proto, __be32 addr, __u16 index,
			struct rows *rows)
{
	int err = 0;

	for (__u32 port = rule->first; !err && port <= rule->last; port++) {
		const struct static_row row = {
			.external = { .addr = addr, .port = htons((__u16)port), .proto = proto },
			.internal = { .addr = rule->internal,
				      .port = htons((__u16)(rule->to + port - rule->first)),
				      .proto = proto },
			.from = rule->from,
			.address = index,
			.force = rule->force,
			.file = rule->file,
			.line = rule->line,
		};

		err = rows_add(rows, &row);
	}
	return err;
}

int static_expand(const struct gateway *gw, const struct static_rule *rule, struct rows *rows)
{
	__be32 addr;
	__u16 index;
	int err = find_address(gw, rule, &addr, &index);

	for (__u8 proto = 0; !err && proto < 64; proto++)
		if (rule->protos >> proto & 1)
			err = expand_proto(rule, proto, addr, index, rows);
	return err;
}

/* ---- what there is, and what there is to be ----------------------------------------------- */

static int add_in_force(const void *data_key, const void *value, void *data)
{
	const struct nat_internal_key *key = data_key;
	const struct nat_binding *binding = value;
	const struct static_row row = {
		.external = binding->external,
		.internal = key->internal,
		.from = { .len = binding->first_len, .addr = binding->first },
		.address = binding->address,
		.force = true, /* it has the port already */
	};

	if (binding->kind != NAT_STATIC || life_deadline(binding->life) != NAT_TICK_NEVER)
		return 0;
	return rows_add(data, &row);
}

static bool is_same(const struct static_row *row, const struct static_row *other)
{
	return !memcmp(&other->internal, &row->internal, sizeof(row->internal)) &&
	       !memcmp(&other->from, &row->from, sizeof(row->from));
}

/* Two lines of a file that want one port for different ends. @rows: Sorted */
static int contradiction(const struct rows *rows)
{
	for (size_t i = 1; i < rows->count; i++) {
		const struct static_row *row = rows_at(rows, i), *other = rows_at(rows, i - 1);
		const struct static_row *later = row->line > other->line ? row : other;
		char place[MSG_PLACE_MAX];

		if (memcmp(&row->external, &other->external, sizeof(row->external)) ||
		    is_same(row, other))
			continue;
		msg_error(msg_place(place, later->file, later->line),
			  "cannot forward %s port %u: line %u wants it for another (leave out one "
			  "of them)",
			  value_proto_text(row->external.proto), ntohs(row->external.port),
			  later == row ? other->line : row->line);
		return -EEXIST;
	}
	return 0;
}

/* Those of @rows that are not, just so, among @others. Return: 0 or -ENOMEM */
static int differing(const struct rows *rows, const struct rows *others, struct rows *result)
{
	int err = 0;

	for (size_t i = 0; !err && i < rows->count; i++) {
		const struct static_row *row = rows_at(rows, i), *other;

		other = rows_find(others, &row->external);
		if (!other || !is_same(row, other))
			err = rows_add(result, row);
	}
	return err;
}

int statics_want(const struct gateway *gw, const struct static_rule *rules, unsigned int count,
		 bool is_all, struct statics_done *done)
{
	struct rows wanted = empty, there = empty, add = empty, del = empty;
	int err = walk_map(gw->fd[GATEWAY_bindings_fwd], add_in_force, &there);

	*done = (struct statics_done){ .added = empty, .removed = empty };
	for (unsigned int i = 0; !err && i < count; i++)
		err = static_expand(gw, &rules[i], &wanted);
	rows_sort(&wanted);
	rows_sort(&there);
	if (!err)
		err = contradiction(&wanted);
	if (!err)
		err = differing(&wanted, &there, &add);
	if (!err && is_all)
		err = differing(&there, &wanted, &del);
	if (!err)
		err = statics_change(gw, &del, &add, done);
	rows_free(&wanted);
	rows_free(&there);
	rows_free(&add);
	rows_free(&del);
	return err;
}
