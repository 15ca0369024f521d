// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor_gateway.c - the gateway itself: whole, addressed, with hosts, forwarding, not yet full.
 *
 * Of a gateway that is yet to come only that is asked which attach will not see to by itself.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_checks.h"
#include "loader.h"
#include "out.h"
#include "pool.h"
#include "ports.h"
#include "sysctl.h"

#define FULL 80 /* percent: time to do something about it */

/* A table of so many times the size that natctl would choose takes a twelfth of the memory. */
#define TABLE_TIMES 4

static const __u32 ONLY = 0; /* the key of every map of one entry */

void doctor_gateway(struct doctor *run)
{
	struct gateway_trouble trouble;

	if (gateway_trouble(run->gw, run->state, &trouble))
		doctor_found(run, trouble.text, trouble.remedy);
}

void doctor_keeper(struct doctor *run)
{
	char remedy[DOCTOR_TEXT_MAX];

	if (!run->is_attached || gateway_keeper_alive(&run->gw->marker))
		return;
	snprintf(remedy, sizeof(remedy), "\"natctl attach %s\" starts one", run->gw->name);
	doctor_found(run,
		     "its keeper is gone: traffic flows, but nothing is reaped and no change of "
		     "address is followed",
		     remedy);
}

/* ---- addresses ---------------------------------------------------------------------------- */

/* Those of the pool, or the one that attach would take. Return: how many */
static __u32 addresses(const struct doctor *run, struct nat_pool *pool)
{
	struct netif_addr *addrs;
	int count;

	memset(pool, 0, sizeof(*pool));
	if (run->is_attached)
		return pool_read(run->gw, pool) ? 0 : pool->count;
	count = netif_addrs(&addrs);
	pool->addr[0] = count > 0 ? netif_primary(addrs, count, run->gw->ifindex) : 0;
	free(addrs);
	pool->count = !!pool->addr[0];
	return pool->count;
}

void doctor_address(struct doctor *run)
{
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX], addr[OUT_TEXT_MAX];
	struct nat_pool pool;
	__u32 count = addresses(run, &pool);

	if (count && !pool.is_away)
		return;
	if (count)
		snprintf(text, sizeof(text), "%s is away from %s: all flows wait for it",
			 out_addr_text(addr, pool.addr[0]), run->gw->name);
	else
		snprintf(text, sizeof(text), "%s has no IPv4 address", run->gw->name);
	snprintf(remedy, sizeof(remedy),
		 "\"ip address add ADDRESS/LEN dev %s\", or see to its DHCP or PPP client",
		 run->gw->name);
	doctor_found(run, text, remedy);
}

/* Behind these another translator stands, or nothing. */
static const struct range {
	__u32 addr;
	__u32 len;
	const char *what;
} not_public[] = {
	{ 0x0a000000, 8, "private" },	       { 0xac100000, 12, "private" },
	{ 0xc0a80000, 16, "private" },	       { 0x64400000, 10, "of a provider's own NAT" },
	{ 0xa9fe0000, 16, "valid on a link" },
};

static const char *why_not_public(__be32 addr)
{
	for (size_t i = 0; i < sizeof(not_public) / sizeof(not_public[0]); i++)
		if (!((ntohl(addr) ^ not_public[i].addr) >> (32 - not_public[i].len)))
			return not_public[i].what;
	return NULL;
}

void doctor_double_nat(struct doctor *run)
{
	char text[DOCTOR_TEXT_MAX], addr[OUT_TEXT_MAX];
	struct nat_pool pool;
	__u32 count = addresses(run, &pool);

	for (__u32 i = 0; i < count; i++) {
		const char *what = why_not_public(pool.addr[i]);

		if (!what)
			continue;
		snprintf(text, sizeof(text),
			 "external address %s is %s: somebody translates once more before the "
			 "internet",
			 out_addr_text(addr, pool.addr[i]), what);
		doctor_found(run, text,
			     "port forwards are needed there, too; a public address takes asking "
			     "the provider");
		return; /* of a pool, once is enough */
	}
}

/* ---- the other side ------------------------------------------------------------------------ */

void doctor_lan(struct doctor *run)
{
	if (run->internal_count > 0 || (run->is_attached && run->gw->marker.lan == NAT_LAN_NONE))
		return;
	doctor_found(run,
		     "no other interface has an IPv4 address: there is nobody to translate for",
		     "\"ip address add ADDRESS/LEN dev INTERFACE\" where the hosts are");
}

void doctor_forwarding(struct doctor *run)
{
	const struct nat_marker *marker = &run->gw->marker;
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX], name[IF_NAMESIZE],
		dotless[IF_NAMESIZE];

	for (__u32 i = 0; run->is_attached && i < marker->interface_count; i++) {
		int value;

		if (!if_indextoname(marker->interfaces[i].ifindex, name) ||
		    sysctl_forwarding_read(name, &value) || value)
			continue;
		snprintf(text, sizeof(text),
			 "forwarding is off on %s: what comes in there is not forwarded", name);
		snprintf(remedy, sizeof(remedy), "\"sysctl -w net.ipv4.conf.%s.forwarding=1\"",
			 sysctl_name(dotless, name));
		doctor_found(run, text, remedy);
	}
}

/* ---- room ---------------------------------------------------------------------------------- */

void doctor_sessions(struct doctor *run)
{
	__u64 limit = run->settings.value[NAT_SETTING_MAX_SESSIONS];
	__u32 room = run->gw->marker.max_sessions;
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];
	struct nat_usage usage;

	if (!run->is_attached || bpf_map_lookup_elem(run->gw->fd[GATEWAY_usage], &ONLY, &usage) ||
	    usage.sessions * 100 < limit * FULL)
		return;
	snprintf(text, sizeof(text), "%llu of %llu sessions exist: new ones will be refused",
		 (unsigned long long)usage.sessions, (unsigned long long)limit);
	if (limit < room)
		snprintf(remedy, sizeof(remedy), "\"natctl set %s max-sessions=%u\"", run->gw->name,
			 room);
	else
		snprintf(remedy, sizeof(remedy),
			 "\"natctl attach %s --max-sessions %u --force\" makes a larger table, and "
			 "ends all sessions",
			 run->gw->name, room * 2);
	doctor_found(run, text, remedy);
}

void doctor_ports(struct doctor *run)
{
	static const char *const names[] = { "TCP", "UDP", "ICMP" };
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];
	struct ports_usage usage[NAT_CLAIMS_MAX];
	struct nat_pool pool;
	struct ports ports;

	if (!run->is_attached || pool_read(run->gw, &pool) || ports_open(&ports, run->gw, false))
		return;
	ports_usage(&ports, 0, pool.count, &run->settings, usage);
	ports_close(&ports);
	for (int set = 0; set < NAT_CLAIMS_MAX; set++) {
		if ((__u64)usage[set].in_use * 100 < (__u64)usage[set].capacity * FULL)
			continue;
		snprintf(text, sizeof(text), "%u of %u external ports of %s are in use",
			 usage[set].in_use, usage[set].capacity, names[set]);
		snprintf(remedy, sizeof(remedy),
			 "\"natctl attach %s --address ADDR/LEN\" for more of them, or \"natctl "
			 "set %s per-host=N\"",
			 run->gw->name, run->gw->name);
		doctor_found(run, text, remedy);
	}
}

void doctor_memory(struct doctor *run)
{
	__u32 fits = loader_max_sessions() * TABLE_TIMES;
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];

	if (!run->is_attached || run->gw->marker.max_sessions <= fits)
		return;
	snprintf(text, sizeof(text),
		 "the tables are made for %u sessions: a large part of this machine's memory",
		 run->gw->marker.max_sessions);
	snprintf(remedy, sizeof(remedy), "\"natctl detach %s\" and attach with --max-sessions %u",
		 run->gw->name, fits);
	doctor_found(run, text, remedy);
}
