/* SPDX-License-Identifier: GPL-2.0-only */
/* sibling.h - what other gateways of this network namespace have to do with an interface. */
#ifndef SIBLING_H
#define SIBLING_H

#include <stdbool.h>

#include "gateway.h"

/** sibling_is_attached_to() - Is the interface another gateway's own, its WAN? */
bool sibling_is_attached_to(const struct gateway *gw, unsigned int ifindex);

/**
 * sibling_name_of() - The same, and which: the name that it had when it was attached
 * @name: IF_NAMESIZE bytes
 */
bool sibling_name_of(const struct gateway *gw, unsigned int ifindex, char *name);

/** sibling_made_clsact() - Is its clsact qdisc another gateway's to remove? */
bool sibling_made_clsact(const struct gateway *gw, unsigned int ifindex);

/**
 * sibling_forwards() - Has another gateway turned on forwarding there?
 * @before: Filled if so: what it was before
 */
bool sibling_forwards(const struct gateway *gw, unsigned int ifindex, int *before);

#endif /* SIBLING_H */
