/* SPDX-License-Identifier: GPL-2.0-only */
/* configure.h - write what attach was told into a gateway's maps. */
#ifndef CONFIGURE_H
#define CONFIGURE_H

#include "gateway.h"
#include "options.h"

/**
 * configure() - Settings, prefixes, pool, ports
 * @gw:    @gw->marker.address_auto and .max_sessions are set here too; the caller stores it
 * @fresh: Also what was not given; else that keeps its value
 *
 * Prints its own message.
 *
 * Return: 0 or -errno
 */
int configure(struct gateway *gw, const struct options *options, bool fresh);

/**
 * configure_addresses() - Which the external addresses are to be
 * @gw:   @gw->marker.address_auto is set here too
 * @pool: Filled
 *
 * Return: 0 or -errno
 */
int configure_addresses(struct gateway *gw, const struct options *options, bool fresh,
			struct nat_pool *pool);

/**
 * configured() - What is in force, in the words of attach: configure() puts it back
 *
 * Return: 0 or -errno
 */
int configured(const struct gateway *gw, struct options *options);

#endif /* CONFIGURE_H */
