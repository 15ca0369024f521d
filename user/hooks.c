// SPDX-License-Identifier: GPL-2.0-only
/*
 * hooks.c - put programs onto an interface, swap them, take them off again.
 *
 * How it works
 *
 * Where the kernel has links (XDP always, TC from 6.6 as TCX) a hook is a link
 * pinned under the gateway's directory, and the pin is all that keeps it: swapping
 * is bpf_link_update, detaching is removing the pin after BPF_LINK_DETACH. TCX
 * links are asked for by the number of their attach type, because the libbpf we
 * build with is older than its own functions for them; a kernel without TCX says
 * EINVAL, and then the program becomes a clsact filter at a priority and handle
 * of ours.
 *
 * A program of somebody else is never replaced: XDP has one place, a clsact
 * priority and handle too. Other TCX programs and filters live beside ours.
 */
#include "hooks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "msg.h"
#include "netlink.h"

/* From linux/bpf.h of 6.6; Debian 12's is of 6.1. */
#define ATTACH_TCX_INGRESS 46
#define ATTACH_TCX_EGRESS 47

const char *const hook_programs[HOOK_MAX] = {
	[HOOK_WAN_OUT] = "nat_tc_wan_out",
	[HOOK_WAN_IN] = "nat_tc_wan_in",
	[HOOK_XDP_WAN_IN] = "nat_xdp_wan_in",
};

static const struct place {
	int attach_type;
	enum bpf_tc_attach_point point; /* 0: no clsact equivalent */
} places[HOOK_MAX] = {
	[HOOK_WAN_OUT] = { ATTACH_TCX_EGRESS, BPF_TC_EGRESS },
	[HOOK_WAN_IN] = { ATTACH_TCX_INGRESS, BPF_TC_INGRESS },
	[HOOK_XDP_WAN_IN] = { BPF_XDP, 0 },
};

static void link_path(enum hook hook, const char *dir, char *path)
{
	snprintf(path, PATH_MAX, "%s/links/%s", dir, hook_programs[hook]);
}

static void program_name(__u32 id, char *name)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	name[0] = '\0';
	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		snprintf(name, BPF_OBJ_NAME_LEN, "%s", info.name);
	close(fd);
}

/* ---- clsact --------------------------------------------------------------------------- */

/* The program at our priority and handle, 0 if there is none. */
static __u32 filter_find(const struct bpf_tc_hook *tc)
{
	LIBBPF_OPTS(bpf_tc_opts, opts, .priority = HOOKS_CLSACT_PRIORITY,
		    .handle = HOOKS_CLSACT_HANDLE);

	return bpf_tc_query(tc, &opts) ? 0 : opts.prog_id;
}

/* Program names in the kernel are cut at 15 characters. */
static bool filter_is_ours(enum hook hook, __u32 id)
{
	char name[BPF_OBJ_NAME_LEN];

	program_name(id, name);
	return *name && !strncmp(name, hook_programs[hook], BPF_OBJ_NAME_LEN - 1);
}

static int filter_put(enum hook hook, unsigned int ifindex, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = places[hook].point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .priority = HOOKS_CLSACT_PRIORITY,
		    .handle = HOOKS_CLSACT_HANDLE, .flags = BPF_TC_F_REPLACE);
	__u32 id = filter_find(&tc);

	if (id && !filter_is_ours(hook, id))
		return -EBUSY;
	return bpf_tc_attach(&tc, &opts);
}

static int filter_attach(enum hook hook, unsigned int ifindex, int prog_fd, bool *clsact)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = places[hook].point);
	int err;

	err = bpf_tc_hook_create(&tc);
	if (!err)
		*clsact = true;
	else if (err != -EEXIST)
		return err;
	return filter_put(hook, ifindex, prog_fd);
}

static int filter_detach(enum hook hook, unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = places[hook].point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .priority = HOOKS_CLSACT_PRIORITY,
		    .handle = HOOKS_CLSACT_HANDLE);
	__u32 id = filter_find(&tc);
	int err;

	if (!id || !filter_is_ours(hook, id))
		return 0;
	err = bpf_tc_detach(&tc, &opts);
	return err == -ENOENT ? 0 : err;
}

/* ---- links ---------------------------------------------------------------------------- */

static int link_attach(enum hook hook, const char *dir, unsigned int ifindex, int prog_fd)
{
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);
	char path[PATH_MAX];
	int fd, err = 0;

	fd = bpf_link_create(prog_fd, ifindex, places[hook].attach_type,
			     places[hook].attach_type == BPF_XDP ? &native : NULL);
	if (fd < 0)
		return fd;
	link_path(hook, dir, path);
	if (bpf_obj_pin(fd, path))
		err = -errno;
	close(fd); /* the last reference if the pin failed: the link is gone with it */
	return err;
}

/* ---- both ----------------------------------------------------------------------------- */

bool hooks_are_taken(const char *ifname, unsigned int ifindex, bool xdp)
{
	char name[BPF_OBJ_NAME_LEN];
	__u32 id = 0;

	if (xdp && !bpf_xdp_query_id(ifindex, 0, &id) && id) {
		program_name(id, name);
		msg_error(ifname,
			  "XDP is taken by program \"%s\", id %u "
			  "(remove it, or attach with --ingress tc)",
			  name, id);
		return true;
	}
	for (enum hook hook = 0; hook < HOOK_MAX; hook++) {
		LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex,
			    .attach_point = places[hook].point);

		id = places[hook].point ? filter_find(&tc) : 0;
		if (!id || filter_is_ours(hook, id))
			continue;
		program_name(id, name);
		msg_error(ifname,
			  "tc filter priority %d handle %d is taken by program \"%s\", id %u "
			  "(move it to another priority)",
			  HOOKS_CLSACT_PRIORITY, HOOKS_CLSACT_HANDLE, name, id);
		return true;
	}
	return false;
}

int hook_attach(enum hook hook, const char *dir, unsigned int ifindex, int prog_fd, bool *clsact)
{
	int err = link_attach(hook, dir, ifindex, prog_fd);

	if (err == -EINVAL && places[hook].point)
		err = filter_attach(hook, ifindex, prog_fd, clsact);
	return err;
}

int hook_replace(enum hook hook, const char *dir, unsigned int ifindex, int prog_fd)
{
	char path[PATH_MAX];
	int fd, err = 0;

	link_path(hook, dir, path);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return errno == ENOENT && places[hook].point ? filter_put(hook, ifindex, prog_fd) :
							       -errno;
	if (bpf_link_update(fd, prog_fd, NULL))
		err = -errno;
	close(fd);
	return err;
}

bool hook_is_attached(enum hook hook, const char *dir, unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = places[hook].point);
	char path[PATH_MAX];
	__u32 id;

	link_path(hook, dir, path);
	if (!access(path, F_OK))
		return true;
	id = places[hook].point ? filter_find(&tc) : 0;
	return id && filter_is_ours(hook, id);
}

int hook_detach(enum hook hook, const char *dir, unsigned int ifindex)
{
	char path[PATH_MAX];
	int fd;

	link_path(hook, dir, path);
	fd = bpf_obj_get(path);
	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (fd < 0)
		return places[hook].point ? filter_detach(hook, ifindex) : 0;
	/* Detached now, not when the last process that holds the link lets go of it. A
	 * link whose interface has gone has nothing left to detach. */
	bpf_link_detach(fd);
	close(fd);
	return unlink(path) ? -errno : 0;
}

static int count_filter(const struct nlmsghdr *answer, void *data)
{
	(void)answer;
	++*(int *)data;
	return MNL_CB_OK;
}

static int clsact_filters(unsigned int ifindex, __u32 side, int *count)
{
	char buffer[8192];
	struct nlmsghdr *request;
	struct tcmsg *tc;

	request = netlink_request(buffer, RTM_GETTFILTER, NLM_F_DUMP, sizeof(*tc), (void **)&tc);
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, side);
	return netlink_talk(NETLINK_ROUTE, request, count_filter, count);
}

int hooks_clsact_remove(unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int err, foreign = 0;

	err = clsact_filters(ifindex, TC_H_MIN_INGRESS, &foreign);
	if (!err)
		err = clsact_filters(ifindex, TC_H_MIN_EGRESS, &foreign);
	if (!err && foreign)
		return -EBUSY;
	err = bpf_tc_hook_destroy(&tc);
	return err == -ENOENT || err == -EINVAL ? 0 : err;
}
