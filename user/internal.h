/* SPDX-License-Identifier: GPL-2.0-only */
/* internal.h - the internal interfaces of a gateway, as they come and go. */
#ifndef INTERNAL_H
#define INTERNAL_H

#include "gateway.h"
#include "netif.h"
#include "options.h"

/**
 * internal_candidates() - What --lan auto finds
 * @gw:   @dir and @ifindex are filled
 * @list: An array to free()
 *
 * Return: how many, or -errno
 */
int internal_candidates(const struct gateway *gw, struct netif **list);

/** internal_chosen() - What was chosen at attach, in the words of --lan */
void internal_chosen(const struct gateway *gw, struct options_lan *lan);

/**
 * internal_programs() - Which of the programs for internal interfaces will be needed?
 * @gw:   @dir and @ifindex are filled
 * @need: [0] for interfaces with a link layer header, [1] for those without
 *
 * The first one whenever there may be internal interfaces; the second, whose verification
 * takes time, only if there is such an interface now.
 *
 * Return: 0 or -errno
 */
int internal_programs(const struct gateway *gw, const struct options_lan *lan, bool need[2]);

/**
 * internal_choose() - Note in @gw->marker which interfaces are to be internal
 *
 * Where the hairpin was refused it will be tried again.
 */
void internal_choose(struct gateway *gw, const struct options_lan *lan);

/**
 * internal_restore() - Make the interfaces of @before internal again, and no others
 *
 * Return: 0, or the first -errno
 */
int internal_restore(struct gateway *gw, const struct nat_marker *before);

/**
 * internal_follow() - Bring programs and forwarding in line with the interfaces of the moment
 *
 * The caller holds the lock. Prints its messages. That a program is refused on an interface
 * which was not asked for by name is a warning.
 *
 * Return: 0, or the first -errno; the other interfaces are seen to all the same
 */
int internal_follow(struct gateway *gw);

/**
 * internal_unforward() - Put forwarding back on every interface; the caller writes the marker
 *
 * Return: 0 or the first -errno
 */
int internal_unforward(struct gateway *gw);

/**
 * internal_suspend() - Let go of every interface, until internal_follow(); which are listed stays
 *
 * The caller writes the marker.
 *
 * Return: 0 or the first -errno
 */
int internal_suspend(struct gateway *gw);

/** internal_release() - Take our programs off everywhere. Return: 0 or the first -errno */
int internal_release(struct gateway *gw);

#endif /* INTERNAL_H */
