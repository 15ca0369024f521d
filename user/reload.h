/* SPDX-License-Identifier: GPL-2.0-only */
/* reload.h - bring an attached gateway in line with a configuration file. */
#ifndef RELOAD_H
#define RELOAD_H

#include "attach.h"

/**
 * reload() - Change what is in force to what @options say, and to defaults where they say nothing
 * @attach:  @gw is open, @netif its interface, @options are @wanted; the caller holds the lock
 * @wanted:  From config_read(); filled up
 *
 * All or nothing, but for sessions that a change of mapping or address has ended. Prints its
 * messages, and what has changed.
 *
 * Return: an exit code
 */
int reload(struct attach *attach, struct options *wanted);

#endif /* RELOAD_H */
