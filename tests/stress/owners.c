// SPDX-License-Identifier: GPL-2.0-only
/* owners.c - who has used which external port, and when: no two at once. */
#include "owners.h"

#include <arpa/inet.h>
#include <string.h>

/* Clocks are read before and after a run, and the coarse one may be a tick behind. */
#define SLACK 3

/** struct owner - The last use of a port; @lock: 1 while it is written */
struct owner {
	struct owners_use last;
	bool is_known;
	__u8 lock;
};

static struct owner owners[OWNERS_ADDRESSES][NAT_CLAIMS_MAX][65536];

/* When ports did not rest: of an address, and of one port of it. */
static __u32 address_cut[OWNERS_ADDRESSES], port_cut[OWNERS_ADDRESSES][65536];
static __u32 rest_ticks;

void owners_make(__u32 rest)
{
	memset(owners, 0, sizeof(owners));
	memset(address_cut, 0, sizeof(address_cut));
	memset(port_cut, 0, sizeof(port_cut));
	rest_ticks = rest;
}

void owners_cut_short(__u16 address, __be16 port, __u32 now)
{
	__u32 *cut = port ? &port_cut[address][ntohs(port)] : &address_cut[address];

	__atomic_store_n(cut, now, __ATOMIC_RELEASE);
}

static bool has_rested(const struct owners_use *before)
{
	__u16 port = ntohs(before->external.port);

	/* A TCP port does not, if its sessions were followed to their end. */
	return before->external.proto != NAT_PROTO_TCP &&
	       __atomic_load_n(&address_cut[before->address], __ATOMIC_ACQUIRE) < before->from &&
	       __atomic_load_n(&port_cut[before->address][port], __ATOMIC_ACQUIRE) < before->from;
}

/* The session's grace; then the binding's, after its rest. */
static __u32 apart(const struct owners_use *before)
{
	return 2 * NAT_GRACE_TICKS + (has_rested(before) ? rest_ticks : 0) - SLACK;
}

static bool is_same(const struct nat_endpoint *a, const struct nat_endpoint *b)
{
	return a->addr == b->addr && a->port == b->port;
}

bool owners_note(const struct owners_use *use, struct owners_use *before)
{
	enum nat_claim_set set = claim_set(use->external.proto);
	struct owner *owner = &owners[use->address][set][ntohs(use->external.port)];
	bool is_fine = true;

	while (__atomic_exchange_n(&owner->lock, 1, __ATOMIC_ACQUIRE))
		;
	*before = owner->last;
	if (!owner->is_known || is_same(&before->internal, &use->internal)) {
		if (!owner->is_known || before->until < use->until)
			owner->last = *use;
	} else {
		/* Threads may report in another order than they have run. */
		const struct owners_use *first = before->from < use->from ? before : use;
		__u32 last = before->until > use->until ? before->until : use->until;

		is_fine = last - first->from >= apart(first);
		if (before->until < use->until)
			owner->last = *use;
	}
	owner->is_known = true;
	__atomic_store_n(&owner->lock, 0, __ATOMIC_RELEASE);
	return is_fine;
}
