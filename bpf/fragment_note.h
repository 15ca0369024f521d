/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fragment_note.h - what is written about fragments: notes, and who came early (fragment.h).
 */
#ifndef FRAGMENT_NOTE_H
#define FRAGMENT_NOTE_H

#include "fragment.h"
#include "request.h"

/** fragment_release() - Tell the keeper that a datagram it has fragments of is known now */
static __always_inline void fragment_release(const struct nat_fragment_key *key,
					     const struct pkt *pkt)
{
	struct nat_early *waiting = bpf_map_lookup_elem(&early, key);
	struct nat_request *request;

	if (!waiting || !fragment_is(waiting, pkt->dst.addr, pkt->id, pkt->now))
		return;
	request = request_begin(NAT_REQUEST_RELEASE, pkt->now);
	if (!request)
		return;
	request->datagram = *key;
	request->dst = pkt->dst.addr;
	request->id = pkt->id;
	bpf_ringbuf_submit(request, 0);
}

/**
 * fragment_note() - Remember how a datagram's first fragment is going to be translated
 * @new_src, @new_dst, @new_id: As in struct nat_fragment
 *
 * Return: 1; 0 if there is no room: without it the others cannot follow, and the first need
 * not go either
 */
VERIFIED_ONCE int fragment_note(const struct pkt *pkt, __be32 new_src, __be32 new_dst,
				__be16 new_id)
{
	const struct nat_settings *set = settings_get();
	struct nat_fragment note = { .new_src = new_src, .new_dst = new_dst, .new_id = new_id };
	struct nat_fragment_key key;

	if (!pkt || !set)
		return 0;
	note.life = life_make(NAT_STATE_LIVE,
			      pkt->now + ticks_from_seconds(set->value[NAT_SETTING_FRAGMENT]), 0);
	note.dst = pkt->dst.addr;
	note.id = pkt->id;
	fragment_key(&key, pkt);
	if (bpf_map_update_elem(&fragments, &key, &note, BPF_ANY))
		return 0;
	fragment_release(&key, pkt);
	return 1;
}

/** fragment_count() - Enter a fragment that came early. Return: is there room for it? */
static __always_inline bool fragment_count(const struct nat_fragment_key *key,
					   const struct pkt *pkt, __u32 seconds)
{
	struct nat_early new = { .dst = pkt->dst.addr, .id = pkt->id };
	struct nat_early *there = bpf_map_lookup_elem(&early, key);

	if (there && fragment_is(there, pkt->dst.addr, pkt->id, pkt->now)) {
		__u64 old = life_read(&there->life);

		return life_low(old) < NAT_EARLY_FRAGMENTS && life_swap(&there->life, old, old + 1);
	}
	new.life = life_make(NAT_STATE_LIVE, pkt->now + ticks_from_seconds(seconds), 1);
	return !bpf_map_update_elem(&early, key, &new, BPF_ANY);
}

/**
 * fragment_hold() - Give a fragment that came before its first one to the keeper
 *
 * Return: 1 if it has been; 0 if nobody will have it
 */
VERIFIED_ONCE int fragment_hold(struct nat_ctx *ctx, const struct pkt *pkt)
{
	const struct nat_settings *set = settings_get();
	struct nat_fragment_key key;
	struct nat_request *request;

	if (!pkt || !set || !pkt->total_len || pkt->total_len > NAT_REQUEST_PACKET ||
	    (pkt->src.proto == NAT_PROTO_TCP && pkt->offset == 1))
		return 0;
	if (!nat_has_ports(pkt->src.proto) && !nat_has_address_only(pkt->src.proto))
		return 0;
	if (pkt->arriving && pkt->ttl <= 1)
		return 0;
	/* A flood of fragments leaves room for other requests. */
	if (bpf_ringbuf_query(&requests, BPF_RB_AVAIL_DATA) > NAT_REQUESTS_SIZE / 2)
		return 0;
	fragment_key(&key, pkt);
	if (!fragment_count(&key, pkt, set->value[NAT_SETTING_EARLY]))
		return 0;
	request = request_begin(NAT_REQUEST_HOLD, pkt->now);
	if (!request)
		return 0;
	request->datagram = key;
	request->dst = pkt->dst.addr;
	request->id = pkt->id;
	if (!request_copy(ctx, pkt, request, NAT_REQUEST_PACKET)) {
		bpf_ringbuf_discard(request, 0);
		return 0;
	}
	/* Out of the stack it has been counted down already. */
	if (pkt->arriving)
		request->packet[NAT_IP_TTL_OFF]--;
	bpf_ringbuf_submit(request, 0);
	return 1;
}

#endif /* FRAGMENT_NOTE_H */
