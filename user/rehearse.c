// SPDX-License-Identifier: GPL-2.0-only
/*
 * rehearse.c - could the port forwards that attach was told be made?
 *
 * How it works: they are made, by the same program and with the same messages, in tables that
 * are loaded for the dry run and go with it. For an upgrade what lives at their ports in the
 * real tables is copied first, so that it is in the way. What is only resting there is not:
 * attach would wait for it.
 */
#include "rehearse.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "configure.h"
#include "loader.h"
#include "msg.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

static int copy_binding(const struct gateway *gw, const struct gateway *stage,
			const struct nat_endpoint *external)
{
	struct nat_external_key rev_key = { .external = *external };
	struct nat_internal_key key = {};
	struct nat_binding_rev rev;
	struct nat_binding binding;

	if (bpf_map_lookup_elem(gw->fd[GATEWAY_bindings_rev], &rev_key, &rev))
		return 0;
	key.internal = rev.internal;
	key.remote = rev.remote;
	if (bpf_map_lookup_elem(gw->fd[GATEWAY_bindings_fwd], &key, &binding) ||
	    memcmp(&binding.external, external, sizeof(*external)) ||
	    !life_is_usable(binding.life, gateway_now()))
		return 0;
	if (bpf_map_update_elem(stage->fd[GATEWAY_bindings_rev], &rev_key, &rev, BPF_ANY) ||
	    bpf_map_update_elem(stage->fd[GATEWAY_bindings_fwd], &key, &binding, BPF_ANY))
		return -errno;
	return 0;
}

static int copy_what_is_there(const struct gateway *gw, const struct gateway *stage,
			      const struct options_forwards *forwards)
{
	struct rows rows = { .row_size = sizeof(struct static_row) };
	int err = 0;

	for (unsigned int i = 0; !err && i < forwards->count; i++)
		err = static_expand(stage, &forwards->rule[i], &rows);
	if (err) {
		rows_free(&rows);
		return err; /* it has said why */
	}
	for (size_t i = 0; !err && i < rows.count; i++)
		err = copy_binding(gw, stage,
				   &((const struct static_row *)rows_at(&rows, i))->external);
	rows_free(&rows);
	if (err)
		msg_error(gw->name, "cannot rehearse the port forwards: %s", strerror(-err));
	return err;
}

int rehearse_forwards(struct attach *attach, const struct nat_bpf *skel, bool upgrade)
{
	const struct options_forwards *forwards = &attach->options->forwards;
	struct statics_done done = {};
	struct nat_pool pool = {};
	struct gateway stage;
	int err;

	if (!forwards->count)
		return 0;
	loader_borrow(skel, &stage);
	strcpy(stage.name, attach->netif.name);
	err = configure_addresses(&attach->gw, attach->options, !upgrade, &pool);
	if (!err && bpf_map_update_elem(stage.fd[GATEWAY_pool], &ONLY, &pool, BPF_ANY))
		err = -errno;
	if (err) {
		msg_error(stage.name, "cannot find its addresses: %s", strerror(-err));
		return err;
	}
	if (upgrade)
		err = copy_what_is_there(&attach->gw, &stage, forwards);
	if (!err)
		err = statics_want(&stage, forwards->rule, forwards->count, false, &done);
	statics_free(&done);
	return err;
}
