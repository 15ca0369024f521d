// SPDX-License-Identifier: GPL-2.0-only
/*
 * epoch.c - a gateway by chance, thousands of packets, and what must be left of it: nothing.
 *
 * How it works: the settings come from the seed and the number of the epoch, each step from
 * these and its own number. So a step can be left out, and all the others stay what they were;
 * that is how a failure is made small. Nearly every step is a packet; now and then time passes,
 * the keeper sweeps, a person flushes, makes or ends a forward, changes a setting, or the
 * address goes and comes back.
 *
 * In the end the tables are checked against each other; then everything is flushed and
 * swept, and no entry and no claimed port may be left.
 */
#include "epoch.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "addresses.h"
#include "check.h"
#include "invariants.h"
#include "random.h"
#include "shape.h"
#include "table.h"
#include "wire.h"
#include "world.h"

#define SERVER_FIRST 5000
#define KEY_MAX 16
#define VALUE_MAX 128
#define SHRINK_SECONDS 60
#define SWEEPS 8 /* until nothing may be left: sessions, then rests, then permits and hosts */

/* The pool, or the address that the pool follows and the one that takes its place. */
static const char *const addresses[] = { "203.0.113.1", "203.0.113.2" };

static uint64_t random_of(uint64_t seed, uint64_t number, uint64_t step)
{
	uint64_t state = seed ^ number * 0xd1342543de82ef95ULL ^ step * 0xaf251af3b0f025b5ULL;

	state = state ?: 1;
	for (int i = 0; i < 4; i++)
		random_next(&state);
	return state;
}

static bool chance(uint64_t *random, __u32 percent)
{
	return random_below(random, 100) < percent;
}

static __be32 address(const char *text)
{
	struct nat_endpoint endpoint = { 0 };

	if (text)
		endpoint_parse(text, NULL, &endpoint);
	return endpoint.addr;
}

/* ---- the gateway ------------------------------------------------------------------------ */

static void filtering_set(struct run *run, __u8 proto, __u32 mode)
{
	flows_filtering(&run->flows, proto, mode);
	world_set(proto == NAT_PROTO_TCP ? NAT_SETTING_FILTERING_TCP : NAT_SETTING_FILTERING_UDP,
		  mode);
}

static void settings_random(struct run *run, uint64_t *random)
{
	static const __u32 clamps[] = { NAT_CLAMP_OFF, NAT_CLAMP_OFF, NAT_CLAMP_AUTO, 1000, 536 };

	filtering_set(run, NAT_PROTO_TCP, random_below(random, 3));
	filtering_set(run, NAT_PROTO_UDP, random_below(random, 3));
	world_set(NAT_SETTING_CLAMP_MSS, clamps[random_below(random, 5)]);
	world_set(NAT_SETTING_PARITY, random_below(random, 2));
	world_set(NAT_SETTING_INBOUND_REFRESH, random_below(random, 2));
	world_set(NAT_SETTING_QUOTE_CHECK, random_below(random, 2));
	world_set(NAT_SETTING_UNSOLICITED_SYN, random_below(random, 3));
	world_set(NAT_SETTING_REFUSE_WITH, random_below(random, 3));
	world_set(NAT_SETTING_PER_HOST, chance(random, 20) ? 3 : 4096);
	world_set(NAT_SETTING_PER_BINDING, chance(random, 20) ? 3 : 4096);
	world_set(NAT_SETTING_HOST_RATE, chance(random, 3) ? 1 : 500);
	world_set(NAT_SETTING_MAX_SESSIONS, chance(random, 20) ? 12 : 1000);
}

static void gateway_make(struct run *run, uint64_t *random)
{
	bool has_two = chance(random, 20), is_narrow = chance(random, 30);
	struct world world = {
		.pool = { addresses[0], has_two ? addresses[1] : NULL },
		.not_local = chance(random, 15),
		.outside = chance(random, 30) ? "203.0.113.77" : NULL,
		.internal = chance(random, 40) ? "10.0.0.0/8" : NULL,
		.exclude = chance(random, 30) ? "192.0.2.0/24" : NULL,
		.set = { SET(MAPPING, random_below(random, 3) == 0),
			 SET(PORT_FIRST, is_narrow ? SERVER_FIRST : 1024),
			 SET(PORT_LAST, is_narrow ? SERVER_FIRST + 15 : 65535) },
		.mtu = chance(random, 20) ? 1400 : 1500,
	};

	flows_clear(&run->flows);
	run->gateway = (struct gateway){
		.pool = { address(addresses[0]), has_two ? address(addresses[1]) : 0 },
		.outside = address(world.outside),
		.internal = world.internal,
		.excludes = world.exclude,
	};
	world_make(&world);
	settings_random(run, random);
	run_begin(run);
}

/* ---- what is no packet ------------------------------------------------------------------ */

static void forward_random(struct run *run, uint64_t *random)
{
	struct nat_forward_args args = { .op = NAT_FORWARD_ADD };
	__u8 proto = random_below(random, 2) ? NAT_PROTO_TCP : NAT_PROTO_UDP;
	struct nat_forward_args cut = { .op = NAT_FORWARD_CUT };
	struct flow flow = { .is_static = true };

	args.external.addr = run->gateway.pool[0];
	args.external.port = htons(SERVER_FIRST + random_below(random, 4));
	args.internal.addr = htonl(0x0a000002 + random_below(random, 4));
	args.internal.port = htons(SERVER_FIRST + random_below(random, 3));
	args.external.proto = args.internal.proto = proto;
	if (chance(random, 40)) {
		args.op = NAT_FORWARD_DEL;
		world_forward(&args);
		world_forward(&cut);
		return;
	}
	flow.internal = args.internal;
	flow.external = args.external;
	world_forward(&args);
	run->is_full |= !flows_add(&run->flows, &flow);
}

static void flush_random(struct run *run, uint64_t *random)
{
	struct nat_flush_args args = { 0 };

	if (chance(random, 60))
		args.internal.addr = htonl(0x0a000002 + random_below(random, 4));
	if (chance(random, 30))
		args.internal.proto = random_below(random, 2) ? NAT_PROTO_TCP : NAT_PROTO_UDP;
	if (chance(random, 30) && run->flows.count) {
		struct flow *flow = &run->flows.flow[random_next(random) % run->flows.count];

		args.remote.addr = flow->remote.addr;
	}
	if (chance(random, 20))
		args.state = NAT_STATE_ESTABLISHED;
	world_flush(&args);
}

static void age_random(struct run *run, uint64_t *random)
{
	static const __u32 seconds[] = { 1, 3, 3, 10, 61, 125, 241, 301, 8000 };

	(void)run;
	world_age(ticks_from_seconds(seconds[random_below(random, 9)]));
}

static void reap(struct run *run, uint64_t *random)
{
	(void)run;
	(void)random;
	world_reap();
}

/* The address goes, another comes, or the old one again. */
static void address_random(struct run *run, uint64_t *random)
{
	int old = run->gateway.pool[0] != address(addresses[0]);

	if (run->gateway.pool[1])
		return; /* one of two: that is no replacement */
	if (chance(random, 50)) {
		address_away(addresses[old], true);
		world_age(1);
		address_away(addresses[old], false);
		return;
	}
	address_replace(addresses[old], addresses[!old]);
	run->gateway.pool[0] = address(addresses[!old]);
}

static void happen(struct run *run, uint64_t *random)
{
	static void (*const events[])(struct run *, uint64_t *) = {
		age_random,	age_random,	reap,
		reap,		reap,		flush_random,
		forward_random, forward_random, settings_random,
		address_random,
	};

	events[random_below(random, sizeof(events) / sizeof(*events))](run, random);
}

/* ---- an epoch --------------------------------------------------------------------------- */

/* Whoever has the other address now has it when it becomes the gateway's too: that is nobody. */
static bool is_from_other(const struct run *run, struct frame *frame)
{
	__be32 src = wire_read(frame).src.addr;

	return (src == address(addresses[0]) || src == address(addresses[1])) &&
	       !judge_is_pool(&run->gateway, src);
}

static void packet_random(struct run *run, uint64_t *random)
{
	static struct shape shape;
	static struct frame frame;

	shape_make(&shape, &run->flows, random);
	packet_build(&shape.packet, NULL, &frame);
	if (chance(random, 35))
		shape_spoil(&frame, random);
	if (!is_from_other(run, &frame))
		run_packet(run, &shape.packet, &frame, random);
}

static void hex(char *text, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

static void check_empty(struct bpf_map *map)
{
	unsigned char key[KEY_MAX], value[VALUE_MAX];
	char key_text[2 * KEY_MAX + 1], value_text[2 * VALUE_MAX + 1];

	if (bpf_map__get_next_key(map, NULL, key, bpf_map__key_size(map)))
		return;
	CHECK(table_lookup(map, key, value));
	hex(key_text, key, bpf_map__key_size(map));
	hex(value_text, value, bpf_map__value_size(map));
	check_fail(__FILE__, __LINE__, "left when all is over: %s %s %s", bpf_map__name(map),
		   key_text, value_text);
}

static void forwards_end(struct run *run)
{
	struct nat_forward_args cut = { .op = NAT_FORWARD_CUT };

	for (unsigned int i = 0; i < run->flows.count; i++) {
		struct nat_forward_args args = { .op = NAT_FORWARD_DEL,
						 .external = run->flows.flow[i].external };

		if (run->flows.flow[i].is_static)
			world_forward(&args);
	}
	world_forward(&cut);
}

static void check_end(struct run *run)
{
	struct nat_bpf *skel = world_skel();
	struct nat_flush_args everything = { 0 };

	invariants_check();
	forwards_end(run);
	world_flush(&everything);
	for (int i = 0; i < SWEEPS; i++) {
		world_reap();
		world_age(ticks_from_seconds(8000));
	}
	check_empty(skel->maps.sessions);
	check_empty(skel->maps.bindings_fwd);
	check_empty(skel->maps.bindings_rev);
	check_empty(skel->maps.permits);
	check_empty(skel->maps.replies);
	check_empty(skel->maps.hosts);
	check_empty(skel->maps.early);
	check_empty(skel->maps.held_syns);
	invariants_check(); /* and so no port is claimed */
}

void epoch_live(struct epoch *epoch)
{
	uint64_t random = random_of(epoch->seed, epoch->number, EPOCH_STEPS);
	struct run *run = epoch->run;

	epoch->reached = 0;
	gateway_make(run, &random);
	for (unsigned int i = 0; i < epoch->steps && !run->is_full; i++) {
		epoch->reached = i;
		if (epoch->skip[i])
			continue;
		if (run->tell)
			printf("step %u: ", i);
		random = random_of(epoch->seed, epoch->number, i);
		if (random_below(&random, 400))
			packet_random(run, &random);
		else
			happen(run, &random);
		if (i % 256 == 0)
			world_requests(NULL, 0);
	}
	check_end(run);
}

static void live(void *data)
{
	epoch_live(data);
}

bool epoch_try(struct epoch *epoch, char *why, size_t size)
{
	return check_survives(live, epoch, why, size);
}

/* Does it fail, and at the same place, as in "FILE:LINE: what"? */
static bool fails_at(struct epoch *epoch, const char *place)
{
	size_t len = strcspn(strchr(place, ':') ? strchr(place, ':') + 1 : place, ":");
	char why[512];

	len += strcspn(place, ":") + 1;
	return !epoch_try(epoch, why, sizeof(why)) && !strncmp(why, place, len);
}

bool epoch_shrink(struct epoch *epoch, const char *place)
{
	time_t end = time(NULL) + SHRINK_SECONDS;

	epoch->steps = epoch->reached + 1;
	if (!fails_at(epoch, place))
		return false; /* it was for the ports drawn, or the moment */
	for (unsigned int size = epoch->steps / 2; size; size /= 2) {
		for (unsigned int from = 0; from < epoch->steps && time(NULL) < end; from += size) {
			bool kept[EPOCH_STEPS];

			memcpy(kept, epoch->skip, sizeof(kept));
			for (unsigned int i = from; i < from + size && i < epoch->steps; i++)
				epoch->skip[i] = true;
			if (!memcmp(kept, epoch->skip, sizeof(kept)))
				continue;
			if (!fails_at(epoch, place))
				memcpy(epoch->skip, kept, sizeof(kept));
		}
	}
	return true;
}
