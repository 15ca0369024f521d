/* SPDX-License-Identifier: GPL-2.0-only */
/* netif.h - interfaces and their IPv4 addresses, as the kernel lists them. */
#ifndef NETIF_H
#define NETIF_H

#include <net/if.h>
#include <stdbool.h>

#include "nat_types.h"

/**
 * struct netif - One interface
 * @name: The kernel's, whichever name it was looked up by
 * @type: ARPHRD_*
 * @mac:  Its link layer address, if that has six octets
 * @kind: What made it ("veth", "vlan", "wireguard"), empty for real hardware
 */
struct netif {
	char name[IF_NAMESIZE];
	unsigned int ifindex;
	unsigned short type;
	unsigned int flags;
	__u8 mac[6];
	char kind[16];
};

/**
 * struct netif_addr - One IPv4 address of an interface
 * @addr:       Network order; the local end of a point-to-point link
 * @is_primary: The kernel would choose it as source before the interface's others
 */
struct netif_addr {
	unsigned int ifindex;
	__be32 addr;
	bool is_primary;
};

/** netif_find() - By name or second name. Return: 0, -ENODEV when there is none, or -errno */
int netif_find(const char *name, struct netif *netif);

/** netif_find_index() - By its index. Return: as above */
int netif_find_index(unsigned int ifindex, struct netif *netif);

/** netif_header_len() - Bytes before the IP header: 14, 0, or -EPFNOSUPPORT for odd devices */
int netif_header_len(const struct netif *netif);

/**
 * netif_addrs() - Every IPv4 address of this network namespace
 * @addrs: An array to free(), in the kernel's order
 *
 * Return: how many, or -errno
 */
int netif_addrs(struct netif_addr **addrs);

/** netif_primary() - An interface's primary address, 0 if it has none */
__be32 netif_primary(const struct netif_addr *addrs, int count, unsigned int ifindex);

/** netif_owns() - Is it an address of the interface? */
bool netif_owns(const struct netif_addr *addrs, int count, unsigned int ifindex, __be32 addr);

/**
 * netif_answer() - Make an interface answer ARP for an address it does not have, or stop it
 *
 * By a route of type local, marked as natctl's by its protocol number. A proxy
 * neighbour entry would not do: the kernel looks at those only when the address is
 * routed out of another interface than the question came in by.
 *
 * Idempotent: a local route that somebody else made serves as well, and is never removed.
 *
 * Return: 0 or -errno
 */
int netif_answer(unsigned int ifindex, __be32 addr, bool answer);

/**
 * netif_answers() - What netif_answer() has made, on every interface
 * @addrs: An array to free()
 *
 * Return: how many, or -errno
 */
int netif_answers(struct netif_addr **addrs);

#endif /* NETIF_H */
