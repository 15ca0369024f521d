// SPDX-License-Identifier: GPL-2.0-only
/*
 * pool.c - the external addresses: which there are, who answers for them, what replaces what.
 *
 * How it works
 *
 * Three things say the same and change in an order that never lets a packet through
 * to an address that is not ready: `externals` (is this destination ours?), ARP, then
 * `pool` (may this be given out?), the address before the count. Going, the other way
 * round.
 *
 * Claims and bindings name an address by its index. An address that stays keeps its
 * index; one that leaves has its bindings ended, and whoever gets its index waits for
 * their ports to come free like any other newcomer.
 *
 * An address that the pool follows and that the interface has lost is away: it keeps its
 * place, and the programs are shut until it returns or another has taken its place and what
 * hung on it has been ended.
 */
#include "pool.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "msg.h"
#include "netif.h"
#include "statics.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

int pool_read(const struct gateway *gw, struct nat_pool *pool)
{
	return bpf_map_lookup_elem(gw->fd[GATEWAY_pool], &ONLY, pool) ? -errno : 0;
}

int pool_find(const struct nat_pool *pool, __be32 addr)
{
	for (__u32 i = 0; i < pool->count; i++)
		if (pool->addr[i] == addr)
			return i;
	return -1;
}

/* Move those addresses of @pool that were in @before to the index they had there. */
static void keep_indexes(struct nat_pool *pool, const struct nat_pool *before)
{
	for (__u32 i = 0; i < pool->count; i++) {
		int was = pool_find(before, pool->addr[i]);

		/* Each swap puts one address where it stays, so this ends. */
		while (was >= 0 && (__u32)was < pool->count && (__u32)was != i) {
			__be32 other = pool->addr[was];

			pool->addr[was] = pool->addr[i];
			pool->addr[i] = other;
			was = pool_find(before, other);
		}
	}
}

static int external_write(const struct gateway *gw, __be32 addr, __u16 index, __u16 flags)
{
	struct nat_external external = { .index = index, .flags = flags };

	return bpf_map_update_elem(gw->fd[GATEWAY_externals], &addr, &external, BPF_ANY) ? -errno :
											   0;
}

/* Put in what is due: the pool, and the interface's addresses outside it. */
static int externals_fill(const struct gateway *gw, const struct nat_pool *pool,
			  const struct netif_addr *addrs, int count)
{
	int err = 0;

	for (__u32 i = 0; !err && i < pool->count; i++) {
		bool owned = netif_owns(addrs, count, gw->ifindex, pool->addr[i]);

		err = external_write(gw, pool->addr[i], i, owned ? NAT_EXTERNAL_LOCAL : 0);
	}
	for (int i = 0; !err && i < count; i++)
		if (addrs[i].ifindex == gw->ifindex && pool_find(pool, addrs[i].addr) < 0)
			err = external_write(gw, addrs[i].addr, 0,
					     NAT_EXTERNAL_LOCAL | NAT_EXTERNAL_OUTSIDE);
	return err;
}

/* Take out what is no longer due. */
static int externals_prune(const struct gateway *gw, const struct nat_pool *pool,
			   const struct netif_addr *addrs, int count)
{
	int fd = gw->fd[GATEWAY_externals];
	__be32 key, next;
	int more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (pool_find(pool, key) >= 0 || netif_owns(addrs, count, gw->ifindex, key))
			continue;
		if (bpf_map_delete_elem(fd, &key) && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* One that is shut stays so: pool_open() comes last. */
static int pool_store(const struct gateway *gw, const struct nat_pool *pool,
		      const struct nat_pool *before)
{
	struct nat_pool step = *pool;

	step.is_away |= before->is_away;
	if (step.count > before->count)
		step.count = before->count;
	if (bpf_map_update_elem(gw->fd[GATEWAY_pool], &ONLY, &step, BPF_ANY))
		return -errno;
	step.count = pool->count;
	return bpf_map_update_elem(gw->fd[GATEWAY_pool], &ONLY, &step, BPF_ANY) ? -errno : 0;
}

static int pool_open(const struct gateway *gw, const struct nat_pool *pool)
{
	return bpf_map_update_elem(gw->fd[GATEWAY_pool], &ONLY, pool, BPF_ANY) ? -errno : 0;
}

/* End what hangs on addresses that have left, or that had to change their index. */
static int leavers_end(const struct gateway *gw, const struct nat_pool *pool,
		       const struct nat_pool *before)
{
	int first = 0;

	for (__u32 i = 0; i < before->count; i++) {
		struct nat_flush_args args = { .external.addr = before->addr[i] };
		struct nat_flush_args guests = { .remote.addr = before->addr[i] };
		int err, now = pool_find(pool, before->addr[i]);

		if (now == (int)i)
			continue;
		err = now < 0 ? netif_answer(gw->ifindex, before->addr[i], false) : 0;
		if (!err)
			err = gateway_flush(gw, &args);
		/* Hairpins to it; from now on it is a remote like any other. */
		if (!err && now < 0)
			err = gateway_flush(gw, &guests);
		first = first ? first : err;
	}
	return first;
}

static bool needs_answer(const struct gateway *gw, const struct netif_addr *addrs, int count,
			 __be32 addr)
{
	return !gw->marker.address_auto && !netif_owns(addrs, count, gw->ifindex, addr);
}

/* Known, and answered for. */
static int pool_prepare(const struct gateway *gw, const struct nat_pool *pool,
			const struct netif_addr *addrs, int count)
{
	int err = externals_fill(gw, pool, addrs, count);

	for (__u32 i = 0; !err && i < pool->count; i++)
		if (needs_answer(gw, addrs, count, pool->addr[i]))
			err = netif_answer(gw->ifindex, pool->addr[i], true);
	return err;
}

/* What pool_prepare() has done, of a pool that did not take the place of @before. */
static void pool_forget(const struct gateway *gw, const struct nat_pool *pool,
			const struct nat_pool *before, const struct netif_addr *addrs, int count)
{
	for (__u32 i = pool->count; i-- > 0;)
		if (pool_find(before, pool->addr[i]) < 0)
			netif_answer(gw->ifindex, pool->addr[i], false);
	externals_fill(gw, before, addrs, count);
	externals_prune(gw, before, addrs, count);
}

/* One line for each change of the address that is followed; that its interface has gone
 * with it has been said. */
static void pool_tell(const struct gateway *gw, const struct nat_pool *pool,
		      const struct nat_pool *before, const struct nat_usage *usage)
{
	char was[INET_ADDRSTRLEN], is[INET_ADDRSTRLEN], name[IF_NAMESIZE];
	unsigned long long sessions = usage->sessions;

	if (!gw->marker.address_auto || before->count != 1 || !if_indextoname(gw->ifindex, name))
		return;
	inet_ntop(AF_INET, &before->addr[0], was, sizeof(was));
	inet_ntop(AF_INET, &pool->addr[0], is, sizeof(is));
	if (before->addr[0] != pool->addr[0])
		msg_note(name, "address %s is replaced by %s (sessions ended: %llu)", was, is,
			 sessions);
	else if (pool->is_away && !before->is_away)
		msg_note(name, "address %s has gone (sessions that wait for it: %llu)", was,
			 sessions);
	else if (before->is_away && !pool->is_away)
		msg_note(name, "address %s is back (sessions that go on: %llu)", was, sessions);
}

int pool_write(const struct gateway *gw, struct nat_pool *pool)
{
	struct netif_addr *addrs;
	struct nat_usage usage;
	struct nat_pool before;
	int count, err;

	err = pool_read(gw, &before);
	if (!err && bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &usage))
		err = -errno;
	if (err)
		return err;
	count = netif_addrs(&addrs);
	if (count < 0)
		return count;
	keep_indexes(pool, &before);
	pool->is_away =
		gw->marker.address_auto && !netif_owns(addrs, count, gw->ifindex, pool->addr[0]);
	err = pool_prepare(gw, pool, addrs, count);
	if (!err)
		err = pool_store(gw, pool, &before);
	if (err) {
		pool_forget(gw, pool, &before, addrs, count);
		goto out;
	}
	/* First unknown, then ended: in between, no packet can bring a flow back to life. */
	err = externals_prune(gw, pool, addrs, count);
	/* Before the sessions of what has left are ended: they are told by their address. */
	if (!err)
		err = statics_follow(gw, pool);
	if (!err || err == -EAGAIN)
		err = leavers_end(gw, pool, &before);
	if (!err)
		err = pool_open(gw, pool);
	if (!err)
		pool_tell(gw, pool, &before, &usage);
out:
	free(addrs);
	return err;
}

int pool_release(const struct gateway *gw, const struct nat_pool *but)
{
	struct netif_addr *addrs;
	int count = netif_answers(&addrs), first = 0;

	for (int i = 0; i < count; i++) {
		bool stays = addrs[i].ifindex != gw->ifindex ||
			     (but && pool_find(but, addrs[i].addr) >= 0);
		int err = stays ? 0 : netif_answer(gw->ifindex, addrs[i].addr, false);

		first = first ? first : err;
	}
	free(addrs);
	return count < 0 ? count : first;
}
