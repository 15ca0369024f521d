/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_tables.h - the tables of state: one entry a binding, a session, a host, a datagram.
 *
 * Every value begins with a life word (nat_life.h). Times are ticks. How one flow looks,
 * 10.0.0.5:51514 -> 198.51.100.9:443 behind 203.0.113.7:
 *
 *	bindings_fwd  {tcp 10.0.0.5:51514, -}                        -> 203.0.113.7:51514
 *	bindings_rev  {tcp 203.0.113.7:51514, -}                     -> 10.0.0.5:51514
 *	sessions      {tcp 203.0.113.7:51514, 198.51.100.9:443}      -> 10.0.0.5:51514
 *	permits       {tcp 203.0.113.7:51514, 192.0.2.1}             -> until when
 *	hosts         {10.0.0.5}                                     -> 1 binding
 *	ports         [address 0, tcp]                               -> bit 51514 claimed
 */
#ifndef NAT_TABLES_H
#define NAT_TABLES_H

#include "nat_endpoint.h"
#include "nat_life.h"

/* ---- bindings_fwd: HASH, internal endpoint -> external endpoint ------------------------ */

/**
 * struct nat_internal_key - Key of `bindings_fwd`
 * @remote: With dependent mapping, without ports (nat_has_ports()), or NAT_TAG_FORWARD; else zero
 */
struct nat_internal_key {
	struct nat_endpoint internal;
	struct nat_remote remote;
};

/**
 * struct nat_binding - A binding, seen from inside: the authority on its life
 * @life:     LIVE or RESTING; deadline = the latest of its sessions'; low = number of
 *	      sessions that name it, expired ones not yet reaped included
 * @external: The endpoint that the world sees
 * @created:  Tick of creation
 * @kind:     enum nat_entry_kind
 * @cut:      TCP: a session was reaped that had not been closed, so a peer may still send.
 *	      Written by the reaper alone
 * @address:  Index of the external address, selects the claim set
 * @first:    The remote address that it was made for, which it permits as long as it
 *	      lives: most bindings speak to one address and need no entry in `permits`.
 *	      Of a static one: the network that it permits, nobody else
 * @first_len: Of a static one: the bits of that network's prefix, 0 to 32
 */
struct nat_binding {
	__u64 life;
	struct nat_endpoint external;
	__u32 created;
	__u8 kind;
	__u8 cut;
	__u16 address;
	__be32 first;
	__u8 first_len;
	__u8 pad[3];
};

/* ---- bindings_rev: HASH, external endpoint -> internal endpoint ------------------------ */

/** struct nat_external_key - @remote in bindings_rev: only of a protocol without ports */
struct nat_external_key {
	struct nat_endpoint external;
	struct nat_remote remote;
};

/* In the life word of an orphan: its binding has another address by now, and the claim. */
#define NAT_REV_MOVED 1

/**
 * struct nat_binding_rev - The same binding, seen from outside
 * @life:     LIVE with deadline NAT_TICK_NEVER while `bindings_fwd` mirrors it; a
 *	      deadline in the past marks an orphan, which the reaper collects together
 *	      with its claim; low = NAT_REV_MOVED: without one, its binding has kept it
 * @internal: With @remote, the key of its mirror in `bindings_fwd`
 * @remote:   Zero unless mapping is dependent, the protocol without ports, or NAT_TAG_FORWARD
 * @address:  As in struct nat_binding
 */
struct nat_binding_rev {
	__u64 life;
	struct nat_endpoint internal;
	struct nat_remote remote;
	__u16 address;
	__u8 kind;
	__u8 pad[5];
};

/* ---- sessions: HASH, external endpoint + remote endpoint -> internal endpoint ----------- */

/**
 * struct nat_flow - What one direction of a session has carried
 * @packets, @bytes: Translated packets, and their IPv4 total length. Written without
 *	      locking: one direction of a flow is one CPU's work; if it moves between
 *	      CPUs a packet may go uncounted
 * @seq_end:  TCP: sequence number after the last octet seen (host order)
 * @ack:      TCP: last acknowledgement number seen (host order)
 * @lane:     Tick at which a packet last left the express lane for the stack (bpf/lane.h)
 */
struct nat_flow {
	__u64 packets;
	__u64 bytes;
	__u32 seq_end;
	__u32 ack;
	__u32 lane;
	__u32 pad;
};

enum nat_session_flag {
	NAT_SESSION_INBOUND = 1 << 0,	/* opened by the remote side */
	NAT_SESSION_DEPENDENT = 1 << 1, /* its binding's key has the remote in it */
	NAT_SESSION_GUEST = 1 << 2,	/* its binding is another remote's; see `replies` */
	NAT_SESSION_HAIRPIN = 1 << 3,	/* with another internal host, never from outside */
};

/**
 * struct nat_session - One flow through one binding
 * @life:     TCP state or LIVE; low = a generation
 * @internal: Where inbound packets go
 * @created:  Tick of creation
 * @kind:     enum nat_entry_kind of its binding
 * @flags:    enum nat_session_flag
 * @knows_out, @knows_in: TCP: whether @out.seq_end and @out.ack, and those of @in, are known.
 *	      An octet each, because each direction writes its own
 * @out, @in: On cache lines of their own: two CPUs serve the two directions
 */
struct nat_session {
	__u64 life;
	struct nat_endpoint internal;
	__u32 created;
	__u8 kind;
	__u8 flags;
	__u8 knows_out;
	__u8 knows_in;
	struct nat_flow out;
	__u64 gap;
	struct nat_flow in;
	__u64 tail[4];
};

/* ---- permits: HASH, only with filtering `address` --------------------------------------- */

/** struct nat_permit_key - "has this binding sent to this address?", if it is not its first */
struct nat_permit_key {
	struct nat_endpoint external;
	__be32 remote_addr;
};

/** struct nat_permit - @life: LIVE; low = the binding's generation, see bpf/filter.h */
struct nat_permit {
	__u64 life;
};

/* ---- replies: HASH, nat_internal_key with a remote -> external endpoint ------------------ */

/**
 * struct nat_reply - By which external endpoint an inbound session came in
 * @external: Not the one that the internal endpoint would use towards this remote
 *
 * For sessions whose answers `bindings_fwd` would send out elsewhere: guests, and those through a
 * static binding beside another one. Only as good as the
 * session that it names: it is looked up before it is believed.
 */
struct nat_reply {
	__u64 life;
	struct nat_endpoint external;
};

/* ---- hosts: HASH, internal address (__be32) --------------------------------------------- */

/**
 * struct nat_host - What one internal host holds
 * @life:    LIVE; low = number of its bindings; the deadline matters only when that is 0
 * @address: Index of the external address it is paired with (RFC 4787 REQ-2)
 * @bucket:  How fast it may make bindings: the tick of the last refill in the upper 32 bits,
 *	     bindings still allowed in the lower (RFC 6888 REQ-4). Changed by compare-and-swap
 */
struct nat_host {
	__u64 life;
	__u64 bucket;
	__u32 address;
	__u32 pad;
};

/* ---- fragments: HASH, only for datagrams whose first fragment passed ---------------------- */

#define NAT_FRAGMENT_SLOTS 64

/** enum nat_fragment_way - Where it was seen: a source can be pretended at one, not at another */
enum nat_fragment_way {
	NAT_FRAGMENT_OUT,
	NAT_FRAGMENT_HAIRPIN,
	NAT_FRAGMENT_IN,
};

/**
 * struct nat_fragment_key - A source has a slot for each 1 of 64 IP ids, and no more
 * @src:   As on the wire at the hook: internal host outbound, remote inbound
 * @slot:  IP id modulo NAT_FRAGMENT_SLOTS
 * @way:  enum nat_fragment_way
 */
struct nat_fragment_key {
	__be32 src;
	__u8 proto;
	__u8 slot;
	__u8 way;
	__u8 pad;
};

/**
 * struct nat_fragment - What the first fragment has taught
 * @dst, @id: Which datagram; another one of the same source takes the slot over
 * @new_src, @new_dst: The addresses of its fragments on the other side
 * @new_id:   Their IP id there (RFC 6864 section 5.3.1)
 */
struct nat_fragment {
	__u64 life;
	__be32 dst;
	__be32 new_src;
	__be32 new_dst;
	__be16 id;
	__be16 new_id;
};

/* ---- sent_ids: ARRAY, by the IP id that went out modulo NAT_SENT_IDS ----------------------- */

#define NAT_SENT_IDS 4096

/**
 * struct nat_sent_id - Which datagram of whom got an IP id of ours, for errors that quote it
 * @until:    Tick from which on it means nothing
 * @remote, @external, @proto, @id: As it went out; to be compared, a later one takes the slot
 * @internal, @old_id: As it came from the internal host
 */
struct nat_sent_id {
	__u32 until;
	__be32 remote;
	__be32 external;
	__be32 internal;
	__be16 id;
	__be16 old_id;
	__u8 proto;
	__u8 pad[3];
};

/* ---- early: HASH, nat_fragment_key -> a datagram whose first fragment is still to come --- */

#define NAT_EARLY_MAX 1024     /* datagrams, of all sources */
#define NAT_EARLY_FRAGMENTS 64 /* of one datagram */

/** struct nat_early - @life: low = fragments kept so far; @dst, @id: as in nat_fragment */
struct nat_early {
	__u64 life;
	__be32 dst;
	__be16 id;
	__u16 pad;
};

/* ---- held_syns: HASH, nat_external_key -> a SYN that nobody has answered yet -------------- */

#define NAT_HELD_MAX 1024
#define NAT_HELD_QUOTE 28 /* octets: an IPv4 header without options, and eight (RFC 792) */

/**
 * struct nat_held - An unsolicited SYN in its six seconds (RFC 5382 REQ-4)
 * @life:  LIVE until its deadline; then the reaper answers, once, and makes it RESTING
 * @quote: What the answer will quote
 */
struct nat_held {
	__u64 life;
	__u8 quote[NAT_HELD_QUOTE];
	__u32 pad;
};

_Static_assert(sizeof(struct nat_internal_key) == 16, "internal key");
_Static_assert(sizeof(struct nat_external_key) == 16, "external key");
_Static_assert(sizeof(struct nat_binding) == 32, "binding");
_Static_assert(sizeof(struct nat_binding_rev) == 32, "reverse binding");
_Static_assert(sizeof(struct nat_session) == 128, "session");
_Static_assert(sizeof(struct nat_permit_key) == 12, "permit key");
_Static_assert(sizeof(struct nat_reply) == 16, "reply");
_Static_assert(sizeof(struct nat_host) == 24, "host");
_Static_assert(sizeof(struct nat_fragment_key) == 8, "fragment key");
_Static_assert(sizeof(struct nat_fragment) == 24, "fragment");
_Static_assert(sizeof(struct nat_sent_id) == 24, "sent id");
_Static_assert(sizeof(struct nat_early) == 16, "early fragment");
_Static_assert(sizeof(struct nat_held) == 40, "held SYN");

/* An element is a 48-byte header, the key, the value: with a 16-byte key @in begins
 * on the 64-byte line after @out's in every element, preallocated or not. */
_Static_assert(__builtin_offsetof(struct nat_session, in) == 64, "directions share a cache line");

#endif /* NAT_TABLES_H */
