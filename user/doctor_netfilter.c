// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor_netfilter.c - rules of nftables and iptables that get in a gateway's way.
 *
 * How it works: firewall_judge() is asked about the packets that a gateway forwards: a new one
 * of each internal interface outward, an answer inward. Netfilter sees internal addresses in
 * both, so that of a packet known are interfaces, state, and the network of the internal host.
 *
 * A flowtable in software is behind natctl inward and before it outward (its packets are queued
 * like any others, so that TC egress sees them); only the forward chain is skipped. In hardware
 * the card forwards by itself, and nobody translates.
 */
#include <arpa/inet.h> /* before linux/in.h, which the next ones take */
#include <ifaddrs.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <stdio.h>
#include <string.h>

#include "doctor_checks.h"
#include "firewall.h"

static const struct netif nobody; /* where there is no internal interface */

static void packet_between(struct firewall_packet *packet, const struct netif *from,
			   const struct netif *to)
{
	packet->iif = from->ifindex;
	packet->oif = to->ifindex;
	memcpy(packet->iifname, from->name, IF_NAMESIZE);
	memcpy(packet->oifname, to->name, IF_NAMESIZE);
}

/*
 * The network of an interface's hosts, if it has only one: address and mask. An address alone, as
 * point-to-point links have, is the gateway's and says nothing of them.
 */
static void network_of(const char *name, __be32 *addr, __be32 *mask)
{
	struct ifaddrs *all, *one;
	int count = 0;

	*addr = *mask = 0;
	if (getifaddrs(&all))
		return;
	for (one = all; one; one = one->ifa_next) {
		if (strcmp(one->ifa_name, name) != 0 || !one->ifa_addr || !one->ifa_netmask ||
		    one->ifa_addr->sa_family != AF_INET)
			continue;
		count++;
		*addr = ((struct sockaddr_in *)one->ifa_addr)->sin_addr.s_addr;
		*mask = ((struct sockaddr_in *)one->ifa_netmask)->sin_addr.s_addr;
	}
	if (count != 1 || *mask == INADDR_BROADCAST)
		*addr = *mask = 0;
	freeifaddrs(all);
}

static void own_netif(const struct doctor *run, struct netif *netif)
{
	*netif = (struct netif){ .ifindex = run->gw->ifindex };
	strcpy(netif->name, run->gw->name);
}

/* ---- masquerade -------------------------------------------------------------------------- */

/* Whose packets does it translate? NULL: nobody's. */
static const struct netif *translated_by(struct doctor *run, const struct ruleset_chain *chain)
{
	struct firewall_packet packet = {
		.hook = NF_INET_POST_ROUTING,
		.state = NF_CT_STATE_BIT(IP_CT_NEW),
	};
	struct netif own;
	int i = 0;

	own_netif(run, &own);
	do {
		const struct netif *from = i < run->internal_count ? &run->internal[i] : &nobody;

		packet_between(&packet, from, &own);
		network_of(from->name, &packet.src, &packet.src_mask);
		if (firewall_judge(&run->rules, chain, &packet) == FIREWALL_TRANSLATES)
			return from;
	} while (++i < run->internal_count);
	return NULL;
}

void doctor_masquerade(struct doctor *run)
{
	char text[DOCTOR_TEXT_MAX];
	struct ruleset_chain chain;

	for (int i = 0; i < run->rules.chains.count; i++) {
		const struct netif *from;

		ruleset_chain(run->rules.chains.messages[i], &chain);
		from = translated_by(run, &chain);
		if (!from)
			continue;
		snprintf(text, sizeof(text),
			 "nft chain \"%s %s %s\" translates packets %s%s that leave here before "
			 "natctl does, which takes them for the gateway's own",
			 ruleset_family(chain.family), chain.table, chain.name,
			 *from->name ? "from " : "", *from->name ? from->name : "");
		doctor_found(run, text,
			     "delete its masquerade or snat rule, or keep their ports apart: "
			     "\"masquerade to :61000-65535\" there, --ports 1024-60999 here");
	}
}

/* ---- forward ----------------------------------------------------------------------------- */

/* The commands that let it through, in the language of whoever made the chain. */
static void forward_remedy(const struct doctor *run, const struct ruleset_chain *chain,
			   const char *from, char *remedy)
{
	const char *own = run->gw->name, *family = ruleset_family(chain->family);

	if (chain->family == NFPROTO_IPV4 && !strcmp(chain->table, "filter") &&
	    !strcmp(chain->name, "FORWARD")) {
		bool docker =
			ruleset_chain_find(&run->rules, NFPROTO_IPV4, "filter", "DOCKER-USER");
		const char *name = docker ? "DOCKER-USER" : "FORWARD";

		snprintf(remedy, DOCTOR_TEXT_MAX,
			 "\"iptables -I %s -i %s -o %s -j ACCEPT\" and \"iptables -I %s -i %s -o "
			 "%s -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\"",
			 name, from, own, name, own, from);
		return;
	}
	snprintf(remedy, DOCTOR_TEXT_MAX,
		 "\"nft insert rule %s %s %s iifname %s oifname %s accept\" and \"nft insert rule "
		 "%s %s %s iifname %s oifname %s ct state established,related accept\"",
		 family, chain->table, chain->name, from, own, family, chain->table, chain->name,
		 own, from);
}

/* The chain, and one internal interface. */
static void forward_look(struct doctor *run, const struct ruleset_chain *chain,
			 const struct netif *from)
{
	struct firewall_packet packet = {
		.hook = NF_INET_FORWARD,
		.state = NF_CT_STATE_BIT(IP_CT_NEW),
	};
	struct firewall_packet answer = {
		.hook = NF_INET_FORWARD,
		.state = NF_CT_STATE_BIT(IP_CT_ESTABLISHED),
	};
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];
	struct netif own;
	bool out;

	own_netif(run, &own);
	packet_between(&packet, from, &own);
	packet_between(&answer, &own, from);
	network_of(from->name, &packet.src, &packet.src_mask);
	network_of(from->name, &answer.dst, &answer.dst_mask);
	out = firewall_judge(&run->rules, chain, &packet) == FIREWALL_DROPS;
	if (!out && firewall_judge(&run->rules, chain, &answer) != FIREWALL_DROPS)
		return;
	snprintf(text, sizeof(text), "nft chain \"%s %s %s\" drops %s %s%s",
		 ruleset_family(chain->family), chain->table, chain->name,
		 out ? "what comes from" : "all answers to", from->name,
		 out ? " to leave here" : "");
	forward_remedy(run, chain, from->name, remedy);
	doctor_found(run, text, remedy);
}

void doctor_forward_drop(struct doctor *run)
{
	struct ruleset_chain chain;

	for (int i = 0; i < run->rules.chains.count; i++) {
		ruleset_chain(run->rules.chains.messages[i], &chain);
		for (int k = 0; k < run->internal_count; k++)
			forward_look(run, &chain, &run->internal[k]);
	}
}

/* ---- flowtables -------------------------------------------------------------------------- */

void doctor_flowtable(struct doctor *run)
{
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];
	struct ruleset_flowtable table;

	for (int i = 0; i < run->rules.flowtables.count; i++) {
		ruleset_flowtable(run->rules.flowtables.messages[i], run->gw->name, &table);
		if (!table.is_hardware && !table.has_device)
			continue;
		run->finding.severity = table.is_hardware ? DOCTOR_PROBLEM : DOCTOR_NOTE;
		snprintf(text, sizeof(text), "nft flowtable \"%s %s %s\" %s",
			 ruleset_family(table.family), table.table, table.name,
			 table.is_hardware ?
				 "lets the network card forward: its flows leave untranslated" :
				 "takes flows past the forward chain after their first packets");
		snprintf(remedy, sizeof(remedy), "%s",
			 table.is_hardware ?
				 "remove \"flags offload\" from it" :
				 "nothing to do: natctl translates them all the same; rules that "
				 "must see every packet need it removed");
		doctor_found(run, text, remedy);
	}
}

/* ---- iptables of old ---------------------------------------------------------------------- */

void doctor_iptables_legacy(struct doctor *run)
{
	static const char *const telling[] = { "filter", "nat" };
	char line[64], names[128] = "", text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];
	FILE *file = fopen("/proc/net/ip_tables_names", "re");

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++)
			if (!strcmp(line, telling[i]))
				snprintf(names + strlen(names), sizeof(names) - strlen(names),
					 "%s\"%s\"", *names ? ", " : "", line);
	}
	if (file)
		fclose(file);
	if (!*names)
		return;
	snprintf(text, sizeof(text), "iptables-legacy has tables %s, which are not looked into",
		 names);
	snprintf(remedy, sizeof(remedy),
		 "see \"iptables-legacy-save\": MASQUERADE or SNAT on %s translates before natctl, "
		 "a FORWARD policy of DROP lets nothing through",
		 run->gw->name);
	doctor_found(run, text, remedy);
}
