/* SPDX-License-Identifier: GPL-2.0-only */
/* hairpin.h - put the hairpin's program onto an internal interface, swap it, take it off. */
#ifndef HAIRPIN_H
#define HAIRPIN_H

#include "gateway.h"
#include "hooks.h"

/** struct hairpin_programs - One for each value of hook_program()'s @bare, or -1 */
struct hairpin_programs {
	int fd[2];
};

/**
 * hairpin_on() - Attach the pinned program
 * @row: Of @gw->marker; the caller writes it
 * @why: Filled on failure, HOOK_WHY_MAX bytes
 *
 * Return: 0 or -errno, the interface being as before; -ENODEV when it has gone
 */
int hairpin_on(struct gateway *gw, struct nat_interface *row, char *why);

/** hairpin_off() - Take it off, and the qdisc if it is ours. Return: 0 or -errno */
int hairpin_off(struct gateway *gw, struct nat_interface *row);

/**
 * hairpin_swap() - Replace the program on every internal interface that has it
 * @failed: On failure the index of the row where
 *
 * Return: 0 or -errno, some having the new program and some the old
 */
int hairpin_swap(struct gateway *gw, const struct hairpin_programs *programs, __u32 *failed);

/** hairpin_swap_back() - To the pinned programs. Return: 0 or the first -errno */
int hairpin_swap_back(struct gateway *gw);

#endif /* HAIRPIN_H */
