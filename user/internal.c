// SPDX-License-Identifier: GPL-2.0-only
/*
 * internal.c - the internal interfaces of a gateway, as they come and go.
 *
 * How it works
 *
 * The marker has a row for the gateway's own interface and for every internal one: what
 * there is to undo. A row is written before anything is done to its interface. With
 * --lan auto a row comes with the interface's first IPv4 address and goes with the
 * interface; an address that is lost for a while changes nothing. A listed interface keeps
 * its row, and when one of its name appears again it is internal again. A row is its
 * interface's, not its name's: one that is renamed keeps it.
 *
 * Not internal, unless listed: an interface that another gateway is attached to, and one over
 * which a default route leads out when it comes.
 */
#include "internal.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forward.h"
#include "interface.h"
#include "lan_hooks.h"
#include "lanes.h"
#include "msg.h"
#include "netif.h"
#include "routes.h"
#include "sibling.h"

/* ---- which ------------------------------------------------------------------------------ */

int internal_candidates(const struct gateway *gw, struct netif **list)
{
	struct routes routes;
	struct netif_addr *addrs;
	int count = netif_addrs(&addrs), found = 0, err = 0;

	*list = count > 0 ? calloc(count, sizeof(**list)) : NULL;
	if (count > 0)
		err = *list ? routes_read(&routes) : -ENOMEM;
	for (int i = 0; !err && i < count; i++) {
		struct netif *netif = &(*list)[found];
		bool is_new = addrs[i].ifindex != gw->ifindex;

		for (int k = 0; k < found; k++)
			is_new &= (*list)[k].ifindex != addrs[i].ifindex;
		/* It may have gone between the listing and now. */
		if (!is_new || netif_find_index(addrs[i].ifindex, netif))
			continue;
		if (!(netif->flags & IFF_LOOPBACK) &&
		    !routes_has(&routes, RT_TABLE_MAIN, netif->ifindex) &&
		    !sibling_is_attached_to(gw, netif->ifindex))
			found++;
	}
	free(addrs);
	if (count < 0)
		return count;
	return err ? err : found;
}

void internal_chosen(const struct gateway *gw, struct options_lan *lan)
{
	memset(lan, 0, sizeof(*lan));
	lan->mode = gw->marker.lan;
	for (__u32 i = 0; i < gw->marker.interface_count && lan->count < OPTIONS_LAN_MAX; i++) {
		const struct nat_interface *row = &gw->marker.interfaces[i];
		char *name = lan->names[lan->count];

		if (!row->is_listed)
			continue;
		if (!row->ifindex || !if_indextoname(row->ifindex, name))
			strcpy(name, row->name);
		lan->count++;
	}
}

int internal_programs(const struct gateway *gw, const struct options_lan *lan, bool need[2])
{
	struct netif *list, netif;
	int count;

	need[0] = lan->mode != NAT_LAN_NONE;
	need[1] = false;
	for (unsigned int i = 0; i < lan->count; i++)
		need[1] |= !netif_find(lan->names[i], &netif) && !netif_header_len(&netif);
	if (lan->mode != NAT_LAN_AUTO)
		return 0;
	count = internal_candidates(gw, &list);
	for (int i = 0; i < count; i++)
		need[1] |= !netif_header_len(&list[i]);
	free(list);
	return count < 0 ? count : 0;
}

void internal_choose(struct gateway *gw, const struct options_lan *lan)
{
	gw->marker.lan = lan->mode;
	for (__u32 i = 0; i < gw->marker.interface_count; i++) {
		struct nat_interface *row = interface_at(gw, i);

		row->is_listed = 0;
		for (int hook = 0; hook < NAT_LAN_HOOKS; hook++)
			if (row->hooks[hook] == NAT_HOOK_REFUSED)
				row->hooks[hook] = NAT_HOOK_OFF;
	}
	for (unsigned int i = 0; i < lan->count; i++) {
		unsigned int ifindex = if_nametoindex(lan->names[i]);
		struct nat_interface *row = ifindex ? interface_find(gw, ifindex) : NULL;

		row = row ? row : interface_find_dead(gw, lan->names[i]);
		row = row ? row : interface_add(gw, lan->names[i], ifindex);
		if (row)
			row->is_listed = 1;
	}
}

/* ---- one ------------------------------------------------------------------------------- */

static int let_go(struct gateway *gw, struct nat_interface *row)
{
	int err = forward_off(gw, row), hooks_err = lan_hooks_off(gw, row);

	return err ? err : hooks_err;
}

/* What is missing without it; NULL: nothing that anybody has to know. */
static const char *const wants[NAT_LAN_HOOKS] = {
	[NAT_LAN_HAIRPIN] = "hairpin",
	[NAT_LAN_LANE_TC] = "express lane",
};

static bool is_hook_wanted(const struct gateway *gw, const struct nat_interface *row,
			   enum hook hook)
{
	if (hook == HOOK_LAN_IN || !gw->marker.fast)
		return hook == HOOK_LAN_IN;
	return hook == HOOK_LANE_TC || (gw->marker.ingress == NAT_INGRESS_XDP &&
					row->hooks[NAT_LAN_LANE_TC] == NAT_HOOK_ON);
}

static int take_hook(struct gateway *gw, struct nat_interface *row, enum hook hook)
{
	const char *what = wants[hook - HOOK_LAN_IN];
	__u8 *state = lan_hook_state(row, hook);
	char why[HOOK_WHY_MAX];
	int err;

	if (!is_hook_wanted(gw, row, hook))
		return *state == NAT_HOOK_OFF ? 0 : lan_hook_off(gw, row, hook);
	if (*state != NAT_HOOK_OFF)
		return 0;
	err = lan_hook_on(gw, row, hook, why);
	if (!err || err == -ENODEV)
		return 0;
	*state = NAT_HOOK_REFUSED;
	if (what && row->is_listed)
		msg_error(row->name, "cannot attach %s: %s", hook_program(hook, false), why);
	else if (what)
		msg_warn(row->name, "no %s for hosts here: %s", what, why);
	return what && row->is_listed ? err : 0;
}

static int take_hooks(struct gateway *gw, struct nat_interface *row)
{
	int first = 0;

	for (enum hook hook = HOOK_LAN_IN; hook < HOOK_MAX; hook++) {
		int err = take_hook(gw, row, hook);

		first = first ? first : err;
	}
	return first;
}

static int take_forwarding(struct gateway *gw, struct nat_interface *row)
{
	int err = gw->marker.no_sysctl ? 0 : forward_on(gw, row);

	if (!err || err == -ENOENT)
		return 0;
	msg_error(row->name, "cannot turn on forwarding: %s (--no-sysctl leaves it as it is)",
		  strerror(-err));
	return err;
}

/* ---- all ------------------------------------------------------------------------------- */

static bool is_wanted(const struct gateway *gw, const struct nat_interface *row)
{
	if (interface_is_own(gw, row) || row->is_listed)
		return true;
	return gw->marker.lan == NAT_LAN_AUTO && !sibling_is_attached_to(gw, row->ifindex);
}

/* What was noted of interfaces that have gone. */
static int forget_dead(struct gateway *gw)
{
	int first = 0;

	for (__u32 i = gw->marker.interface_count; i-- > 0;) {
		struct nat_interface *row = interface_at(gw, i);
		unsigned int ifindex;
		int err = 0;

		if (interface_lives(row))
			continue;
		if (row->ifindex)
			err = let_go(gw, row);
		if (err) {
			first = first ? first : err;
			continue;
		}
		interface_clear(row);
		if (!row->is_listed) {
			interface_remove(gw, i);
			continue;
		}
		/* Another one that has taken this name keeps the row that it has. */
		ifindex = if_nametoindex(row->name);
		if (ifindex && !interface_find(gw, ifindex))
			row->ifindex = ifindex;
	}
	return first;
}

static int drop_unwanted(struct gateway *gw)
{
	int first = 0;

	for (__u32 i = gw->marker.interface_count; i-- > 0;) {
		struct nat_interface *row = interface_at(gw, i);
		int err;

		if (is_wanted(gw, row))
			continue;
		err = let_go(gw, row);
		if (!err)
			interface_remove(gw, i);
		first = first ? first : err;
	}
	return first;
}

static int add_rows(struct gateway *gw)
{
	struct netif *list;
	int count;

	if (!interface_find(gw, gw->marker.ifindex))
		interface_add(gw, gw->name, gw->marker.ifindex);
	if (gw->marker.lan != NAT_LAN_AUTO)
		return 0;
	count = internal_candidates(gw, &list);
	for (int i = 0; i < count; i++)
		if (!interface_find(gw, list[i].ifindex))
			interface_add(gw, list[i].name, list[i].ifindex);
	free(list);
	return count < 0 ? count : 0;
}

int internal_follow(struct gateway *gw)
{
	int err, first = forget_dead(gw);

	err = add_rows(gw);
	first = first ? first : err;
	err = gateway_marker_write(gw);
	if (err)
		return err;
	for (__u32 i = 0; i < gw->marker.interface_count; i++) {
		struct nat_interface *row = interface_at(gw, i);

		if (!row->ifindex || !is_wanted(gw, row))
			continue;
		/* Before it forwards what it should hairpin. */
		err = interface_is_own(gw, row) ? 0 : take_hooks(gw, row);
		first = first ? first : err;
		err = take_forwarding(gw, row);
		first = first ? first : err;
	}
	/* Last, so that an attach which fails leaves what there was. */
	if (!first)
		first = drop_unwanted(gw);
	err = lanes_follow(gw);
	first = first ? first : err;
	err = gateway_marker_write(gw);
	return first ? first : err;
}

int internal_restore(struct gateway *gw, const struct nat_marker *before)
{
	int err, first = 0;

	for (__u32 i = gw->marker.interface_count; i-- > 0;) {
		if (interface_was(before, interface_at(gw, i)))
			continue;
		err = let_go(gw, interface_at(gw, i));
		if (!err)
			interface_remove(gw, i);
		first = first ? first : err;
	}
	for (__u32 i = 0; i < before->interface_count; i++) {
		const struct nat_interface *was = &before->interfaces[i];
		struct nat_interface *row = was->ifindex ? interface_find(gw, was->ifindex) :
							   interface_find_dead(gw, was->name);

		row = row ? row : interface_add(gw, was->name, was->ifindex);
		if (!row)
			continue;
		row->is_listed = was->is_listed;
		/* Turned on where it is to be left alone. */
		if (before->no_sysctl && was->forwarding < 0) {
			err = forward_off(gw, row);
			row->forwarding = err ? row->forwarding : -1;
			first = first ? first : err;
		}
		for (int hook = 0; hook < NAT_LAN_HOOKS; hook++)
			if (row->hooks[hook] == NAT_HOOK_OFF &&
			    was->hooks[hook] == NAT_HOOK_REFUSED)
				row->hooks[hook] = NAT_HOOK_REFUSED;
	}
	gw->marker.lan = before->lan;
	err = internal_follow(gw);
	return first ? first : err;
}

int internal_unforward(struct gateway *gw)
{
	int first = 0;

	for (__u32 i = gw->marker.interface_count; i-- > 0;) {
		struct nat_interface *row = interface_at(gw, i);
		int err = forward_off(gw, row);

		if (!err)
			row->forwarding = -1;
		first = first ? first : err;
	}
	return first;
}

int internal_suspend(struct gateway *gw)
{
	int first = 0;

	for (__u32 i = gw->marker.interface_count; i-- > 0;) {
		struct nat_interface *row = interface_at(gw, i);
		int err;

		err = row->ifindex ? let_go(gw, row) : 0;
		first = first ? first : err;
		if (err)
			continue;
		/* One that is there and listed is the same interface afterwards, renamed or not. */
		row->forwarding = -1;
		if (!row->is_listed)
			interface_remove(gw, i);
	}
	return first;
}

int internal_release(struct gateway *gw)
{
	int first = 0;

	for (__u32 i = gw->marker.interface_count; i-- > 0;) {
		int err = interface_at(gw, i)->ifindex ? lan_hooks_off(gw, interface_at(gw, i)) : 0;

		first = first ? first : err;
	}
	return first;
}
