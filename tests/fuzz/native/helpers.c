// SPDX-License-Identifier: GPL-2.0-only
/*
 * helpers.c - what bpf/ asks of the kernel, answered by this process.
 *
 * Maps are small arrays that are searched from the front: a fuzzer's input makes a few entries.
 * There is one interface, every address is to be found over it, no socket, and time stands
 * still unless it is moved.
 */
#include "ctx_native.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAPS_MAX 24
#define CLOCK_BEGIN (1ULL << 40)

static struct native_map maps[MAPS_MAX];
static int map_count;
static __u64 clock_ns, random_state;

/* ---- maps ------------------------------------------------------------------------------- */

void native_map_add(void *name, int type, __u32 key_size, __u32 value_size, __u32 most)
{
	struct native_map *map = &maps[map_count++];

	*map = (struct native_map){ name, type, key_size, value_size, most, 0, NULL, NULL };
	map->keys = calloc(most, key_size);
	map->values = calloc(most, value_size);
	if (!map->keys || !map->values)
		abort();
}

static struct native_map *map_find(const void *name)
{
	for (int i = 0; i < map_count; i++)
		if (maps[i].name == name)
			return &maps[i];
	abort();
}

static bool is_array(const struct native_map *map)
{
	return map->type == BPF_MAP_TYPE_ARRAY || map->type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

/* struct nat_prefix: bits, then the address */
static bool has_prefix(const unsigned char *prefix, const unsigned char *key)
{
	__u32 len, net, addr;

	memcpy(&len, prefix, 4);
	memcpy(&net, prefix + 4, 4);
	memcpy(&addr, key + 4, 4);
	return !len || (ntohl(net) ^ ntohl(addr)) >> (32 - len) == 0;
}

void *bpf_map_lookup_elem(void *name, const void *key)
{
	struct native_map *map = map_find(name);
	__u32 index;

	if (is_array(map)) {
		memcpy(&index, key, sizeof(index));
		return index < map->most ? map->values + (size_t)index * map->value_size : NULL;
	}
	for (__u32 i = 0; i < map->count; i++) {
		const unsigned char *there = map->keys + (size_t)i * map->key_size;

		if (map->type == BPF_MAP_TYPE_LPM_TRIE ? has_prefix(there, key) :
							 !memcmp(there, key, map->key_size))
			return map->values + (size_t)i * map->value_size;
	}
	return NULL;
}

long bpf_map_update_elem(void *name, const void *key, const void *value, __u64 flags)
{
	struct native_map *map = map_find(name);
	void *there = bpf_map_lookup_elem(name, key);

	if (there && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!there && map->count == map->most) {
		if (map->type != BPF_MAP_TYPE_LRU_HASH)
			return -E2BIG;
		map->count = 0;
	}
	if (!map->keys || !map->values)
		return -ENOMEM;
	if (!there) {
		memcpy(map->keys + (size_t)map->count * map->key_size, key, map->key_size);
		there = map->values + (size_t)map->count++ * map->value_size;
	}
	memcpy(there, value, map->value_size);
	return 0;
}

void native_begin(void)
{
	for (int i = 0; i < map_count; i++) {
		maps[i].count = 0;
		if (is_array(&maps[i]))
			memset(maps[i].values, 0, (size_t)maps[i].most * maps[i].value_size);
	}
	clock_ns = CLOCK_BEGIN;
	random_state = 1;
}

/* ---- time, chance, loops ---------------------------------------------------------------- */

void native_age(__u32 seconds)
{
	clock_ns += seconds * NAT_NSEC_PER_SEC;
}

__u64 bpf_ktime_get_coarse_ns(void)
{
	return clock_ns;
}

__u32 bpf_get_prandom_u32(void)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return random_state >> 32;
}

long bpf_loop(__u32 times, void *fn, void *data, __u64 flags)
{
	long (*step)(__u32 index, void *data) = (long (*)(__u32, void *))fn;
	__u32 i = 0;

	(void)flags;
	while (i < times && !step(i, data))
		i++;
	return i;
}

/* ---- packets ---------------------------------------------------------------------------- */

long bpf_skb_pull_data(struct native_packet *packet, __u32 len)
{
	unsigned char *moved;

	if (len > packet->len)
		return -ENOMEM;
	if (len < packet->linear)
		len = packet->linear;
	moved = malloc(len);
	memcpy(moved, packet->bytes, packet->linear);
	memcpy(moved + packet->linear, packet->rest + packet->linear, len - packet->linear);
	free(packet->bytes);
	packet->bytes = moved;
	packet->linear = len;
	return 0;
}

long bpf_skb_load_bytes(const void *from, __u32 off, void *to, __u32 len)
{
	const struct native_packet *packet = from;
	unsigned char *octets = to;

	if (!len || off > packet->len || len > packet->len - off)
		return -EFAULT;
	for (__u32 i = 0; i < len; i++)
		octets[i] =
			off + i < packet->linear ? packet->bytes[off + i] : packet->rest[off + i];
	return 0;
}

long bpf_skb_store_bytes(struct native_packet *packet, __u32 off, const void *from, __u32 len,
			 __u64 flags)
{
	(void)flags;
	if (off > packet->len || len > packet->len - off || bpf_skb_pull_data(packet, off + len))
		return -EFAULT;
	memcpy(packet->bytes + off, from, len);
	return 0;
}

/* Only as bpf/mss.h calls it: a difference, and no pseudo header. */
long bpf_l4_csum_replace(struct native_packet *packet, __u32 off, __u64 from, __u64 to, __u64 flags)
{
	__u16 check;
	__u32 sum;

	(void)flags;
	if (from || bpf_skb_load_bytes(packet, off, &check, sizeof(check)))
		return -EINVAL;
	sum = (__u16)~check + (__u32)to;
	sum = (sum & 0xffff) + (sum >> 16);
	check = ~(sum + (sum >> 16));
	return bpf_skb_store_bytes(packet, off, &check, sizeof(check), 0);
}

__s64 bpf_csum_diff(__be32 *from, __u32 from_size, __be32 *to, __u32 to_size, __u32 seed)
{
	__u64 sum = seed;

	(void)from;
	(void)from_size;
	for (__u32 i = 0; i < to_size / 4; i++)
		sum += to[i];
	while (sum >> 32)
		sum = (sum & 0xffffffff) + (sum >> 32);
	return (__s64)sum;
}

long bpf_check_mtu(void *packet, __u32 ifindex, __u32 *mtu, __s32 diff, __u64 flags)
{
	(void)packet;
	(void)ifindex;
	(void)diff;
	(void)flags;
	*mtu = 1400;
	return 0;
}

long bpf_redirect_neigh(__u32 ifindex, void *params, int size, __u64 flags)
{
	(void)ifindex;
	(void)params;
	(void)size;
	(void)flags;
	return NAT_TC_REDIRECT;
}

long bpf_skb_change_head(struct native_packet *packet, __u32 len, __u64 flags)
{
	(void)packet;
	(void)len;
	(void)flags;
	return 0; /* the packet that is judged has none */
}

/* ---- the rest of the machine ------------------------------------------------------------ */

long bpf_fib_lookup(void *packet, struct bpf_fib_lookup *fib, int size, __u32 flags)
{
	(void)packet;
	(void)size;
	(void)flags;
	if (fib->tot_len > 1500) {
		fib->mtu_result = 1500;
		return BPF_FIB_LKUP_RET_FRAG_NEEDED;
	}
	fib->ifindex = 1;
	return BPF_FIB_LKUP_RET_SUCCESS;
}

struct bpf_sock *bpf_sk_lookup_tcp(void *packet, struct bpf_sock_tuple *tuple, __u32 size,
				   __u64 netns, __u64 flags)
{
	(void)packet;
	(void)tuple;
	(void)size;
	(void)netns;
	(void)flags;
	return NULL;
}

struct bpf_sock *bpf_sk_lookup_udp(void *packet, struct bpf_sock_tuple *tuple, __u32 size,
				   __u64 netns, __u64 flags)
{
	return bpf_sk_lookup_tcp(packet, tuple, size, netns, flags);
}

long bpf_sk_release(struct bpf_sock *sock)
{
	(void)sock;
	return 0;
}

/* Of just the size that was asked for. */
void *bpf_ringbuf_reserve(void *ring, __u64 size, __u64 flags)
{
	(void)ring;
	(void)flags;
	return malloc(size);
}

void bpf_ringbuf_submit(void *taken, __u64 flags)
{
	(void)flags;
	free(taken);
}

void bpf_ringbuf_discard(void *taken, __u64 flags)
{
	bpf_ringbuf_submit(taken, flags);
}

__u64 bpf_ringbuf_query(void *ring, __u64 flags)
{
	(void)ring;
	(void)flags;
	return 0;
}
