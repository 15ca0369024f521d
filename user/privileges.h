/* SPDX-License-Identifier: GPL-2.0-only */
/* privileges.h - give up what a process that stays does not need. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <linux/capability.h>
#include <stdint.h>

/* What the keeper works with: interfaces, addresses, routes, filters, links, sysctls. */
#define PRIVILEGES_KEEPER (1ULL << CAP_NET_ADMIN)

/* Reading pinned maps takes none: they are root's, and this process is. */
#define PRIVILEGES_READER 0

/**
 * privileges_drop() - Give up all but these capabilities, for good
 * @keep: Their bits
 *
 * Of this thread, and of those that it starts from here on.
 *
 * Return: 0 or -errno; the process goes on with what it could not give up
 */
int privileges_drop(uint64_t keep);

#endif /* PRIVILEGES_H */
