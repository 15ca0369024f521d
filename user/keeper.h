/* SPDX-License-Identifier: GPL-2.0-only */
/* keeper.h - the process that stays: reaps, follows addresses and sockets. */
#ifndef KEEPER_H
#define KEEPER_H

#include "gateway.h"

/**
 * keeper_start() - Start one in the background and write it into the marker
 * @gw: The child inherits its descriptors
 *
 * Return: 0 once it has all it needs, or -errno; no process is left then
 */
int keeper_start(struct gateway *gw);

/**
 * keeper_open() - Make this process able to be the keeper: once in its life
 *
 * From here on it takes the signals that are meant for one: to come before the marker names it.
 *
 * Return: 0 or -errno
 */
int keeper_open(struct gateway *gw);

/** keeper_name_self() - Write this process into the marker as the keeper. Return: 0 or -errno */
int keeper_name_self(struct gateway *gw);

/**
 * keeper_stay() - Be the keeper, after keeper_open()
 *
 * Return: an exit code, when it is told or has reason to end
 */
int keeper_stay(void);

/** keeper_stop() - End the one that the marker names and wait until it has. Return: 0 or -errno */
int keeper_stop(const struct nat_marker *marker);

#endif /* KEEPER_H */
