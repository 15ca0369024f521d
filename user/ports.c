// SPDX-License-Identifier: GPL-2.0-only
/*
 * ports.c - the `host` bits of the claim sets: which ports are not ours to give.
 *
 * How it works
 *
 * The map is mapped into memory: its element is 16 KiB, and copying it to change a
 * word would undo what the data path claims meanwhile. `host` words have one writer,
 * natctl, and are stored whole. `full` bits belong to both sides; bpf/claims.h tells
 * their race, and here are the two moves that keep it right:
 *
 *   more taken:  host := new;  word full?  full bit := 1;  still full?  else full bit := 0
 *   less taken:  host := new;  full bit := 0
 *
 * The second is done after any change, before the first: a hint that is 0 costs one
 * look, a hint wrongly 1 costs ports.
 *
 * Ports below 1024 carry host bits for local sockets only. That those below 512 are
 * never given out at random is the data path's rule, not a property of the port: an
 * internal host whose own port is 123 may keep it.
 */
#include "ports.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pool.h"
#include "sockets.h"

#define WORD_BITS 64
#define PORTS_LOW 1024	     /* the class of well-known ports ends here */
#define PORTS_LOW_RANDOM 512 /* in it, the lowest that is given out without being asked for */
#define PORTS_HIGHEST 65535

#define EVEN_BITS 0x5555555555555555ULL

typedef __u64 port_bits[NAT_PORT_WORDS];

static __u32 map_entries(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.max_entries;
}

int ports_open(struct ports *ports, const struct gateway *gw, bool writable)
{
	size_t page = sysconf(_SC_PAGESIZE);
	int fd = gw->fd[GATEWAY_ports];

	ports->count = map_entries(fd);
	ports->bytes = (ports->count * sizeof(*ports->sets) + page - 1) / page * page;
	ports->sets = mmap(NULL, ports->bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ,
			   MAP_SHARED, fd, 0);
	return ports->sets == MAP_FAILED ? -errno : 0;
}

void ports_close(struct ports *ports)
{
	munmap(ports->sets, ports->bytes);
}

/* ---- what is taken --------------------------------------------------------------------- */

static void bit_set(port_bits bits, __u32 port)
{
	bits[port / WORD_BITS] |= 1ULL << (port % WORD_BITS);
}

/**
 * struct taken - The ports of local sockets, of one protocol
 * @pool: Addresses that matter
 * @any:  Of sockets on the wildcard
 * @own:  Of sockets on one address of the pool, by its index
 */
struct taken {
	const struct nat_pool *pool;
	port_bits any;
	port_bits *own;
};

static void socket_note(__be32 addr, __u16 port, void *data)
{
	struct taken *taken = data;
	int index;

	if (!addr) {
		bit_set(taken->any, port);
		return;
	}
	index = pool_find(taken->pool, addr);
	if (index >= 0)
		bit_set(taken->own[index], port);
}

static void range_set(port_bits bits, const struct nat_settings *settings)
{
	__u32 first = settings->value[NAT_SETTING_PORT_FIRST];
	__u32 last = settings->value[NAT_SETTING_PORT_LAST];

	for (__u32 port = PORTS_LOW; port <= PORTS_HIGHEST; port++)
		if (port < first || port > last)
			bit_set(bits, port);
}

/* ---- host bits ------------------------------------------------------------------------- */

static __u64 word_taken(const struct nat_claims *set, __u32 word)
{
	return __atomic_load_n(&set->claimed[word], __ATOMIC_SEQ_CST) |
	       __atomic_load_n(&set->host[word], __ATOMIC_SEQ_CST);
}

static void hint_refresh(struct nat_claims *set, __u32 word, __u32 parity)
{
	__u64 *hints = &set->full[parity][word / WORD_BITS];
	__u64 hint = 1ULL << (word % WORD_BITS);
	__u64 mask = EVEN_BITS << parity;

	__atomic_fetch_and(hints, ~hint, __ATOMIC_SEQ_CST);
	if ((word_taken(set, word) & mask) != mask)
		return;
	__atomic_fetch_or(hints, hint, __ATOMIC_SEQ_CST);
	if ((word_taken(set, word) & mask) != mask)
		__atomic_fetch_and(hints, ~hint, __ATOMIC_SEQ_CST);
}

static void word_write(struct nat_claims *set, __u32 word, __u64 bits)
{
	if (set->host[word] == bits)
		return;
	__atomic_store_n(&set->host[word], bits, __ATOMIC_SEQ_CST);
	hint_refresh(set, word, 0);
	hint_refresh(set, word, 1);
}

static int proto_refresh(const struct ports *ports, __u8 proto, struct taken *taken,
			 const struct nat_settings *settings)
{
	int err;

	memset(taken->any, 0, sizeof(taken->any));
	memset(taken->own, 0, taken->pool->count * sizeof(*taken->own));
	err = sockets_each(proto, socket_note, taken);
	/* Part of a list would free the ports of the other part. */
	if (err && err != -ENOENT)
		return err;
	range_set(taken->any, settings);
	for (__u32 i = 0; i < taken->pool->count; i++) {
		struct nat_claims *set = &ports->sets[claim_set_index(i, proto)];

		for (__u32 word = 0; word < NAT_PORT_WORDS; word++)
			word_write(set, word, taken->any[word] | taken->own[i][word]);
	}
	return err;
}

int ports_refresh(const struct ports *ports, const struct nat_pool *pool,
		  const struct nat_settings *settings)
{
	static const __u8 protos[] = { NAT_PROTO_TCP, NAT_PROTO_UDP };
	struct taken taken = { .pool = pool };
	int first = 0;

	if (!pool->count || pool->count * NAT_CLAIMS_MAX > ports->count)
		return -ERANGE;
	taken.own = malloc(pool->count * sizeof(*taken.own));
	if (!taken.own)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(protos); i++) {
		int err = proto_refresh(ports, protos[i], &taken, settings);

		first = first ? first : err;
	}
	free(taken.own);
	return first;
}

/* ---- how many -------------------------------------------------------------------------- */

/* Ports that can be given at random, those of local sockets left out. Preserved ports
 * below 512 come on top when they are claimed, so use never exceeds capacity. */
static bool is_given(__u32 port, enum nat_claim_set proto, const struct nat_settings *settings)
{
	if (proto == NAT_CLAIMS_ICMP)
		return true;
	if (port < PORTS_LOW)
		return port >= PORTS_LOW_RANDOM;
	return port >= settings->value[NAT_SETTING_PORT_FIRST] &&
	       port <= settings->value[NAT_SETTING_PORT_LAST];
}

void ports_usage(const struct ports *ports, __u32 first, __u32 count,
		 const struct nat_settings *settings, struct ports_usage usage[NAT_CLAIMS_MAX])
{
	port_bits given;

	memset(usage, 0, NAT_CLAIMS_MAX * sizeof(*usage));
	for (enum nat_claim_set proto = 0; proto < NAT_CLAIMS_MAX; proto++) {
		memset(given, 0, sizeof(given));
		for (__u32 port = 0; port <= PORTS_HIGHEST; port++)
			if (is_given(port, proto, settings))
				bit_set(given, port);
		for (__u32 i = first; i < first + count; i++) {
			const struct nat_claims *set = &ports->sets[i * NAT_CLAIMS_MAX + proto];

			for (__u32 word = 0; word < NAT_PORT_WORDS; word++) {
				__u64 claimed = set->claimed[word];
				__u64 open = given[word] & ~set->host[word];

				usage[proto].capacity += __builtin_popcountll(open | claimed);
				usage[proto].in_use += __builtin_popcountll(claimed);
			}
		}
	}
}
