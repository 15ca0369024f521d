/* SPDX-License-Identifier: GPL-2.0-only */
/* firewall.h - what nftables rules do with a packet, as far as interfaces and conntrack decide. */
#ifndef FIREWALL_H
#define FIREWALL_H

#include <net/if.h>

#include "ruleset.h"

/** enum firewall_outcome - Of a packet on its way through a chain */
enum firewall_outcome {
	FIREWALL_PASSES, /* or may pass, if it is one that a rule asks for */
	FIREWALL_DROPS,
	FIREWALL_TRANSLATES, /* its source, or may do so */
};

/**
 * struct firewall_packet - What is known of one
 * @hook:  NF_INET_FORWARD or NF_INET_POST_ROUTING
 * @state: NF_CT_STATE_BIT()
 * @src, @dst: Addresses, with the bits that are known in the masks; network order
 */
struct firewall_packet {
	int hook;
	unsigned int iif, oif;
	char iifname[IF_NAMESIZE];
	char oifname[IF_NAMESIZE];
	__u32 state;
	__be32 src, src_mask;
	__be32 dst, dst_mask;
};

/**
 * firewall_judge() - What becomes of it in a base chain?
 * @set:   From ruleset_read(); it remembers the sets that were looked into
 * @chain: One of another hook lets everything pass
 *
 * It never says that a packet is dropped which may pass.
 */
enum firewall_outcome firewall_judge(struct ruleset *set, const struct ruleset_chain *chain,
				     const struct firewall_packet *packet);

#endif /* FIREWALL_H */
