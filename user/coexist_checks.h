/* SPDX-License-Identifier: GPL-2.0-only */
/* coexist_checks.h - the checks of the table in coexist.c, and what they share. */
#ifndef COEXIST_CHECKS_H
#define COEXIST_CHECKS_H

#include "coexist.h"
#include "netif.h"
#include "routes.h"
#include "ruleset.h"

#define COEXIST_TEXT_MAX 512 /* bytes */

/**
 * struct coexist - A run of all checks, and what was read for them once
 * @internal: Interfaces whose hosts use the gateway, @internal_count of them
 * @rules:    Of nftables
 * @fn, @data, @finding: For coexist_found()
 */
struct coexist {
	const struct gateway *gw;
	struct netif *internal;
	int internal_count;
	struct ruleset rules;
	struct routes routes;
	coexist_fn fn;
	void *data;
	struct coexist_finding finding;
};

/** coexist_found() - Report a finding: @text and @remedy are ready to print */
void coexist_found(struct coexist *run, const char *text, const char *remedy);

/** A check looks, and reports what it finds */
void coexist_xdp(struct coexist *run);
void coexist_tc(struct coexist *run);
void coexist_masquerade(struct coexist *run);
void coexist_forward_drop(struct coexist *run);
void coexist_flowtable(struct coexist *run);
void coexist_iptables_legacy(struct coexist *run);
void coexist_rp_filter(struct coexist *run);
void coexist_uplinks(struct coexist *run);
void coexist_internal(struct coexist *run);
void coexist_fast(struct coexist *run);

#endif /* COEXIST_CHECKS_H */
