/* SPDX-License-Identifier: GPL-2.0-only */
/* follow.h - bring a gateway in line with the interfaces and addresses of the moment. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "link.h"

/**
 * follow() - Its own interface, pool, listed addresses and internal interfaces
 * @gw:   Open, its marker as it is. The caller holds the lock
 * @link: Of its own interface, from link_look()
 *
 * With --address auto the pool becomes the interface's primary address. While it has
 * none, the old one is kept, and unusable: if it comes back, its sessions go on.
 *
 * Return: 0 or -errno
 */
int follow(struct gateway *gw, struct link *link);

#endif /* FOLLOW_H */
