/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * remake.h - larger tables for a gateway at work, without its sessions.
 *
 * The programs that are to take over are loaded on tables of their own, which get all that is
 * configured and nothing that is state: docs/decisions/0021.
 */
#ifndef REMAKE_H
#define REMAKE_H

#include "gateway.h"
#include "options.h"

struct nat_bpf;

/** remake_cost() - How many sessions would end */
__u32 remake_cost(const struct gateway *gw);

/**
 * remake_fill() - Write into new tables what is in force
 * @in_force: From configured()
 *
 * Prints its own message. Return: 0 or -errno
 */
int remake_fill(const struct gateway *gw, const struct nat_bpf *skel,
		const struct options *in_force);

/** remake_mark() - Write the marker of @gw into new tables, with their size. Return: 0 or -errno */
int remake_mark(const struct gateway *gw, const struct nat_bpf *skel);

#endif /* REMAKE_H */
