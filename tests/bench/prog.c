// SPDX-License-Identifier: GPL-2.0-only
/*
 * prog.c - nanoseconds per packet of the data path, net of an empty program.
 *
 *	bench-prog [-j] [-r ROUNDS] [-f FLOWS] [WORDS]
 *
 * WORDS: only the cases whose name has them in it. FLOWS: how many new ones are made in a row;
 * the tables have room for twice as many.
 *
 * How it works: each round measures every case once, its baseline immediately before it
 * (the same wrapper and packet with an empty program, see wrap.bpf.c). After each measurement
 * the counters must say that every packet took the way that the case is named for: a wrong
 * measurement is no measurement.
 *
 * Reported are two figures. `quiet` is the fastest run less the fastest empty run: what others
 * do on the machine can only add to either, so this is the cost of the code, and the figure to
 * be compared with what is to be reached. `median`, with the lowest and highest round, is what it
 * cost while the machine was as it was; the yardsticks beside it, which are the kernel's part
 * alone, tell how that was.
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
#define FLOWS_MAX 50000 /* a source port each, and with every one an external port */
#define KNOWN_REPEAT 200000
#define REFUSED_REPEAT 60000 /* one source port each: they end at 65,535 */
#define HEADERS 40

/**
 * struct bench - One case
 * @reach:   What issue and design ask for, in ns; 0 for none
 * @opens:   Packets that make the state that it needs; a NULL src ends them
 * @packet:  The packet that is measured
 * @reason:  What every one of them must be counted as
 * @repeat:  How often; 0: as many as -f says, each one new
 * @hosts:   Sources: that many internal hosts in turn; 0 for the packet's own
 * @first_port, @port_step: Their ports: the first, and how much more each round
 * @fill:    Hosts that take a port each beforehand
 * @is_yard: Not the NAT but a yardstick of wrap.bpf.c
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
	bool is_yard;
};

#define INTERNAL "10.0.0.2:5000"
#define EXTERNAL "203.0.113.1:5000"
#define REMOTE "198.51.100.9:4000"
#define OUTBOUND(proto, ...)                                                                       \
	PACKET(HOOK_OUT, proto, INTERNAL, REMOTE, .len = 22 __VA_OPT__(, ) __VA_ARGS__)
#define INBOUND(proto, ...)                                                                        \
	PACKET(HOOK_IN, proto, REMOTE, EXTERNAL, .len = 22 __VA_OPT__(, ) __VA_ARGS__)
#define MANY .set = { SET(MAX_SESSIONS, 1 << 20), SET(PER_HOST, 65536), SET(HOST_RATE, 1 << 20) }

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
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_TRANSLATED_OUT, 
	  .world = { MANY }, .hosts = 1, .first_port = 2000, .port_step = 1 },
	{ .name = "new flow, port drawn", .reach = 1200, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_TRANSLATED_OUT, 
	  .world = { MANY }, .hosts = 250, .first_port = 2000, .port_step = 1 },
	{ .name = "refused flow, range full", .reach = 700, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_PORTS_EXHAUSTED, .repeat = REFUSED_REPEAT,
	  .world = { .set = { SET(PORT_FIRST, 40000), SET(PORT_LAST, 40099),
			      SET(HOST_RATE, 1 << 20) } },
	  .hosts = 1, .first_port = 2000, .port_step = 1, .fill = 100 },
	{ .name = "yardstick: one look-up", .is_yard = true, .program = PROGRAM_XDP_IN,
	  .packet = INBOUND(UDP), .repeat = KNOWN_REPEAT },
	{ .name = "yardstick: three insertions", .is_yard = true, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), 
	  .hosts = 1, .first_port = 2000, .port_step = 1 },
};
/* clang-format on */

#define BENCHES (sizeof(benches) / sizeof(*benches))

/** struct result - @net: ns of each round, less the empty run's; the rest: the fastest runs */
struct result {
	double net[ROUNDS_MAX];
	double fastest, fastest_empty;
};

static struct wrap_bpf *wrap;
static __u32 flows = 2000; /* -f: small and hot */
static struct result results[BENCHES];

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

static __u32 repeat(const struct bench *bench)
{
	return bench->repeat ? bench->repeat : flows;
}

/* Return: ns per packet */
static double measure(const struct bench *bench, const struct frame *in)
{
	bool xdp = bench->program == PROGRAM_XDP_IN;
	struct frame out;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->bytes, .data_size_in = in->len,
		    .data_out = out.bytes, .data_size_out = sizeof(out.bytes),
		    .repeat = repeat(bench));
	int fd = bpf_program__fd(xdp ? wrap->progs.bench_xdp : wrap->progs.bench_tc);

	template_fill(bench, in);
	CHECK_EQ(bpf_prog_test_run_opts(fd, &opts), 0);
	return opts.duration;
}

/* Return: how many packets have taken the way that @bench is named for */
static __u64 counted(const struct bench *bench)
{
	__u64 counts[NAT_REASON_MAX];
	struct nat_session yard;

	if (bench->is_yard) {
		CHECK(table_lookup(wrap->maps.yard_new, &(__u32){ 0 }, &yard));
		return yard.out.packets;
	}
	table_counts(world_skel()->maps.counters, counts);
	return counts[bench->reason];
}

static void send_one(const struct packet *packet)
{
	struct frame in, out;

	packet_build(packet, NULL, &in);
	world_run(packet->hook == HOOK_OUT ? PROGRAM_TC_OUT : PROGRAM_XDP_IN, packet, &in, &out);
}

static void yard_empty(void)
{
	table_clear(wrap->maps.yard_fwd);
	table_clear(wrap->maps.yard_rev);
	table_clear(wrap->maps.yard_sessions);
	table_write(wrap->maps.yard_sessions, &(struct nat_internal_key){},
		    &(struct nat_session){});
}

static void prepare(const struct bench *bench)
{
	struct packet packet = PACKET(HOOK_OUT, UDP, NULL, REMOTE);
	char src[32];

	if (bench->is_yard) {
		yard_empty();
		return;
	}
	world_make(&bench->world);
	for (int i = 0; i < 2 && bench->opens[i].src; i++)
		send_one(&bench->opens[i]);
	for (int i = 0; i < bench->fill; i++) {
		snprintf(src, sizeof(src), "10.9.0.%d:5000", i + 1);
		packet.src = src;
		send_one(&packet);
	}
}

static int tested_fd(const struct bench *bench)
{
	if (!bench->is_yard)
		return world_fd(bench->program);
	return bpf_program__fd(bench->program == PROGRAM_XDP_IN ? wrap->progs.yard_xdp :
								  wrap->progs.yard_tc);
}

static double lesser(double a, double b)
{
	return a < b ? a : b;
}

static void run(const struct bench *bench, struct result *result, int round)
{
	bool xdp = bench->program == PROGRAM_XDP_IN;
	struct frame in;
	double empty, full;
	__u64 before;

	prepare(bench);
	packet_build(&bench->packet, NULL, &in);
	tail_call_to(xdp, bpf_program__fd(xdp ? wrap->progs.empty_xdp : wrap->progs.empty_tc));
	empty = measure(bench, &in);
	tail_call_to(xdp, tested_fd(bench));
	before = counted(bench);
	full = measure(bench, &in);
	check_note("%s", bench->name);
	CHECK_EQ(counted(bench) - before, repeat(bench));
	result->net[round] = full - empty;
	result->fastest = round ? lesser(result->fastest, full) : full;
	result->fastest_empty = round ? lesser(result->fastest_empty, empty) : empty;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* @words: NULL for all */
static bool is_chosen(const struct bench *bench, const char *words)
{
	return !words || strstr(bench->name, words);
}

static void report_text(const struct bench *bench, const struct result *result, int rounds)
{
	printf("%-28s %6.0f %8.0f   %5.0f to %5.0f", bench->name,
	       result->fastest - result->fastest_empty, result->net[rounds / 2], result->net[0],
	       result->net[rounds - 1]);
	if (bench->reach)
		printf(" %7d", bench->reach);
	putchar('\n');
}

static void report_json(const struct bench *bench, const struct result *result, int rounds,
			const char *before)
{
	printf("%s{\"name\":\"%s\",\"quiet_ns\":%.0f,\"median_ns\":%.0f,\"lowest_ns\":%.0f,"
	       "\"highest_ns\":%.0f,\"reach_ns\":%d}",
	       before, bench->name, result->fastest - result->fastest_empty,
	       result->net[rounds / 2], result->net[0], result->net[rounds - 1], bench->reach);
}

static void report(bool json, int rounds, const char *words)
{
	const char *before = "[";

	if (!json)
		printf("%-28s %6s %8s   %14s %7s\n", "ns net of an empty program", "quiet",
		       "median", "range", "reach");
	for (size_t i = 0; i < BENCHES; i++) {
		if (!is_chosen(&benches[i], words))
			continue;
		qsort(results[i].net, rounds, sizeof(*results[i].net), compare);
		if (json)
			report_json(&benches[i], &results[i], rounds, before);
		else
			report_text(&benches[i], &results[i], rounds);
		before = ",\n";
	}
	if (json)
		puts(*before == '[' ? "[]" : "]");
}

/* One CPU: a frequency change or a migration in the middle would be measured too. */
static void pin_to_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

static void wrap_load(void)
{
	wrap = wrap_bpf__open();
	CHECK(wrap);
	bpf_map__set_max_entries(wrap->maps.yard_fwd, world_table_size);
	bpf_map__set_max_entries(wrap->maps.yard_rev, world_table_size);
	bpf_map__set_max_entries(wrap->maps.yard_sessions, world_table_size);
	CHECK_EQ(wrap_bpf__load(wrap), 0);
}

int main(int argc, char **argv)
{
	int rounds = 31, option;
	const char *words;
	bool json = false;

	while ((option = getopt(argc, argv, "jr:f:")) != -1) {
		json |= option == 'j';
		if (option == 'r')
			rounds = atoi(optarg);
		if (option == 'f')
			flows = atoi(optarg);
		if (option == '?' || rounds < 1 || rounds > ROUNDS_MAX || flows < 1 ||
		    flows > FLOWS_MAX) {
			fprintf(stderr,
				"usage: bench-prog [-j] [-r ROUNDS] [-f FLOWS] [WORDS]   "
				"(1 to %d rounds, 1 to %d flows)\n",
				ROUNDS_MAX, FLOWS_MAX);
			return 2;
		}
	}
	words = argv[optind];
	pin_to_cpu();
	world_table_size = 2 * flows;
	world_make(NULL);
	wrap_load();
	for (int round = 0; round < rounds; round++)
		for (size_t i = 0; i < BENCHES; i++)
			if (is_chosen(&benches[i], words))
				run(&benches[i], &results[i], round);
	report(json, rounds, words);
	wrap_bpf__destroy(wrap);
	return 0;
}
