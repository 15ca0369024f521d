// SPDX-License-Identifier: GPL-2.0-only
/* control.c - what natctl does while packets are under way: sweep, flush, forward, follow. */
#include "control.h"

#include <arpa/inet.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "table.h"
#include "traffic.h"
#include "world.h"

#define FORWARDS 3 /* of the range: dynamic bindings want them, too */

struct control control;

static bool is_forward[FORWARDS];

__u32 control_now(void)
{
	return table_now() + __atomic_load_n(&control.passed, __ATOMIC_RELAXED);
}

static void count(enum operation operation, enum outcome outcome)
{
	control.done[operation][outcome]++;
}

static void reap(void)
{
	struct nat_reap_args done = world_reap();

	count(OPERATION_REAP, done.sessions + done.bindings ? OUTCOME_DONE : OUTCOME_NOTHING);
}

/* Of a host, of an address, or all. */
static void flush(uint64_t *random)
{
	__u32 dice = random_below(random, 8);
	struct nat_flush_args args = { 0 };

	if (dice < 4)
		args.internal = traffic_internal(0, random_below(random, HOSTS), SOURCES);
	else if (dice < 7)
		args.external.port = htons(FIRST_PORT + random_below(random, PORTS));
	world_flush(&args);
	count(OPERATION_FLUSH, args.sessions + args.bindings ? OUTCOME_DONE : OUTCOME_NOTHING);
}

static struct nat_endpoint forward_external(int i)
{
	return (struct nat_endpoint){ .addr = traffic_external(0, control.generation[0]),
				      .port = htons(FIRST_PORT + i),
				      .proto = i % 2 ? NAT_PROTO_UDP : NAT_PROTO_TCP };
}

static void forward_add(int i, uint64_t *random)
{
	struct nat_forward_args args = { .op = NAT_FORWARD_ADD, .external = forward_external(i) };

	args.internal = traffic_internal(args.external.proto, random_below(random, HOSTS),
					 random_below(random, SOURCES));
	owners_cut_short(0, args.external.port, control_now());
	is_forward[i] = world_forward(&args) <= NAT_FORWARD_THERE;
	count(OPERATION_ADD, is_forward[i] ? OUTCOME_DONE : OUTCOME_REFUSED);
}

static bool forward_del(int i)
{
	struct nat_forward_args args = { .op = NAT_FORWARD_DEL, .external = forward_external(i) };
	struct nat_forward_args cut = { .op = NAT_FORWARD_CUT };
	__u32 result = world_forward(&args);

	owners_cut_short(0, args.external.port, control_now());
	if (result == NAT_FORWARD_DONE)
		world_forward(&cut);
	is_forward[i] = result == NAT_FORWARD_BUSY;
	count(OPERATION_DEL, result == NAT_FORWARD_DONE ? OUTCOME_DONE : OUTCOME_REFUSED);
	return !is_forward[i];
}

static void pool_write(void)
{
	struct nat_pool pool = { .count = OWNERS_ADDRESSES };

	for (int i = 0; i < OWNERS_ADDRESSES; i++)
		pool.addr[i] = traffic_external(i, control.generation[i]);
	table_write(world_skel()->maps.pool, &(__u32){ 0 }, &pool);
}

/* As natctl does: the new one known, the old one unknown, forwards moved, the rest ended. */
static void replace(__u32 address)
{
	const struct nat_external external = { .index = address, .flags = NAT_EXTERNAL_LOCAL };
	__be32 old = traffic_external(address, control.generation[address]), new;
	struct nat_forward_args move = { .op = NAT_FORWARD_MOVE, .external.addr = old };
	struct nat_flush_args leavers = { .external.addr = old };

	owners_cut_short(address, 0, control_now());
	control.generation[address] = (control.generation[address] + 1) % GENERATIONS;
	new = traffic_external(address, control.generation[address]);
	table_write(world_skel()->maps.externals, &new, &external);
	pool_write();
	CHECK_EQ(bpf_map__delete_elem(world_skel()->maps.externals, &old, sizeof(old), 0), 0);
	move.new_addr = new;
	move.address = address;
	world_forward(&move);
	world_flush(&leavers);
	owners_cut_short(address, 0, control_now());
	count(OPERATION_REPLACE, move.count ? OUTCOME_REFUSED : OUTCOME_DONE);
}

void control_any(uint64_t *random)
{
	__u32 dice = random_below(random, 100);
	int i = random_below(random, FORWARDS);

	if (dice < 80)
		reap();
	else if (dice < 90)
		flush(random);
	else if (dice < 98 && is_forward[i])
		forward_del(i);
	else if (dice < 98)
		forward_add(i, random);
	else
		replace(random_below(random, OWNERS_ADDRESSES));
}

void control_make(void)
{
	control = (struct control){ 0 };
	memset(is_forward, 0, sizeof(is_forward));
}

void control_end_forwards(void)
{
	for (int i = 0; i < FORWARDS; i++)
		while (is_forward[i] && !forward_del(i))
			;
}
