/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snapshot.h - a copy of the tables of bindings with what stands on them, to look things up in.
 *
 * Memory grows with the number of bindings and of pool addresses, not with that of sessions.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "gateway.h"
#include "rows.h"

/** struct host_row - A host's record. @is_seen: some binding is its */
struct host_row {
	__be32 addr;
	bool is_seen;
	__u64 life;
};

/** struct fwd_row - An entry of `bindings_fwd` */
struct fwd_row {
	struct nat_internal_key key;
	struct nat_binding binding;
};

/** struct rev_row - An entry of `bindings_rev`. @sessions: how many name it */
struct rev_row {
	struct nat_external_key key;
	struct nat_binding_rev rev;
	__u32 sessions;
};

/**
 * struct snapshot - Hosts and bindings, sorted by key, and the claims
 * @claims: All claim sets, @claim_sets of them
 * @bound:  For the user: one bit a port, zero at first
 */
struct snapshot {
	struct rows hosts;
	struct rows fwd;
	struct rows rev;
	struct nat_pool pool;
	__u32 claim_sets;
	struct nat_claims *claims;
	__u64 (*bound)[NAT_PORT_WORDS];
};

/** snapshot_take() - Return: 0 or -errno; to be freed in either case */
int snapshot_take(struct snapshot *snapshot, const struct gateway *gw);

void snapshot_free(struct snapshot *snapshot);

/**
 * snapshot_rev() - The entry of `bindings_rev` of an external endpoint, or NULL
 * @remote: Whose address is in the key if the protocol has no ports
 */
struct rev_row *snapshot_rev(const struct snapshot *snapshot, const struct nat_endpoint *external,
			     __be32 remote);

/** snapshot_of_session() - The entry of `bindings_rev` of the binding that a session names, or NULL
 */
struct rev_row *snapshot_of_session(const struct snapshot *snapshot,
				    const struct nat_external_key *key,
				    const struct nat_session *session);

/** snapshot_mirror() - The binding that @rev leads to, if that leads back to it, or NULL */
struct fwd_row *snapshot_mirror(const struct snapshot *snapshot, const struct rev_row *rev);

#endif /* SNAPSHOT_H */
