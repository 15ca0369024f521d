// SPDX-License-Identifier: GPL-2.0-only
/*
 * traffic.c - send 64-octet UDP through a gateway from one CPU, and count what arrives.
 *
 *	bench-traffic --from NETNS/IF --to NETNS/IF --mac MAC --flows FLOWS [OPTION]...
 *
 *	--flows ADDR,PORT,FLOWS,HOSTS,PORTS	flow N is ADDR + N % HOSTS, PORT + N % PORTS
 *	--cycle N		so many of them, drawn evenly
 *	--far ADDR:PORT		their other end
 *	--inbound		it is their source, not their destination
 *	--other FLOWS --rate N	N packets a second of other flows among them
 *	--packets N		so many in all, or
 *	--seconds S		as many as there is time for
 *	--expect ADDR		source that every packet must have when it arrives
 *
 * Prints one JSON object: packets of both streams that were sent, that were received, and
 * received while another process was running; those with another source; nanoseconds of the
 * clock, and of this process.
 *
 * How it works: traffic.bpf.c does the work. This process enters both network namespaces in
 * turn, attaches the receiver, runs the generator in chunks, waits until what was sent has
 * arrived or nothing arrives any more, and takes all away by ending.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/types.h>

#include "traffic.h"
#include "traffic.skel.h"

#define CHUNK 16384 /* packets of one system call */
#define BATCH 64    /* of them are sent before the softirq; a veth queue holds 256 */
#define SETTLED_NS 50000000ULL
#define TTL 64

/** struct end - An interface: a path of a network namespace and a name in it */
struct end {
	char netns[128];
	char name[IF_NAMESIZE];
};

/** struct plan - The command line */
struct plan {
	struct end from, to;
	struct ether_addr mac;
	struct traffic_flows streams[2];
	struct in_addr far, expect;
	__u16 far_port;
	__u32 rate, cycle;
	__u64 packets;
	double seconds;
	bool is_inbound;
};

/** struct counts - What has happened so far */
struct counts {
	__u64 sent[2];
	__u64 received[TRAFFIC_MAX];
	__u64 ns, cpu_ns;
};

static struct traffic_bpf *skel;
static int cpus;

static void die(const char *object, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

static void die(const char *object, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "natctl: bench-traffic: %s: ", object);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static __u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* ---- the command line ---------------------------------------------------------------------- */

static void end_parse(const char *text, struct end *end)
{
	const char *slash = strrchr(text, '/');

	if (!slash || strlen(slash + 1) >= sizeof(end->name) ||
	    (size_t)(slash - text) >= sizeof(end->netns))
		die(text, "not NETNS/IF");
	memcpy(end->netns, text, slash - text);
	end->netns[slash - text] = '\0';
	strcpy(end->name, slash + 1);
}

static void flows_parse(const char *text, struct traffic_flows *stream)
{
	struct in_addr addr;
	char word[16];

	if (sscanf(text, "%15[0-9.],%u,%u,%u,%u", word, &stream->port, &stream->flows,
		   &stream->hosts, &stream->ports) != 5 ||
	    !inet_aton(word, &addr) || !stream->flows || !stream->hosts || !stream->ports)
		die(text, "not ADDR,PORT,FLOWS,HOSTS,PORTS");
	stream->addr = ntohl(addr.s_addr);
}

static void far_parse(const char *text, struct plan *plan)
{
	char word[16];

	if (sscanf(text, "%15[0-9.]:%hu", word, &plan->far_port) != 2 ||
	    !inet_aton(word, &plan->far))
		die(text, "not ADDR:PORT");
}

static void plan_parse(int argc, char **argv, struct plan *plan)
{
	static const struct option options[] = { { "from", required_argument, NULL, 'f' },
						 { "to", required_argument, NULL, 't' },
						 { "mac", required_argument, NULL, 'm' },
						 { "flows", required_argument, NULL, 'l' },
						 { "far", required_argument, NULL, 'a' },
						 { "inbound", no_argument, NULL, 'i' },
						 { "other", required_argument, NULL, 'o' },
						 { "rate", required_argument, NULL, 'r' },
						 { "packets", required_argument, NULL, 'p' },
						 { "seconds", required_argument, NULL, 's' },
						 { "expect", required_argument, NULL, 'e' },
						 { "cycle", required_argument, NULL, 'c' },
						 {} };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'f':
			end_parse(optarg, &plan->from);
			break;
		case 't':
			end_parse(optarg, &plan->to);
			break;
		case 'm':
			if (!ether_aton_r(optarg, &plan->mac))
				die(optarg, "not a hardware address");
			break;
		case 'l':
		case 'o':
			flows_parse(optarg, &plan->streams[option == 'o']);
			break;
		case 'a':
			far_parse(optarg, plan);
			break;
		case 'i':
			plan->is_inbound = true;
			break;
		case 'r':
			plan->rate = strtoul(optarg, NULL, 10);
			break;
		case 'p':
			plan->packets = strtoull(optarg, NULL, 10);
			break;
		case 's':
			plan->seconds = strtod(optarg, NULL);
			break;
		case 'c':
			plan->cycle = strtoul(optarg, NULL, 10);
			break;
		case 'e':
			if (!inet_aton(optarg, &plan->expect))
				die(optarg, "not an address");
			break;
		default:
			exit(2);
		}
	if (!plan->from.name[0] || !plan->to.name[0] || !plan->streams[0].flows ||
	    (plan->rate && !plan->streams[1].flows) || (!plan->packets && !plan->seconds)) {
		fputs("usage: bench-traffic --from NETNS/IF --to NETNS/IF --mac MAC "
		      "--flows ADDR,PORT,FLOWS,HOSTS,PORTS\n"
		      "       --far ADDR:PORT --packets N|--seconds S [--inbound] "
		      "[--other FLOWS --rate N] [--expect ADDR]\n",
		      stderr);
		exit(2);
	}
}

/* ---- the frame of flow 0 ------------------------------------------------------------------- */

static __u32 words_sum(const void *octets, size_t len)
{
	const unsigned char *at = octets;
	__u32 sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += at[i] << 8 | at[i + 1];
	return sum;
}

/* Addresses and ports of flows are left 0, so that sums are without them. */
static void stream_build(const struct plan *plan, enum traffic_stream which, __u16 mark)
{
	struct traffic_flows *stream = &skel->data->streams[which];
	struct {
		struct ethhdr eth;
		struct iphdr ip;
		struct udphdr udp;
		__u8 stream, zero;
		__u16 mark;
		__u8 rest[TRAFFIC_FRAME_LEN - 46];
	} __attribute__((packed)) frame = {
		.eth.h_proto = htons(0x0800),
		.ip = { .version = 4,
			.ihl = 5,
			.tot_len = htons(TRAFFIC_FRAME_LEN - sizeof(struct ethhdr)),
			.frag_off = htons(0x4000),
			.ttl = TTL,
			.protocol = IPPROTO_UDP },
		.udp.len = htons(TRAFFIC_FRAME_LEN - sizeof(struct ethhdr) - sizeof(struct iphdr)),
		.stream = which,
		.mark = mark,
	};

	memcpy(frame.eth.h_dest, &plan->mac, sizeof(frame.eth.h_dest));
	frame.eth.h_source[0] = 2;
	if (plan->is_inbound) {
		frame.ip.saddr = plan->far.s_addr;
		frame.udp.source = htons(plan->far_port);
	} else {
		frame.ip.daddr = plan->far.s_addr;
		frame.udp.dest = htons(plan->far_port);
	}
	*stream = plan->streams[which];
	stream->cycle = which == TRAFFIC_MAIN && plan->cycle ? plan->cycle : stream->flows;
	memcpy(stream->octets, &frame, sizeof(frame));
	stream->ip_sum = words_sum(&frame.ip, sizeof(frame.ip));
	stream->udp_sum = words_sum(&frame.ip.saddr, 8) + IPPROTO_UDP + ntohs(frame.udp.len) +
			  words_sum(&frame.udp, TRAFFIC_FRAME_LEN - 34);
}

/* ---- sending and counting ------------------------------------------------------------------ */

/* Return: the index of the interface of @end, whose namespace is entered */
static int end_enter(const struct end *end)
{
	int fd = open(end->netns, O_RDONLY | O_CLOEXEC), index;

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(end->netns, "cannot be entered: %s", strerror(errno));
	close(fd);
	index = if_nametoindex(end->name);
	if (!index)
		die(end->name, "no such interface in %s", end->netns);
	return index;
}

static void programs_load(const struct plan *plan)
{
	skel = traffic_bpf__open();
	if (!skel)
		die("programs", "cannot be opened: %s", strerror(errno));
	skel->rodata->out_ifindex = end_enter(&plan->from);
	skel->rodata->is_inbound = plan->is_inbound;
	skel->rodata->other_interval = plan->rate ? 1000000000 / plan->rate : 0;
	skel->rodata->expected_source = plan->expect.s_addr;
	skel->rodata->mark = getpid();
	stream_build(plan, TRAFFIC_MAIN, getpid());
	stream_build(plan, TRAFFIC_OTHER, getpid());
	if (traffic_bpf__load(skel))
		die("programs", "cannot be loaded: %s", strerror(errno));
	skel->links.receive = bpf_program__attach_xdp(skel->progs.receive, end_enter(&plan->to));
	if (!skel->links.receive)
		die(plan->to.name, "the receiver cannot be attached: %s", strerror(errno));
	end_enter(&plan->from);
}

static __u64 arrived(struct counts *counts)
{
	__u64 each[cpus], total = 0;

	for (__u32 key = 0; key < TRAFFIC_MAX; key++) {
		counts->received[key] = 0;
		bpf_map_lookup_elem(bpf_map__fd(skel->maps.received), &key, each);
		for (int cpu = 0; cpu < cpus; cpu++)
			counts->received[key] += each[cpu];
		total += counts->received[key];
	}
	return total;
}

static void send_some(__u32 packets)
{
	__u8 frame[TRAFFIC_FRAME_LEN] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = packets, .batch_size = BATCH, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.generate), &opts))
		die("generator", "%s (live frames need Linux 5.18)", strerror(errno));
}

/* What is still in queues when the last one was sent has been handed to ksoftirqd. */
static void settle(struct counts *counts, __u64 sent)
{
	__u64 last = arrived(counts), since = clock_ns(CLOCK_MONOTONIC);

	while (last < sent && clock_ns(CLOCK_MONOTONIC) - since < SETTLED_NS) {
		__u64 now = arrived(counts);

		if (now != last)
			since = clock_ns(CLOCK_MONOTONIC);
		last = now;
		sched_yield();
	}
}

static void run(const struct plan *plan, struct counts *counts)
{
	__u64 cpu_begin = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	__u64 begin = clock_ns(CLOCK_MONOTONIC), limit = plan->seconds * 1e9, sent = 0;

	while (plan->packets ? sent < plan->packets : clock_ns(CLOCK_MONOTONIC) - begin < limit) {
		__u64 left = plan->packets ? plan->packets - sent : CHUNK;

		send_some(left < CHUNK ? left : CHUNK);
		sent += left < CHUNK ? left : CHUNK;
	}
	counts->ns = clock_ns(CLOCK_MONOTONIC) - begin;
	counts->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin;
	settle(counts, sent);
	counts->sent[TRAFFIC_MAIN] = skel->data->streams[TRAFFIC_MAIN].turn;
	counts->sent[TRAFFIC_OTHER] = skel->data->streams[TRAFFIC_OTHER].turn;
}

/* The softirq of a packet runs where it was sent: one CPU does all. */
static void pin_to_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void report(const struct counts *counts)
{
	static const char *const names[] = { [TRAFFIC_MAIN] = "main", [TRAFFIC_OTHER] = "other" };

	putchar('{');
	for (int which = 0; which < 2; which++)
		printf("\"%s\":{\"sent\":%llu,\"received\":%llu,\"elsewhere\":%llu},", names[which],
		       counts->sent[which], counts->received[which],
		       (__u64)skel->bss->elsewhere[which]);
	printf("\"wrong\":%llu,\"ns\":%llu,\"cpu_ns\":%llu}\n", counts->received[TRAFFIC_WRONG],
	       counts->ns, counts->cpu_ns);
}

int main(int argc, char **argv)
{
	struct counts counts = {};
	struct plan plan = {};

	plan_parse(argc, argv, &plan);
	cpus = libbpf_num_possible_cpus();
	pin_to_cpu();
	programs_load(&plan);
	run(&plan, &counts);
	report(&counts);
	traffic_bpf__destroy(skel);
	return 0;
}
