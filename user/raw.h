/* SPDX-License-Identifier: GPL-2.0-only */
/* raw.h - send what the data path cannot: ICMP errors of our own, and packets as they are. */
#ifndef RAW_H
#define RAW_H

#include "icmp_answer.h"

/** struct raw - Two sockets, neither of which ever receives anything */
struct raw {
	int errors;
	int packets;
};

/** raw_open() - Return: 0 or -errno; to be closed in either case */
int raw_open(struct raw *raw);

void raw_close(struct raw *raw);

/**
 * raw_send_error() - Send an ICMP error
 * @from: Its source, an address of the pool that this machine need not own; 0: as the kernel
 *	  chooses towards that host
 */
void raw_send_error(const struct raw *raw, const struct icmp_answer *answer, __be32 from);

/**
 * raw_send_packet() - Send an IPv4 packet, whatever its source
 * @packet: The kernel replaces an IP id of 0
 * @to:     Its destination, network order
 */
void raw_send_packet(const struct raw *raw, const __u8 *packet, size_t len, __be32 to);

#endif /* RAW_H */
