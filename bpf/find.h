/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * find.h - look up entries by what packets and other entries say about them.
 */
#ifndef FIND_H
#define FIND_H

#include "life.h"
#include "maps.h"

/** endpoint_is() - Are these the same endpoint? */
static __always_inline bool endpoint_is(const struct nat_endpoint *a, const struct nat_endpoint *b)
{
	return a->addr == b->addr && a->port == b->port && a->proto == b->proto;
}

/** remote_is() - Are these the same remote endpoint? */
static __always_inline bool remote_is(const struct nat_remote *a, const struct nat_remote *b)
{
	return a->addr == b->addr && a->port == b->port;
}

/** binding_rev_key() - Key of `bindings_rev` for an external endpoint */
static __always_inline void binding_rev_key(struct nat_external_key *key,
					    const struct nat_endpoint *external, __be32 remote)
{
	*key = (struct nat_external_key){ .external = *external };
	if (nat_has_address_only(external->proto))
		key->remote.addr = remote;
}

/** session_find() - The living session of a flow, or NULL */
static __always_inline struct nat_session *session_find(const struct nat_external_key *flow,
							__u32 now)
{
	struct nat_session *session = bpf_map_lookup_elem(&sessions, flow);

	return session && life_is_usable(life_read(&session->life), now) ? session : NULL;
}

/** session_binding() - Its binding in `bindings_fwd`, or NULL */
static __always_inline struct nat_binding *session_binding(const struct nat_session *session,
							   const struct nat_external_key *flow)
{
	struct nat_internal_key key = { .internal = session->internal };

	if (session->flags & NAT_SESSION_GUEST) {
		struct nat_external_key host = { .external = flow->external };
		struct nat_binding_rev *rev = bpf_map_lookup_elem(&bindings_rev, &host);

		if (!rev)
			return NULL;
		key.remote = rev->remote;
	} else if (session->flags & NAT_SESSION_DEPENDENT) {
		key.remote = flow->remote;
	}
	return bpf_map_lookup_elem(&bindings_fwd, &key);
}

#endif /* FIND_H */
