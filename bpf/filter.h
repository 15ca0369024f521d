/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filter.h - may this remote send to this binding? (RFC 4787 section 5)
 *
 * Asked only for the first packet of an inbound flow. With filtering `address` the
 * answer is in the map `permits`: one entry for every address that a binding has sent
 * to, which lives as long as the latest session between the two. TCP has a setting of
 * its own (RFC 5382 REQ-3); ICMP queries go with UDP.
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
 * permit_extend() - Let a remote address use a binding until @deadline at least
 * @insert: Make the permit if there is none: only for a packet that goes out to it
 *
 * A permit that cannot be inserted costs only what it permits; the flow itself works.
 */
static __always_inline void permit_extend(const struct nat_settings *set,
					  const struct nat_external_key *flow, __u32 deadline,
					  bool insert)
{
	struct nat_permit_key key = { .external = flow->external, .remote_addr = flow->remote.addr };
	struct nat_permit *permit;

	if (filter_mode(set, flow->external.proto) != NAT_FILTERING_ADDRESS)
		return;
	permit = bpf_map_lookup_elem(&permits, &key);
	if (permit) {
		life_extend(&permit->life, deadline);
	} else if (insert) {
		struct nat_permit new = { .life = life_make(NAT_STATE_LIVE, deadline,
							    bpf_get_prandom_u32()) };

		bpf_map_update_elem(&permits, &key, &new, BPF_NOEXIST);
	}
}

/** filter_allows() - The verdict on an inbound flow that has a binding and no session */
static __always_inline bool filter_allows(const struct nat_settings *set,
					  const struct nat_external_key *flow, __u32 now)
{
	struct nat_permit_key key = { .external = flow->external, .remote_addr = flow->remote.addr };
	enum nat_filtering mode = filter_mode(set, flow->external.proto);
	struct nat_permit *permit;

	if (mode == NAT_FILTERING_INDEPENDENT)
		return true;
	if (mode != NAT_FILTERING_ADDRESS)
		return false;
	permit = bpf_map_lookup_elem(&permits, &key);
	return permit && life_is_usable(life_read(&permit->life), now);
}

#endif /* FILTER_H */
