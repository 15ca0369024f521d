/* SPDX-License-Identifier: GPL-2.0-only */
/* forward.h - let the interfaces of a gateway forward, and remember for detach. */
#ifndef FORWARD_H
#define FORWARD_H

#include "gateway.h"

/** forward_enable() - On one interface; records first. Return: 0 or -errno, changing nothing */
int forward_enable(struct gateway *gw, const char *ifname);

/**
 * forward_enable_internal() - On every other interface that has an IPv4 address, but lo
 *
 * Return: 0, or the first -errno; the others are enabled all the same
 */
int forward_enable_internal(struct gateway *gw);

#endif /* FORWARD_H */
