// SPDX-License-Identifier: GPL-2.0-only
/* control.c - read and drive an open gateway: settings, marker, control programs, keeper. */
#include "gateway.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "msg.h"
#include "proc.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* Linux 5.14; not in Debian 12's C library headers */
#endif

static const __u32 ONLY = 0; /* the key of every map of one entry */

__u32 gateway_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ticks_from_ns(now.tv_sec * NAT_NSEC_PER_SEC + now.tv_nsec);
}

int gateway_settings(const struct gateway *gw, struct nat_settings *settings)
{
	int err;

	if (!bpf_map_lookup_elem(gw->fd[GATEWAY_settings], &ONLY, settings))
		return 0;
	err = -errno;
	msg_error(gw->name, "cannot read the settings: %s", strerror(-err));
	return err;
}

int gateway_marker_read(struct gateway *gw)
{
	return bpf_map_lookup_elem(gw->fd[GATEWAY_marker], &ONLY, &gw->marker) ? -errno : 0;
}

int gateway_marker_write(struct gateway *gw)
{
	return bpf_map_update_elem(gw->fd[GATEWAY_marker], &ONLY, &gw->marker, BPF_ANY) ? -errno :
											  0;
}

/* A syscall program's context is read before and written back after the run. */
static int control_run(int fd, void *args, __u32 size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = size);

	if (bpf_prog_test_run_opts(fd, &opts))
		return -errno;
	return (int)opts.retval < 0 ? (int)opts.retval : 0;
}

int gateway_reap(const struct gateway *gw, struct nat_reap_args *args)
{
	return control_run(gw->control_fd[GATEWAY_CONTROL_reap], args, sizeof(*args));
}

int gateway_flush(const struct gateway *gw, struct nat_flush_args *args)
{
	return control_run(gw->control_fd[GATEWAY_CONTROL_flush], args, sizeof(*args));
}

int gateway_forward(const struct gateway *gw, struct nat_forward_args *args)
{
	return control_run(gw->control_fd[GATEWAY_CONTROL_forward], args, sizeof(*args));
}

bool gateway_keeper_alive(const struct nat_marker *marker)
{
	struct proc_info info;

	return marker->keeper_pid && !proc_read(marker->keeper_pid, &info) &&
	       info.start == marker->keeper_start;
}

__u64 gateway_netns_cookie(void)
{
	__u64 cookie = 0;
	socklen_t len = sizeof(cookie);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len))
		cookie = 0;
	close(fd);
	return cookie;
}
