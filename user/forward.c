// SPDX-License-Identifier: GPL-2.0-only
/* forward.c - let an interface forward, and put back what that changed. */
#include "forward.h"

#include <errno.h>

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
	if (err || value == ON)
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

int forward_off(const struct nat_interface *row)
{
	char name[IF_NAMESIZE];
	int value, err;

	if (row->forwarding == UNCHANGED || !if_indextoname(row->ifindex, name))
		return 0;
	err = sysctl_forwarding_read(name, &value);
	if (!err && value == ON)
		err = sysctl_forwarding_write(name, row->forwarding);
	return err;
}
