// SPDX-License-Identifier: GPL-2.0-only
/* follow.c - bring a gateway in line with the interfaces and addresses of the moment. */
#include "follow.h"

#include <stdlib.h>

#include "internal.h"
#include "netif.h"
#include "pool.h"
#include "statics.h"

static int follow_addresses(struct gateway *gw)
{
	struct netif_addr *addrs;
	struct nat_pool pool;
	__be32 primary;
	int count, err;

	err = pool_read(gw, &pool);
	if (err)
		return err;
	count = netif_addrs(&addrs);
	if (count < 0)
		return count;
	primary = netif_primary(addrs, count, gw->ifindex);
	free(addrs);
	if (gw->marker.address_auto && primary)
		pool = (struct nat_pool){ .count = 1, .addr = { primary } };
	err = pool_write(gw, &pool);
	/* Port forwards whose port is taken at the new address: it may come free. */
	return err ? err : statics_follow(gw, &pool);
}

int follow(struct gateway *gw, struct link *link)
{
	int err, first = link_follow(link, gw);

	/* A pool that was listed has nowhere to be until then. */
	err = link->is_gone && !gw->marker.address_auto ? 0 : follow_addresses(gw);
	first = first ? first : err;
	err = link->is_gone ? 0 : internal_follow(gw);
	return first ? first : err;
}
