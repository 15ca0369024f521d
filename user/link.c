// SPDX-License-Identifier: GPL-2.0-only
/*
 * link.c - a gateway's own interface goes down and up, is renamed, goes and returns.
 *
 * How it works
 *
 * Down and up change nothing: the kernel sends nothing over it meanwhile. With a new name the
 * pins get that name (pins.c).
 *
 * An interface that is deleted takes our programs with it. One of the same name that appears
 * later has another index, and is as good: a PPP line that is dialled again, a modem that is
 * plugged in again. The maps have waited, pinned, and the programs are pinned too. What must not
 * happen in between is that something leaves over the new interface before it is covered. So
 * forwarding, as far as it is our doing, ends with the old one; the programs are put onto the
 * new one as soon as it is there, egress first, which is before it can have been set up, let
 * alone have a route; and forwarding begins after that (internal.c).
 */
#include "link.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clsact.h"
#include "hooks.h"
#include "internal.h"
#include "msg.h"
#include "netif.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

static bool can_send(const struct netif *netif)
{
	const unsigned int both = IFF_UP | IFF_RUNNING;

	return (netif->flags & both) == both;
}

static unsigned long long sessions(const struct gateway *gw)
{
	struct nat_usage usage = {};

	bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &usage);
	return usage.sessions;
}

void link_look(struct link *link, const struct gateway *gw)
{
	struct netif netif;
	int err = netif_find_index(gw->ifindex, &netif);

	*link = (struct link){
		.header_len = err ? err : netif_header_len(&netif),
		.is_up = err || can_send(&netif),
	};
}

/* ---- it is there ------------------------------------------------------------------------ */

/* Somebody else may have moved the pins, even there and back again. */
static int rename_pins(struct gateway *gw)
{
	char before[IF_NAMESIZE];
	int err;

	strcpy(before, gw->name);
	err = gateway_settle(gw);
	if (!err && strcmp(before, gw->name))
		msg_note(gw->name, "this was \"%s\", whose gateway goes on under the new name",
			 before);
	return err;
}

static void tell_state(struct link *link, const struct gateway *gw, const struct netif *netif)
{
	bool is_up = can_send(netif);

	if (is_up == link->is_up)
		return;
	link->is_up = is_up;
	msg_note(gw->name,
		 is_up ? "the link is up (sessions that go on: %llu)" :
			 "the link is down (sessions that wait: %llu)",
		 sessions(gw));
}

/* ---- it is not -------------------------------------------------------------------------- */

/* The pins of links that have died with their interface, too. */
static int hooks_off(struct gateway *gw)
{
	int first = 0;

	for (int hook = HOOK_WAN_MAX; hook-- > 0;) {
		int err = hook_detach(hook, gw, gw->ifindex);

		first = first ? first : err;
	}
	if (gw->marker.clsact)
		clsact_remove(gw->ifindex);
	gw->marker.clsact = 0;
	return first;
}

int link_leave(struct gateway *gw)
{
	int err = internal_suspend(gw), hooks_err = hooks_off(gw);

	err = err ? err : hooks_err;
	return gateway_marker_write(gw) ?: err;
}

/* Until it has been done. */
static int leave(struct link *link, struct gateway *gw)
{
	int err = link_leave(gw);

	if (!link->is_gone)
		msg_note(gw->name,
			 "the interface has gone (sessions that wait for its return: %llu)",
			 sessions(gw));
	link->is_gone = true;
	return err;
}

static int hook_on(struct gateway *gw, enum hook hook, bool *clsact)
{
	char path[PATH_MAX + 32];
	int err, fd;

	snprintf(path, sizeof(path), "%s/progs/%s", gw->dir, hook_program(hook, false));
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	err = hook_attach(hook, gw, gw->ifindex, fd, clsact);
	close(fd);
	return err;
}

static int hooks_on(struct gateway *gw)
{
	bool clsact = false;
	int err;

	/* Whatever is noted is removed; see attach.c. */
	gw->marker.clsact = hooks_may_make_clsact(gw, gw->ifindex);
	err = gateway_marker_write(gw);
	for (enum hook hook = 0; !err && hook < HOOK_WAN_MAX; hook++)
		if (hook != HOOK_XDP_WAN_IN || gw->marker.ingress == NAT_INGRESS_XDP)
			err = hook_on(gw, hook, &clsact);
	gw->marker.clsact = clsact;
	return err;
}

static int move_to(struct gateway *gw, unsigned int ifindex)
{
	const unsigned int before = gw->ifindex;
	int err;

	gw->ifindex = gw->marker.ifindex = ifindex;
	err = hooks_on(gw);
	if (err) {
		hooks_off(gw);
		gw->ifindex = gw->marker.ifindex = before;
	}
	return gateway_marker_write(gw) ?: err;
}

/* Has another one of the name come? */
static int come_back(struct link *link, struct gateway *gw)
{
	struct netif netif;
	int err = netif_find(gw->name, &netif);

	if (err || strcmp(netif.name, gw->name))
		return err == -ENODEV ? 0 : err;
	if (netif_header_len(&netif) != link->header_len)
		return -EMEDIUMTYPE;
	err = move_to(gw, netif.ifindex);
	if (err)
		return err;
	link->is_gone = false;
	link->is_up = can_send(&netif);
	msg_note(gw->name, "the interface is back (sessions that go on: %llu)", sessions(gw));
	return 0;
}

int link_follow(struct link *link, struct gateway *gw)
{
	struct netif netif;
	int err = netif_find_index(gw->ifindex, &netif), pins_err;

	if (!err)
		tell_state(link, gw, &netif);
	else if (err != -ENODEV)
		return err;
	pins_err = rename_pins(gw);
	if (err == -ENODEV) {
		err = leave(link, gw);
		err = err ? err : come_back(link, gw);
	}
	return err ? err : pins_err;
}
