/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traffic.bpf.c - make packets on one side of a gateway, count them on the other.
 *
 * How it works: `generate` is run by BPF_PROG_TEST_RUN with live frames: what it redirects
 * does leave through that device, and the softirq that it causes on the other end, which is
 * the gateway, runs on this CPU before the next batch. So one CPU does everything, nothing is
 * lost while its queues are not full, and a packet's time is the sum of generator, gateway and
 * receiver. Frames come back into the pool as the gateway has left them, and are not reset:
 * every octet is written each time.
 *
 * `receive` counts and drops what is of `generate`, and passes the rest.
 *
 * Time is that of the generating process: softirqs are in it, and what else runs on the
 * machine is not. It does not have what ksoftirqd or the end of somebody's interrupt did, so
 * the packets which these took to the receiver are counted, and left out.
 */
#include "nat_types.h"

#include "traffic.h"

#define ETH_P_IP 0x0800

/* Every flow once a turn, in an order that is not that of their creation: tables are filled
 * in that order, and processors fetch ahead what lies in a row. A prime: it has no divisor in
 * common with any smaller number of flows. */
#define STRIDE 2654435761U

/* Where in the frame, in octets */
enum {
	AT_PROTO = 12,
	AT_IP = 14,
	AT_IP_SUM = AT_IP + 10,
	AT_SADDR = AT_IP + 12,
	AT_DADDR = AT_IP + 16,
	AT_UDP = AT_IP + 20,
	AT_UDP_SUM = AT_UDP + 6,
	AT_STREAM = AT_UDP + 8, /* behind it: the mark, by which receive knows its own */
	AT_MARK = AT_STREAM + 2,
};

/* Set by traffic.c before the programs are loaded. */
const volatile __u32 out_ifindex;
const volatile bool is_inbound;	     /* the flows' addresses are destinations */
const volatile __u64 other_interval; /* ns between packets of the other stream; 0: none */
const volatile __be32 expected_source;
const volatile __u16 mark;

struct traffic_flows streams[2] = { { .flows = 1 }, { .flows = 1 } };
__u64 other_due;
__u32 was_other;
__u64 generator; /* the task */

/* Packets that were received while another task was current. One CPU: no race. */
__u64 elsewhere[TRAFFIC_MAX];

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TRAFFIC_MAX);
	__type(key, __u32);
	__type(value, __u64);
} received SEC(".maps");

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

static __always_inline void frame_write(__u8 *frame, struct traffic_flows *stream)
{
	__u64 *to = (void *)frame;
	__u64 place = stream->turn++ % (stream->cycle ?: 1);
	__u32 flow = place * STRIDE % (stream->flows ?: 1);
	__u32 addr = stream->addr + flow % (stream->hosts ?: 1);
	__u32 port = stream->port + flow % (stream->ports ?: 1);
	__u32 sum = (addr >> 16) + (addr & 0xffff);

	for (int i = 0; i < TRAFFIC_FRAME_LEN / 8; i++)
		to[i] = stream->octets[i];
	*(__u32 *)&to[TRAFFIC_FRAME_LEN / 8] = stream->octets[TRAFFIC_FRAME_LEN / 8];
	*(__be32 *)(frame + (is_inbound ? AT_DADDR : AT_SADDR)) = bpf_htonl(addr);
	*(__be16 *)(frame + AT_UDP + (is_inbound ? 2 : 0)) = bpf_htons(port);
	*(__be16 *)(frame + AT_IP_SUM) = bpf_htons(fold(stream->ip_sum + sum));
	*(__be16 *)(frame + AT_UDP_SUM) = bpf_htons(fold(stream->udp_sum + sum + port));
}

/* Never twice in a row: where one of them takes longer than the interval, nothing else would
 * be sent any more. */
static __always_inline bool other_is_due(void)
{
	__u64 now;

	if (!other_interval)
		return false;
	now = bpf_ktime_get_ns();
	if (was_other || now < other_due) {
		was_other = 0;
		return false;
	}
	/* What was missed is made good, but no more than a little of it. */
	other_due += other_interval;
	if (now > other_due + 64 * other_interval)
		other_due = now;
	was_other = 1;
	return true;
}

SEC("xdp")
int generate(struct xdp_md *xdp)
{
	__u8 *frame = (void *)(long)xdp->data;

	if (frame + TRAFFIC_FRAME_LEN > (__u8 *)(long)xdp->data_end)
		return XDP_ABORTED;
	if (!generator)
		generator = bpf_get_current_task();
	frame_write(frame, &streams[other_is_due()]);
	return bpf_redirect(out_ifindex, 0);
}

SEC("xdp")
int receive(struct xdp_md *xdp)
{
	__u8 *frame = (void *)(long)xdp->data;
	__u64 *count;
	__u32 stream;

	if (frame + TRAFFIC_FRAME_LEN > (__u8 *)(long)xdp->data_end ||
	    *(__be16 *)(frame + AT_PROTO) != bpf_htons(ETH_P_IP) ||
	    *(__u16 *)(frame + AT_MARK) != mark)
		return XDP_PASS;
	stream = frame[AT_STREAM];
	if (expected_source && *(__be32 *)(frame + AT_SADDR) != expected_source)
		stream = TRAFFIC_WRONG;
	count = bpf_map_lookup_elem(&received, &stream);
	if (count)
		*count += 1;
	if (bpf_get_current_task() != generator && stream < TRAFFIC_MAX)
		elsewhere[stream]++;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
