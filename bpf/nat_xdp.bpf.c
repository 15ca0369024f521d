/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_xdp.bpf.c - ingress, XDP: packets of sessions that are alive.
 *
 * On the WAN one is un-translated, before the kernel has spent anything on it, if that can be
 * done exactly. Everything else goes on to nat_tc_wan_in with nothing changed and nothing
 * counted: fragments, ICMP errors, checksums that look unfinished, SYNs whose MSS may have to be
 * lowered, malformed packets, flows not known yet, and the gateway's own. What has been
 * un-translated goes through the stack, or past it (lane.h).
 *
 * On an internal interface there is a program with `--fast` only: the lane in the other
 * direction.
 */
#include "ctx_xdp.h"
#include "lane.h"

/* Is there an express lane? Set before load. */
const volatile bool fast __weak;

static __always_inline enum nat_verdict inbound_express(struct nat_ctx *ctx)
{
	const struct nat_settings *set = settings_get();
	enum lane lane = LANE_STACK;
	struct nat_external_key flow;
	struct nat_session *session;
	struct nat_endpoint internal;
	enum nat_verdict verdict;
	struct pkt pkt = {};
	struct way way = {};

	verdict = parse_ip(ctx, &pkt, NAT_ETH_HLEN);
	if (verdict != NAT_CONTINUE || pkt.fragment || !set || pool_is_away())
		return NAT_LEAVE;
	verdict = parse_transport(ctx, &pkt, NAT_IN);
	if (verdict != NAT_CONTINUE || pkt.unfinished || !pkt_is_translatable(&pkt, NAT_IN))
		return NAT_LEAVE;
	if (pkt.segment.flags & TCP_SYN && set->value[NAT_SETTING_CLAMP_MSS] != NAT_CLAMP_OFF)
		return NAT_LEAVE;
	pkt.now = clock_now();
	inbound_flow(&flow, &pkt);
	session = session_find(&flow, pkt.now);
	if (!session || session->kind == NAT_HOST || session->flags & NAT_SESSION_HAIRPIN)
		return NAT_LEAVE;
	internal = session->internal;
	if (fast)
		lane = lane_find(ctx, &pkt, session, NAT_IN, internal.addr, &way);
	if (lane == LANE_LATER)
		return NAT_LEAVE;
	if (lane == LANE_HERE)
		session_record(session, &pkt, NAT_IN);
	else
		session_use(session, &flow, &pkt, NAT_IN, set, NULL);
	return lane_in(ctx, &pkt, &internal, lane, &way);
}

/** nat_xdp_action() - What the kernel is to do */
static __always_inline int nat_xdp_action(enum nat_verdict verdict)
{
	if (verdict == NAT_SENT)
		return XDP_REDIRECT;
	return nat_is_dropped(verdict) ? XDP_DROP : XDP_PASS;
}

SEC("xdp.frags")
int nat_xdp_wan_in(struct xdp_md *xdp)
{
	return nat_xdp_action(inbound_express(xdp));
}

SEC("xdp.frags")
int nat_xdp_lan_in(struct xdp_md *xdp)
{
	return nat_xdp_action(lane_out(xdp, NAT_ETH_HLEN));
}

char LICENSE[] SEC("license") = "GPL";
