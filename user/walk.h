/* SPDX-License-Identifier: GPL-2.0-only */
/* walk.h - visit every entry of a hash map, in bounded memory. */
#ifndef WALK_H
#define WALK_H

/** walk_fn - Called with copies of an entry. Return: 0 to go on; anything else ends the walk */
typedef int (*walk_fn)(const void *key, const void *value, void *data);

/**
 * walk_map() - Call @fn for every entry
 *
 * The map goes on changing meanwhile: an entry that exists from beginning to end is
 * seen once, one that comes or goes may be seen or not.
 *
 * Return: 0, what @fn returned to end the walk, or -errno
 */
int walk_map(int fd, walk_fn fn, void *data);

#endif /* WALK_H */
