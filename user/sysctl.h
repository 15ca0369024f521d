/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl.h - net.ipv4.conf.IF.forwarding: turn it on, remember, put it back. */
#ifndef SYSCTL_H
#define SYSCTL_H

#include "nat_abi.h"

/**
 * sysctl_forward() - Let an interface forward
 * @marker: Gets an undo record, unless forwarding is on already. The caller stores the
 *	    marker before it calls sysctl_apply(): what was not recorded cannot be undone
 *
 * Return: 1 if there is now something to apply, 0 if forwarding was on, or -errno
 */
int sysctl_forward(struct nat_marker *marker, const char *ifname);

/** sysctl_apply() - Turn forwarding on as the last record says. Return: 0 or -errno */
int sysctl_apply(const struct nat_marker *marker);

/**
 * sysctl_undo() - Put back what sysctl_apply() changed, last first
 *
 * A value that somebody has changed since is left alone, and so is an interface that
 * has gone.
 *
 * Return: 0, or the first -errno; the others are restored all the same
 */
int sysctl_undo(const struct nat_marker *marker);

#endif /* SYSCTL_H */
