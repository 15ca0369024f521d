// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor_routes.c - routing that a gateway, or a second one beside it, does not get along with.
 *
 * Where rules and tables lead is judged by default routes alone: one by the interface that
 * counts without rules, or in a table that a rule leads to.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/rtnetlink.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor_checks.h"
#include "nets.h"
#include "out.h"
#include "sibling.h"
#include "sysctl.h"

#define RP_FILTER_STRICT 1

#define ROUTE_EXPIRES 0x00400000 /* RTF_EXPIRES of linux/ipv6_route.h */

/* ---- reverse path ------------------------------------------------------------------------ */

static int conf(const char *ifname, const char *key)
{
	int value;

	return sysctl_read("ipv4", ifname, key, &value) ? 0 : value;
}

/* The stricter of two: 0 none, 2 loose, 1 strict; loose wins over strict. */
static bool is_strict(const char *ifname)
{
	int all = conf("all", "rp_filter"), own = conf(ifname, "rp_filter");

	return (all > own ? all : own) == RP_FILTER_STRICT;
}

void doctor_rp_filter(struct doctor *run)
{
	const struct gateway *gw = run->gw;
	unsigned int main_way = routes_main(&run->routes, gw->ifindex);
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX], name[IF_NAMESIZE];

	/* Without a default route by it, it is no uplink: what is routed by it comes back by it. */
	if (!is_strict(gw->name) || !main_way || main_way == gw->ifindex ||
	    !routes_has(&run->routes, RT_TABLE_UNSPEC, gw->ifindex) ||
	    routes_by_rule(&run->routes, gw->ifindex, conf("all", "src_valid_mark")) ||
	    !if_indextoname(main_way, name))
		return;
	snprintf(text, sizeof(text),
		 "strict rp_filter drops what comes in from where the default route by %s leads",
		 name);
	snprintf(remedy, sizeof(remedy), "\"sysctl -w net.ipv4.conf.%s.rp_filter=2\"",
		 sysctl_name(name, gw->name));
	doctor_found(run, text, remedy);
}

/* ---- ways out ----------------------------------------------------------------------------- */

void doctor_default_route(struct doctor *run)
{
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];

	if (routes_has(&run->routes, RT_TABLE_UNSPEC, run->gw->ifindex))
		return;
	snprintf(text, sizeof(text),
		 "no default route leads by %s: only what other routes lead there goes out by it",
		 run->gw->name);
	snprintf(remedy, sizeof(remedy), "\"ip route add default via GATEWAY dev %s\"",
		 run->gw->name);
	doctor_found(run, text, remedy);
}

/* Is there an IPv6 default route by it that does not expire? */
static bool has_lasting_ipv6(const char *ifname)
{
	char to[33], line[256], name[IF_NAMESIZE];
	FILE *file = fopen("/proc/net/ipv6_route", "re");
	unsigned int prefix, flags;
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%32s %x %*s %*s %*s %*s %*s %*s %x %15s", to, &prefix, &flags,
			       name) == 4 &&
			!prefix && !(flags & (RTF_REJECT | ROUTE_EXPIRES)) && !strcmp(name, ifname);
	if (file)
		fclose(file);
	return found;
}

/* What the box had by router advertisements it loses when somebody turns on IPv6 forwarding. */
void doctor_accept_ra(struct doctor *run)
{
	const char *own = run->gw->name;
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX], name[IF_NAMESIZE];
	int forwarding, accepts, disabled;

	if (sysctl_read("ipv6", own, "forwarding", &forwarding) || !forwarding ||
	    sysctl_read("ipv6", own, "accept_ra", &accepts) || accepts != 1 ||
	    sysctl_read("ipv6", own, "disable_ipv6", &disabled) || disabled ||
	    has_lasting_ipv6(own))
		return;
	snprintf(text, sizeof(text),
		 "IPv6 forwarding makes %s deaf to router advertisements, and there is no IPv6 "
		 "default route by it that lasts",
		 own);
	snprintf(remedy, sizeof(remedy), "\"sysctl -w net.ipv6.conf.%s.accept_ra=2\"",
		 sysctl_name(name, own));
	doctor_found(run, text, remedy);
}

/* ---- several uplinks --------------------------------------------------------------------- */

static void uplink_look(struct doctor *run, const char *name, unsigned int ifindex,
			const char *other)
{
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];

	if (routes_main(&run->routes, ifindex) == ifindex ||
	    routes_by_rule(&run->routes, ifindex, true))
		return;
	snprintf(text, sizeof(text),
		 "gateway %s beside %s: no rule leads to a default route by %s, answers to what "
		 "comes in there leave elsewhere",
		 name, other, name);
	snprintf(remedy, sizeof(remedy),
		 "\"ip route add default via GATEWAY dev %s table 102\" and \"ip rule add from "
		 "ADDRESS table 102\"; docs/several-uplinks.md has the rest",
		 name);
	doctor_found(run, text, remedy);
}

static bool uplink_beside(const struct sibling *sibling, void *data)
{
	struct doctor *run = data;
	const struct gateway *gw = run->gw;

	uplink_look(run, gw->name, gw->ifindex, sibling->name);
	return true; /* of ours once is enough */
}

static bool uplink_other(const struct sibling *sibling, void *data)
{
	struct doctor *run = data;

	uplink_look(run, sibling->name, sibling->marker.ifindex, run->gw->name);
	return false;
}

void doctor_uplinks(struct doctor *run)
{
	sibling_any(run->gw, uplink_beside, run);
	sibling_any(run->gw, uplink_other, run);
}

/* ---- what another gateway takes for internal ---------------------------------------------- */

static bool is_listed(const struct nat_marker *marker, unsigned int ifindex)
{
	if (marker->layout != NAT_LAYOUT_VERSION)
		return false;
	for (__u32 i = 0; i < marker->interface_count && i < NAT_INTERFACES_MAX; i++)
		if (marker->interfaces[i].ifindex == ifindex && marker->interfaces[i].is_listed)
			return true;
	return false;
}

static __be32 address_of(unsigned int ifindex)
{
	struct netif_addr *addrs;
	int count = netif_addrs(&addrs);
	__be32 addr = count > 0 ? netif_primary(addrs, count, ifindex) : 0;

	free(addrs);
	return addr;
}

/* The range of --internal that has this address; not the default, which has all. */
static bool range_of(const struct sibling *sibling, __be32 addr, struct nat_prefix *range)
{
	struct nat_prefix prefixes[NAT_PREFIXES_MAX];
	struct gateway other = {};
	char path[PATH_MAX];
	unsigned int count = 0;
	bool found = false;

	if (snprintf(path, sizeof(path), "%s/maps/internal_nets", sibling->dir) >=
	    (int)sizeof(path))
		return false;
	other.fd[GATEWAY_internal_nets] = bpf_obj_get(path);
	if (other.fd[GATEWAY_internal_nets] < 0)
		return false;
	if (nets_read(&other, GATEWAY_internal_nets, prefixes, NAT_PREFIXES_MAX, &count))
		count = 0;
	close(other.fd[GATEWAY_internal_nets]);
	for (unsigned int i = 0; i < count && !found; i++) {
		__u32 bits = prefixes[i].len;

		found = bits && bits <= 32 && !(ntohl(addr ^ prefixes[i].addr) >> (32 - bits));
		if (found)
			*range = prefixes[i];
	}
	return found;
}

static bool internal_look(const struct sibling *sibling, void *data)
{
	struct doctor *run = data;
	const struct gateway *gw = run->gw;
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX], addr[OUT_TEXT_MAX];
	__be32 own = address_of(gw->ifindex);
	struct nat_prefix range;

	if (is_listed(&sibling->marker, gw->ifindex)) {
		snprintf(text, sizeof(text), "gateway %s has %s as an internal interface (--lan)",
			 sibling->name, gw->name);
		snprintf(remedy, sizeof(remedy),
			 "\"natctl attach %s --lan ...\" with the others, unless it is meant to "
			 "be one behind the other",
			 sibling->name);
		doctor_found(run, text, remedy);
	}
	if (own && range_of(sibling, own, &range)) {
		snprintf(text, sizeof(text),
			 "gateway %s counts this address as internal (--internal %s/%u): what is "
			 "sent from it by %s is translated again",
			 sibling->name, out_addr_text(addr, range.addr), range.len, sibling->name);
		snprintf(remedy, sizeof(remedy),
			 "\"natctl attach %s --internal ...\" with narrower ranges", sibling->name);
		doctor_found(run, text, remedy);
	}
	return false;
}

void doctor_internal(struct doctor *run)
{
	sibling_any(run->gw, internal_look, run);
}
