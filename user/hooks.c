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
 *
 * On an internal interface every gateway of the namespace has a program of its own.
 * There the clsact qdisc may have been made by another gateway: then it is ours to
 * remove as well, and whoever leaves last does it.
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

#include "netlink.h"
#include "sibling.h"

/* From linux/bpf.h of 6.6; Debian 12's is of 6.1. */
#define ATTACH_TCX_INGRESS 46
#define ATTACH_TCX_EGRESS 47

static const struct place {
	const char *program;
	const char *bare; /* for an interface without link layer header, if another */
	int attach_type;
	enum bpf_tc_attach_point point; /* 0: no clsact equivalent */
} places[HOOK_MAX] = {
	[HOOK_WAN_OUT] = { "nat_tc_wan_out", NULL, ATTACH_TCX_EGRESS, BPF_TC_EGRESS },
	[HOOK_WAN_IN] = { "nat_tc_wan_in", NULL, ATTACH_TCX_INGRESS, BPF_TC_INGRESS },
	[HOOK_XDP_WAN_IN] = { "nat_xdp_wan_in", NULL, BPF_XDP, 0 },
	[HOOK_LAN_IN] = { "nat_tc_lan_in", "nat_tc_lan_l3_in", ATTACH_TCX_INGRESS, BPF_TC_INGRESS },
};

const char *hook_program(enum hook hook, bool bare)
{
	return bare && places[hook].bare ? places[hook].bare : places[hook].program;
}

/* The pin of its link. */
static void link_path(enum hook hook, const struct gateway *gw, unsigned int ifindex, char *path)
{
	int len = snprintf(path, PATH_MAX, "%s/links/%s", gw->dir, places[hook].program);

	if (hook >= HOOK_WAN_MAX && len < PATH_MAX)
		snprintf(path + len, PATH_MAX - len, ":%u", ifindex);
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

static __u32 filter_handle(enum hook hook, const struct gateway *gw)
{
	return hook < HOOK_WAN_MAX ? HOOKS_CLSACT_HANDLE : gw->ifindex;
}

/* The program at our priority and handle, 0 if there is none. */
static __u32 filter_find(enum hook hook, const struct gateway *gw, unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = places[hook].point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .priority = HOOKS_CLSACT_PRIORITY,
		    .handle = filter_handle(hook, gw));

	return !places[hook].point || bpf_tc_query(&tc, &opts) ? 0 : opts.prog_id;
}

/* Program names in the kernel are cut at 15 characters. */
static bool filter_is_ours(enum hook hook, __u32 id)
{
	char name[BPF_OBJ_NAME_LEN];

	program_name(id, name);
	return *name && (!strncmp(name, hook_program(hook, false), BPF_OBJ_NAME_LEN - 1) ||
			 !strncmp(name, hook_program(hook, true), BPF_OBJ_NAME_LEN - 1));
}

static int filter_put(enum hook hook, const struct gateway *gw, unsigned int ifindex, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = places[hook].point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .priority = HOOKS_CLSACT_PRIORITY,
		    .handle = filter_handle(hook, gw), .flags = BPF_TC_F_REPLACE);
	__u32 id = filter_find(hook, gw, ifindex);

	if (id && !filter_is_ours(hook, id))
		return -EBUSY;
	return bpf_tc_attach(&tc, &opts);
}

static int filter_attach(enum hook hook, const struct gateway *gw, unsigned int ifindex,
			 int prog_fd, bool *clsact)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = places[hook].point);
	int err;

	err = bpf_tc_hook_create(&tc);
	if (err && err != -EEXIST)
		return err;
	if (!err || sibling_made_clsact(gw, ifindex))
		*clsact = true;
	return filter_put(hook, gw, ifindex, prog_fd);
}

static int filter_detach(enum hook hook, const struct gateway *gw, unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = places[hook].point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .priority = HOOKS_CLSACT_PRIORITY,
		    .handle = filter_handle(hook, gw));
	__u32 id = filter_find(hook, gw, ifindex);
	int err;

	if (!id || !filter_is_ours(hook, id))
		return 0;
	err = bpf_tc_detach(&tc, &opts);
	return err == -ENOENT ? 0 : err;
}

/* ---- links ---------------------------------------------------------------------------- */

static int link_attach(enum hook hook, const struct gateway *gw, unsigned int ifindex, int prog_fd)
{
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);
	char path[PATH_MAX];
	int fd, err = 0;

	fd = bpf_link_create(prog_fd, ifindex, places[hook].attach_type,
			     places[hook].attach_type == BPF_XDP ? &native : NULL);
	if (fd < 0)
		return fd;
	link_path(hook, gw, ifindex, path);
	if (bpf_obj_pin(fd, path))
		err = -errno;
	close(fd); /* the last reference if the pin failed: the link is gone with it */
	return err;
}

/* ---- both ----------------------------------------------------------------------------- */

bool hook_is_taken(enum hook hook, const struct gateway *gw, unsigned int ifindex, char *why)
{
	char name[BPF_OBJ_NAME_LEN];
	__u32 id = 0;

	if (hook == HOOK_XDP_WAN_IN) {
		if (bpf_xdp_query_id(ifindex, 0, &id) || !id)
			return false;
		program_name(id, name);
		snprintf(why, HOOK_WHY_MAX,
			 "XDP is taken by program \"%s\", id %u "
			 "(remove it, or attach with --ingress tc)",
			 name, id);
		return true;
	}
	id = filter_find(hook, gw, ifindex);
	if (!id || filter_is_ours(hook, id))
		return false;
	program_name(id, name);
	snprintf(why, HOOK_WHY_MAX,
		 "tc filter priority %d handle %u is taken by program \"%s\", id %u "
		 "(move it to another priority)",
		 HOOKS_CLSACT_PRIORITY, filter_handle(hook, gw), name, id);
	return true;
}

int hook_attach(enum hook hook, const struct gateway *gw, unsigned int ifindex, int prog_fd,
		bool *clsact)
{
	int err = link_attach(hook, gw, ifindex, prog_fd);

	if (err == -EINVAL && places[hook].point)
		err = filter_attach(hook, gw, ifindex, prog_fd, clsact);
	return err;
}

int hook_replace(enum hook hook, const struct gateway *gw, unsigned int ifindex, int prog_fd)
{
	char path[PATH_MAX];
	int fd, err = 0;

	link_path(hook, gw, ifindex, path);
	fd = bpf_obj_get(path);
	if (fd < 0 && errno == ENOENT && places[hook].point)
		return filter_put(hook, gw, ifindex, prog_fd);
	if (fd < 0)
		return -errno;
	if (bpf_link_update(fd, prog_fd, NULL))
		err = -errno;
	close(fd);
	return err;
}

bool hook_is_attached(enum hook hook, const struct gateway *gw, unsigned int ifindex)
{
	char path[PATH_MAX];
	__u32 id;

	link_path(hook, gw, ifindex, path);
	if (!access(path, F_OK))
		return true;
	id = filter_find(hook, gw, ifindex);
	return id && filter_is_ours(hook, id);
}

int hook_detach(enum hook hook, const struct gateway *gw, unsigned int ifindex)
{
	char path[PATH_MAX];
	int fd;

	link_path(hook, gw, ifindex, path);
	fd = bpf_obj_get(path);
	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (fd < 0)
		return places[hook].point ? filter_detach(hook, gw, ifindex) : 0;
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
	/* It, or the interface and with it the qdisc, has gone. */
	return err == -ENOENT || err == -EINVAL || err == -ENODEV ? 0 : err;
}
