/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - what one internal host may hold, and which external address it is paired with.
 *
 * A host's record is made by its first binding and counts them all. It goes when the
 * count is 0 and its deadline past. Pairing: all bindings of a host, of every protocol,
 * use one external address (RFC 4787 REQ-2, RFC 6888 REQ-2); when that one is out of
 * ports the host is refused, not moved (RFC 7857 section 4). So the choice prefers an
 * address that has many left.
 */
#ifndef HOST_H
#define HOST_H

#include "life.h"
#include "verdict.h"

/* How many addresses of a large pool are compared; more would not be much fairer. */
#define HOST_PAIR_LOOKS 16

/** host_pair() - Choose an external address for a host: of some random ones, the emptiest */
static __always_inline __u32 host_pair(__u8 proto, __u32 addresses)
{
	__u32 at = bpf_get_prandom_u32();
	__u64 least = ~0ULL;
	__u32 best = 0;

	for (__u32 i = 0; i < HOST_PAIR_LOOKS && i < addresses; i++, at++) {
		__u32 address = at % addresses;
		__u32 index = claim_set_index(address, proto);
		struct nat_claims *claims = bpf_map_lookup_elem(&ports, &index);

		if (claims && claims->used < least) {
			least = claims->used;
			best = address;
		}
	}
	return best;
}

/**
 * host_admit() - Count one more binding on the host that sent a packet
 *
 * Return: The host, and life_unhold() takes the count back; or NULL, and the packet is to be
 * dropped and has been counted: HOST_LIMIT, BUSY, TABLE_FULL
 */
static __noinline struct nat_host *host_admit(const struct pkt *pkt, const struct nat_settings *set)
{
	__u32 deadline = pkt->now + ticks_from_seconds(set->value[NAT_SETTING_REST]);
	struct nat_host *host = bpf_map_lookup_elem(&hosts, &pkt->src.addr);
	struct nat_pool *pooled = bpf_map_lookup_elem(&pool, &ONLY);
	__u32 addresses = pooled ? pooled->count : 0;
	enum life_error err;

	/* The pool has shrunk since; whoever else sees it chooses as well as we do. */
	if (host && host->address >= addresses)
		host->address = host_pair(pkt->src.proto, addresses);
	if (!host) {
		struct nat_host new = { .life = life_make(NAT_STATE_LIVE, deadline, 0),
					.address = host_pair(pkt->src.proto, addresses) };

		/* EEXIST: another CPU was first, its record is as good. */
		bpf_map_update_elem(&hosts, &pkt->src.addr, &new, BPF_NOEXIST);
		host = bpf_map_lookup_elem(&hosts, &pkt->src.addr);
		if (!host) {
			drop(NAT_REASON_TABLE_FULL);
			return NULL;
		}
	}
	err = life_hold(&host->life, pkt->now, deadline, 1, set->value[NAT_SETTING_PER_HOST]);
	if (err == LIFE_HELD)
		return host;
	drop(err == LIFE_AT_LIMIT ? NAT_REASON_HOST_LIMIT : NAT_REASON_BUSY);
	return NULL;
}

#endif /* HOST_H */
