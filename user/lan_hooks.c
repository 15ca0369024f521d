// SPDX-License-Identifier: GPL-2.0-only
/*
 * lan_hooks.c - put programs onto an internal interface, swap them, take them off.
 *
 * The programs are taken from their pins: attach has pinned them before it comes here, and
 * the keeper has nothing else.
 */
#include "lan_hooks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clsact.h"
#include "netif.h"

__u8 *lan_hook_state(struct nat_interface *row, enum hook hook)
{
	return &row->hooks[hook - HOOK_LAN_IN];
}

static int pinned_program(const struct gateway *gw, enum hook hook, bool bare)
{
	char path[PATH_MAX + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/progs/%s", gw->dir, hook_program(hook, bare));
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

/* Bytes before the IP header, or -errno. */
static int header_len(const struct nat_interface *row, struct netif *netif)
{
	int err = netif_find_index(row->ifindex, netif);

	return err ? err : netif_header_len(netif);
}

static int attach(struct gateway *gw, struct nat_interface *row, enum hook hook, int prog_fd)
{
	bool before = row->clsact, clsact = before;
	int err;

	/* The pin may be that of an attach which was killed. */
	if (hook_is_attached(hook, gw, row->ifindex))
		return hook_replace(hook, gw, row->ifindex, prog_fd);
	row->clsact = before || (!hook_is_xdp(hook) && hooks_may_make_clsact(gw, row->ifindex));
	err = gateway_marker_write(gw);
	if (!err)
		err = hook_attach(hook, gw, row->ifindex, prog_fd, &clsact);
	if (err && clsact && !before)
		clsact_remove(row->ifindex);
	row->clsact = err ? before : clsact;
	return err;
}

int lan_hook_on(struct gateway *gw, struct nat_interface *row, enum hook hook, char *why)
{
	struct netif netif = {};
	int fd, err, len = header_len(row, &netif);

	if (len == -EPFNOSUPPORT)
		snprintf(why, HOOK_WHY_MAX, "link type %u is not supported", netif.type);
	else if (!len && !hook_has_bare(hook))
		len = -EOPNOTSUPP;
	if (len < 0 && len != -EPFNOSUPPORT)
		snprintf(why, HOOK_WHY_MAX, "%s", strerror(-len));
	if (len < 0)
		return len;
	fd = pinned_program(gw, hook, !len);
	if (fd == -ENOENT)
		snprintf(why, HOOK_WHY_MAX,
			 "the program for interfaces %s Ethernet header is not loaded "
			 "(\"natctl attach %s\" again loads it)",
			 len ? "with an" : "without", gw->name);
	else if (fd < 0)
		snprintf(why, HOOK_WHY_MAX, "%s", strerror(-fd));
	if (fd < 0)
		return fd;
	err = attach(gw, row, hook, fd);
	close(fd);
	if (!err)
		*lan_hook_state(row, hook) = NAT_HOOK_ON;
	else if (err != -EBUSY || !hook_is_taken(hook, gw, row->ifindex, why))
		snprintf(why, HOOK_WHY_MAX, "%s", strerror(-err));
	return err;
}

static bool needs_clsact(const struct gateway *gw, const struct nat_interface *row)
{
	return hook_is_attached(HOOK_LAN_IN, gw, row->ifindex) ||
	       hook_is_attached(HOOK_LANE_TC, gw, row->ifindex);
}

int lan_hook_off(struct gateway *gw, struct nat_interface *row, enum hook hook)
{
	char name[IF_NAMESIZE];
	int err = hook_detach(hook, gw, row->ifindex);
	bool is_last = !err && row->clsact && !needs_clsact(gw, row);

	if (is_last && if_indextoname(row->ifindex, name))
		err = clsact_remove(row->ifindex);
	if (err == -EBUSY)
		err = 0; /* somebody else's filters keep the qdisc: theirs now */
	if (err)
		return err;
	row->clsact = is_last ? 0 : row->clsact;
	*lan_hook_state(row, hook) = NAT_HOOK_OFF;
	return 0;
}

int lan_hooks_off(struct gateway *gw, struct nat_interface *row)
{
	int first = 0;

	for (enum hook hook = HOOK_MAX; hook-- > HOOK_LAN_IN;) {
		int err = lan_hook_off(gw, row, hook);

		first = first ? first : err;
	}
	return first;
}

/* ---- all of them ------------------------------------------------------------------------ */

static bool is_swapped(const struct gateway *gw, struct nat_interface *row, enum hook hook,
		       bool *bare)
{
	struct netif netif;
	int len = *lan_hook_state(row, hook) == NAT_HOOK_ON ? header_len(row, &netif) : -ENODEV;

	*bare = !len;
	return len >= 0 && hook_is_attached(hook, gw, row->ifindex);
}

static int swap(struct gateway *gw, struct nat_interface *row, enum hook hook, const int fd[2])
{
	bool bare;

	/* One without a new program is to be let go; one whose pin was removed by hand is
	 * attached anew. */
	if (!is_swapped(gw, row, hook, &bare)) {
		*lan_hook_state(row, hook) = NAT_HOOK_OFF;
		return 0;
	}
	return fd[bare] < 0 ? 0 : hook_replace(hook, gw, row->ifindex, fd[bare]);
}

int lan_hooks_swap(struct gateway *gw, const struct lan_programs *programs, __u32 *failed)
{
	for (__u32 i = 0; i < gw->marker.interface_count; i++) {
		for (enum hook hook = HOOK_LAN_IN; hook < HOOK_MAX; hook++) {
			int err = swap(gw, &gw->marker.interfaces[i], hook,
				       programs->fd[hook - HOOK_LAN_IN]);

			if (err) {
				*failed = i;
				return err;
			}
		}
	}
	return 0;
}

static int swap_back(struct gateway *gw, struct nat_interface *row, enum hook hook)
{
	int fd, err;
	bool bare;

	if (!is_swapped(gw, row, hook, &bare))
		return 0;
	fd = pinned_program(gw, hook, bare);
	/* Without a pin there was none of its kind before. */
	if (fd < 0)
		return fd == -ENOENT ? lan_hook_off(gw, row, hook) : fd;
	err = hook_replace(hook, gw, row->ifindex, fd);
	close(fd);
	return err;
}

int lan_hooks_swap_back(struct gateway *gw)
{
	int first = 0;

	for (__u32 i = 0; i < gw->marker.interface_count; i++) {
		for (enum hook hook = HOOK_LAN_IN; hook < HOOK_MAX; hook++) {
			int err = swap_back(gw, &gw->marker.interfaces[i], hook);

			first = first ? first : err;
		}
	}
	return first;
}
