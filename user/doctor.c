// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor.c - what a gateway needs of this machine, and does not get along with.
 *
 * How it works: the table below is all that is looked for. Interfaces, nftables rules and routes
 * are read once; each check looks at them, or for itself, and reports. Nothing is removed or
 * changed. attach says what of it is not its own doing, and nothing of that is an error of
 * attach: the others were here first.
 *
 * What the checks for others have in common is where natctl sits. Inbound: XDP, then TC ingress,
 * translated there, then netfilter and routing, which see internal addresses. Outbound: routing
 * and netfilter, which still see internal addresses, then TC egress, translated there.
 */
#include "doctor.h"

#include <bpf/bpf.h>
#include <stdlib.h>

#include "doctor_checks.h"
#include "internal.h"
#include "msg.h"
#include "value.h"

/**
 * struct check - One row
 * @severity: Of what it finds, unless it says otherwise
 * @part:     DOCTOR_ATTACH: attach says it, too
 * @good:     What is true when it finds nothing
 */
static const struct check {
	const char *name;
	enum doctor_severity severity;
	enum doctor_part part;
	void (*look)(struct doctor *run);
	const char *good;
} checks[] = {
	/* What natctl stands on. */
	{ "kernel", DOCTOR_PROBLEM, DOCTOR_MACHINE, doctor_kernel, "the kernel is new enough" },
	{ "capabilities", DOCTOR_PROBLEM, DOCTOR_MACHINE, doctor_capabilities,
	  "this process may attach" },
	{ "bpffs", DOCTOR_PROBLEM, DOCTOR_MACHINE, doctor_bpffs, "pins have their place" },
	{ "clock", DOCTOR_NOTE, DOCTOR_MACHINE, doctor_clock,
	  "the clock is kept right, and so is the time in logs" },
	{ "daemons", DOCTOR_NOTE, DOCTOR_MACHINE, doctor_daemons,
	  "no other translator, and nothing that takes netfilter for one" },
	/* The gateway itself. */
	{ "gateway", DOCTOR_PROBLEM, DOCTOR_GATEWAY, doctor_gateway, "nothing is left half done" },
	{ "keeper", DOCTOR_PROBLEM, DOCTOR_GATEWAY, doctor_keeper,
	  "the keeper of an attached gateway is alive" },
	{ "address", DOCTOR_PROBLEM, DOCTOR_GATEWAY, doctor_address,
	  "there is one to translate to" },
	{ "double-nat", DOCTOR_NOTE, DOCTOR_GATEWAY, doctor_double_nat,
	  "external addresses are public" },
	{ "lan", DOCTOR_NOTE, DOCTOR_GATEWAY, doctor_lan, "there is a side with hosts" },
	{ "forwarding", DOCTOR_PROBLEM, DOCTOR_GATEWAY, doctor_forwarding,
	  "the kernel forwards between the sides of an attached gateway" },
	{ "sessions", DOCTOR_PROBLEM, DOCTOR_GATEWAY, doctor_sessions,
	  "the table of sessions has room" },
	{ "ports", DOCTOR_PROBLEM, DOCTOR_GATEWAY, doctor_ports, "there are free external ports" },
	{ "memory", DOCTOR_NOTE, DOCTOR_GATEWAY, doctor_memory, "the tables fit this machine" },
	/* Its interfaces. */
	{ "link", DOCTOR_PROBLEM, DOCTOR_GATEWAY, doctor_link, "the interface can send" },
	{ "mtu", DOCTOR_NOTE, DOCTOR_GATEWAY, doctor_mtu, "what hosts send fits the interface" },
	{ "veth", DOCTOR_NOTE, DOCTOR_ATTACH, doctor_veth,
	  "XDP costs no bulk traffic its offloads" },
	{ "lro", DOCTOR_PROBLEM, DOCTOR_GATEWAY, doctor_lro,
	  "no driver glues packets together that are to be forwarded" },
	{ "gro", DOCTOR_NOTE, DOCTOR_GATEWAY, doctor_gro,
	  "bulk traffic through TC comes in batches" },
	{ "vlan-offload", DOCTOR_NOTE, DOCTOR_GATEWAY, doctor_vlan_offload,
	  "XDP can tell what belongs to a VLAN" },
	/* An XDP program here that is not ours, or one elsewhere that may redirect past us. */
	{ "xdp", DOCTOR_NOTE, DOCTOR_ATTACH, doctor_xdp, "no XDP program of others" },
	/* Programs and filters of others beside ours: who comes first. */
	{ "tc", DOCTOR_NOTE, DOCTOR_ATTACH, doctor_tc, "no TC programs and filters of others" },
	/* nftables translates what leaves here, too. */
	{ "masquerade", DOCTOR_PROBLEM, DOCTOR_ATTACH, doctor_masquerade,
	  "nftables translates nothing that leaves here" },
	/* nftables lets nothing through: Docker's policy. */
	{ "forward-drop", DOCTOR_PROBLEM, DOCTOR_ATTACH, doctor_forward_drop,
	  "nftables lets through what is forwarded" },
	/* Flows that skip netfilter, or in hardware natctl. */
	{ "flowtable", DOCTOR_PROBLEM, DOCTOR_ATTACH, doctor_flowtable,
	  "no flowtable has a part in it" },
	/* Rules that are not in nftables. */
	{ "iptables-legacy", DOCTOR_NOTE, DOCTOR_ATTACH, doctor_iptables_legacy,
	  "no rules but those of nftables" },
	/* Routing. */
	{ "default-route", DOCTOR_NOTE, DOCTOR_GATEWAY, doctor_default_route,
	  "a default route leads out by it" },
	/* The kernel drops what comes in, because the way back is another. */
	{ "rp-filter", DOCTOR_PROBLEM, DOCTOR_ATTACH, doctor_rp_filter,
	  "the reverse path filter lets in what comes in" },
	{ "accept-ra", DOCTOR_NOTE, DOCTOR_GATEWAY, doctor_accept_ra,
	  "IPv6 forwarding costs no default route" },
	/* Two gateways, and one way out. */
	{ "uplinks", DOCTOR_PROBLEM, DOCTOR_ATTACH, doctor_uplinks,
	  "every gateway's answers leave by it" },
	/* Another gateway takes this interface for an internal one. */
	{ "internal", DOCTOR_PROBLEM, DOCTOR_ATTACH, doctor_internal,
	  "no other gateway takes it for internal" },
	/* Tracking that minds what it has not seen. */
	{ "fast-tracking", DOCTOR_PROBLEM, DOCTOR_ATTACH, doctor_fast,
	  "connection tracking does not mind what goes past the stack" },
};

static const __u32 ONLY = 0; /* the key of every map of one entry */

#define CHECKS (sizeof(checks) / sizeof(checks[0]))

void doctor_found(struct doctor *run, const char *text, const char *remedy)
{
	run->finding.text = text;
	run->finding.remedy = remedy;
	run->count++;
	run->fn(&run->finding, run->data);
}

static bool is_of(const struct check *check, enum doctor_part part)
{
	return check->part == part || (part == DOCTOR_GATEWAY && check->part == DOCTOR_ATTACH);
}

/* What several checks look at. Of what cannot be read there is nothing, and so nothing is found. */
static void read_once(struct doctor *run)
{
	const struct gateway *gw = run->gw;

	run->is_attached = run->state == GATEWAY_ATTACHED && gateway_is_whole(gw) &&
			   !bpf_map_lookup_elem(gw->fd[GATEWAY_settings], &ONLY, &run->settings);
	if (!run->is_attached)
		for (int i = 0; i < NAT_SETTING_MAX; i++)
			run->settings.value[i] = value_settings[i].dflt;
	netif_find_index(gw->ifindex, &run->own);
	run->internal_count = internal_candidates(gw, &run->internal);
	if (ruleset_read(&run->rules))
		ruleset_free(&run->rules); /* half of it would mislead */
	routes_read(&run->routes);
}

static void run_check(struct doctor *run, const struct check *check)
{
	run->finding.check = check->name;
	run->finding.severity = check->severity;
	run->count = 0;
	check->look(run);
	if (run->count)
		return;
	run->finding.severity = DOCTOR_GOOD;
	doctor_found(run, check->good, NULL);
}

void doctor_check(const struct gateway *gw, enum gateway_state state, enum doctor_part part,
		  doctor_fn fn, void *data)
{
	struct doctor *run = calloc(1, sizeof(*run));

	if (!run)
		return;
	run->gw = gw;
	run->state = state;
	run->fn = fn;
	run->data = data;
	if (part != DOCTOR_MACHINE)
		read_once(run);
	for (size_t i = 0; i < CHECKS; i++)
		if (is_of(&checks[i], part))
			run_check(run, &checks[i]);
	ruleset_free(&run->rules);
	free(run->internal);
	free(run);
}

static void say(const struct doctor_finding *finding, void *data)
{
	const struct gateway *gw = data;

	if (finding->severity == DOCTOR_PROBLEM)
		msg_warn(gw->name, "%s (%s)", finding->text, finding->remedy);
	if (finding->severity == DOCTOR_NOTE)
		msg_note(gw->name, "%s (%s)", finding->text, finding->remedy);
}

void doctor_say(const struct gateway *gw, enum gateway_state state)
{
	doctor_check(gw, state, DOCTOR_ATTACH, say, (void *)gw);
}

struct doctor_info doctor_info(unsigned int row)
{
	if (row >= CHECKS)
		return (struct doctor_info){};
	return (struct doctor_info){ checks[row].name, checks[row].good };
}
