/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_tc.bpf.c - WAN ingress and egress, TC: all that needs thought.
 *
 * A packet that goes on is handed to the next program of the hook, if there is one
 * (TC_ACT_UNSPEC, which TCX calls TCX_NEXT).
 */
#include "ctx_tc.h"
#include "hairpin.h"
#include "inbound.h"
#include "inbound_open.h"
#include "lane.h"
#include "mss.h"
#include "outbound.h"

/** nat_tc_action() - What the kernel is to do */
static __always_inline int nat_tc_action(enum nat_verdict verdict)
{
	if (verdict == NAT_SENT)
		return NAT_TC_REDIRECT;
	return nat_is_dropped(verdict) ? NAT_TC_SHOT : NAT_TC_NEXT;
}

/* Is there an express lane? Set before load. */
const volatile bool fast __weak;

/* Octets of the WAN's link layer header: 14, or 0 for ppp, tun, wireguard. Set before load. */
const volatile __u32 link_header_len = NAT_ETH_HLEN;

/**
 * inbound_fragment() - A fragment without ports: as its first one, or the host's
 *
 * Before the first one has come nobody knows whose it is. If it may be the host's, the host
 * gets it, and the keeper a copy.
 */
VERIFIED_ONCE int inbound_fragment(struct nat_ctx *ctx, const struct pkt *pkt, __u32 flags)
{
	struct nat_fragment note;
	bool is_kept;

	if (!pkt)
		return NAT_DROP;
	if (fragment_find(pkt, &note))
		return rewrite_fragment(ctx, pkt, &note) ? translated(NAT_REASON_TRANSLATED_IN) :
							   drop(NAT_REASON_WRITE);
	is_kept = fragment_hold(ctx, pkt);
	if (flags & NAT_EXTERNAL_LOCAL)
		return pass(NAT_REASON_HOST_FRAGMENT);
	return drop(is_kept ? NAT_REASON_FRAGMENT_EARLY : NAT_REASON_FRAGMENT);
}

/** inbound_lane() - lane_find(), with a stack that is not there when a port is being claimed */
VERIFIED_ONCE int inbound_lane(struct nat_ctx *ctx, const struct pkt *pkt,
			       struct nat_session *session, struct way *way)
{
	if (!pkt || !session || !way)
		return LANE_STACK;
	return lane_find(ctx, pkt, session, NAT_IN, session->internal.addr, way);
}

static __always_inline enum nat_verdict inbound(struct nat_ctx *ctx)
{
	const struct nat_settings *set = settings_get();
	struct nat_endpoint internal = {};
	int lane = LANE_STACK;
	struct nat_external *external;
	struct nat_external_key flow;
	struct nat_session *session;
	enum nat_verdict verdict;
	struct pkt pkt = {};
	struct way way = {};

	if (ctx_ipv4(ctx, link_header_len) < 0)
		return NAT_LEAVE;
	verdict = parse_ip(ctx, &pkt, link_header_len);
	if (verdict != NAT_CONTINUE || !set)
		return verdict;
	external = bpf_map_lookup_elem(&externals, &pkt.dst.addr);
	if (!external || external->flags & NAT_EXTERNAL_OUTSIDE)
		return NAT_LEAVE;
	if (pool_is_away())
		return drop(NAT_REASON_NO_ADDRESS);
	pkt.now = clock_now();
	pkt.arriving = true;
	if (pkt.offset)
		return inbound_fragment(ctx, &pkt, external->flags);
	verdict = parse_transport(ctx, &pkt, NAT_IN);
	if (verdict != NAT_CONTINUE)
		return verdict;
	if (pkt.icmp == PKT_ICMP_ERROR) {
		verdict = icmp_error(ctx, &pkt, ERROR_IN, external, &internal);
		return verdict == NAT_CONTINUE ? translated(NAT_REASON_ICMP_ERROR_IN) : verdict;
	}

	inbound_flow(&flow, &pkt);
	session = pkt_is_translatable(&pkt, NAT_IN) ? session_find(&flow, pkt.now) : NULL;
	if (session && session->flags & NAT_SESSION_HAIRPIN)
		return drop(NAT_REASON_SPOOFED);
	if (session) {
		internal = session->internal;
		if (fast)
			lane = inbound_lane(ctx, &pkt, session, &way);
		if (lane == LANE_HERE)
			session_record(session, &pkt, NAT_IN);
		else
			session_use(session, &flow, &pkt, NAT_IN, set, NULL);
	} else {
		verdict = inbound_new(ctx, &pkt, &flow, external, 0, &internal);
		if (verdict != NAT_CONTINUE)
			return verdict;
	}
	if (pkt.fragment && !fragment_note(&pkt, pkt.src.addr, internal.addr, pkt.id))
		return drop(NAT_REASON_TABLE_FULL);
	if (!mss_clamp(ctx, &pkt))
		return drop(NAT_REASON_WRITE);
	return lane_in(ctx, &pkt, &internal, lane, &way);
}

SEC("tc")
int nat_tc_wan_in(struct __sk_buff *skb)
{
	return nat_tc_action(inbound(skb));
}

SEC("tc")
int nat_tc_wan_out(struct __sk_buff *skb)
{
	/* Even without a lane: that of the program before may still be open. */
	if (skb->tc_index == NAT_LANE_MARK) {
		skb->tc_index = 0;
		return NAT_TC_NEXT;
	}
	return nat_tc_action(outbound(skb, link_header_len));
}

SEC("tc")
int nat_tc_lan_in(struct __sk_buff *skb)
{
	return nat_tc_action(hairpin(skb, NAT_ETH_HLEN));
}

/* For an internal interface without Ethernet header. */
SEC("tc")
int nat_tc_lan_l3_in(struct __sk_buff *skb)
{
	return nat_tc_action(hairpin(skb, 0));
}

char LICENSE[] SEC("license") = "GPL";
