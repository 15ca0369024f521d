/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * maps.h - the maps: who writes each, who deletes from it, what happens when it is full.
 *
 * Keys and values are in include/nat_abi.h. Every definition is weak because each
 * of the programs' objects carries all of them; the static linker makes them one.
 *
 * No table of state is an LRU: a full table refuses the new, it never breaks what
 * lives (RFC 6888 REQ-11D). `fragments` is one: its notes are needed for moments only. Sizes here
 * are place-holders, the loader sets them. Hash maps take their memory when they are made:
 * measured, that halves the cost of a new flow (docs/decisions/0006).
 */
#ifndef MAPS_H
#define MAPS_H

#include "nat_abi.h"

#define NAT_HASH_OF(kind, name, key_type, value_type)                                              \
	struct {                                                                                   \
		__uint(type, kind);                                                                \
		__uint(max_entries, 1024);                                                         \
		__type(key, key_type);                                                             \
		__type(value, value_type);                                                         \
	} name __weak SEC(".maps")

#define NAT_HASH(name, key_type, value_type)                                                       \
	NAT_HASH_OF(BPF_MAP_TYPE_HASH, name, key_type, value_type)

#define NAT_SINGLE(name, value_type)                                                               \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, 1);                                                            \
		__type(key, __u32);                                                                \
		__type(value, value_type);                                                         \
	} name __weak SEC(".maps")

#define NAT_PREFIXES(name)                                                                         \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);                                               \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__uint(max_entries, NAT_PREFIXES_MAX);                                             \
		__type(key, struct nat_prefix);                                                    \
		__type(value, __u32);                                                              \
	} name __weak SEC(".maps")

/* Written by the outbound path; deleted from by nat_reap, together with the mirror
 * entry in bindings_rev and the claim. Full: the flow is refused, TABLE_FULL. */
NAT_HASH(bindings_fwd, struct nat_internal_key, struct nat_binding);

/* Written by the outbound path before bindings_fwd, deleted from after it: an entry
 * there always has one here. Full: as above. */
NAT_HASH(bindings_rev, struct nat_external_key, struct nat_binding_rev);

/* Written by whoever sees the first packet of a flow that is allowed; deleted from
 * by nat_reap. Full, or over max-sessions: refused, SESSION_LIMIT or TABLE_FULL. */
NAT_HASH(sessions, struct nat_external_key, struct nat_session);

/* Written by the outbound path with filtering `address`; deleted from by nat_reap.
 * Full: the flow works, only other ports of that remote are filtered. */
NAT_HASH(permits, struct nat_permit_key, struct nat_permit);

/* Written with the session of an inbound flow whose answers `bindings_fwd` would send out
 * elsewhere; deleted from by nat_reap, once the session has gone. Full: refused, TABLE_FULL. */
NAT_HASH(replies, struct nat_internal_key, struct nat_reply);

/* Written when an internal host makes its first binding, counted up by every new
 * one, down by nat_reap, which also deletes. Full: refused, TABLE_FULL. */
NAT_HASH(hosts, __be32, struct nat_host);

/* Written with the first fragment of a datagram that is translated, over an older one of
 * the same source if need be: no source has more than its slots, so its flood crowds out
 * nobody else's. Deleted from by nat_reap. Full, by a flood from more sources than there are:
 * the note that has not been used for longest goes, or else the flood would stop everybody
 * else's fragments (RFC 4787 REQ-14). */
NAT_HASH_OF(BPF_MAP_TYPE_LRU_HASH, fragments, struct nat_fragment_key, struct nat_fragment);

/* Written with every datagram that goes out with an IP id of ours, over what was there: never
 * full. Two CPUs that write one slot at once are 4,096 datagrams apart. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NAT_SENT_IDS);
	__type(key, __u32);
	__type(value, struct nat_sent_id);
} sent_ids __weak SEC(".maps");

/* Written by a fragment that comes before its first one, over an older datagram of the same
 * source and slot; deleted from by nat_reap. Full: the fragment is dropped, FRAGMENT. */
NAT_HASH(early, struct nat_fragment_key, struct nat_early);

/* Written by a SYN that nobody waits for; deleted from by nat_reap. Full: the SYN is dropped
 * and never answered. */
NAT_HASH(held_syns, struct nat_external_key, struct nat_held);

/* Written by every program, read by the keeper. Full: see nat_request.h. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, NAT_REQUESTS_SIZE);
} requests __weak SEC(".maps");

/* Claimed bits: set by the outbound path, cleared by nat_reap. Host bits: natctl's,
 * through mmap. Full: refused, PORTS_EXHAUSTED. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, NAT_CLAIMS_MAX);
	__type(key, __u32);
	__type(value, struct nat_claims);
} ports __weak SEC(".maps");

/* The pool and the interface's other addresses, by address. Written by natctl. */
NAT_HASH(externals, __be32, struct nat_external);

/* The pool by index. Written by natctl: first the address, then the count. */
NAT_SINGLE(pool, struct nat_pool);

/* --internal (0.0.0.0/0 if none was given) and --exclude. Written by natctl. */
NAT_PREFIXES(internal_nets);
NAT_PREFIXES(excluded_nets);

/* Written by natctl, one word at a time; read by every program. */
NAT_SINGLE(settings, struct nat_settings);

/* Counted up at creation, down by nat_reap; read for admission and by status. */
NAT_SINGLE(usage, struct nat_usage);

/* The interfaces of --fast, and those of them that drivers take frames for. Written by natctl,
 * lane_devs before the entry of lanes that points to it; all zero without --fast. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NAT_LANES);
	__type(key, __u32);
	__type(value, struct nat_lane);
} lanes __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, NAT_LANES);
	__type(key, __u32);
	__type(value, __u32);
} lane_devs __weak SEC(".maps");

/* Counted up by the outbound path; read by nobody else. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << NAT_IDS_BITS);
	__type(key, __u32);
	__type(value, __u64);
} ids __weak SEC(".maps");

/* Counted by pass(), drop() and translated(), read by natctl. Never reset. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NAT_REASON_MAX);
	__type(key, __u32);
	__type(value, __u64);
} counters __weak SEC(".maps");

/* What attach did. Written and read by natctl; no program looks at it. */
NAT_SINGLE(marker, struct nat_marker);

/* What map_insert() answers; the kernel's errno.h is not at hand in BPF. */
#define NAT_EEXIST 17

/**
 * map_insert() - Enter what is not there yet
 *
 * An int, whatever the declaration of the helper says: before Linux 6.4 that is what it leaves in
 * the register, the upper half zero, and as a long no error would be equal to its own number.
 *
 * Return: 0; -NAT_EEXIST if it is there; another number below zero if there is no room
 */
static __always_inline int map_insert(void *map, const void *key, const void *value)
{
	return bpf_map_update_elem(map, key, value, BPF_NOEXIST);
}

/* Until Linux 6.5 a map's key had to lie on the stack, in a packet or in a map: a function that
 * is verified once copies what it was given before it looks for it. */

static const __u32 ONLY = 0; /* the key of every map of one entry */

static __always_inline struct nat_settings *settings_get(void)
{
	return bpf_map_lookup_elem(&settings, &ONLY);
}

/** pool_is_away() - Has the interface lost the address that the pool follows? */
static __always_inline bool pool_is_away(void)
{
	struct nat_pool *pooled = bpf_map_lookup_elem(&pool, &ONLY);

	return !pooled || pooled->is_away;
}

static __always_inline struct nat_usage *usage_get(void)
{
	return bpf_map_lookup_elem(&usage, &ONLY);
}

#endif /* MAPS_H */
