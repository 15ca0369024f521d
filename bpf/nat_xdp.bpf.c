/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_xdp.bpf.c - WAN ingress, XDP: the express lane of inbound packets.
 *
 * A packet of a session that is alive is un-translated here, before the kernel has
 * spent anything on it, if that can be done exactly. Everything else goes on to
 * nat_tc_wan_in with nothing changed and nothing counted: fragments, ICMP errors,
 * checksums that look unfinished, SYNs whose MSS may have to be lowered, malformed packets,
 * flows not known yet, and the gateway's own.
 */
#include "ctx_xdp.h"
#include "inbound.h"

static __always_inline enum nat_verdict inbound_express(struct nat_ctx *ctx)
{
	const struct nat_settings *set = settings_get();
	struct nat_external_key flow;
	struct nat_session *session;
	struct nat_endpoint internal;
	enum nat_verdict verdict;
	struct pkt pkt = {};

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
	session_use(session, &flow, &pkt, NAT_IN, set, NULL);
	return inbound_rewrite(ctx, &pkt, &internal);
}

SEC("xdp.frags")
int nat_xdp_wan_in(struct xdp_md *xdp)
{
	return nat_is_dropped(inbound_express(xdp)) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
