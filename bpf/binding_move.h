/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * binding_move.h - a binding whose address was replaced goes on with the one that came.
 *
 * How it works
 *
 * A claim is of an index of the pool, and an address that replaces another gets its index
 * (user/pool.c), so it gets its claims too. All that has to change when a binding follows is
 * the address in its value, and its reverse entry:
 *
 *	hold               by the caller, as for any session: the reaper stays away
 *	-> bindings_rev    the new endpoint: insert if absent, or revive
 *	-> bindings_fwd    the address, by compare-and-swap: published
 *	-> bindings_rev    the old endpoint: an orphan, but without a claim (NAT_REV_MOVED)
 *
 * Any number of CPUs may do this at once with one binding. All make the same new entry, one
 * inserts it; all try the same swap, one succeeds and marks the old entry. An address that
 * comes back before its orphan has been reaped revives it by one compare-and-swap, just as
 * a packet revives a binding.
 *
 * Sessions of the old address have been ended. They count on the binding until they are
 * reaped, for they name it by its internal endpoint.
 *
 * What packets have made moves with their next packet. Static bindings are moved by the keeper,
 * all at once, for nobody inside may have anything to send (forward.h). The gateway's own sockets
 * know their address.
 */
#ifndef BINDING_MOVE_H
#define BINDING_MOVE_H

#include "publish.h"

/** binding_next_address() - The address that has replaced a stale binding's, or 0 */
static __always_inline __be32 binding_next_address(const struct nat_binding *binding)
{
	struct nat_pool *pooled = bpf_map_lookup_elem(&pool, &ONLY);
	__u32 index = binding->address;
	__be32 addr;

	if (!pooled || index >= pooled->count || binding->kind != NAT_DYNAMIC)
		return 0;
	addr = pooled->addr[index & (NAT_POOL_MAX - 1)];
	return address_is_ours(addr, index) ? addr : 0;
}

/** rev_revive() - Bring the orphan of a binding that moved away back, in place */
static __always_inline bool rev_revive(const struct nat_external_key *key,
				       const struct nat_binding_rev *new)
{
	struct nat_binding_rev *rev = bpf_map_lookup_elem(&bindings_rev, key);
	__u64 old;

	if (!rev || !endpoint_is(&rev->internal, &new->internal) ||
	    !remote_is(&rev->remote, &new->remote) || rev->address != new->address)
		return false;
	old = life_read(&rev->life);
	if (old == new->life)
		return true; /* another CPU was faster */
	if (life_state(old) == NAT_STATE_DELETING || life_low(old) != NAT_REV_MOVED)
		return false;
	if (!life_swap(&rev->life, old, new->life))
		return life_read(&rev->life) == new->life; /* it was so just now */
	if (rev == bpf_map_lookup_elem(&bindings_rev, key))
		return true;
	life_swap(&rev->life, new->life, old); /* deleted, and somebody else's by now */
	return false;
}

/**
 * rev_leave() - Make an orphan of the entry that a binding no longer leads to
 * @low: NAT_REV_MOVED; 0: it keeps its claim, which the reaper gives back with it
 */
static __always_inline void rev_leave(const struct nat_external_key *key, __u64 life, __u32 now,
				      __u32 low)
{
	struct nat_binding_rev *rev = bpf_map_lookup_elem(&bindings_rev, key);

	if (rev)
		life_swap(&rev->life, life, life_make(NAT_STATE_LIVE, now, low));
}

/**
 * binding_move() - Give a binding the address that has replaced its own
 * @of:      Its key in `bindings_fwd`
 * @binding: Held, or static
 * @addr:    From binding_next_address()
 * @index:   Of that address; if it is not the binding's, the port of its set has been claimed
 *
 * A function of its own, so that its stack is not there while a port is being claimed.
 *
 * Return: has it that address now? If not, and @index is another, the claim is the caller's
 */
VERIFIED_ONCE int binding_move(const struct nat_internal_key *of, struct nat_binding *binding,
			       __be32 addr, __u32 index, __u32 now)
{
	struct nat_binding_rev rev = { .life = life_make(NAT_STATE_LIVE, NAT_TICK_NEVER, 0) };
	struct nat_external_key key = {};
	__be32 old;
	__u32 left;
	int err;

	if (!of || !binding)
		return false;
	old = binding->external.addr;
	if (old == addr)
		return true;
	binding_rev_key(&key, &binding->external, of->remote.addr);
	key.external.addr = addr;
	rev.internal = of->internal;
	rev.remote = of->remote;
	rev.address = index;
	left = index == binding->address ? NAT_REV_MOVED : 0;
	rev.kind = binding->kind;
	err = map_insert(&bindings_rev, &key, &rev);
	if (err && (err != -NAT_EEXIST || !rev_revive(&key, &rev)))
		return false;
	if (__sync_val_compare_and_swap(&binding->external.addr, old, addr) == old) {
		binding->address = index;
		binding->created = now; /* its permits are of the old address */
		key.external.addr = old;
		rev_leave(&key, rev.life, now, left);
		return true;
	}
	if (binding->external.addr == addr)
		return true;
	rev_leave(&key, rev.life, now, NAT_REV_MOVED);
	return false;
}

#endif /* BINDING_MOVE_H */
