/* SPDX-License-Identifier: GPL-2.0-only */
/* pinned.h - the pins of a gateway: made, exchanged for others, removed. */
#ifndef PINNED_H
#define PINNED_H

#include <stdbool.h>

struct nat_bpf;

/**
 * pinned_make() - Make @dir, whose parent exists (lock.h), and pin every map and program
 *
 * Nothing is left on failure. Return: 0 or -errno
 */
int pinned_make(const struct nat_bpf *skel, const char *dir);

/**
 * pinned_stage() - Pin the programs beside those that are pinned
 * @maps_too: And the maps
 *
 * Nothing is left on failure. Return: 0 or -errno
 */
int pinned_stage(const struct nat_bpf *skel, const char *dir, bool maps_too);

/**
 * pinned_exchange() - Let what is staged and what is pinned change places
 *
 * Of each kind in one step: a reader finds all the old programs or all the new ones. Done twice,
 * nothing has changed. Return: 0 or -errno
 */
int pinned_exchange(const char *dir);

/** pinned_drop() - Remove what is staged */
void pinned_drop(const char *dir);

/** pinned_remove() - Remove @dir with all pins. Return: 0 or -errno */
int pinned_remove(const char *dir);

#endif /* PINNED_H */
