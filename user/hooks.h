/* SPDX-License-Identifier: GPL-2.0-only */
/* hooks.h - put programs onto an interface, swap them, take them off again. */
#ifndef HOOKS_H
#define HOOKS_H

#include <stdbool.h>

/* Where our filters stand when the kernel has no TCX (before Linux 6.6): `tc filter show
 * dev IF ingress` lists them with this priority and handle. */
#define HOOKS_CLSACT_PRIORITY 28257
#define HOOKS_CLSACT_HANDLE 1

/** enum hook - In the order of attaching: fail closed, so what goes out is covered first */
enum hook {
	HOOK_WAN_OUT,
	HOOK_WAN_IN,
	HOOK_XDP_WAN_IN,
	HOOK_MAX,
};

extern const char *const hook_programs[HOOK_MAX]; /* names of program, pin and link */

/** hooks_are_taken() - Does another program stand where ours must? Says so and returns true */
bool hooks_are_taken(const char *ifname, unsigned int ifindex, bool xdp);

/**
 * hook_attach() - Attach one program, as a link pinned under @dir or as a clsact filter
 * @dir:    The gateway's pin directory; links/ exists
 * @clsact: Set to true if the clsact qdisc had to be made; left alone otherwise
 *
 * XDP is native or nothing. Nothing is attached on failure, but the qdisc may be there.
 *
 * Return: 0 or -errno, for XDP -EOPNOTSUPP when the driver cannot
 */
int hook_attach(enum hook hook, const char *dir, unsigned int ifindex, int prog_fd, bool *clsact);

/** hook_replace() - Swap the program of an attached hook in one step. Return: 0 or -errno */
int hook_replace(enum hook hook, const char *dir, unsigned int ifindex, int prog_fd);

/** hook_is_attached() - Is ours there? */
bool hook_is_attached(enum hook hook, const char *dir, unsigned int ifindex);

/**
 * hook_detach() - Take ours off, whichever way it was attached; fine if it is not there
 *
 * Return: 0 or -errno
 */
int hook_detach(enum hook hook, const char *dir, unsigned int ifindex);

/**
 * hooks_clsact_remove() - Remove the clsact qdisc, once our filters are gone
 *
 * Return: 0, -EBUSY when somebody else has filters there by now, or -errno
 */
int hooks_clsact_remove(unsigned int ifindex);

#endif /* HOOKS_H */
