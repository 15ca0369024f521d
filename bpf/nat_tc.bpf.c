/* SPDX-License-Identifier: GPL-2.0-only */
#include "maps.h"
const volatile __u32 link_header_len __weak = 14;
SEC("tc") int nat_tc_wan_in(struct __sk_buff *skb) { return link_header_len && skb->len ? -1 : 0; }
SEC("tc") int nat_tc_wan_out(struct __sk_buff *skb) { return skb->len ? -1 : 0; }
char LICENSE[] SEC("license") = "GPL";
