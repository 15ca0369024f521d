/* SPDX-License-Identifier: GPL-2.0-only */
/* forward.h - let an interface forward, and put back what that changed. */
#ifndef FORWARD_H
#define FORWARD_H

#include "gateway.h"

/**
 * forward_on() - Turn forwarding on; recorded first: what was not recorded cannot be undone
 * @row: Of @gw->marker
 *
 * What forwards already is left alone and not recorded, unless another gateway has turned it
 * on: then it is recorded, too. What somebody has turned off since is left alone. Return: 0 or
 * -errno, nothing having changed; -ENOENT when it has gone
 */
int forward_on(struct gateway *gw, struct nat_interface *row);

/**
 * forward_off() - Put back what it was before, unless another gateway needs it still
 *
 * A value that somebody has changed since is left alone. Return: 0 or -errno
 */
int forward_off(const struct gateway *gw, const struct nat_interface *row);

#endif /* FORWARD_H */
