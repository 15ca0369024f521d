/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctx_native.h - the packet as a fuzzer sees it, with the names of ctx_tc.h; and the helpers of
 * the kernel that bpf/ calls, as far as they decide anything (helpers.c).
 *
 * Included before a program's source it takes the place of ctx_tc.h, so that the whole pipeline
 * is compiled for this machine, with its sanitizers. The linear part of a packet is an allocation
 * of just its size, and another one after every call that may move it.
 */
#ifndef CTX_NATIVE_H
#define CTX_NATIVE_H

/* In their place. */
#define CTX_H
#define CTX_TC_H

#include <bpf/bpf_endian.h>
#include <linux/bpf.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>

#define SEC(name)
#define __weak __attribute__((weak))
#define __noinline __attribute__((noinline))
#define __uint(name, number) int(*name)[number]
#define __type(name, of) typeof(of) *name

/**
 * struct native_packet - What a program is given
 * @bytes, @linear: What can be read at once; the rest after a pull
 * @rest: All of it, @len octets
 */
struct native_packet {
	unsigned char *bytes;
	__u32 linear;
	const unsigned char *rest;
	__u32 len;
	__u32 ifindex;
	__u32 ingress_ifindex;
	__u32 pkt_type;
	__u32 gso_size;
	__u16 tc_index;
};

#define __sk_buff native_packet
#define nat_ctx native_packet

#define CTX_DECIDES true
#define CTX_EXIT NAT_LANE_TC
#define NAT_LANE_MARK 0x6e61
#define NAT_TC_NEXT (-1)
#define NAT_TC_SHOT 2
#define NAT_TC_REDIRECT 7
#define NAT_PACKET_HOST 0

/* ---- helpers.c -------------------------------------------------------------------------- */

void *bpf_map_lookup_elem(void *name, const void *key);
long bpf_map_update_elem(void *name, const void *key, const void *value, __u64 flags);
__u64 bpf_ktime_get_coarse_ns(void);
__u32 bpf_get_prandom_u32(void);
long bpf_loop(__u32 times, void *fn, void *data, __u64 flags);
long bpf_skb_pull_data(struct native_packet *packet, __u32 len);
long bpf_skb_load_bytes(const void *from, __u32 off, void *to, __u32 len);
long bpf_skb_store_bytes(struct native_packet *packet, __u32 off, const void *from, __u32 len,
			 __u64 flags);
long bpf_l4_csum_replace(struct native_packet *packet, __u32 off, __u64 from, __u64 to,
			 __u64 flags);
__s64 bpf_csum_diff(__be32 *from, __u32 from_size, __be32 *to, __u32 to_size, __u32 seed);
long bpf_fib_lookup(void *packet, struct bpf_fib_lookup *fib, int size, __u32 flags);
struct bpf_sock *bpf_sk_lookup_tcp(void *packet, struct bpf_sock_tuple *tuple, __u32 size,
				   __u64 netns, __u64 flags);
struct bpf_sock *bpf_sk_lookup_udp(void *packet, struct bpf_sock_tuple *tuple, __u32 size,
				   __u64 netns, __u64 flags);
long bpf_sk_release(struct bpf_sock *sock);
long bpf_check_mtu(void *packet, __u32 ifindex, __u32 *mtu, __s32 diff, __u64 flags);
long bpf_redirect_neigh(__u32 ifindex, void *params, int size, __u64 flags);
long bpf_skb_change_head(struct native_packet *packet, __u32 len, __u64 flags);
void *bpf_ringbuf_reserve(void *ring, __u64 size, __u64 flags);
void bpf_ringbuf_submit(void *taken, __u64 flags);
void bpf_ringbuf_discard(void *taken, __u64 flags);
__u64 bpf_ringbuf_query(void *ring, __u64 flags);

/** struct native_map - A map, as its definition in bpf/maps.h says */
struct native_map {
	void *name; /* what the programs know it by */
	int type;
	__u32 key_size;
	__u32 value_size;
	__u32 most;
	__u32 count;
	unsigned char *keys;
	unsigned char *values;
};

/** native_map_add() - Make one known. @most: entries, not what the definition says */
void native_map_add(void *name, int type, __u32 key_size, __u32 value_size, __u32 most);

/** native_begin() - Empty all maps; the same clock and random numbers as every time */
void native_begin(void);

/** native_age() - Let time pass */
void native_age(__u32 seconds);

/* ---- the names of ctx_tc.h -------------------------------------------------------------- */

#include "pkt.h"

static __always_inline void *ctx_data(const struct nat_ctx *ctx)
{
	return ctx->bytes;
}

static __always_inline void *ctx_end(const struct nat_ctx *ctx)
{
	return ctx->bytes + ctx->linear;
}

static __always_inline bool ctx_pull(struct nat_ctx *ctx, __u32 len)
{
	return len <= ctx->len && bpf_skb_pull_data(ctx, len) == 0;
}

static __always_inline __u32 ctx_len(struct nat_ctx *ctx)
{
	return ctx->len;
}

static __always_inline __u32 ctx_ifindex(const struct nat_ctx *ctx)
{
	return ctx->ifindex;
}

static __always_inline __u32 ctx_segment_len(const struct nat_ctx *ctx, const struct pkt *pkt)
{
	return pkt->total_len;
}

static __always_inline bool ctx_is_for(const struct nat_ctx *ctx, const struct pkt *pkt,
				       const __be16 mac[NAT_ETH_ALEN / 2])
{
	return true;
}

static __always_inline bool ctx_send(struct nat_ctx *ctx, __u32 l3, __u32 ifindex)
{
	return bpf_redirect_neigh(ifindex, NULL, 0, 0) == NAT_TC_REDIRECT;
}

static __always_inline bool ctx_forward(struct nat_ctx *ctx, const struct pkt *pkt,
					const struct way *way, bool mark)
{
	return ctx_send(ctx, pkt->l3, way->ifindex);
}

/* Without an express lane nobody asks. */
static __always_inline bool ctx_csum_is_known(const struct pkt *pkt)
{
	return true;
}

static __always_inline bool ctx_is_tagged(const struct nat_ctx *ctx)
{
	return false;
}

static __always_inline int ctx_ipv4(struct nat_ctx *ctx, __u32 l2)
{
	return l2;
}

/* Every checksum by arithmetic: what only the kernel knows of an skb is not there. */
static __always_inline bool ctx_csum_needs_helper(const struct pkt *pkt)
{
	return false;
}

static __always_inline bool ctx_csum_by_helper(struct nat_ctx *ctx, const struct nat_endpoint *from,
					       const struct nat_endpoint *to, __u32 check_off,
					       __u16 check)
{
	return false;
}

#endif /* CTX_NATIVE_H */
