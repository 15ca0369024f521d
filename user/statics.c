// SPDX-License-Identifier: GPL-2.0-only
/*
 * statics.c - static bindings (port forwards): put them into force, or take them out.
 *
 * How it works: the control program nat_forward changes one binding at a time. What has been
 * changed is changed back if one of them cannot be. A port that was given back a moment ago is in
 * the tables for some seconds more; we sweep, as the keeper does, until it is not.
 */
#include "statics.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "msg.h"
#include "out.h"
#include "sockets.h"
#include "value.h"

#define PAUSE_NS 100000000L
#define PAUSES 100 /* ten seconds: twice the grace, and a sweep in between */
#define PAUSES_UNTOLD 10

/* ---- where a binding is ------------------------------------------------------------------- */

/** struct place - Where a binding is, and where it was asked for, for messages */
struct place {
	char object[MSG_PLACE_MAX];
	const char *dashes; /* before options, there */
	const char *proto;
	__be32 addr;
	__u16 port; /* host order */
};

static struct place place_of(const struct gateway *gw, const struct static_row *row)
{
	struct place place = { .dashes = row->line ? "" : "--",
			       .proto = value_proto_text(row->external.proto),
			       .addr = row->external.addr,
			       .port = ntohs(row->external.port) };

	if (row->line)
		msg_place(place.object, row->file, row->line);
	else
		strcpy(place.object, gw->name);
	return place;
}

static struct nat_forward_args order(const struct static_row *row, enum nat_forward_op op)
{
	return (struct nat_forward_args){ .op = op,
					  .external = row->external,
					  .internal = row->internal,
					  .from = row->from.addr,
					  .from_len = (__u8)row->from.len,
					  .address = row->address };
}

/* The ports of @external's protocol that sockets have at its address, looked up once in a change.
 */
static struct {
	__u8 proto;
	__be32 addr;
	__u8 bits[65536 / 8];
} held;

static void look_at_socket(__be32 addr, __u16 port, void *data)
{
	(void)data;
	if (!addr || addr == held.addr)
		held.bits[port / 8] |= (__u8)(1 << port % 8);
}

/* -ENOENT: the kernel does not list sockets, so nobody can say. */
static bool socket_has(const struct nat_endpoint *external)
{
	__u16 port = ntohs(external->port);

	if (held.proto != external->proto || held.addr != external->addr) {
		memset(&held, 0, sizeof(held));
		held.proto = external->proto;
		held.addr = external->addr;
		sockets_each(external->proto, look_at_socket, NULL);
	}
	return held.bits[port / 8] >> port % 8 & 1;
}

/* Then the tables say whose it is. */
static bool is_bound(const struct gateway *gw, const struct nat_endpoint *external)
{
	struct nat_external_key key = { .external = *external };
	struct nat_binding_rev rev;

	return !bpf_map_lookup_elem(gw->fd[GATEWAY_bindings_rev], &key, &rev);
}

static void say_taken(const struct gateway *gw, const struct place *place,
		      const struct nat_forward_args *args)
{
	char who[OUT_TEXT_MAX], from[OUT_TEXT_MAX], at[OUT_TEXT_MAX];

	out_addr_text(at, place->addr);
	out_endpoint_text(who, args->internal.addr, args->internal.port);
	out_addr_text(from, args->from);
	if (args->kind == NAT_STATIC)
		msg_error(place->object,
			  "cannot forward %s port %u: it goes to %s from %s/%u already "
			  "(\"natctl forward del %s %s %u --address %s\" first)",
			  place->proto, place->port, who, from, args->from_len, gw->name,
			  place->proto, place->port, at);
	else
		msg_error(place->object,
			  "cannot forward %s port %u: %s is using it (\"natctl flush %s external "
			  ":%u proto %s\" ends that)",
			  place->proto, place->port, who, gw->name, place->port, place->proto);
}

static int say_failed(const struct place *place, const char *why)
{
	msg_error(place->object, "cannot forward %s port %u: %s", place->proto, place->port, why);
	return -EBUSY;
}

static int say_socket(const struct place *place)
{
	msg_error(place->object,
		  "cannot forward %s port %u: a socket of this machine has it (%sforce: it goes "
		  "inside)",
		  place->proto, place->port, place->dashes);
	return -EADDRINUSE;
}

/* ---- Ctrl-C: all or nothing means that it waits ------------------------------------------- */

static void interrupts(int how, sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(how, how == SIG_BLOCK ? &set : before, how == SIG_BLOCK ? before : NULL);
}

/* Has one come, that its process does not hear in another way (keeper.c)? */
static bool is_interrupted(const sigset_t *before)
{
	sigset_t pending;

	sigpending(&pending);
	return (sigismember(&pending, SIGINT) && !sigismember(before, SIGINT)) ||
	       (sigismember(&pending, SIGTERM) && !sigismember(before, SIGTERM)) ||
	       (sigismember(&pending, SIGHUP) && !sigismember(before, SIGHUP));
}

/* ---- one binding -------------------------------------------------------------------------- */

/* Run it until it is not busy any more. Return: 0, -EBUSY, or -errno of the kernel's. */
static int settle(const struct gateway *gw, struct nat_forward_args *args,
		  const struct place *place)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct nat_forward_args ask = *args;
	int err;

	for (int i = 0; i < PAUSES; i++) {
		struct nat_reap_args sweep = {};

		*args = ask;
		err = gateway_forward(gw, args);
		if (err || args->result != NAT_FORWARD_BUSY)
			return err;
		if (i == PAUSES_UNTOLD)
			msg_note(gw->name, "waiting for %s port %u to come free", place->proto,
				 place->port);
		gateway_reap(gw, &sweep);
		nanosleep(&pause, NULL);
	}
	return -EBUSY;
}

/* Return: 1 if it was made, 0 if it was there, negative after a message. */
static int add_one(const struct gateway *gw, const struct static_row *row)
{
	struct nat_forward_args args = order(row, NAT_FORWARD_ADD);
	struct place place = place_of(gw, row);
	int err;

	if (!row->force && !is_bound(gw, &args.external) && socket_has(&args.external))
		return say_socket(&place);
	err = settle(gw, &args, &place);
	if (err == -EBUSY)
		return say_failed(&place, "it does not come free (try again later)");
	if (err)
		return say_failed(&place, strerror(-err));
	if (args.result == NAT_FORWARD_TAKEN) {
		say_taken(gw, &place, &args);
		return -EEXIST;
	}
	if (args.result == NAT_FORWARD_FULL)
		return say_failed(&place, "the table of bindings is full");
	return args.result == NAT_FORWARD_DONE;
}

/* Is that what a row with an internal endpoint names? */
static bool is_bound_to(const struct gateway *gw, const struct static_row *row)
{
	struct nat_external_key key = { .external = row->external };
	struct nat_binding_rev rev;

	return !row->internal.addr ||
	       (!bpf_map_lookup_elem(gw->fd[GATEWAY_bindings_rev], &key, &rev) &&
		rev.internal.addr == row->internal.addr && rev.internal.port == row->internal.port);
}

/*
 * Its sessions are ended by cut(). @row: gets what was bound.
 * Return: 1 if it was taken out, 0 if there was none, negative after a message.
 */
static int del_one(const struct gateway *gw, struct static_row *row)
{
	struct nat_forward_args args = order(row, NAT_FORWARD_DEL);
	struct place place = place_of(gw, row);
	int err;

	if (!is_bound_to(gw, row))
		return 0;
	err = settle(gw, &args, &place);
	if (err) {
		msg_error(place.object, "cannot take %s port %u back: %s", place.proto, place.port,
			  strerror(-err));
		return err;
	}
	if (args.result != NAT_FORWARD_DONE)
		return 0;
	row->internal = args.internal;
	row->from = (struct nat_prefix){ .len = args.from_len, .addr = args.from };
	row->force = true; /* should it have to come back */
	return 1;
}

/* The sessions of all that have been taken out, in one pass. Return: how many were ended */
static __u32 cut(const struct gateway *gw)
{
	struct nat_forward_args args = { .op = NAT_FORWARD_CUT };

	return gateway_forward(gw, &args) ? 0 : args.count;
}

/* ---- many of them ------------------------------------------------------------------------- */

static const struct rows empty = { .row_size = sizeof(struct static_row),
				   .key_size = sizeof(struct nat_endpoint) };

void statics_undo(const struct gateway *gw, const struct statics_done *done)
{
	for (size_t i = 0; i < done->added.count; i++)
		del_one(gw, rows_at(&done->added, i));
	if (done->added.count)
		cut(gw);
	for (size_t i = 0; i < done->removed.count; i++)
		add_one(gw, rows_at(&done->removed, i));
}

void statics_free(struct statics_done *done)
{
	rows_free(&done->added);
	rows_free(&done->removed);
}

/* Note a change that was made. Return: 0 or negative */
static int note(struct rows *rows, const struct static_row *row, int made)
{
	return made > 0 ? rows_add(rows, row) : made;
}

static int stop_if_interrupted(const struct gateway *gw, const sigset_t *before)
{
	if (!is_interrupted(before))
		return 0;
	msg_error(gw->name, "interrupted: the port forwards are as they were");
	return -EINTR;
}

static int change(const struct gateway *gw, const struct rows *del, const struct rows *add,
		  const sigset_t *signals, struct statics_done *done)
{
	int err = 0;

	for (size_t i = 0; !err && i < del->count; i++) {
		struct static_row row = *(const struct static_row *)rows_at(del, i);
		int made = del_one(gw, &row);

		err = note(&done->removed, &row, made);
		err = err ? err : stop_if_interrupted(gw, signals);
	}
	if (done->removed.count)
		done->sessions = cut(gw);
	for (size_t i = 0; !err && i < add->count; i++) {
		err = note(&done->added, rows_at(add, i), add_one(gw, rows_at(add, i)));
		err = err ? err : stop_if_interrupted(gw, signals);
	}
	return err;
}

int statics_change(const struct gateway *gw, const struct rows *del, const struct rows *add,
		   struct statics_done *done)
{
	sigset_t before;
	int err;

	memset(&held, 0, sizeof(held));
	*done = (struct statics_done){ .added = empty, .removed = empty };
	interrupts(SIG_BLOCK, &before);
	err = change(gw, del, add, &before, done);
	if (err)
		statics_undo(gw, done);
	interrupts(SIG_SETMASK, &before);
	return err;
}

static void tell(const struct gateway *gw, const struct rows *rows, const char *what)
{
	char external[OUT_TEXT_MAX], internal[OUT_TEXT_MAX];

	for (size_t i = 0; i < rows->count; i++) {
		const struct static_row *row = rows_at(rows, i);

		out_done(gw->name, "forward %s %s -> %s: %s", value_proto_text(row->external.proto),
			 out_endpoint_text(external, row->external.addr, row->external.port),
			 out_endpoint_text(internal, row->internal.addr, row->internal.port), what);
	}
}

void statics_tell(const struct gateway *gw, const struct statics_done *done)
{
	tell(gw, &done->removed, "removed");
	tell(gw, &done->added, "added");
}
