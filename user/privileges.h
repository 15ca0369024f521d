/* SPDX-License-Identifier: GPL-2.0-only */
/* privileges.h - give up what a process that stays does not need. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

/**
 * privileges_drop() - Keep what the keeper works with, give up all else for good
 *
 * Return: 0 or -errno; the process goes on with what it could not give up
 */
int privileges_drop(void);

#endif /* PRIVILEGES_H */
