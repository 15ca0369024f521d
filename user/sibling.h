/* SPDX-License-Identifier: GPL-2.0-only */
/* sibling.h - what other gateways of this network namespace have to do with an interface. */
#ifndef SIBLING_H
#define SIBLING_H

#include <stdbool.h>

#include "gateway.h"

/**
 * struct sibling - Another gateway of this namespace that lives, under another name than ours
 * @dir:    Its pin directory
 * @marker: Beyond @max_sessions of this layout only
 */
struct sibling {
	char name[IF_NAMESIZE];
	char dir[PATH_MAX];
	struct nat_marker marker;
};

typedef bool (*sibling_fn)(const struct sibling *sibling, void *data);

/** sibling_any() - Ask each until one says true. Return: did one? */
bool sibling_any(const struct gateway *gw, sibling_fn fn, void *data);

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
