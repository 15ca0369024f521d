/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_gateway.h - what natctl tells the programs about the gateway, and what it notes for itself.
 */
#ifndef NAT_GATEWAY_H
#define NAT_GATEWAY_H

#include "nat_endpoint.h"

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

/**
 * struct nat_pool - The only entry of `pool`: @addr[0] to @addr[@count - 1], network order
 * @is_away: 1 while the interface has lost the only address, which it follows: what there is
 *	     waits, nothing leaves and nothing is let in
 */
struct nat_pool {
	__u32 count;
	__u32 is_away;
	__be32 addr[NAT_POOL_MAX];
};

/* ---- internal_nets, excluded_nets: LPM_TRIE, value __u32 (unused) ----------------------- */

struct nat_prefix {
	__u32 len; /* bits */
	__be32 addr;
};

#define NAT_PREFIXES_MAX 256

/* ---- usage: ARRAY of one --------------------------------------------------------------- */

/**
 * struct nat_usage - How many entries the tables hold; each on its own cache line
 * @forwards: Static bindings
 * @reaping: 1 while a sweep is under way: there is only one at a time
 * @errors: ICMP errors asked for: tick of the window's begin in the upper 32 bits, how many
 *	    in it in the lower
 */
struct nat_usage {
	__u64 sessions;
	__u64 gap0[7];
	__u64 bindings;
	__u64 forwards;
	__u64 reaping;
	__u64 gap1[5];
	__u64 errors;
	__u64 gap2[7];
};

/* ---- ids: ARRAY of __u64: IP ids given out so far, for 1 in so many remotes ------------- */

#define NAT_IDS_BITS 11

/* ---- counters: PERCPU_ARRAY of __u64, by enum nat_reason -------------------------------- */

/* ---- marker: ARRAY of one, what attach did and who keeps it ----------------------------- */

#define NAT_INTERFACES_MAX 128

/** enum nat_ingress - Which hooks un-translate */
enum nat_ingress {
	NAT_INGRESS_XDP, /* XDP, and TC behind it */
	NAT_INGRESS_TC,
};

/** enum nat_lan - Which interfaces are internal */
enum nat_lan {
	NAT_LAN_AUTO, /* all others with an IPv4 address, also those that are yet to come */
	NAT_LAN_NONE,
	NAT_LAN_LISTED,
};

/** enum nat_lan_hook - The programs on an internal interface */
enum nat_lan_hook {
	NAT_LAN_HAIRPIN,
	NAT_LAN_LANE_TC,  /* with --fast */
	NAT_LAN_LANE_XDP, /* never without the one of TC, which it leaves packets to */
	NAT_LAN_HOOKS,
};

/** enum nat_hook_state - Is such a program there? */
enum nat_hook_state {
	NAT_HOOK_OFF, /* not yet, or no longer */
	NAT_HOOK_ON,
	NAT_HOOK_REFUSED, /* tried in vain; `natctl attach` tries again */
};

/**
 * struct nat_interface - The gateway's own interface or an internal one, and what was changed
 * @ifindex:    Its name may have changed since; 0: a listed one that is not there
 * @forwarding: `net.ipv4.conf.@name.forwarding` before; -1 if it was left as it was
 * @hooks:      enum nat_hook_state, by enum nat_lan_hook
 * @clsact:     1 if the clsact qdisc is natctl's to remove
 * @is_listed:  1 if --lan names it
 */
struct nat_interface {
	char name[16];
	__u32 ifindex;
	__s32 forwarding;
	__u8 hooks[NAT_LAN_HOOKS];
	__u8 clsact;
	__u8 is_listed;
	__u8 gap[3];
};

/**
 * struct nat_marker - The only entry of `marker`. Written by natctl alone
 * @layout:       NAT_LAYOUT_VERSION; 0 while attach or detach is at work
 * @ifindex:      Of the interface; with @netns_cookie tells a living gateway from the
 *		  leftover of a dead namespace whose inode number was given out again
 * @ingress:      enum nat_ingress
 * @clsact:       1 if the clsact qdisc of the gateway's own interface is natctl's to remove
 * @address_auto: 1 if the pool follows the interface's primary address
 * @lan:          enum nat_lan
 * @max_sessions: Size of the session table, fixed at attach; the live limit stays below
 * @keeper_pid:   0 if none was started
 * @keeper_start: Start time of that process (field 22 of /proc/PID/stat): a pid alone
 *		  may be somebody else's by now
 * @no_sysctl:    1 if forwarding is not natctl's to turn on
 * @fast:         1 if established sessions may go past the stack
 * @interface_count, @interfaces: What detach must restore
 */
struct nat_marker {
	__u32 layout;
	__u32 ifindex;
	__u64 netns_cookie;
	__u8 ingress;
	__u8 clsact;
	__u8 address_auto;
	__u8 lan;
	__u32 max_sessions;
	__u64 keeper_start;
	__u32 keeper_pid;
	__u8 no_sysctl;
	__u8 fast;
	__u16 interface_count;
	struct nat_interface interfaces[NAT_INTERFACES_MAX];
};

_Static_assert(sizeof(struct nat_usage) == 192, "usage");

#endif /* NAT_GATEWAY_H */
