/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fragment.h - translate the fragments of a datagram alike.
 *
 * How it works
 *
 * Only the first fragment has ports. It is translated like any packet; the one transport
 * checksum that it carries covers the whole datagram, so adjusting it there is enough
 * (RFC 3022 section 4.1). On its way out of the rewriting stage it leaves a note in
 * `fragments`: what address the others get. They get just that.
 *
 * IP ids: two internal hosts may send fragments with one id to one server. Behind one
 * address these would be mixed up, so every fragmented datagram that goes out gets an id
 * of its own, from a counter, which 65,536 datagrams in a row do not repeat; multiplied,
 * for neighbours in time not to share a slot in the next NAT. Packets that are not
 * fragments keep theirs.
 *
 * Bounded memory: a note is made only for a datagram that has a session, and a source has
 * 64 slots for each protocol, by IP id; its next datagram in a slot takes it over. That
 * is the one place where an entry is replaced rather than revived: nobody counts on it.
 */
#ifndef FRAGMENT_H
#define FRAGMENT_H

#include "life.h"
#include "verdict.h"

/* Odd, so that multiplying by it is a permutation of the ids */
#define FRAGMENT_SCATTER 0x9e37

static __always_inline void fragment_key(struct nat_fragment_key *key, const struct pkt *pkt)
{
	*key = (struct nat_fragment_key){ .src = pkt->src.addr, .proto = pkt->src.proto };
	key->slot = bpf_ntohs(pkt->id) % NAT_FRAGMENT_SLOTS;
}

/** fragment_new_id() - An IP id for a fragmented datagram that goes out, network order */
static __always_inline __be16 fragment_new_id(void)
{
	struct nat_usage *used = usage_get();
	__u64 n = used ? __sync_fetch_and_add(&used->datagrams, 1) : bpf_get_prandom_u32();

	return bpf_htons((__u16)(n * FRAGMENT_SCATTER));
}

/**
 * fragment_note() - Remember how a datagram's first fragment was translated
 * @id: Its IP id on the other side
 *
 * Return: false if there is no room; the fragments that follow will be dropped
 */
static __always_inline bool fragment_note(const struct pkt *pkt, const struct nat_settings *set,
					  __be32 to, __be16 id)
{
	__u32 deadline = pkt->now + ticks_from_seconds(set->value[NAT_SETTING_FRAGMENT]);
	struct nat_fragment note = {
		.life = life_make(NAT_STATE_LIVE, deadline, 0),
		.dst = pkt->dst.addr,
		.to = to,
		.id = pkt->id,
		.new_id = id,
	};
	struct nat_fragment_key key;

	fragment_key(&key, pkt);
	return !bpf_map_update_elem(&fragments, &key, &note, BPF_ANY);
}

/**
 * fragment_find() - What a datagram's first fragment has taught
 * @note: Filled on success: a copy, as the entry may be taken over at any time
 *
 * Return: true if it is known. A TCP fragment at offset 1 never is: it could overwrite the
 * half of the header that we have judged (RFC 3128)
 */
static __always_inline bool fragment_find(const struct pkt *pkt, struct nat_fragment *note)
{
	struct nat_fragment_key key;
	struct nat_fragment *found;

	fragment_key(&key, pkt);
	found = bpf_map_lookup_elem(&fragments, &key);
	if (!found || (pkt->src.proto == NAT_PROTO_TCP && pkt->offset == 1))
		return false;
	*note = *found;
	return note->dst == pkt->dst.addr && note->id == pkt->id &&
	       life_is_usable(note->life, pkt->now);
}

#endif /* FRAGMENT_H */
