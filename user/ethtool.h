/* SPDX-License-Identifier: GPL-2.0-only */
/* ethtool.h - what an interface's driver says of itself, and of its offloads. */
#ifndef ETHTOOL_H
#define ETHTOOL_H

#include <stdbool.h>

/** enum ethtool_offload - On the receiving side */
enum ethtool_offload {
	ETHTOOL_LRO,	/* the card makes one packet of several, which cannot be undone */
	ETHTOOL_GRO,	/* the kernel does, which can */
	ETHTOOL_RXVLAN, /* the card takes the VLAN tag out of the frame */
};

/** ethtool_is_on() - Is that offload on? false too where nobody knows it */
bool ethtool_is_on(const char *ifname, enum ethtool_offload offload);

/** ethtool_driver() - Its name; @driver: 32 bytes. false if it has none */
bool ethtool_driver(const char *ifname, char *driver);

/** ethtool_mtu() - The interface's MTU in octets, 0 if it is not there */
int ethtool_mtu(const char *ifname);

#endif /* ETHTOOL_H */
