/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sockets.h - sockets of the gateway itself, for the programs to find.
 *
 * They live in the private network namespace of the process (world.h), whose loopback
 * interface has the external address and a route to everywhere but one network: whatever a
 * socket sends ends there. A case calls these after world_make(); all are closed when it ends.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "nat_types.h"

#define SOCKETS_NOWHERE "10.98.0.0" /* a network of 16 bits to which there is no way */

/** sockets_prepare() - Set the network namespace up; world.c does it once */
void sockets_prepare(void);

/** sockets_mtu() - Set the MTU of the interface that the programs run on */
void sockets_mtu(int mtu);

/**
 * socket_listen() - Wait for anybody
 * @type: SOCK_DGRAM or SOCK_STREAM
 * @port: Host order, of every address
 */
void socket_listen(int type, __u16 port);

/**
 * socket_connect() - Be connected to one remote endpoint
 * @local: "203.0.113.1:PORT"; no other address is the gateway's here
 *
 * A stream stays on its way there, since nobody answers: to the programs that is the same.
 */
void socket_connect(int type, const char *local, const char *remote);

/** sockets_close() - Close all of them before the case ends */
void sockets_close(void);

#endif /* SOCKETS_H */
