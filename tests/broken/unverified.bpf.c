// SPDX-License-Identifier: GPL-2.0-only
/* unverified.bpf.c - the TC programs, with an outbound one that the verifier refuses. */
#define nat_tc_wan_out nat_tc_wan_out_right
#include "nat_tc.bpf.c"
#undef nat_tc_wan_out

SEC("tc")
int nat_tc_wan_out(struct __sk_buff *skb)
{
	struct iphdr *ip = ctx_data(skb) + NAT_ETH_HLEN;

	/* Nobody has asked whether it is there. */
	return ip->version == 4 ? nat_tc_action(outbound(skb, link_header_len)) : NAT_TC_NEXT;
}
