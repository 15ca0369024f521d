// SPDX-License-Identifier: GPL-2.0-only
/*
 * hairpin.c - put the hairpin's program onto an internal interface, swap it, take it off.
 *
 * The programs are taken from their pins: attach has pinned them before it comes here, and
 * the keeper has nothing else.
 */
#include "hairpin.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clsact.h"
#include "netif.h"

static int pinned_program(const struct gateway *gw, bool bare)
{
	char path[PATH_MAX + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/progs/%s", gw->dir, hook_program(HOOK_LAN_IN, bare));
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

/* Bytes before the IP header, or -errno. */
static int header_len(const struct nat_interface *row, struct netif *netif)
{
	int err = netif_find_index(row->ifindex, netif);

	return err ? err : netif_header_len(netif);
}

static int attach(struct gateway *gw, struct nat_interface *row, int prog_fd)
{
	bool before = row->clsact, clsact = before;
	int err;

	/* The pin may be that of an attach which was killed. */
	if (hook_is_attached(HOOK_LAN_IN, gw, row->ifindex))
		return hook_replace(HOOK_LAN_IN, gw, row->ifindex, prog_fd);
	row->clsact = before || hooks_may_make_clsact(gw, row->ifindex);
	err = gateway_marker_write(gw);
	if (!err)
		err = hook_attach(HOOK_LAN_IN, gw, row->ifindex, prog_fd, &clsact);
	if (err && clsact && !before)
		clsact_remove(row->ifindex);
	row->clsact = err ? before : clsact;
	return err;
}

int hairpin_on(struct gateway *gw, struct nat_interface *row, char *why)
{
	struct netif netif = {};
	int fd, err, len = header_len(row, &netif);

	if (len == -EPFNOSUPPORT)
		snprintf(why, HOOK_WHY_MAX, "link type %u is not supported", netif.type);
	else if (len < 0)
		snprintf(why, HOOK_WHY_MAX, "%s", strerror(-len));
	if (len < 0)
		return len;
	fd = pinned_program(gw, !len);
	if (fd == -ENOENT)
		snprintf(why, HOOK_WHY_MAX,
			 "the program for interfaces %s Ethernet header is not loaded "
			 "(\"natctl attach %s\" again loads it)",
			 len ? "with an" : "without", gw->name);
	else if (fd < 0)
		snprintf(why, HOOK_WHY_MAX, "%s", strerror(-fd));
	if (fd < 0)
		return fd;
	err = attach(gw, row, fd);
	close(fd);
	if (!err)
		row->hairpin = NAT_HAIRPIN_ON;
	else if (err != -EBUSY || !hook_is_taken(HOOK_LAN_IN, gw, row->ifindex, why))
		snprintf(why, HOOK_WHY_MAX, "%s", strerror(-err));
	return err;
}

int hairpin_off(struct gateway *gw, struct nat_interface *row)
{
	char name[IF_NAMESIZE];
	int err = hook_detach(HOOK_LAN_IN, gw, row->ifindex);

	if (!err && row->clsact && if_indextoname(row->ifindex, name))
		err = clsact_remove(row->ifindex);
	if (err == -EBUSY)
		err = 0; /* somebody else's filters keep the qdisc: theirs now */
	if (err)
		return err;
	row->clsact = 0;
	row->hairpin = NAT_HAIRPIN_OFF;
	return 0;
}

/* ---- all of them ------------------------------------------------------------------------ */

static bool is_swapped(const struct gateway *gw, const struct nat_interface *row, bool *bare)
{
	struct netif netif;
	int len = row->hairpin == NAT_HAIRPIN_ON ? header_len(row, &netif) : -ENODEV;

	*bare = !len;
	return len >= 0 && hook_is_attached(HOOK_LAN_IN, gw, row->ifindex);
}

int hairpin_swap(struct gateway *gw, const struct hairpin_programs *programs, __u32 *failed)
{
	for (__u32 i = 0; i < gw->marker.interface_count; i++) {
		struct nat_interface *row = &gw->marker.interfaces[i];
		bool bare;
		int err;

		/* One without a new program is to be let go; one whose pin was removed by
		 * hand is attached anew. */
		if (!is_swapped(gw, row, &bare)) {
			row->hairpin = NAT_HAIRPIN_OFF;
			continue;
		}
		if (programs->fd[bare] < 0)
			continue;
		err = hook_replace(HOOK_LAN_IN, gw, row->ifindex, programs->fd[bare]);
		if (err) {
			*failed = i;
			return err;
		}
	}
	return 0;
}

int hairpin_swap_back(struct gateway *gw)
{
	int first = 0;

	for (__u32 i = 0; i < gw->marker.interface_count; i++) {
		struct nat_interface *row = &gw->marker.interfaces[i];
		int fd, err;
		bool bare;

		if (!is_swapped(gw, row, &bare))
			continue;
		fd = pinned_program(gw, bare);
		if (fd >= 0) {
			err = hook_replace(HOOK_LAN_IN, gw, row->ifindex, fd);
			close(fd);
		} else {
			/* Without a pin there was none of its kind before. */
			err = fd == -ENOENT ? hairpin_off(gw, row) : fd;
		}
		first = first ? first : err;
	}
	return first;
}
