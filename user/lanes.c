// SPDX-License-Identifier: GPL-2.0-only
/*
 * lanes.c - the interfaces between which `--fast` sends packets past the stack.
 *
 * How it works
 *
 * An interface has an entry while packets may enter the lane there: the gateway's own, and every
 * internal one that has a lane's program. The entry says how packets may leave over it: by XDP
 * if the gateway works with XDP and the driver takes frames, else by TC. That may change at any
 * time (the other end of a veth), and nobody is told, so the keeper looks every few seconds.
 *
 * The programs read while this writes. An entry that has to change is closed first, so that
 * nobody finds the one half of it new and the other old; meanwhile the stack has the packets.
 */
#include "lanes.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "netif.h"
#include "xdp_features.h"

static const struct nat_lane closed;

static bool has_lane(const struct nat_interface *row)
{
	return row->hooks[NAT_LAN_LANE_XDP] == NAT_HOOK_ON ||
	       row->hooks[NAT_LAN_LANE_TC] == NAT_HOOK_ON;
}

static bool can_exit_by_xdp(const struct gateway *gw, const struct netif *netif)
{
	return gw->marker.ingress == NAT_INGRESS_XDP && netif_header_len(netif) > 0 &&
	       xdp_can_send(netif->ifindex);
}

/* Of several that share a slot the first has it. */
static void open_lane(const struct gateway *gw, unsigned int ifindex, struct nat_lane *lanes)
{
	struct nat_lane *lane = &lanes[nat_lane_slot(ifindex)];
	struct netif netif;

	if (lane->ifindex || netif_find_index(ifindex, &netif))
		return;
	lane->ifindex = ifindex;
	memcpy(lane->mac, netif.mac, sizeof(lane->mac));
	lane->is_wan = ifindex == gw->marker.ifindex;
	lane->exit = can_exit_by_xdp(gw, &netif) ? NAT_LANE_XDP : NAT_LANE_TC;
}

static void open_lanes(const struct gateway *gw, struct nat_lane *lanes)
{
	open_lane(gw, gw->marker.ifindex, lanes);
	for (__u32 i = 0; i < gw->marker.interface_count; i++)
		if (has_lane(&gw->marker.interfaces[i]))
			open_lane(gw, gw->marker.interfaces[i].ifindex, lanes);
}

static int write_lane(const struct gateway *gw, __u32 slot, const struct nat_lane *lane)
{
	int lanes = gw->fd[GATEWAY_lanes], devs = gw->fd[GATEWAY_lane_devs];

	if (bpf_map_update_elem(lanes, &slot, &closed, BPF_ANY))
		return -errno;
	if (lane->exit != NAT_LANE_XDP)
		bpf_map_delete_elem(devs, &slot);
	else if (bpf_map_update_elem(devs, &slot, &lane->ifindex, BPF_ANY))
		return -errno;
	return bpf_map_update_elem(lanes, &slot, lane, BPF_ANY) ? -errno : 0;
}

int lanes_follow(const struct gateway *gw)
{
	struct nat_lane wanted[NAT_LANES] = {};
	int first = 0;

	if (gw->marker.fast)
		open_lanes(gw, wanted);
	for (__u32 slot = 0; slot < NAT_LANES; slot++) {
		struct nat_lane now;
		int err = 0;

		if (bpf_map_lookup_elem(gw->fd[GATEWAY_lanes], &slot, &now))
			err = -errno;
		else if (memcmp(&now, &wanted[slot], sizeof(now)))
			err = write_lane(gw, slot, &wanted[slot]);
		first = first ? first : err;
	}
	return first;
}

bool lanes_read(const struct gateway *gw, unsigned int ifindex, struct nat_lane *lane)
{
	__u32 slot = nat_lane_slot(ifindex);

	return !bpf_map_lookup_elem(gw->fd[GATEWAY_lanes], &slot, lane) && lane->ifindex == ifindex;
}
