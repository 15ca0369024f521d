/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * forward.bpf.c - the limit: routing and redirect, and nothing that a NAT has to do.
 *
 * Stands on both sides of the gateway: ip link set IF xdp object FILE section xdp
 */
#include "nat_types.h"

#define ETH_P_IP 0x0800
#define AF_INET 2

/* Return: false if it is for the stack */
static __always_inline bool route_find(struct xdp_md *xdp, const struct iphdr *ip,
				       struct bpf_fib_lookup *route)
{
	route->family = AF_INET;
	route->tos = ip->tos;
	route->l4_protocol = ip->protocol;
	route->tot_len = bpf_ntohs(ip->tot_len);
	route->ipv4_src = ip->saddr;
	route->ipv4_dst = ip->daddr;
	route->ifindex = xdp->ingress_ifindex;
	return bpf_fib_lookup(xdp, route, sizeof(*route), 0) == BPF_FIB_LKUP_RET_SUCCESS;
}

SEC("xdp")
int forward(struct xdp_md *xdp)
{
	void *end = (void *)(long)xdp->data_end;
	struct ethhdr *eth = (void *)(long)xdp->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct bpf_fib_lookup route = {};
	__u32 sum;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ttl <= 1 ||
	    !route_find(xdp, ip, &route))
		return XDP_PASS;
	/* RFC 1624 for a TTL that is one less */
	sum = ip->check + bpf_htons(0x0100);
	ip->check = sum + (sum >= 0xffff);
	ip->ttl--;
	__builtin_memcpy(eth->h_dest, route.dmac, sizeof(eth->h_dest));
	__builtin_memcpy(eth->h_source, route.smac, sizeof(eth->h_source));
	return bpf_redirect(route.ifindex, 0);
}

char LICENSE[] SEC("license") = "GPL";
