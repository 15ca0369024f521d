/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_lane.bpf.c - internal interfaces, TC: the express lane of `--fast` (lane.h).
 *
 * Where XDP cannot run, or where the segments that the stack has put together would be taken
 * apart for it. What does not take the lane is for others to judge: hence no CTX_DECIDES.
 */
#define CTX_DECIDES false

#include "ctx_tc.h"
#include "lane.h"

/** nat_lane_action() - What the kernel is to do */
static __always_inline int nat_lane_action(enum nat_verdict verdict)
{
	if (verdict == NAT_SENT)
		return NAT_TC_REDIRECT;
	return nat_is_dropped(verdict) ? NAT_TC_SHOT : NAT_TC_NEXT;
}

SEC("tc")
int nat_tc_lane_in(struct __sk_buff *skb)
{
	return nat_lane_action(lane_out(skb, NAT_ETH_HLEN));
}

/* For an internal interface without Ethernet header. */
SEC("tc")
int nat_tc_lane_l3_in(struct __sk_buff *skb)
{
	return nat_lane_action(lane_out(skb, 0));
}

char LICENSE[] SEC("license") = "GPL";
