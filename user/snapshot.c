// SPDX-License-Identifier: GPL-2.0-only
/*
 * snapshot.c - a copy of the tables of bindings with what stands on them.
 *
 * The order of copying is the reverse of that in which the data path inserts, and the
 * hosts' counts come first of all: what is copied later is then never older than what
 * should have been there before it.
 */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "walk.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

static int add_host(const void *key, const void *value, void *data)
{
	const struct nat_host *host = value;
	struct host_row row = { .addr = *(const __be32 *)key, .life = host->life };

	return rows_add(data, &row);
}

static int add_fwd(const void *key, const void *value, void *data)
{
	struct fwd_row row = { .key = *(const struct nat_internal_key *)key,
			       .binding = *(const struct nat_binding *)value };

	return rows_add(data, &row);
}

static int add_rev(const void *key, const void *value, void *data)
{
	struct rev_row row = { .key = *(const struct nat_external_key *)key,
			       .rev = *(const struct nat_binding_rev *)value };

	return rows_add(data, &row);
}

static int copy_claims(struct snapshot *snapshot, int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	snapshot->claim_sets = info.max_entries;
	snapshot->claims = calloc(info.max_entries, sizeof(*snapshot->claims));
	snapshot->bound = calloc(info.max_entries, sizeof(*snapshot->bound));
	if (!snapshot->claims || !snapshot->bound)
		return -ENOMEM;
	for (__u32 i = 0; i < snapshot->claim_sets; i++)
		if (bpf_map_lookup_elem(fd, &i, &snapshot->claims[i]))
			return -errno;
	return 0;
}

int snapshot_take(struct snapshot *snapshot, const struct gateway *gw)
{
	int err;

	*snapshot = (struct snapshot){
		.hosts = { .row_size = sizeof(struct host_row), .key_size = sizeof(__be32) },
		.fwd = { .row_size = sizeof(struct fwd_row),
			 .key_size = sizeof(struct nat_internal_key) },
		.rev = { .row_size = sizeof(struct rev_row),
			 .key_size = sizeof(struct nat_external_key) },
	};
	err = walk_map(gw->fd[GATEWAY_hosts], add_host, &snapshot->hosts);
	if (!err)
		err = walk_map(gw->fd[GATEWAY_bindings_fwd], add_fwd, &snapshot->fwd);
	if (!err)
		err = walk_map(gw->fd[GATEWAY_bindings_rev], add_rev, &snapshot->rev);
	if (!err)
		err = copy_claims(snapshot, gw->fd[GATEWAY_ports]);
	if (!err && bpf_map_lookup_elem(gw->fd[GATEWAY_pool], &ONLY, &snapshot->pool))
		err = -errno;
	rows_sort(&snapshot->hosts);
	rows_sort(&snapshot->fwd);
	rows_sort(&snapshot->rev);
	return err;
}

void snapshot_free(struct snapshot *snapshot)
{
	rows_free(&snapshot->hosts);
	rows_free(&snapshot->fwd);
	rows_free(&snapshot->rev);
	free(snapshot->claims);
	free(snapshot->bound);
}

struct rev_row *snapshot_rev(const struct snapshot *snapshot, const struct nat_endpoint *external,
			     __be32 remote)
{
	struct nat_external_key key = { .external = *external };

	if (!nat_has_ports(external->proto))
		key.remote.addr = remote;
	return rows_find(&snapshot->rev, &key);
}

/* The entry that a binding has now, of one that it has left, or NULL. */
static struct rev_row *moved_to(const struct snapshot *snapshot, const struct rev_row *rev)
{
	struct nat_internal_key key = { .internal = rev->rev.internal, .remote = rev->rev.remote };
	const struct fwd_row *fwd = rows_find(&snapshot->fwd, &key);

	return fwd ? snapshot_rev(snapshot, &fwd->binding.external, key.remote.addr) : NULL;
}

struct rev_row *snapshot_of_session(const struct snapshot *snapshot,
				    const struct nat_external_key *key,
				    const struct nat_session *session)
{
	struct rev_row *rev = snapshot_rev(snapshot, &key->external, key->remote.addr);
	struct nat_remote remote = {};

	if (!rev || memcmp(&rev->rev.internal, &session->internal, sizeof(session->internal)))
		return NULL;
	if (life_deadline(rev->rev.life) != NAT_TICK_NEVER && !snapshot_mirror(snapshot, rev))
		rev = moved_to(snapshot, rev);
	/* A guest's binding was made for somebody else. */
	if (!rev || session->flags & NAT_SESSION_GUEST)
		return rev;
	if (session->flags & NAT_SESSION_DEPENDENT)
		remote = key->remote;
	return memcmp(&remote, &rev->rev.remote, sizeof(remote)) ? NULL : rev;
}

struct fwd_row *snapshot_mirror(const struct snapshot *snapshot, const struct rev_row *rev)
{
	struct nat_internal_key key = { .internal = rev->rev.internal, .remote = rev->rev.remote };
	struct fwd_row *fwd = rows_find(&snapshot->fwd, &key);
	bool is_mirror = fwd && !memcmp(&fwd->binding.external, &rev->key.external,
					sizeof(struct nat_endpoint));

	return is_mirror ? fwd : NULL;
}
