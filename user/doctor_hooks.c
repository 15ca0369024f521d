// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor_hooks.c - programs and filters of others at the hooks where natctl sits.
 *
 * How it works: ours are those that are pinned by this gateway or another one of this namespace.
 * All others at the interface are named, with their place: TCX programs run in the order in
 * which the kernel lists them, then netkit's, then the filters of clsact in order of priority.
 * natctl hands a packet on to whoever comes next; whoever comes first may not.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clsact.h"
#include "doctor_checks.h"
#include "hooks.h"
#include "sibling.h"

/* From linux/bpf.h of 6.7; Debian 12's is of 6.1. */
#define ATTACH_NETKIT_PRIMARY 54
#define ATTACH_NETKIT_PEER 55

#define PROGRAMS_MAX 64 /* the kernel's limit at one hook */

/* ---- whose is it? ------------------------------------------------------------------------ */

static __u32 pinned_id(const char *path)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_obj_get(path);

	if (fd < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		info.id = 0;
	close(fd);
	return info.id;
}

static bool is_pinned_in(const char *dir, __u32 id)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *list;

	if (snprintf(path, sizeof(path), "%s/progs", dir) >= (int)sizeof(path))
		return false;
	list = opendir(path);
	while (list && !found && (entry = readdir(list)))
		if (entry->d_name[0] != '.' && snprintf(path, sizeof(path), "%s/progs/%s", dir,
							entry->d_name) < (int)sizeof(path))
			found = pinned_id(path) == id;
	if (list)
		closedir(list);
	return found;
}

static bool is_pinned_by(const struct sibling *sibling, void *data)
{
	return is_pinned_in(sibling->dir, *(__u32 *)data);
}

static bool is_ours(const struct doctor *run, __u32 id)
{
	const struct gateway *gw = run->gw;

	return (*gw->dir && is_pinned_in(gw->dir, id)) || sibling_any(gw, is_pinned_by, &id);
}

/* ---- XDP --------------------------------------------------------------------------------- */

/* Of somebody else, or 0. */
static __u32 xdp_of_others(const struct doctor *run, unsigned int ifindex)
{
	__u32 id = 0;

	return bpf_xdp_query_id(ifindex, 0, &id) || !id || is_ours(run, id) ? 0 : id;
}

void doctor_xdp(struct doctor *run)
{
	const struct gateway *gw = run->gw;
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX], program[HOOK_PROGRAM_TEXT_MAX];
	__u32 id = xdp_of_others(run, gw->ifindex);

	if (id) {
		snprintf(text, sizeof(text), "an XDP %s sees what comes in before natctl",
			 hook_program_text(id, program, sizeof(program)));
		snprintf(remedy, sizeof(remedy),
			 "what it drops or redirects natctl never sees; \"ip link set dev %s xdp "
			 "off\" removes it",
			 gw->name);
		doctor_found(run, text, remedy);
	}
	for (int i = 0; i < run->internal_count; i++) {
		id = xdp_of_others(run, run->internal[i].ifindex);
		if (!id)
			continue;
		snprintf(text, sizeof(text),
			 "an XDP %s is on %s: what it redirects to %s leaves untranslated",
			 hook_program_text(id, program, sizeof(program)), run->internal[i].name,
			 gw->name);
		snprintf(remedy, sizeof(remedy),
			 "let it pass that traffic to the stack, or remove it: \"ip link set dev "
			 "%s xdp off\"",
			 run->internal[i].name);
		doctor_found(run, text, remedy);
	}
}

/* ---- TC ---------------------------------------------------------------------------------- */

/**
 * struct side - One direction at the interface, while it is looked at
 * @before, @after: Which addresses are seen there
 * @has_tcx:        The kernel has it, so ours is there
 * @priority:       Of the last filter that was named
 */
struct side {
	struct doctor *run;
	const char *name;
	enum bpf_tc_attach_point point;
	int tcx;
	const char *before, *after;
	bool has_tcx;
	__u32 priority;
};

static const struct side sides[] = {
	{ NULL, "ingress", BPF_TC_INGRESS, ATTACH_TCX_INGRESS, "external", "internal", false, 0 },
	{ NULL, "egress", BPF_TC_EGRESS, ATTACH_TCX_EGRESS, "internal", "external", false, 0 },
};

static void tc_found(const struct side *side, const char *what, bool first)
{
	char text[DOCTOR_TEXT_MAX], remedy[DOCTOR_TEXT_MAX];

	snprintf(text, sizeof(text), "tc %s: %s runs %s natctl and sees %s addresses", side->name,
		 what, first ? "before" : "after", first ? side->before : side->after);
	if (first)
		snprintf(remedy, sizeof(remedy),
			 "if it ends with TC_ACT_OK natctl never sees the packet: let it end with "
			 "TC_ACT_UNSPEC, or attach it again after natctl");
	else
		snprintf(remedy, sizeof(remedy),
			 "nothing to do if that is what it expects; else attach it before natctl");
	doctor_found(side->run, text, remedy);
}

static void programs_of(struct side *side, int attach_type, bool ours_is_there)
{
	__u32 ids[PROGRAMS_MAX], count = PROGRAMS_MAX, flags = 0;
	char program[HOOK_PROGRAM_TEXT_MAX];
	bool first = ours_is_there;

	if (bpf_prog_query(side->run->gw->ifindex, attach_type, 0, &flags, ids, &count))
		return;
	side->has_tcx |= attach_type == side->tcx;
	for (__u32 i = 0; i < count && i < PROGRAMS_MAX; i++) {
		if (is_ours(side->run, ids[i]))
			first = false;
		else
			tc_found(side, hook_program_text(ids[i], program, sizeof(program)), first);
	}
}

/* Filters of a kind and priority, as the tables and entries of u32 are, are named once. */
static void filter_of(const struct clsact_filter *filter, void *data)
{
	struct side *side = data;
	char what[128], program[HOOK_PROGRAM_TEXT_MAX] = "";

	if (filter->id ? is_ours(side->run, filter->id) : filter->priority == side->priority)
		return;
	side->priority = filter->priority;
	if (filter->id)
		hook_program_text(filter->id, program, sizeof(program));
	snprintf(what, sizeof(what), "filter \"%s\" of priority %u%s%s", filter->kind,
		 filter->priority, *program ? ", " : "", program);
	tc_found(side, what, !side->has_tcx && filter->priority < CLSACT_PRIORITY);
}

void doctor_tc(struct doctor *run)
{
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		struct side side = sides[i];

		side.run = run;
		/* Before attach ours would come last. */
		programs_of(&side, side.tcx, true);
		if (side.point == BPF_TC_EGRESS) {
			programs_of(&side, ATTACH_NETKIT_PRIMARY, false);
			programs_of(&side, ATTACH_NETKIT_PEER, false);
		}
		clsact_each(run->gw->ifindex, side.point, filter_of, &side);
	}
}
