/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * owners.h - who has used which external port, and when: no two at once.
 *
 * How it works
 *
 * There are no events to follow, and none are needed: what a packet looks like afterwards says
 * who uses which port. A packet was translated, so its session was alive at some moment of the
 * run, so neither session nor binding nor claim can have been given back less than a grace later,
 * and a UDP port or query id has rested besides. Whatever the order in which threads come to
 * report: two internal endpoints that use one port have done so at least that long apart.
 *
 * Time is the ticks that have gone by, and those by which a test has made everything older.
 */
#ifndef OWNERS_H
#define OWNERS_H

#include <stdbool.h>

#include "nat_abi.h"

#define OWNERS_ADDRESSES 2 /* claim sets: an address that replaces another has its claims */

/**
 * struct owners_use - One translated packet
 * @address:  Index of the external address in the pool
 * @external, @internal: @external.addr is not looked at
 * @from, @until: Ticks around the run of the program
 */
struct owners_use {
	__u16 address;
	struct nat_endpoint external;
	struct nat_endpoint internal;
	__u32 from, until;
};

/**
 * owners_make() - Nobody has used anything yet
 * @rest: Ticks that a port rests
 */
void owners_make(__u32 rest);

/** owners_cut_short() - From now on: no port of @address rests, or one of them does not (network
 * order, 0: all) */
void owners_cut_short(__u16 address, __be16 port, __u32 now);

/**
 * owners_note() - A port has been used. May be called by any thread
 *
 * Return: false if another internal endpoint has used it too recently; @before is then that use
 */
bool owners_note(const struct owners_use *use, struct owners_use *before);

#endif /* OWNERS_H */
