// SPDX-License-Identifier: GPL-2.0-only
/*
 * race.c - first packets at the same time: one binding, one port, nothing left over.
 *
 * Who loses adopts the winner's binding; a port that he had claimed by then is marked, and
 * comes free with the next sweep.
 *
 * Threads meet at a barrier and each runs the real program on a packet of its own, on
 * whatever CPU it is. A port that must be drawn makes the race visible: without care every
 * thread would draw another one.
 */
#include <pthread.h>
#include <stdio.h>

#include "addresses.h"
#include "invariants.h"
#include "steps.h"
#include "table.h"

#define THREADS 16
#define ROUNDS 200
#define BATCH 20 /* rounds between two fresh gateways: what the tables hold */

/** struct racer - A thread, the packet it sends in this round, and what came out */
struct racer {
	pthread_t thread;
	struct frame in, out;
	int verdict;
};

static struct racer racers[THREADS];
static pthread_barrier_t gate;
static bool over;

static void *race(void *data)
{
	struct racer *racer = data;

	for (;;) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = racer->in.bytes,
			    .data_out = racer->out.bytes, .repeat = 1);

		pthread_barrier_wait(&gate);
		if (over)
			return NULL;
		opts.data_size_in = racer->in.len;
		opts.data_size_out = sizeof(racer->out.bytes);
		racer->verdict = bpf_prog_test_run_opts(world_fd(PROGRAM_TC_OUT), &opts) ?
					 -1 :
					 (int)opts.retval;
		pthread_barrier_wait(&gate);
	}
}

static void racers_start(void)
{
	over = false;
	CHECK_EQ(pthread_barrier_init(&gate, NULL, THREADS + 1), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
}

static void racers_stop(void *data)
{
	(void)data;
	over = true;
	pthread_barrier_wait(&gate);
	for (int i = 0; i < THREADS; i++)
		pthread_join(racers[i].thread, NULL);
	pthread_barrier_destroy(&gate);
}

/* All at once, each the packet that it has been given. */
static void race_once(void)
{
	pthread_barrier_wait(&gate);
	pthread_barrier_wait(&gate);
}

static void give_packet(struct racer *racer, __u8 proto, const char *src, const char *dst)
{
	const struct packet packet = {
		.hook = HOOK_OUT, .proto = proto, .src = src, .dst = dst, .flags = SYN
	};

	packet_build(&packet, NULL, &racer->in);
}

static int port_of(const struct racer *racer)
{
	const unsigned char *l4 = racer->out.bytes + racer->in.l4;

	return l4[0] << 8 | l4[1];
}

static __u64 claims_used(__u8 proto)
{
	static struct nat_claims claims;
	__u32 index = claim_set_index(0, proto);

	CHECK(table_lookup(world_skel()->maps.ports, &index, &claims));
	return claims.used;
}

/* D-race: one internal endpoint, sixteen remotes: every packet leaves from the same port. */
static void one_endpoint(__u8 proto, int rounds)
{
	char src[32], dst[32];

	racers_start();
	check_defer(racers_stop, NULL);
	for (int round = 0; round < rounds; round++) {
		int place = round % BATCH;

		check_note("round %d", round);
		if (!place)
			world_make(NULL);
		/* Somebody else has the port: it has to be drawn. */
		snprintf(src, sizeof(src), "10.0.0.3:%d", 5000 + place);
		give_packet(&racers[0], proto, src, "198.51.100.1:7");
		world_run(PROGRAM_TC_OUT, &(struct packet){ .hook = HOOK_OUT }, &racers[0].in,
			  &racers[0].out);

		snprintf(src, sizeof(src), "10.0.0.2:%d", 5000 + place);
		for (int i = 0; i < THREADS; i++) {
			snprintf(dst, sizeof(dst), "198.51.100.%d:7", 10 + i);
			give_packet(&racers[i], proto, src, dst);
		}
		race_once();
		for (int i = 0; i < THREADS; i++) {
			check_note("round %d, thread %d", round, i);
			CHECK(racers[i].verdict == 0 || racers[i].verdict == -1);
			CHECK_EQ(port_of(&racers[i]), port_of(&racers[0]));
			CHECK(port_of(&racers[i]) != 5000 + place);
		}
		CHECK_EQ(table_entries(world_skel()->maps.bindings_fwd, true), 2 * (place + 1));
		CHECK_EQ(table_entries(world_skel()->maps.sessions, true),
			 (THREADS + 1) * (place + 1));
		if (place < BATCH - 1)
			continue;
		invariants_check();
		/* What losers had claimed is the reaper's. */
		world_age(ticks_from_seconds(3));
		world_reap();
		invariants_check();
		CHECK_EQ(claims_used(proto), 2 * BATCH);
	}
}

PROG_TEST_OUT(one_udp_endpoint_to_sixteen_remotes_at_once)
{
	one_endpoint(NAT_PROTO_UDP, 3 * ROUNDS);
}

PROG_TEST_OUT(one_tcp_endpoint_to_sixteen_remotes_at_once)
{
	one_endpoint(NAT_PROTO_TCP, ROUNDS);
}

/* 4787-3: sixteen hosts want one port at once: one gets it, and all get different ones. */
PROG_TEST_OUT(sixteen_hosts_with_one_port_at_once)
{
	char src[32];

	racers_start();
	check_defer(racers_stop, NULL);
	for (int round = 0; round < ROUNDS; round++) {
		static bool taken[65536];
		int place = round % BATCH, kept = 0;

		check_note("round %d", round);
		if (!place)
			world_make(NULL);
		for (int i = 0; i < THREADS; i++) {
			snprintf(src, sizeof(src), "10.0.1.%d:%d", i + 1, 6000 + place);
			give_packet(&racers[i], NAT_PROTO_UDP, src, "198.51.100.9:7");
		}
		race_once();
		for (int i = 0; i < THREADS; i++) {
			check_note("round %d, host %d, port %d", round, i, port_of(&racers[i]));
			CHECK(racers[i].verdict == 0 || racers[i].verdict == -1);
			CHECK(!taken[port_of(&racers[i])]);
			taken[port_of(&racers[i])] = true;
			kept += port_of(&racers[i]) == 6000 + place;
		}
		for (int i = 0; i < THREADS; i++)
			taken[port_of(&racers[i])] = false;
		CHECK(kept <= 1);
		CHECK_EQ(claims_used(NAT_PROTO_UDP), THREADS * (place + 1));
		if (place == BATCH - 1)
			invariants_check();
	}
}

/* Sixteen packets of a binding whose address has just been replaced: one move, one claim. */
PROG_TEST_OUT(one_endpoint_moves_to_a_new_address_once)
{
	static const char *const addrs[] = { "203.0.113.1", "203.0.113.2" };
	char dst[32];

	world_make(NULL);
	/* The binding is there: making one at once is another race. */
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.9:7"));
	for (int i = 0; i < THREADS; i++) {
		snprintf(dst, sizeof(dst), "198.51.100.%d:7", 10 + i);
		give_packet(&racers[i], NAT_PROTO_UDP, "10.0.0.2:5000", dst);
	}
	racers_start();
	check_defer(racers_stop, NULL);
	for (int round = 0; round < ROUNDS; round++) {
		check_note("round %d", round);
		race_once();
		for (int i = 0; i < THREADS; i++) {
			CHECK(racers[i].verdict == 0 || racers[i].verdict == -1);
			CHECK_EQ(port_of(&racers[i]), 5000);
			CHECK_EQ(racers[i].out.bytes[racers[i].in.l4 - 5], 1 + round % 2);
		}
		CHECK_EQ(claims_used(NAT_PROTO_UDP), 1);
		invariants_check();
		address_replace(addrs[round % 2], addrs[!(round % 2)]);
		if (round % 7)
			continue;
		world_age(ticks_from_seconds(6));
		world_reap();
		CHECK_EQ(table_entries(world_skel()->maps.bindings_rev, false), 1);
	}
}

/* The clock of deadlines is the kernel's monotonic one, which nobody can set. */
PROG_TEST_OUT(deadlines_do_not_follow_the_wall_clock)
{
	struct nat_external_key key = { 0 };
	struct nat_endpoint remote;
	struct nat_session session;
	__u32 before, after;

	world_make(NULL);
	before = table_now();
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.9:7"));
	after = table_now();
	endpoint_parse("203.0.113.1:5000", NULL, &key.external);
	endpoint_parse("198.51.100.9:7", NULL, &remote);
	key.external.proto = NAT_PROTO_UDP;
	key.remote.addr = remote.addr;
	key.remote.port = remote.port;
	CHECK(table_lookup(world_skel()->maps.sessions, &key, &session));
	CHECK(life_deadline(session.life) >= before + ticks_from_seconds(300));
	CHECK(life_deadline(session.life) <= after + ticks_from_seconds(300) + 2);
	CHECK(session.created >= before && session.created <= after);
}
