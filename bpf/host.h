/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - what one internal host may hold, and which external address it is paired with.
 *
 * A host's record is made by its first binding and counts them all. It goes when the
 * count is 0 and its deadline past. Pairing: all bindings of a host, of every protocol,
 * use one external address (RFC 4787 REQ-2, RFC 6888 REQ-2); when that one is out of
 * ports the host is refused, not moved (RFC 7857 section 4).
 */
#ifndef HOST_H
#define HOST_H

#include "life.h"
#include "verdict.h"

/** host_pair() - Choose an external address for a new host: any, with equal chance */
static __always_inline __u32 host_pair(void)
{
	struct nat_pool *pooled = bpf_map_lookup_elem(&pool, &ONLY);
	__u32 addresses = pooled ? pooled->count : 0;

	return addresses ? (__u32)((__u64)bpf_get_prandom_u32() * addresses >> 32) : 0;
}

/**
 * host_admit() - Count one more binding on a host
 * @addr:    Internal address, network order
 * @address: Filled on NAT_CONTINUE: index of the external address
 *
 * Return: NAT_CONTINUE; drop(): HOST_LIMIT, BUSY, TABLE_FULL
 */
static __noinline enum nat_verdict host_admit(__be32 addr, const struct nat_settings *set,
						   __u32 now, __u16 *address)
{
	__u32 deadline = now + ticks_from_seconds(set->value[NAT_SETTING_REST]);
	struct nat_host *host = bpf_map_lookup_elem(&hosts, &addr);
	enum life_error err;

	if (!host) {
		struct nat_host new = { .life = life_make(NAT_STATE_LIVE, deadline, 0),
					.address = host_pair() };

		/* EEXIST: another CPU was first, its record is as good. */
		bpf_map_update_elem(&hosts, &addr, &new, BPF_NOEXIST);
		host = bpf_map_lookup_elem(&hosts, &addr);
		if (!host)
			return drop(NAT_REASON_TABLE_FULL);
	}
	err = life_hold(&host->life, now, deadline, 1, set->value[NAT_SETTING_PER_HOST]);
	if (err)
		return drop(err == LIFE_AT_LIMIT ? NAT_REASON_HOST_LIMIT : NAT_REASON_BUSY);
	*address = host->address;
	return NAT_CONTINUE;
}

/** host_release() - Count one binding less */
static __always_inline void host_release(__be32 addr)
{
	struct nat_host *host = bpf_map_lookup_elem(&hosts, &addr);

	if (host)
		life_unhold(&host->life);
}

#endif /* HOST_H */
