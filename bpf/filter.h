/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filter.h - may this remote send to this binding? (RFC 4787 section 5)
 *
 * Asked only for the first packet of an inbound flow. With filtering `address` the
 * answer is in the binding for the first address that it has sent to, which is the only
 * one of most, and for any other in the map `permits`: an entry for each, which lives as
 * long as the latest session between the two. TCP has a setting of
 * its own (RFC 5382 REQ-3); ICMP queries go with UDP. A static binding says itself who may use it,
 * whatever the setting.
 */
#ifndef FILTER_H
#define FILTER_H

#include "life.h"
#include "verdict.h"

static __always_inline enum nat_filtering filter_mode(const struct nat_settings *set, __u8 proto)
{
	return proto == NAT_PROTO_TCP ? set->value[NAT_SETTING_FILTERING_TCP] :
					set->value[NAT_SETTING_FILTERING_UDP];
}

/**
 * permit_generation() - What ties a permit to one binding
 *
 * A permit may outlive its binding by hours, and the next holder of the port must not
 * inherit it. Two bindings of one endpoint are never created in the same tick: between
 * them lies the grace.
 */
static __always_inline __u32 permit_generation(const struct nat_binding *binding)
{
	return binding->created & NAT_LIFE_LOW_MAX;
}

/**
 * permit_renew() - Move the deadline of an existing permit ahead
 * @adopt: Take over one that an earlier binding has left behind
 */
static __always_inline void permit_renew(struct nat_permit *permit, __u32 generation,
					 __u32 deadline, bool adopt)
{
	for (int i = 0; i < LIFE_TRIES; i++) {
		__u64 old = life_read(&permit->life);
		bool same = life_low(old) == generation;

		if (life_state(old) == NAT_STATE_DELETING || (!same && !adopt) ||
		    (same && life_deadline(old) >= deadline) ||
		    life_swap(&permit->life, old, life_make(NAT_STATE_LIVE, deadline, generation)))
			return;
	}
}

/**
 * permit_extend() - Let a remote address use a binding until @deadline at least
 * @insert: Make the permit if there is none: only for a packet that goes out to it
 *
 * A permit that cannot be inserted costs only what it permits; the flow itself works.
 */
static __always_inline void permit_extend(const struct nat_settings *set,
					  const struct nat_external_key *flow,
					  const struct nat_binding *binding, __u32 deadline,
					  bool insert)
{
	struct nat_permit_key key = { .external = flow->external,
				      .remote_addr = flow->remote.addr };
	__u32 generation = permit_generation(binding);
	struct nat_permit *permit;

	if (filter_mode(set, flow->external.proto) != NAT_FILTERING_ADDRESS ||
	    binding->kind == NAT_STATIC || binding->first == flow->remote.addr)
		return;
	permit = bpf_map_lookup_elem(&permits, &key);
	if (permit) {
		permit_renew(permit, generation, deadline, insert);
	} else if (insert) {
		struct nat_permit new = { .life = life_make(NAT_STATE_LIVE, deadline, generation) };

		map_insert(&permits, &key, &new);
	}
}

/** filter_is_from() - Is @addr in the network that a static binding permits? */
static __always_inline bool filter_is_from(const struct nat_binding *binding, __be32 addr)
{
	__u64 beside = 32 - (binding->first_len & 63);

	return (__u64)bpf_ntohl(binding->first ^ addr) >> beside == 0;
}

/** filter_allows() - The verdict on an inbound flow that has a binding and no session */
static __always_inline bool filter_allows(const struct nat_settings *set,
					  const struct nat_external_key *flow,
					  const struct nat_binding *binding, __u32 now)
{
	struct nat_permit_key key = { .external = flow->external,
				      .remote_addr = flow->remote.addr };
	enum nat_filtering mode = filter_mode(set, flow->external.proto);
	struct nat_permit *permit;
	__u64 life;

	if (binding->kind == NAT_STATIC)
		return filter_is_from(binding, flow->remote.addr);
	if (mode == NAT_FILTERING_INDEPENDENT)
		return true;
	if (mode != NAT_FILTERING_ADDRESS)
		return false;
	if (binding->first == flow->remote.addr)
		return true;
	permit = bpf_map_lookup_elem(&permits, &key);
	if (!permit)
		return false;
	life = life_read(&permit->life);
	return life_is_usable(life, now) && life_low(life) == permit_generation(binding);
}

#endif /* FILTER_H */
