// SPDX-License-Identifier: GPL-2.0-only
/* doctor_device.c - the interfaces of a gateway: their state, sizes and offloads. */
#include <stdio.h>
#include <string.h>

#include "doctor_checks.h"
#include "ethtool.h"

#define MTU_ETHERNET 1500
#define MTU_HEADERS 40 /* of IPv4 and TCP without options: what an MSS leaves out */

static bool has_xdp(const struct doctor *run)
{
	return run->is_attached && run->gw->marker.ingress == NAT_INGRESS_XDP;
}

void doctor_link(struct doctor *run)
{
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];
	bool is_up = run->own.flags & IFF_UP;

	if (!run->own.ifindex || (is_up && (run->own.flags & IFF_RUNNING)))
		return;
	snprintf(text, sizeof(text), "%s is %s", run->gw->name, is_up ? "without carrier" : "down");
	snprintf(remedy, sizeof(remedy),
		 is_up ? "see \"ethtool %s\", and to its cable" : "\"ip link set %s up\"",
		 run->gw->name);
	doctor_found(run, text, remedy);
}

/* Is the MSS of what hosts open lowered to what fits @mtu? */
static bool is_clamped(__u32 clamp, int mtu)
{
	if (clamp == NAT_CLAMP_AUTO)
		return mtu < MTU_ETHERNET;
	return clamp != NAT_CLAMP_OFF && clamp + MTU_HEADERS <= (__u32)mtu;
}

void doctor_mtu(struct doctor *run)
{
	__u32 clamp = run->settings.value[NAT_SETTING_CLAMP_MSS];
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];
	int own = ethtool_mtu(run->gw->name);

	if (!own || is_clamped(clamp, own))
		return;
	for (int i = 0; i < run->internal_count; i++) {
		int mtu = ethtool_mtu(run->internal[i].name);

		if (mtu <= own)
			continue;
		snprintf(text, sizeof(text),
			 "packets from %s may have %d octets, %s takes %d: TCP depends on ICMP "
			 "errors that firewalls like to drop",
			 run->internal[i].name, mtu, run->gw->name, own);
		snprintf(remedy, sizeof(remedy), "\"natctl %s %s %s%d\"",
			 run->is_attached ? "set" : "attach", run->gw->name,
			 run->is_attached ? "clamp-mss=" : "--clamp-mss ", own - MTU_HEADERS);
		doctor_found(run, text, remedy);
		return; /* the remedy is the same for all */
	}
}

void doctor_veth(struct doctor *run)
{
	if (has_xdp(run) && !strcmp(run->own.kind, "veth"))
		doctor_found(run, "bulk TCP through veth is slower with XDP",
			     "--ingress tc is the alternative");
}

/* What is glued by the card cannot be told apart again, and does not fit the other side. */
static void lro_look(struct doctor *run, const char *ifname)
{
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];

	if (!ethtool_is_on(ifname, ETHTOOL_LRO))
		return;
	snprintf(text, sizeof(text), "LRO is on at %s: what it glues together cannot be forwarded",
		 ifname);
	snprintf(remedy, sizeof(remedy), "\"ethtool -K %s lro off\"", ifname);
	doctor_found(run, text, remedy);
}

void doctor_lro(struct doctor *run)
{
	lro_look(run, run->gw->name);
	for (int i = 0; i < run->internal_count; i++)
		lro_look(run, run->internal[i].name);
}

/* XDP comes before GRO and does not care; a device without a link layer has none to speak of. */
void doctor_gro(struct doctor *run)
{
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];

	if (!run->is_attached || has_xdp(run) || netif_header_len(&run->own) <= 0 ||
	    ethtool_is_on(run->gw->name, ETHTOOL_GRO))
		return;
	snprintf(text, sizeof(text), "GRO is off at %s: bulk traffic takes more time than it needs",
		 run->gw->name);
	snprintf(remedy, sizeof(remedy), "\"ethtool -K %s gro on\"", run->gw->name);
	doctor_found(run, text, remedy);
}

/* Is there a VLAN device on top of it? */
static bool has_vlan(const char *ifname)
{
	char line[256], vlan[IF_NAMESIZE], parent[IF_NAMESIZE];
	FILE *file = fopen("/proc/net/vlan/config", "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%15s | %*d | %15s", vlan, parent) == 2 &&
			!strcmp(parent, ifname);
	if (file)
		fclose(file);
	return found;
}

void doctor_vlan_offload(struct doctor *run)
{
	const char *own = run->gw->name;
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];

	if (!has_xdp(run) || !has_vlan(own) || !ethtool_is_on(own, ETHTOOL_RXVLAN))
		return;
	snprintf(text, sizeof(text),
		 "the card takes VLAN tags out before XDP sees a frame: what belongs to a VLAN on "
		 "%s may be taken for its own",
		 own);
	snprintf(remedy, sizeof(remedy), "\"ethtool -K %s rxvlan off\"", own);
	doctor_found(run, text, remedy);
}
