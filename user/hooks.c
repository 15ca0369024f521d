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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clsact.h"
#include "sibling.h"

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
	[HOOK_LANE_TC] = { "nat_tc_lane_in", "nat_tc_lane_l3_in", ATTACH_TCX_INGRESS,
			   BPF_TC_INGRESS },
	[HOOK_LANE_XDP] = { "nat_xdp_lan_in", NULL, BPF_XDP, 0 },
};

bool hook_is_xdp(enum hook hook)
{
	return places[hook].attach_type == BPF_XDP;
}

bool hook_has_bare(enum hook hook)
{
	return places[hook].bare;
}

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

/* ---- clsact --------------------------------------------------------------------------- */

static __u32 handle_of(enum hook hook, const struct gateway *gw)
{
	if (hook < HOOK_WAN_MAX)
		return HOOKS_CLSACT_HANDLE;
	return gw->ifindex | (hook == HOOK_LANE_TC ? HOOKS_CLSACT_LANE : 0);
}

static struct clsact_slot slot_of(enum hook hook, const struct gateway *gw, unsigned int ifindex)
{
	return (struct clsact_slot){
		.ifindex = ifindex,
		.point = places[hook].point,
		.handle = handle_of(hook, gw),
		.programs = { hook_program(hook, false), hook_program(hook, true) },
	};
}

static int filter_attach(enum hook hook, const struct gateway *gw, unsigned int ifindex,
			 int prog_fd, bool *clsact)
{
	const struct clsact_slot slot = slot_of(hook, gw, ifindex);
	int err;

	err = clsact_make(ifindex);
	if (err && err != -EEXIST)
		return err;
	if (!err || sibling_made_clsact(gw, ifindex))
		*clsact = true;
	return clsact_put(&slot, prog_fd);
}

/* ---- links ---------------------------------------------------------------------------- */

static int link_attach(enum hook hook, const struct gateway *gw, unsigned int ifindex, int prog_fd)
{
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);
	char path[PATH_MAX];
	int fd, err = 0;

	fd = bpf_link_create(prog_fd, ifindex, places[hook].attach_type,
			     hook_is_xdp(hook) ? &native : NULL);
	if (fd < 0)
		return fd;
	link_path(hook, gw, ifindex, path);
	if (bpf_obj_pin(fd, path))
		err = -errno;
	close(fd); /* the last reference if the pin failed: the link is gone with it */
	return err;
}

/* ---- both ----------------------------------------------------------------------------- */

const char *hook_program_text(__u32 id, char *text, size_t size)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && *info.name)
		snprintf(text, size, "program \"%s\", id %u", info.name, id);
	else
		snprintf(text, size, "program with id %u", id);
	if (fd >= 0)
		close(fd);
	return text;
}

bool hook_is_taken(enum hook hook, const struct gateway *gw, unsigned int ifindex, char *why)
{
	const struct clsact_slot slot = slot_of(hook, gw, ifindex);
	struct clsact_filter filter;
	char program[HOOK_PROGRAM_TEXT_MAX];
	__u32 id = 0;

	if (hook_is_xdp(hook)) {
		if (bpf_xdp_query_id(ifindex, 0, &id) || !id)
			return false;
		snprintf(why, HOOK_WHY_MAX, "XDP is taken by %s (remove it%s)",
			 hook_program_text(id, program, sizeof(program)),
			 hook == HOOK_XDP_WAN_IN ? ", or attach with --ingress tc" : "");
		return true;
	}
	if (clsact_look(&slot, &filter) || !filter.id || filter.is_ours)
		return false;
	snprintf(why, HOOK_WHY_MAX,
		 "tc filter priority %d handle %u is taken by program \"%s\", id %u "
		 "(move it to another priority)",
		 CLSACT_PRIORITY, slot.handle, filter.name, filter.id);
	return true;
}

bool hooks_may_make_clsact(const struct gateway *gw, unsigned int ifindex)
{
	return !clsact_exists(ifindex) || sibling_made_clsact(gw, ifindex);
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
	const struct clsact_slot slot = slot_of(hook, gw, ifindex);
	char path[PATH_MAX];
	int fd, err = 0;

	link_path(hook, gw, ifindex, path);
	fd = bpf_obj_get(path);
	if (fd < 0 && errno == ENOENT && slot.point)
		return clsact_put(&slot, prog_fd);
	if (fd < 0)
		return -errno;
	if (bpf_link_update(fd, prog_fd, NULL))
		err = -errno;
	close(fd);
	return err;
}

enum hook_way hook_find(enum hook hook, const struct gateway *gw, unsigned int ifindex)
{
	const struct clsact_slot slot = slot_of(hook, gw, ifindex);
	struct clsact_filter filter;
	char path[PATH_MAX];

	link_path(hook, gw, ifindex, path);
	if (!access(path, F_OK))
		return HOOK_LINK;
	return slot.point && !clsact_look(&slot, &filter) && filter.is_ours ? HOOK_CLSACT :
									      HOOK_ABSENT;
}

int hook_detach(enum hook hook, const struct gateway *gw, unsigned int ifindex)
{
	const struct clsact_slot slot = slot_of(hook, gw, ifindex);
	char path[PATH_MAX];
	int fd;

	link_path(hook, gw, ifindex, path);
	fd = bpf_obj_get(path);
	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (fd < 0)
		return slot.point ? clsact_take(&slot) : 0;
	/* Detached now, not when the last process that holds the link lets go of it. A
	 * link whose interface has gone has nothing left to detach. */
	bpf_link_detach(fd);
	close(fd);
	return unlink(path) ? -errno : 0;
}
