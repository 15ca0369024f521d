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

/** binding_key() - Key of `bindings_fwd` for a flow from @internal to @remote */
static __always_inline void binding_key(struct nat_internal_key *key,
					const struct nat_settings *set,
					const struct nat_endpoint *internal,
					const struct nat_endpoint *remote)
{
	*key = (struct nat_internal_key){ .internal = *internal };
	if (set->value[NAT_SETTING_MAPPING] == NAT_MAPPING_DEPENDENT ||
	    nat_has_address_only(internal->proto)) {
		key->remote.addr = remote->addr;
		key->remote.port = remote->port;
	}
}

/** binding_is_identity() - Has this ping of the gateway itself kept its id? */
static __always_inline bool binding_is_identity(const struct nat_binding *binding,
						const struct nat_endpoint *internal)
{
	return binding->kind == NAT_HOST && endpoint_is(&binding->external, internal);
}

/** address_is_ours() - Is this the address of the pool that claims with @index are of? */
static __always_inline bool address_is_ours(__be32 addr, __u16 index)
{
	struct nat_external *external = bpf_map_lookup_elem(&externals, &addr);

	return external && !(external->flags & NAT_EXTERNAL_OUTSIDE) && external->index == index;
}

/** binding_is_stale() - Has the address of a binding left the pool since it was made? */
static __always_inline bool binding_is_stale(const struct nat_binding *binding)
{
	return !address_is_ours(binding->external.addr, binding->address);
}

/** binding_rev_key() - Key of `bindings_rev` for an external endpoint */
static __always_inline void binding_rev_key(struct nat_external_key *key,
					    const struct nat_endpoint *external, __be32 remote)
{
	*key = (struct nat_external_key){ .external = *external };
	if (nat_has_address_only(external->proto))
		key->remote.addr = remote;
}

/**
 * session_generation() - The low bits of a session's word
 *
 * Different flows should have different ones; the same flow never comes twice within the
 * grace.
 */
static __always_inline __u32 session_generation(const struct nat_external_key *flow)
{
	return flow->external.addr ^ flow->remote.addr ^ (__u32)flow->external.port << 8 ^
	       flow->remote.port;
}

/**
 * session_find() - The living session of a flow, or NULL
 *
 * One that is long dead when it is found may be deleted, and be another flow's when its word is
 * read: the generation tells them apart.
 */
static __always_inline struct nat_session *session_find(const struct nat_external_key *flow,
							__u32 now)
{
	struct nat_session *session = bpf_map_lookup_elem(&sessions, flow);
	__u64 life;

	if (!session)
		return NULL;
	life = life_read(&session->life);
	if (!life_is_usable(life, now) || (life ^ session_generation(flow)) & NAT_LIFE_LOW_MAX)
		return NULL;
	return session;
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
