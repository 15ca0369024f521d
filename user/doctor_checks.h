/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor_checks.h - the checks of the table in doctor.c, and what they share. */
#ifndef DOCTOR_CHECKS_H
#define DOCTOR_CHECKS_H

#include "doctor.h"
#include "netif.h"
#include "routes.h"
#include "ruleset.h"

#define DOCTOR_TEXT_MAX 512 /* bytes */

/**
 * struct doctor - A run of all checks, and what was read for them once
 * @internal: Interfaces whose hosts use the gateway, @internal_count of them
 * @rules:    Of nftables
 * @fn, @data, @finding: For doctor_found()
 */
struct doctor {
	const struct gateway *gw;
	struct netif *internal;
	int internal_count;
	struct ruleset rules;
	struct routes routes;
	doctor_fn fn;
	void *data;
	struct doctor_finding finding;
};

/** doctor_found() - Report a finding: @text and @remedy are ready to print */
void doctor_found(struct doctor *run, const char *text, const char *remedy);

/** A check looks, and reports what it finds */
void doctor_xdp(struct doctor *run);
void doctor_tc(struct doctor *run);
void doctor_masquerade(struct doctor *run);
void doctor_forward_drop(struct doctor *run);
void doctor_flowtable(struct doctor *run);
void doctor_iptables_legacy(struct doctor *run);
void doctor_rp_filter(struct doctor *run);
void doctor_uplinks(struct doctor *run);
void doctor_internal(struct doctor *run);
void doctor_fast(struct doctor *run);

#endif /* DOCTOR_CHECKS_H */
