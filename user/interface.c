// SPDX-License-Identifier: GPL-2.0-only
/* interface.c - the rows of a marker: the interfaces on which there is something to undo. */
#include "interface.h"

#include <stdio.h>
#include <string.h>

#include "msg.h"

struct nat_interface *interface_at(struct gateway *gw, __u32 i)
{
	return &gw->marker.interfaces[i];
}

bool interface_is_own(const struct gateway *gw, const struct nat_interface *row)
{
	return row->ifindex == gw->marker.ifindex;
}

struct nat_interface *interface_find(struct gateway *gw, unsigned int ifindex)
{
	for (__u32 i = 0; i < gw->marker.interface_count; i++)
		if (interface_at(gw, i)->ifindex == ifindex)
			return interface_at(gw, i);
	return NULL;
}

struct nat_interface *interface_find_dead(struct gateway *gw, const char *name)
{
	for (__u32 i = 0; i < gw->marker.interface_count; i++)
		if (!interface_at(gw, i)->ifindex && !strcmp(interface_at(gw, i)->name, name))
			return interface_at(gw, i);
	return NULL;
}

bool interface_lives(struct nat_interface *row)
{
	char name[IF_NAMESIZE];

	if (!row->ifindex || !if_indextoname(row->ifindex, name))
		return false;
	memcpy(row->name, name, sizeof(row->name));
	return true;
}

void interface_clear(struct nat_interface *row)
{
	row->ifindex = 0;
	row->forwarding = -1;
	memset(row->hooks, NAT_HOOK_OFF, sizeof(row->hooks));
	row->clsact = 0;
}

struct nat_interface *interface_add(struct gateway *gw, const char *name, unsigned int ifindex)
{
	struct nat_interface *row = interface_at(gw, gw->marker.interface_count);

	if (gw->marker.interface_count == NAT_INTERFACES_MAX) {
		msg_warn(name,
			 "not internal: %d interfaces are the most (name those that matter "
			 "with --lan)",
			 NAT_INTERFACES_MAX);
		return NULL;
	}
	gw->marker.interface_count++;
	memset(row, 0, sizeof(*row));
	interface_clear(row);
	snprintf(row->name, sizeof(row->name), "%s", name);
	row->ifindex = ifindex;
	return row;
}

void interface_remove(struct gateway *gw, __u32 i)
{
	gw->marker.interface_count--;
	memmove(interface_at(gw, i), interface_at(gw, i + 1),
		(gw->marker.interface_count - i) * sizeof(struct nat_interface));
}

bool interface_was(const struct nat_marker *before, const struct nat_interface *row)
{
	for (__u32 i = 0; i < before->interface_count; i++)
		if (before->interfaces[i].ifindex == row->ifindex &&
		    (row->ifindex || !strcmp(before->interfaces[i].name, row->name)))
			return true;
	return false;
}
