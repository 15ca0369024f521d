/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - what one internal host may hold, and which external address it is paired with.
 *
 * A host's record is made by its first binding and counts them all. It goes when the
 * count is 0 and its deadline past. Pairing: all bindings of a host, of every protocol,
 * use one external address (RFC 4787 REQ-2, RFC 6888 REQ-2); when that one is out of
 * ports the host is refused, not moved (RFC 7857 section 4). So the choice prefers an
 * address that has many left.
 *
 * Two limits: how many bindings at a time, and how fast new ones (RFC 6888 REQ-4).
 */
#ifndef HOST_H
#define HOST_H

#include "life.h"
#include "route.h"
#include "verdict.h"

/* How many addresses of a large pool are compared; more would not be much fairer. */
#define HOST_PAIR_LOOKS 16

/** host_pair() - Choose an external address for a host: of some random ones, the emptiest */
VERIFIED_ONCE __u32 host_pair(__u32 proto, __u32 addresses)
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

/* A bucket fills by @rate a second: a tick is 137/1024 of one. It holds two seconds' worth. */
#define HOST_BURST_SECONDS 2
#define HOST_TICK_SHARE 137
#define HOST_TICK_SHIFT 10

/** host_may_bind() - Take one from a host's bucket (RFC 6888 REQ-4). Return: was there one? */
static __always_inline bool host_may_bind(struct nat_host *host, __u32 rate, __u32 now)
{
	__u64 most = (__u64)rate * HOST_BURST_SECONDS;
	__u64 share = (__u64)rate * HOST_TICK_SHARE;

	for (int i = 0; i < LIFE_TRIES; i++) {
		__u64 old = life_read(&host->bucket);
		__u64 left = (__u32)old, more;
		__u32 since = old >> 32;
		__s32 ticks = now - since;

		/* Another CPU may have begun its packet a tick later than we did ours. */
		more = ticks > 0 ? ticks * share >> HOST_TICK_SHIFT : 0;
		if (left + more >= most) {
			left = most;
			since = ticks > 0 ? now : since;
		} else if (more) {
			left += more;
			since += (more << HOST_TICK_SHIFT) / share; /* the rest stays due */
		}
		if (!left)
			return false;
		if (life_swap(&host->bucket, old, (__u64)since << 32 | (left - 1)))
			return true;
	}
	return true; /* others were faster, four times: this one is not the flood */
}

/** host_release() - Take back what host_admit() has counted: no binding has come of it */
static __always_inline void host_release(struct nat_host *host, __u32 now)
{
	life_unhold(&host->life, now);
	__sync_fetch_and_add(&host->bucket, 1);
}

/**
 * host_admit() - Count one more binding on the host that sent a packet
 * @verdict: Filled if the host may not have one
 *
 * Return: The host, and host_release() takes the count back; or NULL, and the packet is to be
 * dropped or refused, and has been counted: HOST_LIMIT, HOST_RATE, SPOOFED, BUSY, TABLE_FULL
 */
static __noinline struct nat_host *host_admit(struct nat_ctx *ctx, const struct pkt *pkt,
					      const struct nat_settings *set,
					      enum nat_verdict *verdict)
{
	__u32 rate = set->value[NAT_SETTING_HOST_RATE];
	__u32 deadline = pkt->now + ticks_from_seconds(set->value[NAT_SETTING_REST]);
	__be32 addr = pkt->src.addr;
	struct nat_host *host = bpf_map_lookup_elem(&hosts, &addr);
	struct nat_pool *pooled = bpf_map_lookup_elem(&pool, &ONLY);
	__u32 addresses = pooled ? pooled->count : 0;
	enum life_error err;

	/* The pool has shrunk since; whoever else sees it chooses as well as we do. */
	if (host && host->address >= addresses)
		host->address = host_pair(pkt->src.proto, addresses);
	/* Asked once a host: forged sources would fill the table of hosts, and take all ports. */
	if (!host && ctx->ingress_ifindex && !route_leads_inside(ctx, pkt) && !pkt->hairpin) {
		*verdict = drop(NAT_REASON_SPOOFED);
		return NULL;
	}
	if (!host) {
		struct nat_host new = { .life = life_make(NAT_STATE_LIVE, deadline, 0),
					.bucket = (__u64)pkt->now << 32 | rate * HOST_BURST_SECONDS,
					.address = host_pair(pkt->src.proto, addresses) };

		/* EEXIST: another CPU was first, its record is as good. */
		map_insert(&hosts, &addr, &new);
		host = bpf_map_lookup_elem(&hosts, &addr);
		if (!host) {
			*verdict = refuse(NAT_REASON_TABLE_FULL);
			return NULL;
		}
	}
	err = life_hold(&host->life, pkt->now, deadline, 1, set->value[NAT_SETTING_PER_HOST]);
	/* Found dead, it may have been deleted, and be somebody else's by now. */
	if (err == LIFE_HELD && host != bpf_map_lookup_elem(&hosts, &addr)) {
		life_unhold(&host->life, pkt->now);
		err = LIFE_BUSY;
	}
	if (err != LIFE_HELD) {
		*verdict = err == LIFE_AT_LIMIT ? refuse(NAT_REASON_HOST_LIMIT) :
						  drop(NAT_REASON_BUSY);
		return NULL;
	}
	if (host_may_bind(host, rate, pkt->now))
		return host;
	life_unhold(&host->life, pkt->now);
	*verdict = refuse(NAT_REASON_HOST_RATE);
	return NULL;
}

#endif /* HOST_H */
