// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor.c - what else on this machine touches the packets of a gateway, and what to do.
 *
 * How it works: the table below is all that is looked for. Interfaces, nftables rules and routes
 * are read once; each check looks at them, or for itself, and reports. Nothing is removed or
 * changed, and nothing is an error of attach: the others were here first.
 *
 * What the checks have in common is where natctl sits. Inbound: XDP, then TC ingress, translated
 * there, then netfilter and routing, which see internal addresses. Outbound: routing and
 * netfilter, which still see internal addresses, then TC egress, translated there.
 */
#include "doctor.h"

#include <stdlib.h>

#include "doctor_checks.h"
#include "internal.h"
#include "msg.h"

static const struct check {
	const char *name;
	enum doctor_severity severity;
	void (*look)(struct doctor *run);
} checks[] = {
	/* An XDP program here that is not ours, or one elsewhere that may redirect past us. */
	{ "xdp", DOCTOR_NOTE, doctor_xdp },
	/* Programs and filters of others beside ours: who comes first. */
	{ "tc", DOCTOR_NOTE, doctor_tc },
	/* nftables translates what leaves here, too. */
	{ "masquerade", DOCTOR_PROBLEM, doctor_masquerade },
	/* nftables lets nothing through: Docker's policy. */
	{ "forward-drop", DOCTOR_PROBLEM, doctor_forward_drop },
	/* Flows that skip netfilter, or in hardware natctl. */
	{ "flowtable", DOCTOR_PROBLEM, doctor_flowtable },
	/* Rules that are not in nftables. */
	{ "iptables-legacy", DOCTOR_NOTE, doctor_iptables_legacy },
	/* The kernel drops what comes in, because the way back is another. */
	{ "rp-filter", DOCTOR_PROBLEM, doctor_rp_filter },
	/* Two gateways, and one way out. */
	{ "uplinks", DOCTOR_PROBLEM, doctor_uplinks },
	/* Another gateway takes this interface for an internal one. */
	{ "internal", DOCTOR_PROBLEM, doctor_internal },
	/* Tracking that minds what it has not seen. */
	{ "fast-tracking", DOCTOR_PROBLEM, doctor_fast },
};

void doctor_found(struct doctor *run, const char *text, const char *remedy)
{
	run->finding.text = text;
	run->finding.remedy = remedy;
	run->fn(&run->finding, run->data);
}

void doctor_check(const struct gateway *gw, doctor_fn fn, void *data)
{
	struct doctor *run = calloc(1, sizeof(*run));

	if (!run)
		return;
	run->gw = gw;
	run->fn = fn;
	run->data = data;
	/* Of what cannot be read there is nothing in the lists, and so nothing is found. */
	run->internal_count = internal_candidates(gw, &run->internal);
	if (ruleset_read(&run->rules))
		ruleset_free(&run->rules); /* half of it would mislead */
	routes_read(&run->routes);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		run->finding.check = checks[i].name;
		run->finding.severity = checks[i].severity;
		checks[i].look(run);
	}
	ruleset_free(&run->rules);
	free(run->internal);
	free(run);
}

static void say(const struct doctor_finding *finding, void *data)
{
	const struct gateway *gw = data;

	if (finding->severity == DOCTOR_PROBLEM)
		msg_warn(gw->name, "%s (%s)", finding->text, finding->remedy);
	else
		msg_note(gw->name, "%s (%s)", finding->text, finding->remedy);
}

void doctor_say(const struct gateway *gw)
{
	doctor_check(gw, say, (void *)gw);
}
