// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_sessions.c - `natctl sessions`: one line per session.
 *
 * How it works: walk_map() hands over every entry of `sessions`; what has expired is
 * skipped, for an expired entry is an absent one; the filter decides on the rest;
 * list.c sorts what fits and streams what does not.
 */
#include <string.h>

#include "age.h"
#include "args.h"
#include "cmd.h"
#include "filter.h"
#include "list.h"
#include "msg.h"
#include "value.h"
#include "walk.h"

/** struct session_row - A session as it was at one moment. @idle, @left: ticks; @rank: smallest
 * first */
struct session_row {
	struct nat_external_key key;
	struct nat_session session;
	uint64_t rank;
	__u32 idle;
	__u32 left;
};

/** struct sessions - The verb's own state around its list */
struct sessions {
	struct list list;
	struct filter filter;
	struct nat_settings settings;
	uint64_t (*rank)(const struct session_row *row);
	__u32 now;
};

/* ---- order -------------------------------------------------------------------------------- */

static uint64_t place(__be32 addr, __be16 port)
{
	return (uint64_t)ntohl(addr) << 16 | ntohs(port);
}

static uint64_t rank_proto(const struct session_row *row)
{
	return row->key.external.proto;
}

static uint64_t rank_internal(const struct session_row *row)
{
	return place(row->session.internal.addr, row->session.internal.port);
}

static uint64_t rank_external(const struct session_row *row)
{
	return place(row->key.external.addr, row->key.external.port);
}

static uint64_t rank_remote(const struct session_row *row)
{
	return place(row->key.remote.addr, row->key.remote.port);
}

static uint64_t rank_expires(const struct session_row *row)
{
	return row->left;
}

/* Complements: the largest first. */
static uint64_t rank_idle(const struct session_row *row)
{
	return ~(uint64_t)row->idle;
}

static uint64_t rank_bytes(const struct session_row *row)
{
	return ~(row->session.out.bytes + row->session.in.bytes);
}

static uint64_t rank_packets(const struct session_row *row)
{
	return ~(row->session.out.packets + row->session.in.packets);
}

#define SORT_KEYS "internal, external, remote, idle, expires, bytes or packets"

static const struct sort_key {
	const char *name;
	uint64_t (*rank)(const struct session_row *row);
} sort_keys[] = {
	{ "internal", rank_internal }, { "external", rank_external },
	{ "remote", rank_remote },     { "idle", rank_idle },
	{ "expires", rank_expires },   { "bytes", rank_bytes },
	{ "packets", rank_packets },   { NULL, NULL },
};

/* Rank, then protocol, internal, remote, external: the last three leave no two rows equal. */
static int by_rank(const void *a, const void *b)
{
	const struct session_row *x = a, *y = b;
	const uint64_t ranks[][2] = {
		{ x->rank, y->rank },
		{ rank_proto(x), rank_proto(y) },
		{ rank_internal(x), rank_internal(y) },
		{ rank_remote(x), rank_remote(y) },
		{ rank_external(x), rank_external(y) },
	};

	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++)
		if (ranks[i][0] != ranks[i][1])
			return ranks[i][0] < ranks[i][1] ? -1 : 1;
	return 0;
}

static bool sort_by(struct sessions *sessions, const char *name)
{
	for (const struct sort_key *key = sort_keys; key->name; key++) {
		if (!strcmp(name, key->name)) {
			sessions->rank = key->rank;
			sessions->list.hold_all = true;
			return true;
		}
	}
	return false;
}

/* ---- rows --------------------------------------------------------------------------------- */

static void print_flow(struct out *out, const char *name, const struct nat_flow *flow)
{
	out_object_begin(out, name);
	out_text(out, "   %s ", name);
	out_count(out, "packets", "", flow->packets);
	out_count(out, "bytes", "/", flow->bytes);
	out_object_end(out);
}

/*
 * An ICMP query has one identifier and no remote port. Programs find it in every port
 * field, for the remote side knows it as the external one; people need not read it twice.
 */
static void print_remote(struct list *list, const struct nat_external_key *key)
{
	bool is_icmp = key->external.proto == NAT_PROTO_ICMP;

	if (is_icmp && !list->out.json)
		out_addr(&list->out, "remote", " -> ", key->remote.addr);
	else
		list_place(list, "remote", " -> ", key->external.proto, key->remote.addr,
			   is_icmp ? key->external.port : key->remote.port);
}

static void print_session(struct list *list, const void *data)
{
	const struct session_row *row = data;
	const struct nat_session *session = &row->session;
	const struct nat_external_key *key = &row->key;
	struct out *out = &list->out;

	out_row_begin(out);
	out_word(out, "interface", list->several ? "" : NULL, list->gateway.name);
	out_text(out, list->several ? "   " : "");
	out_word(out, "proto", NULL, value_proto_text(key->external.proto));
	out_text(out, "%-5s ", value_proto_text(key->external.proto));
	list_place(list, "internal", "", key->external.proto, session->internal.addr,
		   session->internal.port);
	list_place(list, "external", " -> ", key->external.proto, key->external.addr,
		   key->external.port);
	print_remote(list, key);
	out_word(out, "state", "   ", value_state_text(life_state(session->life)));
	out_word(out, "kind", NULL, value_kind_text(session->kind));
	out_seconds(out, "idle_s", "   idle ", seconds_from_ticks(row->idle));
	out_seconds(out, "expires_s", "   expires ", seconds_from_ticks(row->left));
	print_flow(out, "out", &session->out);
	print_flow(out, "in", &session->in);
	out_row_end(out);
}

static int add_session(const void *key, const void *value, void *data)
{
	struct sessions *sessions = data;
	struct session_row row = {
		.key = *(const struct nat_external_key *)key,
		.session = *(const struct nat_session *)value,
	};

	if (!life_is_usable(row.session.life, sessions->now))
		return 0;
	row.left = session_left(&row.session, sessions->now);
	row.idle = session_idle(&row.key, &row.session, &sessions->settings, sessions->now);
	if (!filter_has_session(&sessions->filter, &row.key, &row.session, row.idle))
		return 0;
	row.rank = sessions->rank(&row);
	return list_add(&sessions->list, &row);
}

static int read_sessions(struct list *list)
{
	struct sessions *sessions = (struct sessions *)list;
	int err = gateway_settings(&list->gateway, &sessions->settings);

	if (err)
		return err;
	sessions->now = gateway_now();
	return walk_map(list->gateway.fd[GATEWAY_sessions], add_session, sessions);
}

int sessions_main(int argc, char **argv)
{
	struct sessions sessions = {
		.list = { .noun = "sessions",
			  .row_size = sizeof(struct session_row),
			  .compare = by_rank,
			  .print = print_session,
			  .read = read_sessions },
		.rank = rank_proto,
	};
	const char *sort = NULL;
	const struct arg_option options[] = {
		{ .name = "--sort", .value = &sort },
		{ .name = "--count", .flag = &sessions.list.count_only },
		{ .name = NULL },
	};
	char why[256];

	(void)argc;
	if (args_take(argv, options) < 0)
		return EXIT_MISUSED;
	if (sort && !sort_by(&sessions, sort)) {
		msg_error("sessions", "no such sort key: \"%s\" (one of " SORT_KEYS ")", sort);
		return EXIT_MISUSED;
	}
	if (!filter_parse_operands(&sessions.list.ifname, &sessions.filter, FILTER_SESSIONS,
				   argv + 1, why, sizeof(why))) {
		msg_error("sessions", "%s", why);
		return EXIT_MISUSED;
	}
	return list_run(&sessions.list);
}
