/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * publish.h - enter a binding into both tables; how, and against whom, is told in binding.h.
 *
 * For the outbound path, and for `natctl forward`.
 */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "find.h"

enum binding_error {
	BINDING_PUBLISHED,
	BINDING_LOST,	 /* another CPU has published a binding for this key */
	BINDING_CLASHED, /* another host has the endpoint, of a protocol without ports */
	BINDING_LEFT, /* the endpoint is in bindings_rev although its claim was free: by a binding
			 that moved away, or whose address had another index then */
	BINDING_REFUSED,  /* bindings_rev is full */
	BINDING_STRANDED, /* bindings_fwd is full */
};

/**
 * binding_publish() - Enter a claimed endpoint into both tables
 * @given:   Key of `bindings_fwd`
 * @binding: Complete, its life counting the first session
 *
 * A function of its own, so that its stack is not there while a port is being claimed.
 *
 * Return: enum binding_error. After BINDING_LEFT and BINDING_REFUSED the claim is the caller's to
 * give back, after BINDING_LOST and BINDING_STRANDED the reaper's; after BINDING_CLASHED there is
 * none
 */
VERIFIED_ONCE int binding_publish(const struct nat_internal_key *given,
				  const struct nat_binding *binding, __u32 now)
{
	struct nat_binding_rev rev = { .life = life_make(NAT_STATE_LIVE, NAT_TICK_NEVER, 0) };
	struct nat_external_key rev_key = {};
	struct nat_internal_key key;
	struct nat_binding_rev *orphan;
	struct nat_binding new;
	struct nat_usage *used;
	int err;

	if (!given || !binding)
		return BINDING_REFUSED;
	key = *given;
	new = *binding;
	binding_rev_key(&rev_key, &binding->external, key.remote.addr);
	rev.internal = key.internal;
	rev.remote = key.remote;
	rev.address = binding->address;
	rev.kind = binding->kind;
	err = map_insert(&bindings_rev, &rev_key, &rev);
	if (err == -NAT_EEXIST) {
		if (nat_has_ports(binding->external.proto))
			return BINDING_LEFT;
		orphan = bpf_map_lookup_elem(&bindings_rev, &rev_key);
		/* Without a port to claim, this is where two first packets of one flow meet. */
		return orphan && endpoint_is(&orphan->internal, &key.internal) ? BINDING_LOST :
										 BINDING_CLASHED;
	}
	if (err)
		return BINDING_REFUSED;
	err = map_insert(&bindings_fwd, &key, &new);
	if (!err) {
		used = usage_get();
		if (used)
			__sync_fetch_and_add(&used->bindings, 1);
		return BINDING_PUBLISHED;
	}
	orphan = bpf_map_lookup_elem(&bindings_rev, &rev_key);
	if (orphan)
		life_swap(&orphan->life, rev.life, life_with_deadline(rev.life, now));
	return err == -NAT_EEXIST ? BINDING_LOST : BINDING_STRANDED;
}

#endif /* PUBLISH_H */
