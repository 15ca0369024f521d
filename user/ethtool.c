// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool.c - what an interface's driver says of itself, and of its offloads.
 *
 * By the old requests of SIOCETHTOOL, which ask for no privilege and which every kernel knows.
 */
#include "ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct offload {
	__u32 command;
	__u32 bit; /* of its answer */
} offloads[] = {
	[ETHTOOL_LRO] = { ETHTOOL_GFLAGS, ETH_FLAG_LRO },
	[ETHTOOL_GRO] = { ETHTOOL_GGRO, 1 },
	[ETHTOOL_RXVLAN] = { ETHTOOL_GFLAGS, ETH_FLAG_RXVLAN },
};

/* Any socket will do: it only says which network namespace is meant. */
static bool ask(const char *ifname, unsigned long what, struct ifreq *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done;

	if (fd < 0)
		return false;
	strncpy(request->ifr_name, ifname, IF_NAMESIZE - 1);
	done = !ioctl(fd, what, request);
	close(fd);
	return done;
}

bool ethtool_is_on(const char *ifname, enum ethtool_offload offload)
{
	struct ethtool_value value = { .cmd = offloads[offload].command };
	struct ifreq request = { .ifr_data = (void *)&value };

	return ask(ifname, SIOCETHTOOL, &request) && (value.data & offloads[offload].bit);
}

bool ethtool_driver(const char *ifname, char *driver)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (void *)&info };

	if (!ask(ifname, SIOCETHTOOL, &request) || !*info.driver)
		return false;
	memcpy(driver, info.driver, sizeof(info.driver));
	return true;
}

int ethtool_mtu(const char *ifname)
{
	struct ifreq request = {};

	return ask(ifname, SIOCGIFMTU, &request) ? request.ifr_mtu : 0;
}
