/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fragment.h - translate the fragments of a datagram alike, in whatever order they come.
 *
 * How it works
 *
 * Only the first fragment has ports. It is translated like any packet; the one transport
 * checksum that it carries covers the whole datagram, so adjusting it there is enough
 * (RFC 3022 section 4.1). Before it is rewritten it leaves a note in `fragments`: the
 * addresses that the others get. They get just those.
 *
 *	fragment        first known?   ->  rewritten as the note says
 *	                else           ->  counted in `early`, copied to the keeper, dropped
 *	first fragment  leaves a note; somebody in `early`?  ->  the keeper is told, and sends
 *	                                                         what it has kept, rewritten
 *
 * Nobody is forgotten between the two: a fragment is entered in `early` before it is handed
 * over, and the keeper looks for the note when it gets one. So either it finds the note, or
 * whoever writes it finds the entry.
 *
 * IP ids: two internal hosts may send fragments with one id to one server. Behind one
 * address these would be mixed up, so every datagram that goes out and is or may become
 * fragments gets an id of its own (RFC 6864 section 5.3.1), from one of 2,048 counters, chosen
 * by remote and protocol: to one remote 65,535 in a row do not repeat. Multiplied, for
 * neighbours in time not to share a slot in the next NAT. An ICMP error that quotes such a
 * datagram has to show the old id, and be it that of a later fragment: `sent_ids` remembers
 * the last 4,096.
 *
 * Bounded memory: a note is made only for a datagram that has a session, and a source has
 * 64 slots for each protocol, by IP id; its next datagram in a slot takes it over. That
 * is the one place where an entry is replaced rather than revived: nobody counts on it.
 * What comes early has a table of its own, so that a flood of orphans crowds out orphans.
 */
#ifndef FRAGMENT_H
#define FRAGMENT_H

#include "life.h"
#include "verdict.h"

/* Odd, so that multiplying by it is a permutation of the ids */
#define FRAGMENT_SCATTER 0x9e37

#define FRAGMENT_IDS 65535	/* all but 0, which the kernel replaces when it sends */
#define FRAGMENT_MIX 0x9e3779b1 /* a prime near 2^32 divided by the golden ratio */

/* How long an error about a datagram may take to come back: its lifetime (RFC 6864 section 2) */
#define FRAGMENT_SENT ticks_from_seconds(120)

static __always_inline void fragment_key(struct nat_fragment_key *key, const struct pkt *pkt)
{
	*key = (struct nat_fragment_key){ .src = pkt->src.addr, .proto = pkt->src.proto };
	key->way = pkt->hairpin	 ? NAT_FRAGMENT_HAIRPIN :
		   pkt->arriving ? NAT_FRAGMENT_IN :
				   NAT_FRAGMENT_OUT;
	key->slot = bpf_ntohs(pkt->id) % NAT_FRAGMENT_SLOTS;
}

/** fragment_new_id() - An IP id for a datagram that goes out to @remote, network order */
static __always_inline __be16 fragment_new_id(const struct pkt *pkt, __be32 remote)
{
	__u32 mix = (remote ^ pkt->src.proto) * FRAGMENT_MIX;
	__u32 slot = mix >> (32 - NAT_IDS_BITS);
	__u64 *next = bpf_map_lookup_elem(&ids, &slot);
	__u64 id = next ? __sync_fetch_and_add(next, 1) : 0;

	return bpf_htons((__u16)((id % FRAGMENT_IDS + 1) * FRAGMENT_SCATTER));
}

/** fragment_sent_slot() - Index into `sent_ids`: remotes in step do not share their slots */
static __always_inline __u32 fragment_sent_slot(__be32 remote, __be16 id)
{
	return (bpf_ntohs(id) ^ (remote * FRAGMENT_MIX) >> 16) % NAT_SENT_IDS;
}

/** fragment_sent() - Remember whose a datagram is that goes out with an IP id of ours */
static __always_inline void fragment_sent(const struct pkt *pkt, __be32 external, __be32 remote,
					  __be16 id, __u32 until)
{
	__u32 slot = fragment_sent_slot(remote, id);
	struct nat_sent_id *sent = bpf_map_lookup_elem(&sent_ids, &slot);

	if (!sent)
		return;			     /* cannot be: the map has them all */
	*(volatile __u32 *)&sent->until = 0; /* nothing to be believed meanwhile */
	sent->remote = remote;
	sent->external = external;
	sent->internal = pkt->src.addr;
	sent->id = id;
	sent->old_id = pkt->id;
	sent->proto = pkt->src.proto;
	*(volatile __u32 *)&sent->until = until;
}

/** fragment_is() - Is this note, or early entry, about that datagram, and alive? */
#define fragment_is(entry, dst_addr, ip_id, now)                                                   \
	((entry)->dst == (dst_addr) && (entry)->id == (ip_id) &&                                   \
	 life_is_usable(life_read(&(entry)->life), now))

/**
 * fragment_find() - What a datagram's first fragment has taught
 * @note: Filled on success: a copy, as the entry may be taken over at any time
 *
 * Return: true if it is known, and has not been sent from an address that is gone. A TCP fragment
 * at offset 1 never is: it could overwrite the half of the header that we have judged (RFC 3128)
 */
static __always_inline bool fragment_find(const struct pkt *pkt, struct nat_fragment *note)
{
	struct nat_fragment_key key;
	struct nat_external *external;
	struct nat_fragment *found;

	fragment_key(&key, pkt);
	found = bpf_map_lookup_elem(&fragments, &key);
	if (!found || (pkt->src.proto == NAT_PROTO_TCP && pkt->offset == 1))
		return false;
	*note = *found;
	if (!fragment_is(note, pkt->dst.addr, pkt->id, pkt->now))
		return false;
	if (key.way == NAT_FRAGMENT_IN)
		return true;
	external = bpf_map_lookup_elem(&externals, &note->new_src);
	return external && !(external->flags & NAT_EXTERNAL_OUTSIDE);
}

#endif /* FRAGMENT_H */
