// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_bindings.c - `natctl bindings`: one line per binding.
 *
 * How it works: as verb_sessions.c, over `bindings_fwd`. Two kinds of entries are
 * listed: those that packets may use, and resting ones, which have no session but keep
 * their external port from others. An entry that has expired and that the reaper has
 * not yet put to rest is in neither state for anybody, and is not listed.
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

/** struct binding_row - A binding as it was at one moment */
struct binding_row {
	struct nat_internal_key key;
	struct nat_binding binding;
};

/** struct bindings - The verb's own state around its list */
struct bindings {
	struct list list;
	struct filter filter;
	__u32 now;
};

/*
 * Protocol, internal endpoint, remote endpoint: unique, being the key of the map.
 * Network order compares byte by byte as numbers do.
 */
static int by_key(const void *a, const void *b)
{
	const struct nat_internal_key *x = &((const struct binding_row *)a)->key;
	const struct nat_internal_key *y = &((const struct binding_row *)b)->key;

	if (x->internal.proto != y->internal.proto)
		return x->internal.proto < y->internal.proto ? -1 : 1;
	return memcmp(x, y, sizeof(*x));
}

static void print_binding(struct list *list, const void *data)
{
	const struct bindings *bindings = (struct bindings *)list;
	const struct binding_row *row = data;
	const struct nat_binding *binding = &row->binding;
	const struct nat_endpoint *internal = &row->key.internal;
	bool is_resting = life_state(binding->life) == NAT_STATE_RESTING;
	__u32 deadline = life_deadline(binding->life);
	__u32 count = life_low(binding->life);
	struct out *out = &list->out;

	out_row_begin(out);
	out_word(out, "interface", list->several ? "" : NULL, list->gateway.name);
	out_text(out, list->several ? "   " : "");
	out_word(out, "proto", NULL, value_proto_text(internal->proto));
	out_text(out, "%-5s ", value_proto_text(internal->proto));
	list_place(list, "internal", "", internal->proto, internal->addr, internal->port);
	list_place(list, "external", " <-> ", internal->proto, binding->external.addr,
		   binding->external.port);
	if (row->key.remote.addr && !row->key.remote.tag)
		list_place(list, "remote", "   only with ", internal->proto, row->key.remote.addr,
			   row->key.remote.port);
	out_word(out, "kind", "   ", value_kind_text(binding->kind));
	out_word(out, "state", is_resting ? "   " : NULL,
		 value_state_text(life_state(binding->life)));
	out_number(out, "sessions", "   ", count);
	out_text(out, count == 1 ? " session" : " sessions");
	out_seconds(out, "age_s", "   age ", seconds_from_ticks(bindings->now - binding->created));
	if (deadline == NAT_TICK_NEVER)
		out_word(out, "expires_s", NULL, NULL);
	else
		out_seconds(out, "expires_s", is_resting ? "   expires " : NULL,
			    seconds_from_ticks(deadline - bindings->now));
	out_row_end(out);
}

static int add_binding(const void *key, const void *value, void *data)
{
	struct bindings *bindings = data;
	struct binding_row row = {
		.key = *(const struct nat_internal_key *)key,
		.binding = *(const struct nat_binding *)value,
	};

	if (life_is_past(row.binding.life, bindings->now) ||
	    life_state(row.binding.life) == NAT_STATE_DELETING)
		return 0;
	/* Made since we looked at the clock */
	if (row.binding.created > bindings->now)
		row.binding.created = bindings->now;
	if (!filter_has_binding(&bindings->filter, &row.key, &row.binding))
		return 0;
	return list_add(&bindings->list, &row);
}

static int read_bindings(struct list *list)
{
	struct bindings *bindings = (struct bindings *)list;

	bindings->now = gateway_now();
	return walk_map(list->gateway.fd[GATEWAY_bindings_fwd], add_binding, bindings);
}

int bindings_main(int argc, char **argv)
{
	struct bindings bindings = {
		.list = { .noun = "bindings",
			  .row_size = sizeof(struct binding_row),
			  .compare = by_key,
			  .print = print_binding,
			  .read = read_bindings },
	};
	char why[256];

	(void)argc;
	if (args_take(argv, NULL) < 0)
		return EXIT_MISUSED;
	if (!filter_parse_operands(&bindings.list.ifname, &bindings.filter, FILTER_BINDINGS,
				   argv + 1, why, sizeof(why))) {
		msg_error("bindings", "%s", why);
		return EXIT_MISUSED;
	}
	return list_run(&bindings.list);
}
