/* SPDX-License-Identifier: GPL-2.0-only */
/* hooks.h - put programs onto an interface, swap them, take them off again. */
#ifndef HOOKS_H
#define HOOKS_H

#include <stdbool.h>

#include "gateway.h"

/* The handle of our filters when the kernel has no TCX (before Linux 6.6), clsact.h. On an
 * internal interface, which several gateways may share, it is the index of the gateway's own
 * interface; that is never 1, which is the loopback's. */
#define HOOKS_CLSACT_HANDLE 1
#define HOOKS_CLSACT_LANE 0x80000000U /* in the handle of the lane beside the hairpin */

#define HOOK_WHY_MAX 160 /* bytes */
#define HOOK_PROGRAM_TEXT_MAX 64

/* From linux/bpf.h of 6.6; Debian 12's is of 6.1. */
#define ATTACH_TCX_INGRESS 46
#define ATTACH_TCX_EGRESS 47

/** enum hook - In the order of attaching: fail closed, so what goes out is covered first */
enum hook {
	HOOK_WAN_OUT,
	HOOK_WAN_IN,
	HOOK_XDP_WAN_IN,
	HOOK_LAN_IN, /* from here on: on internal interfaces; before: on the gateway's own */
	HOOK_LANE_TC,
	HOOK_LANE_XDP,
	HOOK_MAX,
	HOOK_WAN_MAX = HOOK_LAN_IN,
};

_Static_assert(HOOK_MAX - HOOK_LAN_IN == (int)NAT_LAN_HOOKS, "enum nat_lan_hook is in this order");

/**
 * hook_program() - The name of its program, and of the program's pin
 * @bare: For an interface without link layer header; matters on internal interfaces only, the
 *	  others are told at load
 */
const char *hook_program(enum hook hook, bool bare);

/** hook_is_xdp() - Does it see frames before the stack has made packets of them? */
bool hook_is_xdp(enum hook hook);

/** hook_has_bare() - Is there a program of its own for interfaces without link layer header? */
bool hook_has_bare(enum hook hook);

/**
 * hook_is_taken() - Does another program stand where ours must?
 * @why: Filled if so: by which, and what to do; HOOK_WHY_MAX bytes
 */
bool hook_is_taken(enum hook hook, const struct gateway *gw, unsigned int ifindex, char *why);

/**
 * hook_program_text() - A program for people: its name, if this process may know it, and its id
 * @text: HOOK_PROGRAM_TEXT_MAX bytes are enough
 *
 * Return: @text
 */
const char *hook_program_text(__u32 id, char *text, size_t size);

/**
 * hooks_may_make_clsact() - If hook_attach() should need a clsact qdisc, would that be natctl's to
 * remove? To be recorded before it is asked, and corrected by its answer
 */
bool hooks_may_make_clsact(const struct gateway *gw, unsigned int ifindex);

/**
 * hook_attach() - Attach one program, as a pinned link or as a clsact filter
 * @gw:     @gw->dir with links/ exists
 * @clsact: Set to true if the clsact qdisc is natctl's to remove; left alone otherwise
 *
 * XDP is native or nothing. Nothing is attached on failure, but the qdisc may be there.
 *
 * Return: 0 or -errno, for XDP -EOPNOTSUPP when the driver cannot
 */
int hook_attach(enum hook hook, const struct gateway *gw, unsigned int ifindex, int prog_fd,
		bool *clsact);

/** hook_replace() - Swap the program of an attached hook in one step. Return: 0 or -errno */
int hook_replace(enum hook hook, const struct gateway *gw, unsigned int ifindex, int prog_fd);

/** enum hook_way - How one is attached */
enum hook_way {
	HOOK_ABSENT,
	HOOK_LINK, /* XDP natively, TC by TCX */
	HOOK_CLSACT,
};

/** hook_find() - Is ours there, and how? */
enum hook_way hook_find(enum hook hook, const struct gateway *gw, unsigned int ifindex);

static inline bool hook_is_attached(enum hook hook, const struct gateway *gw, unsigned int ifindex)
{
	return hook_find(hook, gw, ifindex) != HOOK_ABSENT;
}

/**
 * hook_detach() - Take ours off, whichever way it was attached; fine if it is not there, or
 * if the interface has gone
 *
 * Return: 0 or -errno
 */
int hook_detach(enum hook hook, const struct gateway *gw, unsigned int ifindex);

#endif /* HOOKS_H */
