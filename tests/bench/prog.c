// SPDX-License-Identifier: GPL-2.0-only
/*
 * prog.c - nanoseconds per packet of the data path, net of an empty program.
 *
 *	bench-prog [-j] [-r ROUNDS]
 *
 * How it works: each round measures every case once, its baseline immediately before it
 * (the same wrapper and packet with an empty program, see wrap.bpf.c), so that a change of
 * the machine's speed meets both. Reported is the median over the rounds, and the lowest and
 * highest. After each measurement the counters must say that every packet took the way
 * that the case is named for: a wrong measurement is no measurement.
 *
 * Tables are small and hot: this is the cost of the code, not of cache misses.
 */
#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "packet.h"
#include "table.h"
#include "world.h"
#include "wrap.skel.h"

#define ROUNDS_MAX 101
#define KNOWN_REPEAT 200000
#define NEW_FLOWS 10000
#define REFUSED_REPEAT 60000 /* one source port each: they end at 65,535 */
#define HEADERS 40

/**
 * struct bench - One case
 * @reach:   What issue and design ask for, in ns; 0 for none
 * @opens:   Packets that make the state that it needs; a NULL src ends them
 * @packet:  The packet that is measured
 * @reason:  What every one of them must be counted as
 * @hosts:   Sources: that many internal hosts in turn; 0 for the packet's own
 * @first_port, @port_step: Their ports: the first, and how much more each round
 * @fill:    Hosts that take a port each beforehand
 */
struct bench {
	const char *name;
	int reach;
	enum program program;
	struct packet opens[2];
	struct packet packet;
	enum nat_reason reason;
	__u32 repeat;
	struct world world;
	__u32 hosts, first_port, port_step;
	int fill;
};

#define INTERNAL "10.0.0.2:5000"
#define EXTERNAL "203.0.113.1:5000"
#define REMOTE "198.51.100.9:4000"
#define OUTBOUND(proto, ...)                                                                       \
	PACKET(HOOK_OUT, proto, INTERNAL, REMOTE, .len = 22 __VA_OPT__(, ) __VA_ARGS__)
#define INBOUND(proto, ...)                                                                        \
	PACKET(HOOK_IN, proto, REMOTE, EXTERNAL, .len = 22 __VA_OPT__(, ) __VA_ARGS__)
#define MANY                                                                                       \
	.set = { SET(MAX_SESSIONS, 4 * NEW_FLOWS), SET(PER_HOST, 65536), SET(HOST_RATE, 1 << 20) }

/* clang-format off */
static const struct bench benches[] = {
	{ .name = "known flow out, udp, tc", .reach = 180, .program = PROGRAM_TC_OUT,
	  .opens = { OUTBOUND(UDP) }, .packet = OUTBOUND(UDP),
	  .reason = NAT_REASON_TRANSLATED_OUT, .repeat = KNOWN_REPEAT },
	{ .name = "known flow out, tcp, tc", .reach = 180, .program = PROGRAM_TC_OUT,
	  .opens = { OUTBOUND(TCP, .flags = SYN) }, .packet = OUTBOUND(TCP, .seq = 1),
	  .reason = NAT_REASON_TRANSLATED_OUT, .repeat = KNOWN_REPEAT },
	{ .name = "known flow in, udp, xdp", .reach = 100, .program = PROGRAM_XDP_IN,
	  .opens = { OUTBOUND(UDP) }, .packet = INBOUND(UDP),
	  .reason = NAT_REASON_TRANSLATED_IN, .repeat = KNOWN_REPEAT },
	{ .name = "known flow in, tcp, xdp", .reach = 100, .program = PROGRAM_XDP_IN,
	  .opens = { OUTBOUND(TCP, .flags = SYN), INBOUND(TCP, .flags = SYN | ACK, .ack = 1) },
	  .packet = INBOUND(TCP, .seq = 1, .ack = 1),
	  .reason = NAT_REASON_TRANSLATED_IN, .repeat = KNOWN_REPEAT },
	{ .name = "known flow in, udp, tc", .program = PROGRAM_TC_IN,
	  .opens = { OUTBOUND(UDP) }, .packet = INBOUND(UDP),
	  .reason = NAT_REASON_TRANSLATED_IN, .repeat = KNOWN_REPEAT },
	{ .name = "new flow, port kept", .reach = 1200, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_TRANSLATED_OUT, .repeat = NEW_FLOWS,
	  .world = { MANY }, .hosts = 1, .first_port = 2000, .port_step = 1 },
	{ .name = "new flow, port drawn", .reach = 1200, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_TRANSLATED_OUT, .repeat = NEW_FLOWS,
	  .world = { MANY }, .hosts = 250, .first_port = 2000, .port_step = 1 },
	{ .name = "new flow, first 1000", .reach = 1200, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_TRANSLATED_OUT, .repeat = 1000,
	  .world = { MANY }, .hosts = 1, .first_port = 2000, .port_step = 1 },
	{ .name = "refused flow, range full", .reach = 700, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_PORTS_EXHAUSTED, .repeat = REFUSED_REPEAT,
	  .world = { .set = { SET(PORT_FIRST, 40000), SET(PORT_LAST, 40099),
			      SET(HOST_RATE, 1 << 20) } },
	  .hosts = 1, .first_port = 2000, .port_step = 1, .fill = 100 },
};
/* clang-format on */

#define BENCHES (sizeof(benches) / sizeof(*benches))

static struct wrap_bpf *wrap;
static double results[BENCHES][ROUNDS_MAX];

static void tail_call_to(bool xdp, const int fd)
{
	table_write(xdp ? wrap->maps.tested_xdp : wrap->maps.tested_tc, &(__u32){ 0 }, &fd);
}

static void template_fill(const struct bench *bench, const struct frame *frame)
{
	struct wrap_bpf__template {
		__u8 bytes[HEADERS];
		__u32 vary, hosts, first_port, port_step, turn;
	} template = { .vary = bench->hosts > 0,
		       .hosts = bench->hosts,
		       .first_port = bench->first_port,
		       .port_step = bench->port_step };

	memcpy(template.bytes, frame->bytes + frame->l3, HEADERS);
	table_write(wrap->maps.template, &(__u32){ 0 }, &template);
}

/* Return: ns per packet */
static double measure(const struct bench *bench, const struct frame *in)
{
	bool xdp = bench->program == PROGRAM_XDP_IN;
	struct frame out;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->bytes, .data_size_in = in->len,
		    .data_out = out.bytes, .data_size_out = sizeof(out.bytes),
		    .repeat = bench->repeat);
	int fd = bpf_program__fd(xdp ? wrap->progs.bench_xdp : wrap->progs.bench_tc);

	template_fill(bench, in);
	CHECK_EQ(bpf_prog_test_run_opts(fd, &opts), 0);
	return opts.duration;
}

static __u64 counted(enum nat_reason reason)
{
	__u64 counts[NAT_REASON_MAX];

	table_counts(world_skel()->maps.counters, counts);
	return counts[reason];
}

static void send_one(const struct packet *packet)
{
	struct frame in, out;

	packet_build(packet, NULL, &in);
	world_run(packet->hook == HOOK_OUT ? PROGRAM_TC_OUT : PROGRAM_XDP_IN, packet, &in, &out);
}

static void prepare(const struct bench *bench)
{
	struct packet packet = PACKET(HOOK_OUT, UDP, NULL, REMOTE);
	char src[32];

	world_make(&bench->world);
	for (int i = 0; i < 2 && bench->opens[i].src; i++)
		send_one(&bench->opens[i]);
	for (int i = 0; i < bench->fill; i++) {
		snprintf(src, sizeof(src), "10.9.0.%d:5000", i + 1);
		packet.src = src;
		send_one(&packet);
	}
}

static double run(const struct bench *bench)
{
	bool xdp = bench->program == PROGRAM_XDP_IN;
	struct frame in;
	double empty, full;
	__u64 before;

	prepare(bench);
	packet_build(&bench->packet, NULL, &in);
	tail_call_to(xdp, bpf_program__fd(xdp ? wrap->progs.empty_xdp : wrap->progs.empty_tc));
	empty = measure(bench, &in);
	tail_call_to(xdp, world_fd(bench->program));
	before = counted(bench->reason);
	full = measure(bench, &in);
	check_note("%s", bench->name);
	CHECK_EQ(counted(bench->reason) - before, bench->repeat);
	return full - empty;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(bool json, int rounds)
{
	for (size_t i = 0; i < BENCHES; i++) {
		const struct bench *bench = &benches[i];
		double *ns = results[i];

		qsort(ns, rounds, sizeof(*ns), compare);
		if (json)
			printf("%s{\"name\":\"%s\",\"ns\":%.0f,\"low\":%.0f,\"high\":%.0f,"
			       "\"reach\":%d}%s\n",
			       i ? "," : "[", bench->name, ns[rounds / 2], ns[0], ns[rounds - 1],
			       bench->reach, i + 1 < BENCHES ? "" : "]");
		else
			printf("%-26s %6.0f ns   (%.0f to %.0f)%s", bench->name, ns[rounds / 2],
			       ns[0], ns[rounds - 1], bench->reach ? "" : "\n");
		if (!json && bench->reach)
			printf("   to reach: %d\n", bench->reach);
	}
}

/* One CPU: a frequency change or a migration in the middle would be measured too. */
static void pin_to_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

int main(int argc, char **argv)
{
	int rounds = 11, option;
	bool json = false;

	while ((option = getopt(argc, argv, "jr:")) != -1) {
		json |= option == 'j';
		if (option == 'r')
			rounds = atoi(optarg);
		if (option == '?' || rounds < 1 || rounds > ROUNDS_MAX) {
			fprintf(stderr, "usage: bench-prog [-j] [-r ROUNDS]   (1 to %d rounds)\n",
				ROUNDS_MAX);
			return 2;
		}
	}
	pin_to_cpu();
	world_table_size = 2 * NEW_FLOWS;
	world_make(NULL);
	wrap = wrap_bpf__open_and_load();
	CHECK(wrap);
	for (int round = 0; round < rounds; round++)
		for (size_t i = 0; i < BENCHES; i++)
			results[i][round] = run(&benches[i]);
	report(json, rounds);
	wrap_bpf__destroy(wrap);
	return 0;
}
