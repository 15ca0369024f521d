/* SPDX-License-Identifier: GPL-2.0-only */
/* clsact.h - filters of ours at the clsact qdisc of an interface, and the qdisc. */
#ifndef CLSACT_H
#define CLSACT_H

#include <bpf/libbpf.h>
#include <linux/types.h>
#include <stdbool.h>

/* `tc filter show dev IF ingress` lists ours with this priority. */
#define CLSACT_PRIORITY 28257

#define CLSACT_NAME_MAX 48 /* bytes */

/**
 * struct clsact_slot - Where a filter of ours stands
 * @programs: The names of those it may run, two of them or one twice
 */
struct clsact_slot {
	unsigned int ifindex;
	enum bpf_tc_attach_point point;
	__u32 handle;
	const char *programs[2];
};

/**
 * struct clsact_filter - What stands in a slot
 * @kind:    "bpf", "u32", ...
 * @priority, @handle: Where
 * @id:      Of its program; 0: nothing is there, or no program
 * @name:    As whoever attached it gave it
 * @is_ours: The name is of one of the slot's programs
 */
struct clsact_filter {
	char kind[16];
	__u32 priority;
	__u32 handle;
	__u32 id;
	char name[CLSACT_NAME_MAX];
	bool is_ours;
};

typedef void (*clsact_fn)(const struct clsact_filter *filter, void *data);

/** clsact_each() - Every filter there, @is_ours apart. Return: 0 or -errno */
int clsact_each(unsigned int ifindex, enum bpf_tc_attach_point point, clsact_fn fn, void *data);

/** clsact_look() - Return: 0, whether there is something or not, or -errno */
int clsact_look(const struct clsact_slot *slot, struct clsact_filter *filter);

/** clsact_put() - Put a program there, or in the place of ours. Return: 0, -EBUSY or -errno */
int clsact_put(const struct clsact_slot *slot, int prog_fd);

/** clsact_take() - Take ours off; fine if there is none. Return: 0 or -errno */
int clsact_take(const struct clsact_slot *slot);

/** clsact_exists() - Does the interface have the qdisc? */
bool clsact_exists(unsigned int ifindex);

/** clsact_make() - Make the qdisc. Return: 0, -EEXIST or -errno */
int clsact_make(unsigned int ifindex);

/**
 * clsact_remove() - Remove the qdisc, once our filters are gone; fine if it, or the interface,
 * has gone
 *
 * Return: 0, -EBUSY when somebody else has filters there by now, or -errno
 */
int clsact_remove(unsigned int ifindex);

#endif /* CLSACT_H */
