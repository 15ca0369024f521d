// SPDX-License-Identifier: GPL-2.0-only
/*
 * loader.c - load the programs, with maps of their own or with those of a gateway.
 *
 * How it works
 *
 * The skeleton carries the programs and place-holder sizes. Here the sizes are set,
 * or, for an upgrade, the maps replaced by those that are pinned, before the kernel
 * sees anything; so a refusal by the verifier costs nothing.
 *
 * Hash tables cannot grow, and their memory is taken at once: that makes a new flow
 * twice as fast as allocating on insertion (docs/decisions/0006).
 */
#include "loader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "nat.skel.h"

/* A session costs about 480 bytes with a binding of its own and half a permit, taken at once:
 * by default 1/34 of memory, and 120 MiB at most (docs/decisions/0006). */
#define BYTES_PER_SESSION 16384
#define SESSIONS_LEAST 4096
#define SESSIONS_MOST (1U << 18)

/* A binding permits its first remote address itself; these are for all further ones. */
#define SESSIONS_PER_PERMIT 2

/* No more bindings can exist than there are ports to claim. Up to the default ceiling there are
 * as many as sessions all the same, so that addresses can be added later. */
#define BINDINGS_PER_ADDRESS (NAT_CLAIMS_MAX * 65536)
#define BINDINGS_LEAST SESSIONS_MOST

#define HOSTS_MOST 65536
#define REPLIES_MOST 16384   /* guests of bindings, see nat_tables.h */
#define FRAGMENTS_MOST 16384 /* datagrams, those sent out twice */
#define ADDRESSES_LEAST 16
#define INTERFACE_ADDRESSES_MAX 256 /* outside the pool, listed in `externals` too */

static __u32 least(__u32 left, __u32 right)
{
	return left < right ? left : right;
}

static __u32 most(__u32 left, __u32 right)
{
	return left > right ? left : right;
}

__u32 loader_max_sessions(void)
{
	struct sysinfo info;
	__u64 sessions;

	if (sysinfo(&info))
		return SESSIONS_LEAST;
	sessions = (__u64)info.totalram * info.mem_unit / BYTES_PER_SESSION;
	if (sessions < SESSIONS_LEAST)
		return SESSIONS_LEAST;
	return sessions > SESSIONS_MOST ? SESSIONS_MOST : sessions;
}

static __u32 size_of(int map_fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(map_fd, &info, &len) ? 0 : info.max_entries;
}

__u32 loader_addresses(const struct gateway *gw)
{
	__u32 sets = size_of(gw->fd[GATEWAY_ports]) / NAT_CLAIMS_MAX;
	__u32 bindings = size_of(gw->fd[GATEWAY_bindings_fwd]);

	if (bindings == size_of(gw->fd[GATEWAY_sessions]))
		return sets;
	return least(sets, bindings / BINDINGS_PER_ADDRESS);
}

/* ---- load ----------------------------------------------------------------------------- */

static int maps_size(struct nat_bpf *skel, const struct load_plan *plan)
{
	__u32 addresses = most(plan->addresses, ADDRESSES_LEAST);
	__u32 bindings = least(plan->max_sessions,
			       most(BINDINGS_LEAST, plan->addresses * BINDINGS_PER_ADDRESS));
	const struct {
		struct bpf_map *map;
		__u32 entries;
	} sizes[] = {
		{ skel->maps.sessions, plan->max_sessions },
		{ skel->maps.bindings_fwd, bindings },
		{ skel->maps.bindings_rev, bindings },
		{ skel->maps.permits, most(plan->max_sessions / SESSIONS_PER_PERMIT, 1) },
		{ skel->maps.replies, least(plan->max_sessions, REPLIES_MOST) },
		{ skel->maps.hosts, least(plan->max_sessions, HOSTS_MOST) },
		{ skel->maps.fragments, least(plan->max_sessions, FRAGMENTS_MOST) },
		{ skel->maps.early, NAT_EARLY_MAX },
		{ skel->maps.held_syns, NAT_HELD_MAX },
		{ skel->maps.ports, addresses * NAT_CLAIMS_MAX },
		{ skel->maps.externals, NAT_POOL_MAX + INTERFACE_ADDRESSES_MAX },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int err = bpf_map__set_max_entries(sizes[i].map, sizes[i].entries);

		if (err)
			return err;
	}
	return 0;
}

static int maps_adopt(struct nat_bpf *skel, const struct gateway *gw)
{
	for (int i = 0; i < GATEWAY_MAP_MAX; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(skel->obj, gateway_map_names[i]);
		int err = map ? bpf_map__reuse_fd(map, gw->fd[i]) : -ENOENT;

		if (err)
			return err;
	}
	return 0;
}

static bool is_needed(const struct load_plan *plan, enum hook hook, bool bare)
{
	if (hook == HOOK_LANE_XDP)
		return plan->fast && plan->xdp && plan->lan[false];
	return plan->lan[bare] && (hook == HOOK_LAN_IN || plan->fast);
}

static int programs_choose(struct nat_bpf *skel, const struct load_plan *plan)
{
	int err = bpf_program__set_autoload(skel->progs.nat_xdp_wan_in, plan->xdp);

	for (enum hook hook = HOOK_LAN_IN; hook < HOOK_MAX; hook++)
		for (int bare = 0; !err && bare <= hook_has_bare(hook); bare++)
			err = bpf_program__set_autoload(
				bpf_object__find_program_by_name(skel->obj,
								 hook_program(hook, bare)),
				is_needed(plan, hook, bare));
	return err;
}

int loader_load(struct nat_bpf **skel, const struct load_plan *plan)
{
	int err;

	*skel = nat_bpf__open();
	if (!*skel)
		return -errno;
	(*skel)->rodata->link_header_len = plan->header_len;
	(*skel)->rodata->fast = plan->fast;
	err = programs_choose(*skel, plan);
	if (!err)
		err = plan->adopt ? maps_adopt(*skel, plan->adopt) : maps_size(*skel, plan);
	if (!err)
		err = nat_bpf__load(*skel);
	if (err) {
		nat_bpf__destroy(*skel);
		*skel = NULL;
	}
	return err;
}

void loader_unload(struct nat_bpf *skel)
{
	nat_bpf__destroy(skel);
}

__u32 loader_sessions(const struct nat_bpf *skel)
{
	return bpf_map__max_entries(skel->maps.sessions);
}

int loader_program_fd(const struct nat_bpf *skel, enum hook hook, bool bare)
{
	const struct bpf_program *prog =
		bpf_object__find_program_by_name(skel->obj, hook_program(hook, bare));
	int fd = prog ? bpf_program__fd(prog) : -1;

	return fd < 0 ? -1 : fd;
}

void loader_borrow(const struct nat_bpf *skel, struct gateway *gw)
{
	gateway_init(gw);
	for (int i = 0; i < GATEWAY_MAP_MAX; i++)
		gw->fd[i] = bpf_object__find_map_fd_by_name(skel->obj, gateway_map_names[i]);
	for (int i = 0; i < GATEWAY_CONTROL_MAX; i++)
		gw->control_fd[i] = bpf_program__fd(
			bpf_object__find_program_by_name(skel->obj, gateway_control_names[i]));
}
