/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush.h - the callbacks of nat_flush: which entries an order is about, and ending them.
 *
 * Deadlines are set to the past, nothing else. Expired means absent, and the reaper does the
 * rest in its own time.
 */
#ifndef FLUSH_H
#define FLUSH_H

#include "find.h"
#include "nat_timeout.h"

/**
 * struct flush - What the callbacks of one flush share
 * @keep_bindings: The filter is about sessions only; permits stay with the bindings
 */
struct flush {
	struct nat_flush_args args;
	__u32 now;
	bool keep_bindings;
};

static __always_inline bool flush_matches(const struct nat_endpoint *wanted,
					  const struct nat_endpoint *endpoint)
{
	return (!wanted->addr || wanted->addr == endpoint->addr) &&
	       (!wanted->port || wanted->port == endpoint->port) &&
	       (!wanted->proto || wanted->proto == endpoint->proto);
}

static long flush_session(struct bpf_map *map, struct nat_external_key *flow,
			  struct nat_session *session, struct flush *flush)
{
	const struct nat_flush_args *args = &flush->args;
	__u64 life = life_read(&session->life);
	const struct nat_settings *set = settings_get();
	__u32 timeout;

	if (!set)
		return 1;
	/* What is dead may be somebody else's before it has been judged. */
	if (!life_is_usable(life, flush->now))
		return 0;
	timeout = ticks_from_seconds(
		set->value[nat_timeout(flow->external.proto, life_state(life), flow->remote.port)]);

	if (!flush_matches(&args->internal, &session->internal) ||
	    !flush_matches(&args->external, &flow->external) ||
	    (args->remote.addr && args->remote.addr != flow->remote.addr) ||
	    (args->remote.port && args->remote.port != flow->remote.port) ||
	    (args->state && args->state != life_state(life)))
		return 0;
	/* Idle for what is missing from a full timeout. */
	if (args->idle && life_deadline(life) + args->idle > flush->now + timeout)
		return 0;
	if (life_end(&session->life, flush->now))
		flush->args.sessions++;
	return 0;
}

static long flush_binding(struct bpf_map *map, struct nat_internal_key *key,
			  struct nat_binding *binding, struct flush *flush)
{
	if (flush->keep_bindings)
		return 1;
	if (binding->kind != NAT_STATIC && flush_matches(&flush->args.internal, &key->internal) &&
	    flush_matches(&flush->args.external, &binding->external) &&
	    life_end(&binding->life, flush->now))
		flush->args.bindings++;
	return 0;
}

static long flush_permit(struct bpf_map *map, struct nat_permit_key *key, struct nat_permit *permit,
			 struct flush *flush)
{
	struct nat_external_key bound = { .external = key->external };
	struct nat_binding_rev *rev;

	if (flush->keep_bindings)
		return 1;
	rev = bpf_map_lookup_elem(&bindings_rev, &bound);
	if (rev && flush_matches(&flush->args.internal, &rev->internal) &&
	    flush_matches(&flush->args.external, &key->external))
		life_end(&permit->life, flush->now);
	return 0;
}

#endif /* FLUSH_H */
