/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_lane.h - which interfaces packets may be sent between past the stack (`attach --fast`).
 */
#ifndef NAT_LANE_H
#define NAT_LANE_H

#include "nat_types.h"

/* ---- lanes: ARRAY, and lane_devs: DEVMAP, both by nat_lane_slot() ------------------------ */

#define NAT_LANES 256

/** enum nat_lane_exit - How a packet may leave over an interface */
enum nat_lane_exit {
	NAT_LANE_CLOSED, /* through the stack only */
	NAT_LANE_TC,	 /* handed to the neighbour layer by a TC program */
	NAT_LANE_XDP,	 /* handed to the driver by an XDP program; lane_devs has it too */
};

/**
 * struct nat_lane - One interface
 * @ifindex: Whose entry it is: of several that share a slot the first has it; 0: nobody's
 * @mac:     Its link layer address; frames for others are not forwarded
 * @exit:    enum nat_lane_exit
 * @is_wan:  The gateway's own interface
 */
struct nat_lane {
	__u32 ifindex;
	__be16 mac[3];
	__u8 exit;
	__u8 is_wan;
};

/** nat_lane_slot() - Where an interface's entry is */
static __always_inline __u32 nat_lane_slot(__u32 ifindex)
{
	return ifindex % NAT_LANES;
}

_Static_assert(sizeof(struct nat_lane) == 12, "lane");

#endif /* NAT_LANE_H */
