/* SPDX-License-Identifier: GPL-2.0-only */
/* pool.h - the external addresses: which there are, who answers for them, what replaces what. */
#ifndef POOL_H
#define POOL_H

#include "gateway.h"

/**
 * pool_write() - Make @pool the external addresses of a gateway
 * @gw:   Its pool and externals may be empty (a new one) or hold another pool
 * @pool: count >= 1; reordered so that an address that stays keeps its index, and with
 *	  it its claims
 *
 * Addresses that the interface does not own are answered for by ARP, and not any more
 * once they have left the pool. The bindings of an address that leaves are ended.
 * Idempotent: run again after the interface's addresses have changed. With --address auto
 * @pool->is_away is found here: does the interface have it at this moment? What has changed
 * is said in a line.
 *
 * Return: 0 or -errno, the addresses being as before unless some that left cannot be ended
 */
int pool_write(const struct gateway *gw, struct nat_pool *pool);

/** pool_read() - Return: 0 or -errno */
int pool_read(const struct gateway *gw, struct nat_pool *pool);

/** pool_find() - Return: the index of an address, or -1 */
int pool_find(const struct nat_pool *pool, __be32 addr);

/**
 * pool_release() - Answer for none of them any more
 * @but: But for these; NULL: none
 *
 * Those too that an attach was making when it was killed: the routes are asked for, not the map.
 *
 * Return: 0 or the first -errno
 */
int pool_release(const struct gateway *gw, const struct nat_pool *but);

#endif /* POOL_H */
