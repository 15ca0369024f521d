// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_who.c - `natctl who EXTERNAL`: who is behind an external endpoint at this moment.
 *
 * How it works: bindings answer, resting ones included, for their port was somebody's until a
 * moment ago and is nobody else's yet. A port of the gateway's own sockets has no binding: the
 * kernel's list of sockets answers for those. What was before this moment, the tables do not know.
 */
#include <string.h>

#include "age.h"
#include "args.h"
#include "cmd.h"
#include "filter.h"
#include "list.h"
#include "msg.h"
#include "pool.h"
#include "sockets.h"
#include "value.h"
#include "walk.h"

const char who_details[] =
	"Says who is behind an external endpoint at this moment: an internal host, the\n"
	"gateway itself, or nobody (exit 1). Without PORT, everybody behind that address.\n"
	"PROTO is one of tcp, udp, icmp, ...; for icmp, PORT is the query id. A resting\n"
	"binding has just lost its last session. To whom they speak, natctl sessions\n"
	"knows. What was before, the tables do not tell.\n"
	"\n"
	"Examples:\n"
	"  natctl who 203.0.113.7:40000\n"
	"  natctl who 203.0.113.7:40000 proto udp -j\n"
	"  natctl sessions external 203.0.113.7:40000\n";

/** struct who_row - Somebody; @key is zero, but for the protocol, where it is the gateway itself */
struct who_row {
	struct nat_internal_key key;
	struct nat_binding binding;
};

/**
 * struct who - The verb's own state around its list
 * @is_pool:  The address is one of some gateway's
 * @has_socket: While sockets are listed: one is there
 */
struct who {
	struct list list;
	struct filter filter;
	bool is_pool;
	bool has_socket;
	__u32 now;
};

static int by_external(const void *a, const void *b)
{
	const struct who_row *x = a, *y = b;
	int order = memcmp(&x->binding.external, &y->binding.external, sizeof(x->binding.external));

	return order ? order : memcmp(&x->key, &y->key, sizeof(x->key));
}

static void print_internal(struct list *list, const struct who_row *row)
{
	const struct nat_endpoint *internal = &row->key.internal;

	if (internal->addr) {
		list_place(list, "internal", "   ", internal->proto, internal->addr,
			   internal->port);
		return;
	}
	out_word(&list->out, "internal", NULL, NULL);
	out_text(&list->out, "   the gateway itself");
}

static void print_row(struct list *list, const void *data)
{
	const struct who *who = (struct who *)list;
	const struct who_row *row = data;
	const struct nat_binding *binding = &row->binding;
	bool is_own = !row->key.internal.addr;
	struct out *out = &list->out;
	__u8 proto = row->key.internal.proto;

	out_row_begin(out);
	out_word(out, "interface", list->several ? "" : NULL, list->gateway.name);
	out_text(out, list->several ? "   " : "");
	out_word(out, "proto", NULL, value_proto_text(proto));
	out_text(out, "%-5s ", value_proto_text(proto));
	list_place(list, "external", "", proto, binding->external.addr, binding->external.port);
	print_internal(list, row);
	out_word(out, "kind", is_own ? NULL : "   ", value_kind_text(binding->kind));
	if (!is_own) {
		out_word(out, "state", "   ", value_state_text(life_state(binding->life)));
		out_number(out, "sessions", "   sessions ", life_low(binding->life));
		out_seconds(out, "age_s", "   for ",
			    seconds_from_ticks(who->now - binding->created));
	}
	out_row_end(out);
}

static int add_binding(const void *key, const void *value, void *data)
{
	struct who *who = data;
	struct who_row row = {
		.key = *(const struct nat_internal_key *)key,
		.binding = *(const struct nat_binding *)value,
	};

	if (life_is_past(row.binding.life, who->now) ||
	    life_state(row.binding.life) == NAT_STATE_DELETING ||
	    !filter_has_binding(&who->filter, &row.key, &row.binding))
		return 0;
	/* Made since we looked at the clock */
	if (row.binding.created > who->now)
		row.binding.created = who->now;
	return list_add(&who->list, &row);
}

static void look_at_socket(__be32 addr, __u16 port, void *data)
{
	struct who *who = data;

	who->has_socket |= port == ntohs(who->filter.external.port) &&
			   (!addr || addr == who->filter.external.addr);
}

/* Of the gateway's own TCP and UDP sockets. Return: 0, or list_add()'s to stop */
static int add_own(struct who *who)
{
	static const __u8 protos[] = { NAT_PROTO_TCP, NAT_PROTO_UDP };

	for (size_t i = 0; i < sizeof(protos); i++) {
		struct who_row row = {
			.key = { .internal = { .proto = protos[i] } },
			.binding = { .external = who->filter.external, .kind = NAT_HOST },
		};
		int err;

		row.binding.external.proto = protos[i];
		who->has_socket = false;
		if (who->filter.proto && who->filter.proto != protos[i])
			continue;
		/* Where the kernel does not list sockets there are none to be told. */
		sockets_each(protos[i], look_at_socket, who);
		err = who->has_socket ? list_add(&who->list, &row) : 0;
		if (err)
			return err;
	}
	return 0;
}

static int read_all(struct list *list)
{
	struct who *who = (struct who *)list;
	struct nat_pool pool;
	int err = pool_read(&list->gateway, &pool);

	if (err || pool_find(&pool, who->filter.external.addr) < 0)
		return err;
	who->is_pool = true;
	who->now = gateway_now();
	err = walk_map(list->gateway.fd[GATEWAY_bindings_fwd], add_binding, who);
	return err || !who->filter.external.port ? err : add_own(who);
}

/* EXTERNAL and the words behind it are a filter whose first word goes without saying. */
static bool parse(struct who *who, char **operands, int count)
{
	char *words[8] = { "external" };
	char why[256];

	if (count < 1 || count > 3) {
		msg_error("who", "which external endpoint? (natctl who ADDR[:PORT] [proto PROTO])");
		return false;
	}
	memcpy(words + 1, operands, count * sizeof(*words));
	if (!filter_parse(&who->filter, FILTER_BINDINGS, words, why, sizeof(why))) {
		msg_error("who", "%s", why);
		return false;
	}
	if (who->filter.external.addr)
		return true;
	msg_error("who", "\"%s\" has no address (natctl who ADDR[:PORT] [proto PROTO])",
		  operands[0]);
	return false;
}

int who_main(int argc, char **argv)
{
	struct who who = {
		.list = { .noun = "bindings",
			  .row_size = sizeof(struct who_row),
			  .compare = by_external,
			  .print = print_row,
			  .read = read_all },
	};
	int code;

	argc = args_take(argv, NULL);
	if (argc < 0 || !parse(&who, argv + 1, argc))
		return EXIT_MISUSED;
	code = list_run(&who.list);
	if (code)
		return code;
	if (!who.is_pool)
		msg_error(argv[1],
			  "no gateway here has this address (\"natctl status\" lists them)");
	return who.list.total ? EXIT_DONE : EXIT_FAILED;
}
