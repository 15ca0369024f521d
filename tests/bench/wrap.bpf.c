/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wrap.bpf.c - make repeated test runs of a NAT program mean something.
 *
 * A test run repeats a program on one buffer, and a NAT program changes that buffer: the
 * second run would see another packet. So the program under test is entered by tail call
 * from a wrapper that writes the packet's headers anew each time; for flows that must be
 * new with another source each time, for known ones among many with the endpoints of one that
 * is drawn. What the wrapper costs is measured with an
 * empty program behind it, and subtracted.
 *
 * The yardsticks do what no NAT with hash maps can do without, and nothing else: one look-up
 * for a known flow, three insertions for a new one. They tell the machine's part of a figure
 * from ours.
 *
 * A program that is tail-called must be of the wrapper's type and, for XDP, have its
 * frags attribute.
 */
#include "nat_abi.h"

#include "wrap.h"

#define ETH_HLEN 14
#define ENDPOINTS 12 /* where addresses and ports lie in an IPv4 packet */
#define ENDPOINTS_LEN 12
#define IP_CHECK 10

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct wrap_template);
} template SEC(".maps");

/* The flows that exist, to draw from. Written by fill.c */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, WRAP_FLOWS_MAX);
	__type(key, __u32);
	__type(value, struct wrap_flow);
} flows SEC(".maps");

/* One for each type: the first program that uses such a map decides what may be in it. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} tested_tc SEC(".maps"), tested_xdp SEC(".maps");

static __always_inline void flow_make(struct wrap_template *from, __u8 *ip)
{
	__u32 flow = (__u64)from->turn++ * WRAP_STRIDE % (from->flows ?: 1);
	__be32 *addr = (void *)(ip + ENDPOINTS);

	*addr = bpf_htonl(bpf_ntohl(*addr) + flow % (from->hosts ?: 1));
	*(__be16 *)(ip + ENDPOINTS + 8) = bpf_htons(from->first_port + flow % (from->ports ?: 1));
}

static __always_inline void flow_draw(struct wrap_template *from, __u8 *ip)
{
	struct wrap_flow *flow;
	__u32 which;

	/* Knuth's; its upper bits are the good ones */
	from->drawn = from->drawn * 6364136223846793005ULL + 1442695040888963407ULL;
	which = (from->drawn >> 33) % (from->flows ?: 1);
	flow = bpf_map_lookup_elem(&flows, &which);
	if (!flow)
		return;
	__builtin_memcpy(ip + ENDPOINTS, flow, ENDPOINTS_LEN);
	*(__be16 *)(ip + IP_CHECK) = flow->ip_check;
}

/* Return: false if the packet is too short */
static __always_inline bool restore(void *data, void *end)
{
	__u32 key = 0;
	struct wrap_template *from = bpf_map_lookup_elem(&template, &key);
	__u8 *ip = data + ETH_HLEN;

	if (!from || (void *)ip + WRAP_HEADERS > end)
		return false;
	__builtin_memcpy(ip, from->bytes, WRAP_HEADERS);
	if (from->kind == WRAP_NEW)
		flow_make(from, ip);
	if (from->kind == WRAP_DRAWN)
		flow_draw(from, ip);
	return true;
}

SEC("tc")
int bench_tc(struct __sk_buff *skb)
{
	if (restore((void *)(long)skb->data, (void *)(long)skb->data_end))
		bpf_tail_call(skb, &tested_tc, 0);
	return 2; /* nothing was measured: prog.c stops at this verdict */
}

SEC("tc")
int empty_tc(struct __sk_buff *skb)
{
	return skb->len ? -1 : 0;
}

SEC("xdp.frags")
int bench_xdp(struct xdp_md *xdp)
{
	if (restore((void *)(long)xdp->data, (void *)(long)xdp->data_end))
		bpf_tail_call(xdp, &tested_xdp, 0);
	return XDP_ABORTED;
}

SEC("xdp.frags")
int empty_xdp(struct xdp_md *xdp)
{
	return XDP_PASS;
}

#define YARD(name, octets)                                                                         \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, 1024);                                                         \
		__uint(key_size, sizeof(struct nat_internal_key));                                 \
		__uint(value_size, octets);                                                        \
	} name SEC(".maps")

/* Of the size of what they stand for. Written by yard_tc; prog.c empties them, and enters the
 * key of zeros for yard_xdp. */
YARD(yard_fwd, sizeof(struct nat_binding));
YARD(yard_rev, sizeof(struct nat_binding_rev));
YARD(yard_sessions, sizeof(struct nat_session));

/* What they insert; it counts how often. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct nat_session);
} yard_new SEC(".maps");

SEC("tc")
int yard_tc(struct __sk_buff *skb)
{
	struct nat_session *new = bpf_map_lookup_elem(&yard_new, &(__u32){ 0 });
	const __u8 *ip = (void *)(long)skb->data + ETH_HLEN;
	struct nat_internal_key key = {};

	if (!new || (void *)ip + WRAP_HEADERS > (void *)(long)skb->data_end)
		return 2;
	key.internal.addr = *(__be32 *)(ip + 12);
	key.internal.port = *(__be16 *)(ip + 20);
	if (bpf_map_update_elem(&yard_fwd, &key, new, BPF_NOEXIST) ||
	    bpf_map_update_elem(&yard_rev, &key, new, BPF_NOEXIST) ||
	    bpf_map_update_elem(&yard_sessions, &key, new, BPF_NOEXIST))
		return 2;
	new->out.packets++;
	return -1;
}

SEC("xdp.frags")
int yard_xdp(struct xdp_md *xdp)
{
	struct nat_session *new = bpf_map_lookup_elem(&yard_new, &(__u32){ 0 });
	struct nat_internal_key key = {};

	if (!new || !bpf_map_lookup_elem(&yard_sessions, &key))
		return XDP_ABORTED;
	new->out.packets++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
