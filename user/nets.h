/* SPDX-License-Identifier: GPL-2.0-only */
/* nets.h - the prefix tables: whose packets are translated, and towards whom they are not. */
#ifndef NETS_H
#define NETS_H

#include "gateway.h"

/**
 * nets_write() - Make a prefix table hold exactly these
 * @map: GATEWAY_internal_nets or GATEWAY_excluded_nets
 *
 * What is new goes in before what is old comes out: a prefix in both is never missing.
 *
 * Return: 0 or -errno
 */
int nets_write(const struct gateway *gw, enum gateway_map map, const struct nat_prefix *prefixes,
	       unsigned int count);

/**
 * nets_read() - What a prefix table holds
 * @prefixes: Filled, @max at most
 *
 * Return: 0 or -errno
 */
int nets_read(const struct gateway *gw, enum gateway_map map, struct nat_prefix *prefixes,
	      unsigned int max, unsigned int *count);

#endif /* NETS_H */
