// SPDX-License-Identifier: GPL-2.0-only
/*
 * statics.c - static bindings (port forwards): put a rule into force, or take it out.
 *
 * How it works: the control program nat_forward changes one binding at a time. A rule may
 * mean many (a range, two protocols): what has been made of it is unmade if one of them
 * cannot be. A port that was given back a moment ago is in the tables for some seconds more;
 * we sweep, as the keeper does, until it is not.
 */
#include "statics.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "msg.h"
#include "out.h"
#include "pool.h"
#include "sockets.h"
#include "value.h"
#include "walk.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

#define PAUSE_NS 100000000L
#define PAUSES 100 /* ten seconds: twice the grace, and a sweep in between */
#define PAUSES_UNTOLD 10

/* ---- one binding -------------------------------------------------------------------------- */

/** struct place - Where a binding of a rule is */
struct place {
	const char *proto;
	__be32 addr;
	__u16 port; /* host order */
	bool is_held;
};

static void look_at_socket(__be32 addr, __u16 port, void *data)
{
	struct place *place = data;

	place->is_held |= port == place->port && (!addr || addr == place->addr);
}

/* -ENOENT: the kernel does not list sockets, so nobody can say. */
static bool socket_has(const struct nat_endpoint *external, const struct place *place)
{
	struct place look = *place;

	sockets_each(external->proto, look_at_socket, &look);
	return look.is_held;
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
	char who[OUT_TEXT_MAX], from[OUT_TEXT_MAX];

	out_endpoint_text(who, args->internal.addr, args->internal.port);
	out_addr_text(from, args->from);
	if (args->kind == NAT_STATIC)
		msg_error(gw->name,
			  "cannot forward %s port %u: it goes to %s from %s/%u already "
			  "(\"natctl forward del %s %s %u\" first)",
			  place->proto, place->port, who, from, args->from_len, gw->name,
			  place->proto, place->port);
	else
		msg_error(gw->name,
			  "cannot forward %s port %u: %s is using it (\"natctl flush %s external "
			  ":%u proto %s\" ends that)",
			  place->proto, place->port, who, gw->name, place->port, place->proto);
}

static int say_failed(const struct gateway *gw, const struct place *place, const char *why)
{
	msg_error(gw->name, "cannot forward %s port %u: %s", place->proto, place->port, why);
	return -EBUSY;
}

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
static int add_one(const struct gateway *gw, struct nat_forward_args *args,
		   const struct place *place, bool force)
{
	int err;

	if (!force && !is_bound(gw, &args->external) && socket_has(&args->external, place))
		return say_failed(gw, place,
				  "a socket of this machine has it (--force: it goes inside)");
	err = settle(gw, args, place);
	if (err == -EBUSY)
		return say_failed(gw, place, "it does not come free (try again later)");
	if (err)
		return say_failed(gw, place, strerror(-err));
	if (args->result == NAT_FORWARD_TAKEN) {
		say_taken(gw, place, args);
		return -EEXIST;
	}
	if (args->result == NAT_FORWARD_FULL)
		return say_failed(gw, place, "the table of bindings is full");
	return args->result == NAT_FORWARD_DONE;
}

/* ---- all of a rule ------------------------------------------------------------------------ */

/* Its address in the pool. Return: 0 or negative after a message. */
static int find_address(const struct gateway *gw, const struct static_rule *rule, __be32 *addr,
			__u16 *index)
{
	struct nat_pool pool;
	int err = pool_read(gw, &pool), at;

	if (err) {
		msg_error(gw->name, "cannot read the addresses: %s", strerror(-err));
		return err;
	}
	at = rule->external ? pool_find(&pool, rule->external) : 0;
	if (!pool.count || at < 0) {
		char text[OUT_TEXT_MAX];

		msg_error(gw->name, "%s%s (\"natctl status %s\" lists its addresses)",
			  pool.count ? "not one of its external addresses: " :
				       "it has no external address",
			  pool.count ? out_addr_text(text, rule->external) : "", gw->name);
		return -ENOENT;
	}
	*addr = pool.addr[at];
	*index = (__u16)at;
	return 0;
}

/** struct walk - One binding of a rule after the other */
struct walk {
	const struct static_rule *rule;
	struct nat_forward_args args;
	struct place place;
	__u32 proto, port;
};

static void walk_begin(struct walk *walk, const struct static_rule *rule, __be32 addr, __u16 index)
{
	*walk = (struct walk){ .rule = rule, .port = rule->first };
	walk->place.addr = addr;
	walk->args.address = index;
}

/* Return: false if there is no more */
static bool walk_next(struct walk *walk, enum nat_forward_op op)
{
	const struct static_rule *rule = walk->rule;

	while (walk->proto < 64 && !(rule->protos >> walk->proto & 1))
		walk->proto++;
	if (walk->proto == 64)
		return false;
	walk->place.proto = value_proto_text((__u8)walk->proto);
	walk->place.port = (__u16)walk->port;
	walk->args = (struct nat_forward_args){
		.op = op,
		.external = { .addr = walk->place.addr,
			      .port = htons((__u16)walk->port),
			      .proto = (__u8)walk->proto },
		.internal = { .addr = rule->internal,
			      .port = htons((__u16)(rule->to + walk->port - rule->first)),
			      .proto = (__u8)walk->proto },
		.from = rule->from.addr,
		.from_len = (__u8)rule->from.len,
		.address = walk->args.address,
	};
	if (walk->port++ == rule->last) {
		walk->port = rule->first;
		walk->proto++;
	}
	return true;
}

/* Of the bindings before @failed those that were made just now, by bits in @made. */
static void unmake(const struct gateway *gw, struct walk *walk, const __u8 *made, __u32 failed)
{
	for (__u32 i = 0; i < failed && walk_next(walk, NAT_FORWARD_DEL); i++)
		if (made[i / 8] >> i % 8 & 1)
			settle(gw, &walk->args, &walk->place);
}

int static_add(const struct gateway *gw, const struct static_rule *rule, bool force)
{
	static __u8 made[2 * 65536 / 8];
	struct walk walk;
	int count = 0, result;
	__be32 addr;
	__u16 index;

	result = find_address(gw, rule, &addr, &index);
	if (result)
		return result;
	memset(made, 0, sizeof(made));
	walk_begin(&walk, rule, addr, index);
	for (__u32 i = 0; walk_next(&walk, NAT_FORWARD_ADD); i++) {
		result = add_one(gw, &walk.args, &walk.place, force);
		if (result < 0) {
			walk_begin(&walk, rule, addr, index);
			unmake(gw, &walk, made, i);
			return result;
		}
		made[i / 8] |= (__u8)(result << i % 8);
		count += result;
	}
	return count;
}

/* ---- addresses that change ---------------------------------------------------------------- */

/** struct stray - The static binding not where the pool is, with the lowest address above @after */
struct stray {
	const struct nat_pool *pool;
	__u32 after; /* host order */
	__be32 addr; /* 0: there is none */
	__u16 index;
};

static int look_for_stray(const void *key, const void *value, void *data)
{
	const struct nat_binding *binding = value;
	__be32 addr = binding->external.addr;
	struct stray *stray = data;

	(void)key;
	if (binding->kind != NAT_STATIC || life_deadline(binding->life) != NAT_TICK_NEVER ||
	    pool_find(stray->pool, addr) == binding->address || ntohl(addr) <= stray->after ||
	    (stray->addr && ntohl(addr) >= ntohl(stray->addr)))
		return 0;
	stray->addr = addr;
	stray->index = binding->address;
	return 0;
}

int statics_follow(const struct gateway *gw, const struct nat_pool *pool)
{
	struct stray stray = { .pool = pool };
	struct nat_forward_args args;
	struct nat_usage used;
	int now, err = 0;
	__u32 behind = 0;

	if (bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &used))
		return -errno;
	while (!err && used.forwards && pool->count) {
		stray.addr = 0;
		err = walk_map(gw->fd[GATEWAY_bindings_fwd], look_for_stray, &stray);
		if (err || !stray.addr)
			break;
		now = pool_find(pool, stray.addr);
		if (now < 0)
			now = stray.index < pool->count ? stray.index : 0;
		args = (struct nat_forward_args){ .op = NAT_FORWARD_MOVE,
						  .external.addr = stray.addr,
						  .new_addr = pool->addr[now],
						  .address = (__u16)now };
		err = gateway_forward(gw, &args);
		behind += args.count;
		stray.after = ntohl(stray.addr);
	}
	return err || !behind ? err : -EAGAIN;
}

/* Is that what a rule with a target names? */
static bool is_bound_to(const struct gateway *gw, const struct nat_forward_args *args)
{
	struct nat_external_key key = { .external = args->external };
	struct nat_binding_rev rev;

	return !args->internal.addr ||
	       (!bpf_map_lookup_elem(gw->fd[GATEWAY_bindings_rev], &key, &rev) &&
		rev.internal.addr == args->internal.addr &&
		rev.internal.port == args->internal.port);
}

int static_del(const struct gateway *gw, const struct static_rule *rule, __u32 *sessions)
{
	struct walk walk;
	int count = 0, err;
	__be32 addr;
	__u16 index;

	err = find_address(gw, rule, &addr, &index);
	if (err)
		return err;
	walk_begin(&walk, rule, addr, index);
	while (walk_next(&walk, NAT_FORWARD_DEL)) {
		if (!is_bound_to(gw, &walk.args))
			continue;
		err = settle(gw, &walk.args, &walk.place);
		if (err) {
			msg_error(gw->name, "cannot take %s port %u back: %s (%d ports were)",
				  walk.place.proto, walk.place.port, strerror(-err), count);
			return err;
		}
		if (walk.args.result == NAT_FORWARD_DONE) {
			*sessions += walk.args.count;
			count++;
		}
	}
	return count;
}
