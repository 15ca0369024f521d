/* SPDX-License-Identifier: GPL-2.0-only */
#include "maps.h"
SEC("xdp.frags") int nat_xdp_wan_in(struct xdp_md *xdp) { return xdp->data ? XDP_PASS : XDP_DROP; }
char LICENSE[] SEC("license") = "GPL";
