// SPDX-License-Identifier: GPL-2.0-only
/*
 * forward.c - let an interface forward, and put back what that changed.
 *
 * Gateways of one namespace share it: each notes what it was before the first of them came,
 * and the last one to go puts it back.
 */
#include "forward.h"

#include <errno.h>

#include "sibling.h"
#include "sysctl.h"

#define ON 1
#define UNCHANGED (-1)

int forward_on(struct gateway *gw, struct nat_interface *row)
{
	char name[IF_NAMESIZE];
	int value, err;

	if (row->forwarding != UNCHANGED)
		return 0;
	if (!if_indextoname(row->ifindex, name))
		return -ENOENT;
	err = sysctl_forwarding_read(name, &value);
	if (err || (value == ON && !sibling_forwards(gw, row->ifindex, &value)))
		return err;
	row->forwarding = value;
	err = gateway_marker_write(gw);
	if (!err)
		err = sysctl_forwarding_write(name, ON);
	if (err) {
		row->forwarding = UNCHANGED;
		gateway_marker_write(gw);
	}
	return err;
}

int forward_off(const struct gateway *gw, const struct nat_interface *row)
{
	char name[IF_NAMESIZE];
	int value, err;

	if (row->forwarding == UNCHANGED || !if_indextoname(row->ifindex, name) ||
	    sibling_forwards(gw, row->ifindex, &value))
		return 0;
	err = sysctl_forwarding_read(name, &value);
	if (!err && value == ON)
		err = sysctl_forwarding_write(name, row->forwarding);
	return err;
}
