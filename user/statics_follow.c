// SPDX-License-Identifier: GPL-2.0-only
/* statics_follow.c - static bindings go along when their external address changes. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>

#include "pool.h"
#include "statics.h"
#include "walk.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

/** struct stray - The static binding not where the pool is, with the lowest address above @after */
struct stray {
	const struct nat_pool *pool;
	__u32 after; /* host order */
	__be32 addr; /* 0: there is none */
	__u16 index;
};

static int look_for_stray(const void *key, const void *value, void *data)
{
	const struct nat_binding *binding = value;
	__be32 addr = binding->external.addr;
	struct stray *stray = data;

	(void)key;
	if (binding->kind != NAT_STATIC || life_deadline(binding->life) != NAT_TICK_NEVER ||
	    pool_find(stray->pool, addr) == binding->address || ntohl(addr) <= stray->after ||
	    (stray->addr && ntohl(addr) >= ntohl(stray->addr)))
		return 0;
	stray->addr = addr;
	stray->index = binding->address;
	return 0;
}

int statics_follow(const struct gateway *gw, const struct nat_pool *pool)
{
	struct stray stray = { .pool = pool };
	struct nat_forward_args args;
	struct nat_usage used;
	int now, err = 0;
	__u32 behind = 0;

	if (bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &used))
		return -errno;
	while (!err && used.forwards && pool->count) {
		stray.addr = 0;
		err = walk_map(gw->fd[GATEWAY_bindings_fwd], look_for_stray, &stray);
		if (err || !stray.addr)
			break;
		now = pool_find(pool, stray.addr);
		if (now < 0)
			now = stray.index < pool->count ? stray.index : 0;
		args = (struct nat_forward_args){ .op = NAT_FORWARD_MOVE,
						  .external.addr = stray.addr,
						  .new_addr = pool->addr[now],
						  .address = (__u16)now };
		err = gateway_forward(gw, &args);
		behind += args.count;
		stray.after = ntohl(stray.addr);
	}
	return err || !behind ? err : -EAGAIN;
}
