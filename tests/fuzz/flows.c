// SPDX-License-Identifier: GPL-2.0-only
/*
 * flows.c - whom the gateway has let out, and so who may be let in.
 */
#include "flows.h"

static bool same(const struct nat_endpoint *a, const struct nat_endpoint *b)
{
	return a->addr == b->addr && a->port == b->port && a->proto == b->proto;
}

static enum nat_filtering *loosest(struct flows *flows, __u8 proto)
{
	return &flows->loosest[proto == NAT_PROTO_TCP];
}

void flows_clear(struct flows *flows)
{
	flows->count = 0;
	flows->loosest[0] = flows->loosest[1] = NAT_FILTERING_ADDRESS_PORT;
}

void flows_filtering(struct flows *flows, __u8 proto, enum nat_filtering mode)
{
	if (mode < *loosest(flows, proto))
		*loosest(flows, proto) = mode;
}

bool flows_add(struct flows *flows, const struct flow *flow)
{
	for (unsigned int i = 0; i < flows->count; i++) {
		const struct flow *known = &flows->flow[i];

		if (same(&known->internal, &flow->internal) &&
		    same(&known->external, &flow->external) &&
		    same(&known->remote, &flow->remote) && known->is_static == flow->is_static)
			return true;
	}
	if (flows->count < FLOWS_MAX)
		flows->flow[flows->count++] = *flow;
	return flows->count < FLOWS_MAX;
}

/* Is @known a reason to let the remote of @asked in? */
static bool permits(const struct flow *known, const struct flow *asked, enum nat_filtering mode)
{
	if (!same(&known->internal, &asked->internal) ||
	    (known->external.addr && !same(&known->external, &asked->external)))
		return false;
	/* The gateway's own flows are not filtered. */
	if (known->is_static || mode == NAT_FILTERING_INDEPENDENT ||
	    known->internal.addr == known->external.addr)
		return true;
	return known->remote.addr == asked->remote.addr &&
	       (mode == NAT_FILTERING_ADDRESS || known->remote.port == asked->remote.port);
}

bool flows_permit(const struct flows *flows, const struct flow *flow)
{
	enum nat_filtering mode = *loosest((struct flows *)flows, flow->internal.proto);

	for (unsigned int i = 0; i < flows->count; i++)
		if (permits(&flows->flow[i], flow, mode))
			return true;
	return false;
}

bool flows_has_addresses(const struct flows *flows, const struct flow *flow)
{
	enum nat_filtering mode = *loosest((struct flows *)flows, flow->internal.proto);

	for (unsigned int i = 0; i < flows->count; i++) {
		const struct flow *known = &flows->flow[i];

		if (known->internal.addr == flow->internal.addr &&
		    (!known->external.addr || known->external.addr == flow->external.addr) &&
		    (known->is_static || mode == NAT_FILTERING_INDEPENDENT ||
		     known->remote.addr == flow->remote.addr))
			return true;
	}
	return false;
}
