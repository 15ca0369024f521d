/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reap_small.h - reap the small tables, whose times are seconds: early fragments, held SYNs.
 *
 * They have 1,024 entries at most and are swept by themselves while there is anything in
 * them, twice a second: a sweep of the large tables would be dear.
 */
#ifndef REAP_SMALL_H
#define REAP_SMALL_H

#include "budget.h"
#include "icmp.h"
#include "reap.h"
#include "request.h"

static long reap_early(struct bpf_map *map, struct nat_fragment_key *key, struct nat_early *waiting,
		       struct sweep *sweep)
{
	sweep->args->waiting++;
	if (reap_begin(sweep, &waiting->life, life_read(&waiting->life)))
		reap_end(sweep, map, key);
	return 0;
}

/** held_answer() - Have its sender told that the port is unreachable (RFC 5382 REQ-4 b) */
static __always_inline void held_answer(const struct nat_held *held, __u32 now)
{
	const struct nat_settings *set = settings_get();
	struct nat_request *request;

	if (!set || set->value[NAT_SETTING_UNSOLICITED_SYN] != NAT_SYN_HOLD ||
	    !budget_take(set, now, 2))
		return;
	request = request_begin(NAT_REQUEST_ERROR, now);
	if (!request)
		return;
	request->type = NAT_ICMP_UNREACHABLE;
	request->code = NAT_ICMP_CODE_PORT;
	request->mtu = 0;
	request->len = NAT_HELD_QUOTE;
	__builtin_memcpy(request->packet, held->quote, NAT_HELD_QUOTE);
	bpf_ringbuf_submit(request, 0);
}

/* Over: no answer if its flow has been opened from inside meanwhile, which nobody had to tell
 * us. Answered before it is RESTING would be answered twice if this fails; so after. */
static long reap_held(struct bpf_map *map, struct nat_external_key *flow, struct nat_held *held,
		      struct sweep *sweep)
{
	__u64 old = life_read(&held->life);

	sweep->args->waiting++;
	if (life_state(old) != NAT_STATE_LIVE) {
		if (reap_begin(sweep, &held->life, old))
			reap_end(sweep, map, flow);
		return 0;
	}
	if (!life_is_past(old, sweep->now))
		return 0;
	if (life_swap(&held->life, old, life_make(NAT_STATE_RESTING, sweep->now, 0)) &&
	    !bpf_map_lookup_elem(&sessions, flow))
		held_answer(held, sweep->now);
	return 0;
}

#endif /* REAP_SMALL_H */
