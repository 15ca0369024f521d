// SPDX-License-Identifier: GPL-2.0-only
/* remake.c - larger tables for a gateway at work, without its sessions. */
#include "remake.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "configure.h"
#include "loader.h"
#include "msg.h"
#include "pool.h"
#include "walk.h"

__u32 remake_cost(const struct gateway *gw)
{
	struct nat_usage usage = {};
	__u32 only = 0;

	bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &only, &usage);
	return usage.sessions;
}

/* The same gateway with the tables that are to take over. */
static void successor(const struct gateway *gw, const struct nat_bpf *skel, struct gateway *next)
{
	loader_borrow(skel, next);
	strcpy(next->name, gw->name);
	strcpy(next->dir, gw->dir);
	next->ifindex = gw->ifindex;
	next->marker = gw->marker;
	next->marker.max_sessions = loader_sessions(skel);
}

/** struct copy - Static bindings on their way to new tables */
struct copy {
	const struct gateway *to;
	bool tagged; /* those with the key of guests; the others come first (bpf/forward.h) */
};

static int copy_forward(const void *key, const void *value, void *data)
{
	const struct nat_internal_key *from = key;
	const struct nat_binding *binding = value;
	const struct copy *copy = data;
	struct nat_forward_args args = {
		.op = NAT_FORWARD_ADD,
		.external = binding->external,
		.internal = from->internal,
		.from = binding->first,
		.from_len = binding->first_len,
		.address = binding->address,
	};
	int err;

	if (binding->kind != NAT_STATIC || life_deadline(binding->life) != NAT_TICK_NEVER ||
	    copy->tagged != !!from->remote.tag)
		return 0;
	err = gateway_forward(copy->to, &args);
	return err || args.result == NAT_FORWARD_DONE ? err : -ENOSPC;
}

static int copy_forwards(const struct gateway *gw, const struct gateway *next)
{
	int err = 0;

	for (int tagged = 0; !err && tagged < 2; tagged++) {
		struct copy copy = { .to = next, .tagged = tagged };

		err = walk_map(gw->fd[GATEWAY_bindings_fwd], copy_forward, &copy);
	}
	if (err)
		msg_error(gw->name, "cannot take the port forwards over: %s", strerror(-err));
	return err;
}

int remake_fill(const struct gateway *gw, const struct nat_bpf *skel,
		const struct options *in_force)
{
	struct nat_pool pool = in_force->pool;
	struct gateway next;
	int err;

	successor(gw, skel, &next);
	/* First the addresses as they are: with --address auto the interface may have none now. */
	err = pool_write(&next, &pool);
	if (err) {
		msg_error(gw->name, "cannot set the external addresses: %s", strerror(-err));
		return err;
	}
	err = configure(&next, in_force, false);
	return err ? err : copy_forwards(gw, &next);
}

int remake_mark(const struct gateway *gw, const struct nat_bpf *skel)
{
	struct gateway next;

	successor(gw, skel, &next);
	return gateway_marker_write(&next);
}
