/* SPDX-License-Identifier: GPL-2.0-only */
/* inject.h - let the kernel receive a packet on an interface, as if it had just arrived there. */
#ifndef INJECT_H
#define INJECT_H

#include "gateway.h"

/** inject_open() - Return: a descriptor for the WAN interface, or -errno where this cannot be done
 */
int inject_open(const struct gateway *gw);

/**
 * inject_packet() - Let a packet arrive behind XDP
 * @fd:     From inject_open()
 * @packet: IPv4; addressed to none of our addresses, or it would be translated
 *
 * Return: 0 or -errno: the interface may have gone, or have no XDP
 */
int inject_packet(const struct gateway *gw, int fd, const __u8 *packet, size_t len);

#endif /* INJECT_H */
