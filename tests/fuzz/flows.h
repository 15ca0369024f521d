/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flows.h - whom the gateway has let out, and so who may be let in.
 *
 * Nothing is ever taken out, although bindings end: what is not in here must never pass;
 * what is, may.
 */
#ifndef FLOWS_H
#define FLOWS_H

#include "nat_abi.h"

#define FLOWS_MAX 2048

/**
 * struct flow - An internal endpoint, what the world knows it by, and whom it has spoken to
 * @external:  All zero: not seen
 * @is_static: Anybody may speak to it; @remote means nothing
 */
struct flow {
	struct nat_endpoint internal;
	struct nat_endpoint external;
	struct nat_endpoint remote;
	bool is_static;
};

/** struct flows - @loosest: the most permissive filtering there has been, TCP's second */
struct flows {
	unsigned int count;
	enum nat_filtering loosest[2];
	struct flow flow[FLOWS_MAX];
};

/** flows_clear() - Forget all */
void flows_clear(struct flows *flows);

/** flows_filtering() - A setting that holds from now on */
void flows_filtering(struct flows *flows, __u8 proto, enum nat_filtering mode);

/** flows_add() - One more, unless it is there. Return: is there room for others? */
bool flows_add(struct flows *flows, const struct flow *flow);

/** flows_permit() - May @flow->remote have been let in to @flow->internal by @flow->external? */
bool flows_permit(const struct flows *flows, const struct flow *flow);

/** flows_has_addresses() - The same of the addresses, where ports are not known */
bool flows_has_addresses(const struct flows *flows, const struct flow *flow);

#endif /* FLOWS_H */
