/* SPDX-License-Identifier: GPL-2.0-only */
/* lanes.h - the interfaces between which `--fast` sends packets past the stack. */
#ifndef LANES_H
#define LANES_H

#include "gateway.h"

/**
 * lanes_follow() - Bring `lanes` and `lane_devs` in line with the interfaces of the moment
 *
 * After their programs. Without --fast there are none. Writes only what has changed.
 *
 * Return: 0 or the first -errno
 */
int lanes_follow(const struct gateway *gw);

/** lanes_read() - The entry of an interface; false if it has none */
bool lanes_read(const struct gateway *gw, unsigned int ifindex, struct nat_lane *lane);

#endif /* LANES_H */
