// SPDX-License-Identifier: GPL-2.0-only
/*
 * list.c - a listing of rows from one or all gateways: sorted if it is short, streamed if not.
 *
 * How it works: rows are held back until there are more than fit a few screens. A list
 * that ends before is sorted and printed, so that two calls give the same order. One
 * that does not is printed as it comes from there on: a million sessions must cost the
 * reader neither memory nor time. With @hold_all the caller has asked for the order
 * and pays for it.
 */
#include "list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "msg.h"

#define LIST_HELD_MAX 1000

static int hold(struct list *list, const void *row)
{
	if (list->held_count == list->held_room) {
		size_t room = list->held_room ? list->held_room * 2 : 64;
		char *held = realloc(list->held, room * list->row_size);

		if (!held)
			return -ENOMEM;
		list->held = held;
		list->held_room = room;
	}
	memcpy(list->held + list->held_count++ * list->row_size, row, list->row_size);
	return 0;
}

static void print_held(struct list *list)
{
	for (size_t i = 0; i < list->held_count; i++)
		list->print(list, list->held + i * list->row_size);
	list->held_count = 0;
}

int list_add(struct list *list, const void *row)
{
	list->total++;
	if (list->count_only)
		return 0;
	if (!list->is_streaming && (list->hold_all || list->held_count < LIST_HELD_MAX))
		return hold(list, row);
	list->is_streaming = true;
	print_held(list);
	list->print(list, row);
	/* Nobody reads any more, or the disk is full: the rest is for nothing. */
	return -list->out.error;
}

void list_place(struct list *list, const char *key, const char *before, __u8 proto, __be32 addr,
		__be16 port)
{
	if (nat_has_ports(proto) || list->out.json)
		out_endpoint(&list->out, key, before, addr, port);
	else
		out_addr(&list->out, key, before, addr);
}

/* Read the gateway of one interface. */
static int read_named(struct list *list, const char *ifname)
{
	struct gateway *gw = &list->gateway;
	int err, code = gateway_open(gw, ifname);

	if (code)
		return code;
	/* Not before: an interface that is not attached must not look like an empty table. */
	if (!list->count_only && !list->out.depth)
		out_list_begin(&list->out, NULL);
	list->is_streaming = false;
	err = list->read(list);
	if (!err && list->held_count > 1)
		qsort(list->held, list->held_count, list->row_size, list->compare);
	print_held(list);
	/* What is wrong with the output is told once, by out_finish(). */
	if (err && !list->out.error) {
		msg_error(gw->name, "cannot read the %s: %s", list->noun, strerror(-err));
		code = EXIT_FAILED;
	}
	gateway_close(gw);
	return code;
}

/** struct names - The gateways that there are */
struct names {
	char (*name)[IF_NAMESIZE];
	unsigned int count;
};

static int collect(struct gateway *gw, void *data)
{
	struct names *names = data;
	void *grown = realloc(names->name, (names->count + 1) * sizeof(*names->name));

	if (!grown) {
		msg_error(gw->name, "%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	names->name = grown;
	memcpy(names->name[names->count++], gw->name, IF_NAMESIZE);
	return EXIT_DONE;
}

/* Names first: whether there are several decides how the first one is printed. */
static int read_all(struct list *list)
{
	struct names names = {};
	int worst = gateway_each(collect, &names);

	list->several = names.count > 1;
	for (unsigned int i = 0; i < names.count; i++) {
		int code = read_named(list, names.name[i]);

		worst = code > worst ? code : worst;
	}
	free(names.name);
	return worst;
}

int list_run(struct list *list)
{
	int code;

	out_open(&list->out, stdout, global.json);
	code = list->ifname ? read_named(list, list->ifname) : read_all(list);
	free(list->held);
	if (!code && list->count_only) {
		out_object_begin(&list->out, NULL);
		out_number(&list->out, list->noun, "", list->total);
		out_text(&list->out, "\n");
	} else if (!code && !list->total) {
		out_text(&list->out, "(none)\n");
	}
	out_close(&list->out);
	return code;
}
