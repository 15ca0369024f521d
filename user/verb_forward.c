// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_forward.c - `natctl forward add|del|list`: static bindings.
 *
 * How it works: the words are judged as a whole before anything is changed, then statics.c puts
 * the rule into force, under the lock of attach and detach, which move static bindings too.
 * The list is that of `natctl bindings`, of those whose kind is static, seen from outside.
 */
#include <string.h>

#include "age.h"
#include "args.h"
#include "cmd.h"
#include "list.h"
#include "lock.h"
#include "msg.h"
#include "statics.h"
#include "value.h"
#include "walk.h"

#define VERB "forward"
#define WORDS_MAX 10

/* ---- add, del ---------------------------------------------------------------------------- */

/** struct order - What a command line asks for */
struct order {
	const char *ifname;
	bool is_add;
	struct static_rule rule;
};

static void say(const struct gateway *gw, const struct order *order,
		const struct statics_done *done)
{
	size_t count = order->is_add ? done->added.count : done->removed.count;
	const char *ports = count == 1 ? "port" : "ports";

	if (!count)
		out_done(gw->name, "%s", order->is_add ? "forwarded already" : "not forwarded");
	else if (order->is_add)
		out_done(gw->name, "%zu %s forwarded", count, ports);
	else
		out_done(gw->name, "%zu %s not forwarded any more; ended %u %s", count, ports,
			 done->sessions, done->sessions == 1 ? "session" : "sessions");
}

static int change_rows(const struct gateway *gw, const struct order *order)
{
	const struct rows none = { .row_size = sizeof(struct static_row) };
	struct rows rows = none;
	struct statics_done done = {};
	int err = static_expand(gw, &order->rule, &rows);

	if (!err)
		err = statics_change(gw, order->is_add ? &none : &rows,
				     order->is_add ? &rows : &none, &done);
	if (!err && !global.quiet)
		say(gw, order, &done);
	statics_free(&done);
	rows_free(&rows);
	return err ? EXIT_FAILED : EXIT_DONE;
}

static int carry_out(const struct order *order)
{
	char bpffs[PATH_MAX];
	struct gateway gw;
	struct lock lock;
	int err, code;

	if (gateway_bpffs(bpffs, false))
		return gateway_open(&gw, order->ifname); /* says that nothing is attached */
	err = lock_take(&lock, bpffs);
	if (err) {
		msg_error(order->ifname, "cannot lock the gateway: %s", lock_strerror(err));
		return EXIT_FAILED;
	}
	code = gateway_open(&gw, order->ifname);
	if (!code) {
		code = change_rows(&gw, order);
		gateway_close(&gw);
	}
	lock_release(&lock);
	return code;
}

/* Options are words of a rule: "--from CIDR" is "from CIDR". */
static int change(char **argv, bool is_add)
{
	const char *from = NULL, *address = NULL;
	bool force = false;
	struct order order = { .is_add = is_add };
	const struct arg_option options[] = {
		{ .name = "--address", .value = &address },
		{ .name = is_add ? "--from" : NULL, .value = &from },
		{ .name = is_add ? "--force" : NULL, .flag = &force },
		{ .name = NULL },
	};
	char *words[WORDS_MAX + 5];
	char why[256];
	int count;

	argv[0] = VERB;
	count = args_take(argv, options);
	if (count < 0)
		return EXIT_MISUSED;
	if (count > WORDS_MAX) {
		msg_error(VERB, "too many words: \"%s\" (see \"natctl help forward\")",
			  argv[WORDS_MAX + 1]);
		return EXIT_MISUSED;
	}
	if (!count) {
		msg_error(VERB, "which interface? (natctl forward %s IF tcp|udp PORT ...)",
			  is_add ? "add" : "del");
		return EXIT_MISUSED;
	}
	memcpy(words, argv + 2, (size_t)count * sizeof(*words));
	count--;
	if (from) {
		words[count++] = "from";
		words[count++] = (char *)from;
	}
	if (address) {
		words[count++] = "address";
		words[count++] = (char *)address;
	}
	words[count] = NULL;
	order.ifname = argv[1];
	if (static_parse(&order.rule, words, is_add, why, sizeof(why))) {
		order.rule.force |= force;
		return carry_out(&order);
	}
	msg_error(VERB, "%s", why);
	return EXIT_MISUSED;
}

/* ---- list -------------------------------------------------------------------------------- */

/** struct forward_row - A static binding as it was at one moment */
struct forward_row {
	struct nat_endpoint internal;
	struct nat_binding binding;
};

/** struct forwards - The verb's own state around its list */
struct forwards {
	struct list list;
	__u32 now;
};

/* Protocol, external address, port: unique. Network order compares as numbers do. */
static int by_external(const void *a, const void *b)
{
	const struct nat_endpoint *x = &((const struct forward_row *)a)->binding.external;
	const struct nat_endpoint *y = &((const struct forward_row *)b)->binding.external;

	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	return memcmp(x, y, sizeof(*x));
}

static void print_forward(struct list *list, const void *data)
{
	const struct forwards *forwards = (struct forwards *)list;
	const struct forward_row *row = data;
	const struct nat_binding *binding = &row->binding;
	const struct nat_endpoint *external = &binding->external;
	char addr[OUT_TEXT_MAX], from[OUT_TEXT_MAX + 4];
	__u32 count = life_low(binding->life);
	struct out *out = &list->out;

	snprintf(from, sizeof(from), "%s/%u", out_addr_text(addr, binding->first),
		 binding->first_len);
	out_row_begin(out);
	out_word(out, "interface", list->several ? "" : NULL, list->gateway.name);
	out_text(out, list->several ? "   " : "");
	out_word(out, "proto", NULL, value_proto_text(external->proto));
	out_text(out, "%-5s ", value_proto_text(external->proto));
	list_place(list, "external", "", external->proto, external->addr, external->port);
	list_place(list, "internal", " -> ", external->proto, row->internal.addr,
		   row->internal.port);
	out_word(out, "from", binding->first_len ? "   from " : NULL, from);
	out_number(out, "sessions", "   ", count);
	out_text(out, count == 1 ? " session" : " sessions");
	out_seconds(out, "age_s", "   age ", seconds_from_ticks(forwards->now - binding->created));
	out_row_end(out);
}

static int add_forward(const void *key, const void *value, void *data)
{
	struct forwards *forwards = data;
	struct forward_row row = {
		.internal = ((const struct nat_internal_key *)key)->internal,
		.binding = *(const struct nat_binding *)value,
	};

	if (row.binding.kind != NAT_STATIC || life_deadline(row.binding.life) != NAT_TICK_NEVER)
		return 0;
	/* Made since we looked at the clock */
	if (row.binding.created > forwards->now)
		row.binding.created = forwards->now;
	return list_add(&forwards->list, &row);
}

static int read_forwards(struct list *list)
{
	struct forwards *forwards = (struct forwards *)list;

	forwards->now = gateway_now();
	return walk_map(list->gateway.fd[GATEWAY_bindings_fwd], add_forward, forwards);
}

static int show(char **argv)
{
	struct forwards forwards = {
		.list = { .noun = "forwards",
			  .row_size = sizeof(struct forward_row),
			  .compare = by_external,
			  .print = print_forward,
			  .read = read_forwards },
	};

	argv[0] = VERB;
	if (args_interface(argv, NULL) < 0)
		return EXIT_MISUSED;
	forwards.list.ifname = argv[1];
	return list_run(&forwards.list);
}

int forward_main(int argc, char **argv)
{
	(void)argc;
	if (argv[1] && !strcmp(argv[1], "list"))
		return show(argv + 1);
	if (!argv[1] || (strcmp(argv[1], "add") && strcmp(argv[1], "del"))) {
		msg_error(VERB, "%s%s%s (one of add, del, list)",
			  argv[1] ? "no such word: \"" : "what?", argv[1] ? argv[1] : "",
			  argv[1] ? "\"" : "");
		return EXIT_MISUSED;
	}
	if (global.json) {
		msg_error(VERB, "%s prints nothing that JSON could be made of (only list does)",
			  argv[1]);
		return EXIT_MISUSED;
	}
	return change(argv + 1, !strcmp(argv[1], "add"));
}
