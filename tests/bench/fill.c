// SPDX-License-Identifier: GPL-2.0-only
/*
 * fill.c - the state before a case, and one measurement in it.
 *
 * How it works: flows are made by packets, through the same wrapper that measures. Then the
 * table of sessions is read, and for each direction the endpoints of its packets are what the
 * wrapper draws from. Cases that leave a population as it was are measured in it one after
 * another.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <netinet/ip.h>
#include <sys/mman.h>

#include "bench.h"
#include "check.h"
#include "table.h"
#include "wrap.skel.h"

#define READ_AT_ONCE 4096

static struct wrap_bpf *wrap;
static const struct population *present; /* NULL: the tables have something else in them */
static struct wrap_flow *flows;		 /* the map, in memory */
static struct wrap_flow out_flows[WRAP_FLOWS_MAX], in_flows[WRAP_FLOWS_MAX];

static bool is_xdp(enum program program)
{
	return program == PROGRAM_XDP_IN || program == PROGRAM_XDP_LANE;
}

void fill_load(void)
{
	wrap = wrap_bpf__open();
	CHECK(wrap);
	bpf_map__set_max_entries(wrap->maps.yard_fwd, world_table_size);
	bpf_map__set_max_entries(wrap->maps.yard_rev, world_table_size);
	bpf_map__set_max_entries(wrap->maps.yard_sessions, world_table_size);
	CHECK_EQ(wrap_bpf__load(wrap), 0);
	flows = mmap(NULL, WRAP_FLOWS_MAX * sizeof(*flows), PROT_READ | PROT_WRITE, MAP_SHARED,
		     bpf_map__fd(wrap->maps.flows), 0);
	CHECK(flows != MAP_FAILED);
}

void fill_unload(void)
{
	munmap(flows, WRAP_FLOWS_MAX * sizeof(*flows));
	wrap_bpf__destroy(wrap);
}

/* ---- packets ------------------------------------------------------------------------------- */

static void tail_call_to(bool xdp, const int fd)
{
	table_write(xdp ? wrap->maps.tested_xdp : wrap->maps.tested_tc, &(__u32){ 0 }, &fd);
}

static __u64 busy_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * NAT_NSEC_PER_SEC + now.tv_nsec;
}

/* Time is this process's: the kernel's figure has in it what else ran meanwhile.
 *
 * Return: ns per packet
 */
static double run(const struct packet *packet, struct wrap_template *template, bool xdp,
		  __u32 repeat)
{
	struct frame in, out;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in.bytes, .data_out = out.bytes,
		    .data_size_out = sizeof(out.bytes), .repeat = repeat);
	__u64 begin;
	int fd;

	packet_build(packet, NULL, &in);
	opts.data_size_in = in.len;
	memcpy(template->bytes, in.bytes + in.l3, WRAP_HEADERS);
	table_write(wrap->maps.template, &(__u32){ 0 }, template);
	fd = bpf_program__fd(xdp ? wrap->progs.bench_xdp : wrap->progs.bench_tc);
	begin = busy_ns();
	CHECK_EQ(bpf_prog_test_run_opts(fd, &opts), 0);
	return (double)(busy_ns() - begin) / repeat;
}

static void send_one(const struct packet *packet)
{
	struct frame in, out;

	static const enum program programs[] = {
		[HOOK_OUT] = PROGRAM_TC_OUT,
		[HOOK_IN] = PROGRAM_XDP_IN,
		[HOOK_LANE] = PROGRAM_TC_LANE, /* that takes note of the turn in the stack */
	};

	packet_build(packet, NULL, &in);
	world_run(programs[packet->hook], packet, &in, &out);
}

static __u64 counted(enum nat_reason reason)
{
	__u64 counts[NAT_REASON_MAX];

	table_counts(world_skel()->maps.counters, counts);
	return counts[reason];
}

/* ---- populations --------------------------------------------------------------------------- */

static __u32 sessions_take(const struct nat_external_key *keys, const struct nat_session *sessions,
			   __u32 count, __u32 at)
{
	for (__u32 i = 0; i < count; i++, at++) {
		const struct nat_endpoint *in = &sessions[i].internal;
		const struct nat_external_key *key = &keys[i];

		CHECK(at < WRAP_FLOWS_MAX);
		out_flows[at] = (struct wrap_flow){ in->addr, key->remote.addr,
						    in->port, key->remote.port,
						    0,	      0 };
		in_flows[at] = (struct wrap_flow){ key->remote.addr,
						   key->external.addr,
						   key->remote.port,
						   key->external.port,
						   0,
						   0 };
	}
	return at;
}

/* Return: how many there are */
static __u32 sessions_read(void)
{
	static struct nat_external_key keys[READ_AT_ONCE];
	static struct nat_session sessions[READ_AT_ONCE];
	int fd = bpf_map__fd(world_skel()->maps.sessions), err = 0;
	__u32 place, at = 0;
	void *from = NULL;

	while (!err) {
		__u32 count = READ_AT_ONCE;

		err = bpf_map_lookup_batch(fd, from, &place, keys, sessions, &count, NULL);
		CHECK(!err || err == -ENOENT);
		at = sessions_take(keys, sessions, count, at);
		from = &place;
	}
	return at;
}

static __u16 header_check(const struct iphdr *header)
{
	__u16 words[sizeof(*header) / 2];
	__u32 sum = 0;

	memcpy(words, header, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

/* What is to be drawn from, with the checksums of @packet's header around their addresses:
 * inbound they are verified. */
static void flows_write(const struct packet *packet)
{
	const struct wrap_flow *from = packet->hook == HOOK_OUT ? out_flows : in_flows;
	struct iphdr header;
	struct frame frame;

	packet_build(packet, NULL, &frame);
	memcpy(&header, frame.bytes + frame.l3, sizeof(header));
	header.check = 0;
	for (__u32 i = 0; i < present->sessions; i++) {
		header.saddr = from[i].src;
		header.daddr = from[i].dst;
		flows[i] = from[i];
		flows[i].ip_check = header_check(&header);
	}
}

static void population_make(const struct population *population)
{
	struct packet packet = PACKET(HOOK_OUT, UDP, "10.0.0.2:1", NULL, .len = 22);
	char remote[32];

	world_make(&population->world);
	tail_call_to(false, world_fd(PROGRAM_TC_OUT));
	for (__u32 i = 0; i < population->remotes && population->count; i++) {
		struct wrap_template template = { .kind = WRAP_NEW,
						  .flows = population->flows,
						  .hosts = population->hosts,
						  .ports = population->ports,
						  .first_port = population->first_port };

		snprintf(remote, sizeof(remote), "198.51.100.9:%u", 4000 + i);
		packet.dst = remote;
		run(&packet, &template, false, population->count);
	}
	CHECK_EQ(sessions_read(), population->sessions);
	present = population;
}

/* ---- cases --------------------------------------------------------------------------------- */

static void yard_empty(void)
{
	table_clear(wrap->maps.yard_fwd);
	table_clear(wrap->maps.yard_rev);
	table_clear(wrap->maps.yard_sessions);
	table_write(wrap->maps.yard_sessions, &(struct nat_internal_key){},
		    &(struct nat_session){});
}

void fill_prepare(const struct bench *bench)
{
	if (bench->is_yard) {
		yard_empty();
		return;
	}
	if (bench->population) {
		if (present != bench->population)
			population_make(bench->population);
		if (bench->kind == WRAP_DRAWN)
			flows_write(&bench->packet);
		return;
	}
	present = NULL;
	world_make(&bench->world);
	for (int i = 0; i < 3 && bench->opens[i].src; i++)
		send_one(&bench->opens[i]);
}

static int tested_fd(const struct bench *bench, bool is_empty)
{
	bool xdp = is_xdp(bench->program);

	if (is_empty)
		return bpf_program__fd(xdp ? wrap->progs.empty_xdp : wrap->progs.empty_tc);
	if (bench->is_yard)
		return bpf_program__fd(xdp ? wrap->progs.yard_xdp : wrap->progs.yard_tc);
	return world_fd(bench->program);
}

/* Return: how many packets have taken the way that @bench is named for */
static __u64 arrived(const struct bench *bench)
{
	struct nat_session yard;

	if (!bench->is_yard)
		return counted(bench->reason);
	CHECK(table_lookup(wrap->maps.yard_new, &(__u32){ 0 }, &yard));
	return yard.out.packets;
}

double fill_measure(const struct bench *bench, bool is_empty, __u32 repeat)
{
	struct wrap_template template = {
		.kind = bench->kind,
		.flows = bench->kind == WRAP_DRAWN ? bench->population->sessions : bench->flows,
		.hosts = bench->hosts,
		.ports = bench->ports,
		.first_port = bench->first_port,
	};
	__u64 before = arrived(bench);
	double ns;

	tail_call_to(is_xdp(bench->program), tested_fd(bench, is_empty));
	ns = run(&bench->packet, &template, is_xdp(bench->program), repeat);
	check_note("%s", bench->name);
	CHECK_EQ(arrived(bench) - before, is_empty ? 0 : repeat);
	if (!is_empty && bench->spoils)
		present = NULL;
	return ns;
}
