// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress.c - both CPUs driven through everything that changes state, as often as one likes.
 *
 * How it works
 *
 * A thread on each CPU sends packets out and in, few endpoints at random, while the case itself
 * sweeps, flushes, adds and removes forwards, replaces addresses. Of each translated packet the
 * port is noted (owners.h).
 *
 * Every EPOCH of operations all stop for a moment. Now and then the tables are looked at, which
 * must not contradict each other (lib/invariants.c). Then time passes: everything is made older by
 * some seconds, and the threads go on among entries of which many are dead, some of them due. So a
 * port that in life is in use for minutes comes and goes several times in a second.
 *
 * At the end everything is left to time: all tables must come out empty, no port claimed.
 */
#include "stress.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "control.h"
#include "invariants.h"
#include "random.h"
#include "table.h"
#include "traffic.h"
#include "world.h"

#define CPUS 2
#define EPOCH 1500 /* operations from one stop to the next */
#define PASSES 24  /* ticks that go by then, at most */
#define CHECKED 8  /* every so many stops the tables are compared */
#define REST 2
#define TIMEOUT 4

/**
 * struct worker - A thread that sends packets
 * @done: Runs so far, by operation and outcome
 * @failed: What it has seen that must not be; empty if nothing
 */
struct worker {
	pthread_t thread;
	uint64_t random;
	uint64_t done[OPERATION_MAX][OUTCOME_MAX];
	char failed[256];
};

static struct worker workers[CPUS];
static pthread_barrier_t gate;
static bool pausing, over;
static uint64_t sent; /* packets, by all of them */

/* ---- packets ------------------------------------------------------------------------------ */

/* Return: enum outcome */
static enum outcome run(enum program program, const struct traffic *packet, unsigned char *after)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet->bytes, .data_size_in = packet->len,
		    .data_out = after, .data_size_out = sizeof(packet->bytes), .repeat = 1);
	bool is_xdp = program == PROGRAM_XDP_IN;

	if (bpf_prog_test_run_opts(world_fd(program), &opts))
		return OUTCOME_MAX;
	if (opts.retval == (is_xdp ? 1 : 2)) /* XDP_DROP, TC_ACT_SHOT */
		return OUTCOME_REFUSED;
	return memcmp(packet->bytes + 26, after + 26, 8) ? OUTCOME_DONE : OUTCOME_NOTHING;
}

static void say_failed(struct worker *worker, const struct owners_use *use,
		       const struct owners_use *before)
{
	char is[16], was[16];

	inet_ntop(AF_INET, &use->internal.addr, is, sizeof(is));
	inet_ntop(AF_INET, &before->internal.addr, was, sizeof(was));
	snprintf(worker->failed, sizeof(worker->failed),
		 "port %u of address %u, protocol %u: used by %s:%u at %u to %u, and by %s:%u at "
		 "%u to %u",
		 ntohs(use->external.port), use->address, use->external.proto, was,
		 ntohs(before->internal.port), before->from, before->until, is,
		 ntohs(use->internal.port), use->from, use->until);
}

/* Return: was it translated, passed, dropped? OUTCOME_MAX: the kernel refused to run it */
static enum outcome send_one(struct worker *worker, enum operation operation,
			     const struct traffic *packet)
{
	static const enum program programs[] = { [OPERATION_OUT] = PROGRAM_TC_OUT,
						 [OPERATION_IN_XDP] = PROGRAM_XDP_IN,
						 [OPERATION_IN_TC] = PROGRAM_TC_IN };
	struct owners_use use = { .from = control_now() }, before;
	unsigned char after[sizeof(packet->bytes)];
	enum outcome outcome = run(programs[operation], packet, after);

	use.until = control_now();
	if (outcome == OUTCOME_MAX) {
		snprintf(worker->failed, sizeof(worker->failed), "a test run failed");
		return outcome;
	}
	worker->done[operation][outcome]++;
	__atomic_fetch_add(&sent, 1, __ATOMIC_RELAXED);
	if (outcome == OUTCOME_DONE &&
	    traffic_used(packet->bytes, after, operation == OPERATION_OUT, &use) &&
	    !owners_note(&use, &before))
		say_failed(worker, &use, &before);
	return outcome;
}

static void send_any(struct worker *worker)
{
	static const enum traffic_kind mix[] = { TRAFFIC_UDP, TRAFFIC_UDP,  TRAFFIC_SYN,
						 TRAFFIC_SYN, TRAFFIC_ICMP, TRAFFIC_GRE,
						 TRAFFIC_ACK, TRAFFIC_FIN,  TRAFFIC_RST };
	__u32 dice = random_next(&worker->random);
	enum traffic_kind kind = mix[(dice & 0xff) % (sizeof(mix) / sizeof(*mix))];
	__u32 remote = (dice >> 8) % REMOTES, address = (dice >> 16) % OWNERS_ADDRESSES;
	const struct traffic *packet;

	if (dice >> 31) {
		dice = random_next(&worker->random);
		send_one(worker, OPERATION_OUT,
			 traffic_out(kind, dice % HOSTS, (dice >> 8) % SOURCES, remote));
		return;
	}
	packet = traffic_in(kind, remote, address, control.generation[address],
			    random_below(&worker->random, PORTS));
	if (send_one(worker, OPERATION_IN_XDP, packet) == OUTCOME_NOTHING)
		send_one(worker, OPERATION_IN_TC, packet);
}

static void *work(void *data)
{
	struct worker *worker = data;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(worker - workers, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	for (;;) {
		if (__atomic_load_n(&pausing, __ATOMIC_ACQUIRE)) {
			pthread_barrier_wait(&gate);
			pthread_barrier_wait(&gate);
			if (over)
				return NULL;
		}
		if (!worker->failed[0])
			send_any(worker);
		else
			sched_yield();
	}
}

/* All stop, and stand still until workers_resume(). */
static void workers_pause(void)
{
	__atomic_store_n(&pausing, true, __ATOMIC_RELEASE);
	pthread_barrier_wait(&gate);
}

static void workers_resume(void)
{
	__atomic_store_n(&pausing, false, __ATOMIC_RELEASE);
	pthread_barrier_wait(&gate);
}

static void workers_stop(void *unused)
{
	(void)unused;
	if (over)
		return;
	if (!pausing)
		workers_pause();
	over = true;
	workers_resume();
	for (int i = 0; i < CPUS; i++)
		pthread_join(workers[i].thread, NULL);
	pthread_barrier_destroy(&gate);
}

static void workers_start(uint64_t seed)
{
	over = false;
	sent = 0;
	CHECK_EQ(pthread_barrier_init(&gate, NULL, CPUS + 1), 0);
	for (int i = 0; i < CPUS; i++) {
		workers[i] = (struct worker){ .random = seed + i + 1 };
		CHECK_EQ(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	check_defer(workers_stop, NULL);
}

/* ---- epochs --------------------------------------------------------------------------------- */

static void workers_check(void)
{
	for (int i = 0; i < CPUS; i++)
		if (workers[i].failed[0])
			check_fail(__FILE__, __LINE__, "%s", workers[i].failed);
}

static void pass(__u32 ticks)
{
	world_age(ticks);
	__atomic_fetch_add(&control.passed, ticks, __ATOMIC_RELAXED);
	world_requests(NULL, 0);
}

static void epoch(uint64_t *random)
{
	workers_pause();
	workers_check();
	if (!random_below(random, CHECKED))
		invariants_check();
	pass(random_below(random, PASSES));
	workers_resume();
}

static const struct world world = {
	.pool = { "203.0.113.1", "203.0.113.2" },
	.set = { SET(PORT_FIRST, FIRST_PORT), SET(PORT_LAST, FIRST_PORT + PORTS - 1),
		 SET(HOST_RATE, 1 << 20), SET(PER_HOST, 16), SET(PER_BINDING, 3),
		 SET(MAX_SESSIONS, 400) },
};

static void setup(void)
{
	static const enum nat_setting timers[] = {
		NAT_SETTING_UDP,	 NAT_SETTING_ICMP,
		NAT_SETTING_TCP_OPENING, NAT_SETTING_TCP_ESTABLISHED,
		NAT_SETTING_TCP_CLOSING, NAT_SETTING_TCP_RESET,
		NAT_SETTING_OTHER,
	};

	world_make(&world);
	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		world_set(timers[i], TIMEOUT);
	world_set(NAT_SETTING_REST, REST);
	world_set(NAT_SETTING_FILTERING_UDP, NAT_FILTERING_INDEPENDENT);
	world_set(NAT_SETTING_UNSOLICITED_SYN, 0);
	control_make();
	owners_make(ticks_from_seconds(REST));
	traffic_make();
}

/* Nothing is left that anybody uses: time alone must empty the tables. */
static void drain(void)
{
	struct bpf_map *const tables[] = { world_skel()->maps.sessions,
					   world_skel()->maps.bindings_fwd,
					   world_skel()->maps.bindings_rev,
					   world_skel()->maps.permits,
					   world_skel()->maps.replies,
					   world_skel()->maps.hosts,
					   NULL };

	control_end_forwards();
	for (int i = 0; i < 8; i++) {
		pass(ticks_from_seconds(60));
		world_reap();
		invariants_check();
	}
	for (struct bpf_map *const *table = tables; *table; table++) {
		check_note("%s, when all has gone by", bpf_map__name(*table));
		CHECK_EQ(table_entries(*table, false), 0);
	}
	for (__u32 i = 0; i < OWNERS_ADDRESSES * NAT_CLAIMS_MAX; i++) {
		static struct nat_claims claims;

		CHECK(table_lookup(world_skel()->maps.ports, &i, &claims));
		check_note("claims of set %u, when all has gone by", i);
		CHECK_EQ(claims.used, 0);
	}
}

/* ---- what was done --------------------------------------------------------------------------- */

static uint64_t table_row(const char *name, enum operation operation)
{
	uint64_t sum[OUTCOME_MAX], all = 0;

	for (int outcome = 0; outcome < OUTCOME_MAX; outcome++) {
		sum[outcome] = control.done[operation][outcome];
		for (int i = 0; i < CPUS; i++)
			sum[outcome] += workers[i].done[operation][outcome];
		all += sum[outcome];
	}
	if (name)
		printf("%-18s %12llu %12llu %12llu\n", name, (unsigned long long)sum[OUTCOME_DONE],
		       (unsigned long long)sum[OUTCOME_NOTHING],
		       (unsigned long long)sum[OUTCOME_REFUSED]);
	return all;
}

static void reasons_print(const __u64 *before)
{
	static const char *const names[NAT_REASON_MAX] = {
#define X(verdict, id, name, meaning, source) [NAT_REASON_##id] = name,
		NAT_REASONS(X)
#undef X
	};
	__u64 after[NAT_REASON_MAX];

	table_counts(world_skel()->maps.counters, after);
	printf("\n%-18s %12s\n", "reason", "packets");
	for (int i = 0; i < NAT_REASON_MAX; i++)
		if (after[i] > before[i])
			printf("%-18s %12llu\n", names[i],
			       (unsigned long long)(after[i] - before[i]));
}

static uint64_t operations_done(void)
{
	uint64_t all = __atomic_load_n(&sent, __ATOMIC_RELAXED);

	for (int i = OPERATION_REAP; i < OPERATION_MAX; i++)
		for (int outcome = 0; outcome < OUTCOME_MAX; outcome++)
			all += control.done[i][outcome];
	return all;
}

static void print_all(const __u64 *before, double seconds)
{
	static const char *const names[OPERATION_MAX] = { "packet out",	   "packet in, xdp",
							  "packet in, tc", "reap",
							  "flush",	   "forward add",
							  "forward del",   "address replaced" };

	printf("%-18s %12s %12s %12s\n", "operation", "done", "nothing", "refused");
	for (int i = 0; i < OPERATION_MAX; i++)
		table_row(names[i], i);
	reasons_print(before);
	printf("\n%llu operations in %.0f s: no port had two owners, none was lost, nothing is "
	       "left\n",
	       (unsigned long long)operations_done(), seconds);
}

static void forget_flushes(void *unused)
{
	(void)unused;
	invariants_were_flushed = false;
}

void stress_run(uint64_t operations, uint64_t seed, uint64_t says)
{
	struct timespec start, end;
	__u64 before[NAT_REASON_MAX];
	uint64_t random = seed, checked = 0, said = 0;

	setup();
	check_note("seed %llu", (unsigned long long)seed);
	table_counts(world_skel()->maps.counters, before);
	clock_gettime(CLOCK_MONOTONIC, &start);
	invariants_were_flushed = true;
	check_defer(forget_flushes, NULL);
	workers_start(seed);
	for (;;) {
		uint64_t done = operations_done();

		if (done >= operations)
			break;
		if (done - checked >= EPOCH) {
			epoch(&random);
			checked = done;
		}
		if (says && done - said >= says) {
			printf("%llu operations\n", (unsigned long long)done);
			fflush(stdout);
			said = done;
		}
		control_any(&random);
	}
	workers_pause();
	workers_check();
	invariants_check();
	workers_stop(NULL);
	drain();
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (says)
		print_all(before, end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) * 1e-9);
}
