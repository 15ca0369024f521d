/* SPDX-License-Identifier: GPL-2.0-only */
/* lan_hooks.h - put programs onto an internal interface, swap them, take them off. */
#ifndef LAN_HOOKS_H
#define LAN_HOOKS_H

#include "gateway.h"
#include "hooks.h"

/** struct lan_programs - By hook, and by hook_program()'s @bare; or -1 */
struct lan_programs {
	int fd[NAT_LAN_HOOKS][2];
};

/**
 * lan_hook_on() - Attach the pinned program
 * @hook: HOOK_LAN_IN or one after it
 * @row:  Of @gw->marker; the caller writes it
 * @why:  Filled on failure, HOOK_WHY_MAX bytes
 *
 * Return: 0 or -errno, the interface being as before; -ENODEV when it has gone, -EOPNOTSUPP for
 * XDP that the driver cannot do
 */
int lan_hook_on(struct gateway *gw, struct nat_interface *row, enum hook hook, char *why);

/** lan_hook_off() - Take it off, with the last also the qdisc if it is ours. Return: 0 or -errno */
int lan_hook_off(struct gateway *gw, struct nat_interface *row, enum hook hook);

/** lan_hooks_off() - All of them. Return: 0 or the first -errno */
int lan_hooks_off(struct gateway *gw, struct nat_interface *row);

/** lan_hook_state() - Where enum nat_hook_state of a hook is noted */
__u8 *lan_hook_state(struct nat_interface *row, enum hook hook);

/**
 * lan_hooks_swap() - Replace the programs on every internal interface that has them
 * @failed: On failure the index of the row where
 *
 * Return: 0 or -errno, some having the new program and some the old
 */
int lan_hooks_swap(struct gateway *gw, const struct lan_programs *programs, __u32 *failed);

/** lan_hooks_swap_back() - To the pinned programs. Return: 0 or the first -errno */
int lan_hooks_swap_back(struct gateway *gw);

#endif /* LAN_HOOKS_H */
