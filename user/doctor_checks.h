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
 * struct doctor - A run of checks, and what was read for them once
 * @is_attached: @gw is open, and at work
 * @settings: Its settings, or the defaults
 * @own:      Its interface; @ifindex is 0 if it is not there
 * @internal: Interfaces whose hosts use the gateway, @internal_count of them
 * @rules:    Of nftables
 * @fn, @data, @finding, @count: For doctor_found()
 */
struct doctor {
	const struct gateway *gw;
	enum gateway_state state;
	bool is_attached;
	struct nat_settings settings;
	struct netif own;
	struct netif *internal;
	int internal_count;
	struct ruleset rules;
	struct routes routes;
	doctor_fn fn;
	void *data;
	struct doctor_finding finding;
	int count;
};

/** doctor_found() - Report a finding: @text and @remedy are ready to print */
void doctor_found(struct doctor *run, const char *text, const char *remedy);

/** A check looks, and reports what it finds */
void doctor_kernel(struct doctor *run);
void doctor_capabilities(struct doctor *run);
void doctor_bpffs(struct doctor *run);
void doctor_clock(struct doctor *run);
void doctor_daemons(struct doctor *run);
void doctor_gateway(struct doctor *run);
void doctor_keeper(struct doctor *run);
void doctor_address(struct doctor *run);
void doctor_double_nat(struct doctor *run);
void doctor_lan(struct doctor *run);
void doctor_forwarding(struct doctor *run);
void doctor_sessions(struct doctor *run);
void doctor_ports(struct doctor *run);
void doctor_memory(struct doctor *run);
void doctor_link(struct doctor *run);
void doctor_mtu(struct doctor *run);
void doctor_veth(struct doctor *run);
void doctor_lro(struct doctor *run);
void doctor_gro(struct doctor *run);
void doctor_vlan_offload(struct doctor *run);
void doctor_xdp(struct doctor *run);
void doctor_tc(struct doctor *run);
void doctor_masquerade(struct doctor *run);
void doctor_forward_drop(struct doctor *run);
void doctor_flowtable(struct doctor *run);
void doctor_iptables_legacy(struct doctor *run);
void doctor_default_route(struct doctor *run);
void doctor_rp_filter(struct doctor *run);
void doctor_accept_ra(struct doctor *run);
void doctor_uplinks(struct doctor *run);
void doctor_internal(struct doctor *run);
void doctor_fast(struct doctor *run);

#endif /* DOCTOR_CHECKS_H */
