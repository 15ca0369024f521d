/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_abi.h - what lives in the maps: keys, values, sizes. The contract of both sides.
 *
 * Byte order: addresses and ports in keys and values are in network order and
 * typed __be32 and __be16; everything else is in host order. Times are ticks of
 * CLOCK_MONOTONIC (nat_life.h).
 *
 * Every struct has explicit padding, zero in every entry ever written: a hash map
 * compares keys byte by byte. Asserts at the end pin the layout; a change of any
 * of them is a new NAT_LAYOUT_VERSION.
 *
 * How one flow looks, 10.0.0.5:51514 -> 198.51.100.9:443 behind 203.0.113.7:
 *
 *	bindings_fwd  {tcp 10.0.0.5:51514, -}                        -> 203.0.113.7:51514
 *	bindings_rev  {tcp 203.0.113.7:51514, -}                     -> 10.0.0.5:51514
 *	sessions      {tcp 203.0.113.7:51514, 198.51.100.9:443}      -> 10.0.0.5:51514
 *	permits       {tcp 203.0.113.7:51514, 192.0.2.1}             -> until when
 *	hosts         {10.0.0.5}                                     -> 1 binding
 *	ports         [address 0, tcp]                               -> bit 51514 claimed
 */
#ifndef NAT_ABI_H
#define NAT_ABI_H

#include "nat_life.h"
#include "nat_reasons.h"
#include "nat_settings.h"
#include "nat_types.h"

/* Of everything below. Maps of another version are not adopted. */
#define NAT_LAYOUT_VERSION 3

/**
 * struct nat_endpoint - One side of a flow
 * @addr:  IPv4 address, network order
 * @port:  TCP or UDP port, or ICMP query id, network order; 0 where there is none
 * @proto: enum nat_proto
 */
struct nat_endpoint {
	__be32 addr;
	__be16 port;
	__u8 proto;
	__u8 pad;
};

/** struct nat_remote - The other end; its protocol is that of the endpoint it is paired with */
struct nat_remote {
	__be32 addr;
	__be16 port;
	__u16 pad;
};

/** enum nat_entry_kind - Who asked for a binding, and so who may end it */
enum nat_entry_kind {
	NAT_DYNAMIC, /* an internal host's packet; ends by idling */
	NAT_STATIC,  /* a person, by `natctl forward`; ends by `natctl forward del` */
	NAT_HOST,    /* the gateway's own packet: exempt from limits and filters */
};

#define NAT_ENTRY_KINDS(X) X(DYNAMIC, "dynamic") X(STATIC, "static") X(HOST, "host")

/* ---- bindings_fwd: HASH, internal endpoint -> external endpoint ------------------------ */

/** struct nat_internal_key - @remote is zero unless mapping is dependent */
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
 *	      lives: most bindings speak to one address and need no entry in `permits`
 */
struct nat_binding {
	__u64 life;
	struct nat_endpoint external;
	__u32 created;
	__u8 kind;
	__u8 cut;
	__u16 address;
	__be32 first;
	__u32 pad;
};

/* ---- bindings_rev: HASH, external endpoint -> internal endpoint ------------------------ */

struct nat_external_key {
	struct nat_endpoint external;
	struct nat_remote remote;
};

/**
 * struct nat_binding_rev - The same binding, seen from outside
 * @life:     LIVE with deadline NAT_TICK_NEVER while `bindings_fwd` mirrors it; a
 *	      deadline in the past marks an orphan, which the reaper collects together
 *	      with its claim
 * @internal: With @remote, the key of its mirror in `bindings_fwd`
 * @remote:   Zero unless mapping is dependent
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
 */
struct nat_flow {
	__u64 packets;
	__u64 bytes;
	__u32 seq_end;
	__u32 ack;
};

enum nat_session_flag {
	NAT_SESSION_INBOUND = 1 << 0,	/* opened by the remote side */
	NAT_SESSION_DEPENDENT = 1 << 1, /* its binding's key has the remote in it */
	NAT_SESSION_SEQ_OUT = 1 << 2,	/* @out.seq_end and @out.ack are known */
	NAT_SESSION_SEQ_IN = 1 << 3,	/* likewise @in */
};

/**
 * struct nat_session - One flow through one binding
 * @life:     TCP state or LIVE; low = a generation
 * @internal: Where inbound packets go
 * @created:  Tick of creation
 * @kind:     enum nat_entry_kind of its binding
 * @flags:    enum nat_session_flag
 * @out, @in: On cache lines of their own: two CPUs serve the two directions
 */
struct nat_session {
	__u64 life;
	struct nat_endpoint internal;
	__u32 created;
	__u8 kind;
	__u8 flags;
	__u16 pad;
	struct nat_flow out;
	__u64 gap[2];
	struct nat_flow in;
	__u64 tail[5];
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

/* ---- hosts: HASH, internal address (__be32) --------------------------------------------- */

/**
 * struct nat_host - What one internal host holds
 * @life:    LIVE; low = number of its bindings; the deadline matters only when that is 0
 * @address: Index of the external address it is paired with (RFC 4787 REQ-2)
 */
struct nat_host {
	__u64 life;
	__u32 address;
	__u32 pad;
};

/* ---- fragments: HASH, only for datagrams whose first fragment passed ---------------------- */

#define NAT_FRAGMENT_SLOTS 64

/**
 * struct nat_fragment_key - A source has a slot for each 1 of 64 IP ids, and no more
 * @src:   As on the wire at the hook: internal host outbound, remote inbound
 * @slot:  IP id modulo NAT_FRAGMENT_SLOTS
 */
struct nat_fragment_key {
	__be32 src;
	__u8 proto;
	__u8 slot;
	__u16 pad;
};

/**
 * struct nat_fragment - What the first fragment has taught
 * @dst, @id: Which datagram; another one of the same source takes the slot over
 * @to:       The address to write into the others
 * @new_id:   Their IP id on the other side (RFC 6864 section 5.3.1)
 */
struct nat_fragment {
	__u64 life;
	__be32 dst;
	__be32 to;
	__be16 id;
	__be16 new_id;
	__u32 pad;
};

/* ---- ports: ARRAY, mmapable, claim_set_index(address, proto) ---------------------------- */

#define NAT_PORT_WORDS 1024 /* 65,536 ports, one bit each */
#define NAT_FULL_WORDS 16   /* 1,024 words, one bit each */

/**
 * struct nat_claims - Which ports of one address and protocol are taken
 * @claimed: One bit a port. Set by the data path when it makes a binding, cleared by
 *	     the reaper after it has deleted one: a set bit has a binding that says why
 * @host:    One bit a port that is not ours to give: outside the range, or a local
 *	     socket's. Written by natctl alone, which can rebuild it at any time
 * @full:    By parity (0 even, 1 odd): word w has no port of that parity left. A
 *	     hint that lets a search skip it; see bpf/claims.h for its races
 * @used:    Number of claimed bits, for choosing among addresses
 */
struct nat_claims {
	__u64 claimed[NAT_PORT_WORDS];
	__u64 host[NAT_PORT_WORDS];
	__u64 full[2][NAT_FULL_WORDS];
	__u64 used;
};

/** enum nat_claim_set - Protocols have port spaces of their own (RFC 7857 section 5) */
enum nat_claim_set {
	NAT_CLAIMS_TCP,
	NAT_CLAIMS_UDP,
	NAT_CLAIMS_ICMP,
	NAT_CLAIMS_MAX,
};

/* ---- externals: HASH, external address (__be32) ----------------------------------------- */

/**
 * struct nat_external - An address of the pool, or one of the interface outside it
 * @index: Its claim sets are at claim_set_index(@index, proto); meaningless with OUTSIDE
 * @flags: enum nat_external_flag
 */
struct nat_external {
	__u16 index;
	__u16 flags;
};

enum nat_external_flag {
	NAT_EXTERNAL_LOCAL = 1 << 0,   /* the interface owns it: unclaimed packets go to the host */
	NAT_EXTERNAL_OUTSIDE = 1 << 1, /* an address of the interface that is not in the pool */
};

/* ---- pool: ARRAY, index -> external address --------------------------------------------- */

#define NAT_POOL_MAX 256

/** struct nat_pool - The only entry of `pool`: @addr[0] to @addr[@count - 1], network order */
struct nat_pool {
	__u32 count;
	__be32 addr[NAT_POOL_MAX];
};

/* ---- internal_nets, excluded_nets: LPM_TRIE, value __u32 (unused) ----------------------- */

struct nat_prefix {
	__u32 len; /* bits */
	__be32 addr;
};

#define NAT_PREFIXES_MAX 256

/* ---- usage: ARRAY of one --------------------------------------------------------------- */

/** struct nat_usage - How many entries the tables hold; each on its own cache line */
struct nat_usage {
	__u64 sessions;
	__u64 gap0[7];
	__u64 bindings;
	__u64 gap1[7];
	__u64 datagrams; /* fragmented ones sent out, for their IP ids */
	__u64 gap2[7];
};

/* ---- counters: PERCPU_ARRAY of __u64, by enum nat_reason -------------------------------- */

/* ---- arguments of the control programs (BPF_PROG_TYPE_SYSCALL) --------------------------- */

/**
 * struct nat_reap_args - In and out of `nat_reap`
 * @next:     Out: earliest deadline still ahead, NAT_TICK_NEVER if there is none
 * @sessions, @bindings, @permits, @hosts: Out: entries deleted
 * @busy:     Out: entries that could not be deleted this time and will be next time
 */
struct nat_reap_args {
	__u32 next;
	__u32 sessions;
	__u32 bindings;
	__u32 permits;
	__u32 hosts;
	__u32 busy;
};

/**
 * struct nat_flush_args - In and out of `nat_flush`: which dynamic entries to end
 * @internal, @external: Zero address, port or protocol matches any
 * @remote:   Likewise
 * @state:    enum nat_state, or 0 for any
 * @idle:     Ticks; sessions idle for less are kept; 0 for any
 * @sessions, @bindings: Out: entries that were alive and are not any more
 *
 * Bindings and permits are ended too when nothing but @internal and @external restricts them.
 */
struct nat_flush_args {
	struct nat_endpoint internal;
	struct nat_endpoint external;
	struct nat_remote remote;
	__u32 state;
	__u32 idle;
	__u32 sessions;
	__u32 bindings;
};

/* ---- marker: ARRAY of one, what attach did and who keeps it ----------------------------- */

#define NAT_UNDO_MAX 64

/** enum nat_ingress - Which hooks un-translate */
enum nat_ingress {
	NAT_INGRESS_XDP, /* XDP, and TC behind it */
	NAT_INGRESS_TC,
};

/**
 * struct nat_undo - One sysctl that attach changed: `net.ipv4.conf.@name.forwarding`
 * @ifindex: Of that interface; its name may have changed since
 * @value:   What it was before
 */
struct nat_undo {
	char name[16];
	__u32 ifindex;
	__s32 value;
};

/**
 * struct nat_marker - The only entry of `marker`. Written by natctl alone
 * @layout:       NAT_LAYOUT_VERSION; 0 while attach or detach is at work
 * @ifindex:      Of the interface; with @netns_cookie tells a living gateway from the
 *		  leftover of a dead namespace whose inode number was given out again
 * @ingress:      enum nat_ingress
 * @clsact:       1 if attach made the clsact qdisc
 * @address_auto: 1 if the pool follows the interface's primary address
 * @follow_lan:   1 if interfaces that appear become internal ones (--lan auto)
 * @max_sessions: Size of the session table, fixed at attach; the live limit stays below
 * @keeper_pid:   0 if none was started
 * @keeper_start: Start time of that process (field 22 of /proc/PID/stat): a pid alone
 *		  may be somebody else's by now
 * @undo_count, @undo: What detach must restore
 */
struct nat_marker {
	__u32 layout;
	__u32 ifindex;
	__u64 netns_cookie;
	__u8 ingress;
	__u8 clsact;
	__u8 address_auto;
	__u8 follow_lan;
	__u32 max_sessions;
	__u64 keeper_start;
	__u32 keeper_pid;
	__u32 undo_count;
	struct nat_undo undo[NAT_UNDO_MAX];
};

/* ---- layout ----------------------------------------------------------------------------- */

_Static_assert(sizeof(struct nat_endpoint) == 8, "endpoint");
_Static_assert(sizeof(struct nat_internal_key) == 16, "internal key");
_Static_assert(sizeof(struct nat_external_key) == 16, "external key");
_Static_assert(sizeof(struct nat_binding) == 32, "binding");
_Static_assert(sizeof(struct nat_binding_rev) == 32, "reverse binding");
_Static_assert(sizeof(struct nat_session) == 128, "session");
_Static_assert(sizeof(struct nat_permit_key) == 12, "permit key");
_Static_assert(sizeof(struct nat_claims) == 16648, "claims");
_Static_assert(sizeof(struct nat_usage) == 192, "usage");
_Static_assert(sizeof(struct nat_fragment_key) == 8, "fragment key");
_Static_assert(sizeof(struct nat_fragment) == 24, "fragment");

/* An element is a 48-byte header, the key, the value: with a 16-byte key @in begins
 * on the 64-byte line after @out's in every element, preallocated or not. */
_Static_assert(__builtin_offsetof(struct nat_session, in) == 64, "directions share a cache line");

/** claim_set() - The port space of a protocol */
static __always_inline enum nat_claim_set claim_set(__u8 proto)
{
	return proto == NAT_PROTO_TCP ? NAT_CLAIMS_TCP :
	       proto == NAT_PROTO_UDP ? NAT_CLAIMS_UDP :
					NAT_CLAIMS_ICMP;
}

/** claim_set_index() - Index into `ports` of an external address and a protocol */
static __always_inline __u32 claim_set_index(__u16 address, __u8 proto)
{
	return address * NAT_CLAIMS_MAX + claim_set(proto);
}

#endif /* NAT_ABI_H */
