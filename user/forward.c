// SPDX-License-Identifier: GPL-2.0-only
/* forward.c - let the interfaces of a gateway forward, and remember for detach. */
#include "forward.h"

#include <errno.h>
#include <stdlib.h>

#include "netif.h"
#include "sysctl.h"

int forward_enable(struct gateway *gw, const char *ifname)
{
	int err = sysctl_forward(&gw->marker, ifname);

	if (err <= 0)
		return err;
	err = gateway_marker_write(gw);
	if (!err)
		err = sysctl_apply(&gw->marker);
	if (err) {
		gw->marker.undo_count--;
		gateway_marker_write(gw);
	}
	return err;
}

int forward_enable_internal(struct gateway *gw)
{
	struct netif_addr *addrs;
	struct netif netif;
	int count, first = 0;

	count = netif_addrs(&addrs);
	if (count < 0)
		return count;
	for (int i = 0; i < count; i++) {
		char name[IF_NAMESIZE];
		int err;

		if (addrs[i].ifindex == gw->ifindex || !if_indextoname(addrs[i].ifindex, name))
			continue;
		if (netif_find(name, &netif) || netif.flags & IFF_LOOPBACK)
			continue;
		err = forward_enable(gw, name);
		/* Gone between the listing and now: nothing to forward. */
		if (err != -ENOENT)
			first = first ? first : err;
	}
	free(addrs);
	return first;
}
