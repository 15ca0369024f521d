/* SPDX-License-Identifier: GPL-2.0-only */
/* sockets.h - the ports that this machine's own sockets hold. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "nat_types.h"

/**
 * sockets_each() - Call for every TCP or UDP socket that can receive IPv4, in this namespace
 * @proto: NAT_PROTO_TCP (any state, TIME_WAIT too) or NAT_PROTO_UDP
 * @fn:    @addr is the local address, network order, 0 for any; @port is in host order
 *
 * Return: 0, -ENOENT when the kernel has no socket diagnosis, or -errno
 */
int sockets_each(__u8 proto, void (*fn)(__be32 addr, __u16 port, void *data), void *data);

#endif /* SOCKETS_H */
