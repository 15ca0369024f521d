// SPDX-License-Identifier: GPL-2.0-only
/*
 * inject.c - let the kernel receive a packet on an interface, as if it had just arrived there.
 *
 * How it works: a test run of the interface's own XDP program on a live frame. The program
 * leaves alone what is not addressed to us, and the kernel passes the frame up as received
 * on that interface. It takes an interface whose driver knows XDP, and Linux 5.18.
 */
#include "inject.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nat_request.h"

int inject_open(const struct gateway *gw)
{
	char path[PATH_MAX + sizeof("/progs/nat_xdp_wan_in")];
	int fd;

	snprintf(path, sizeof(path), "%s/progs/nat_xdp_wan_in", gw->dir);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

/* Looked for every time: name and address may change. */
static int link_address(unsigned int ifindex, unsigned char *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {};
	int err = 0;

	if (fd < 0)
		return -errno;
	if (!if_indextoname(ifindex, request.ifr_name) || ioctl(fd, SIOCGIFHWADDR, &request))
		err = -errno;
	else if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		err = -EOPNOTSUPP;
	else
		memcpy(address, request.ifr_hwaddr.sa_data, ETH_ALEN);
	close(fd);
	return err;
}

int inject_packet(const struct gateway *gw, int fd, const __u8 *packet, size_t len)
{
	struct {
		struct ethhdr link;
		__u8 packet[NAT_REQUEST_PACKET];
	} frame = { .link.h_proto = htons(ETH_P_IP) };
	struct xdp_md context = { .data_end = (__u32)(sizeof(frame.link) + len),
				  .ingress_ifindex = gw->ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = &frame, .data_size_in = context.data_end,
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 1);
	int err;

	if (fd < 0 || len > sizeof(frame.packet))
		return -EOPNOTSUPP;
	err = link_address(gw->ifindex, frame.link.h_dest);
	if (err)
		return err;
	memcpy(frame.packet, packet, len);
	return bpf_prog_test_run_opts(fd, &opts) ? -errno : 0;
}
