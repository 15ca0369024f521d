// SPDX-License-Identifier: GPL-2.0-only
/* attach_check.c - what can be known to be wrong before anything is changed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "internal.h"
#include "msg.h"
#include "netif.h"

/* Where the pool is to be the primary address: is there one? */
bool attach_has_address(const struct attach *attach)
{
	struct netif_addr *addrs;
	int count;
	bool found;

	if (!attach->options->address_auto)
		return true;
	count = netif_addrs(&addrs);
	found = count > 0 && netif_primary(addrs, count, attach->netif.ifindex);
	free(addrs);
	if (!found)
		msg_error(attach->netif.name,
			  "cannot attach: it has no IPv4 address (\"ip addr add\" one, or give "
			  "--address)");
	return found;
}

bool attach_check_interface(struct attach *attach)
{
	const struct options *options = attach->options;
	int err = netif_find(options->ifname, &attach->netif);

	if (err) {
		msg_error(options->ifname, "cannot attach: %s (see \"ip link\")",
			  err == -ENODEV ? "no such interface" : strerror(-err));
		return false;
	}
	if (attach->netif.flags & IFF_LOOPBACK) {
		msg_error(options->ifname, "cannot attach: it is the loopback interface "
					   "(name the one that leads outside)");
		return false;
	}
	attach->header_len = netif_header_len(&attach->netif);
	if (attach->header_len < 0) {
		msg_error(options->ifname,
			  "cannot attach: link type %u is not supported (Ethernet, PPP, tun and "
			  "the like are)",
			  attach->netif.type);
		return false;
	}
	return true;
}

/* Why an interface cannot be internal, or NULL; @name becomes the kernel's name for it. */
static const char *why_not_internal(const struct attach *attach, char *name)
{
	struct netif netif;
	int err = netif_find(name, &netif);

	if (err)
		return err == -ENODEV ? "no such interface (see \"ip link\")" : strerror(-err);
	if (netif.ifindex == attach->netif.ifindex)
		return "it is the interface to attach to (name another)";
	if (netif.flags & IFF_LOOPBACK)
		return "it is the loopback interface (name one that leads to hosts)";
	strcpy(name, netif.name);
	return NULL;
}

static bool is_listed(const struct options_lan *lan, const char *name)
{
	for (unsigned int i = 0; lan && i < lan->count; i++)
		if (!strcmp(lan->names[i], name))
			return true;
	return false;
}

bool attach_check_internal(struct attach *attach, const struct options_lan *before)
{
	attach->lan = attach->options->lan;
	for (unsigned int i = 0; i < attach->lan.count; i++) {
		char *name = attach->lan.names[i];
		unsigned int line = attach->lan.line[i];
		struct options_place place;
		const char *why = is_listed(before, name) ? NULL : why_not_internal(attach, name);

		if (!why)
			continue;
		options_place(&place, attach->options, line, name);
		/* At a boot nobody is there to mend the file: the others must not wait for it. */
		if (line && !before && !if_nametoindex(name)) {
			msg_note(place.object,
				 "lan \"%s\" is not there now: internal when it comes", name);
			continue;
		}
		if (line)
			msg_error(place.object, "lan cannot be \"%s\": %s", name, why);
		else
			msg_error(name, "cannot be internal: %s", why);
		return false;
	}
	return true;
}

/* XDP or not, as far as it can be told without asking the driver. */
bool attach_choose_ingress(struct attach *attach)
{
	struct options_place place;
	const char *why_not = NULL;

	if (!attach->header_len)
		why_not = "it has no Ethernet header";
	else if (!strcmp(attach->netif.kind, "vlan"))
		why_not = "it is a VLAN device";
	if (attach->options->ingress == OPTIONS_INGRESS_XDP && why_not) {
		options_place(&place, attach->options, attach->options->line[OPTIONS_ONCE_INGRESS],
			      attach->netif.name);
		msg_error(place.object, "cannot attach XDP: %s (use %singress tc)", why_not,
			  place.dashes);
		return false;
	}
	attach->xdp = attach->options->ingress != OPTIONS_INGRESS_TC && !why_not;
	if (attach->options->ingress == OPTIONS_INGRESS_AUTO)
		attach->why_tc = why_not;
	return true;
}

bool attach_check_fast(const struct attach *attach)
{
	if (!attach->fast || attach->lan.mode != NAT_LAN_NONE)
		return true;
	msg_error(attach->netif.name,
		  "--fast sends packets on to and from internal interfaces, and "
		  "--lan none says that there are none (name one by --lan)");
	return false;
}
