// SPDX-License-Identifier: GPL-2.0-only
/*
 * upgrade.c - replace the programs of a gateway while it works.
 *
 * How it works: the new programs are loaded on the pinned maps and swapped in hook by
 * hook. In between, old and new run side by side on the same state, which the layout
 * version allows. The pins follow, then the internal interfaces that come and go with this
 * upgrade, settings and addresses, and the keeper. What was in force is noted first, and the
 * old programs' pins are kept until the end: a step that fails has all before it undone.
 *
 * Where the tables are too small, and --force was given, the new programs come with new tables
 * (remake.h), and the maps' pins are swapped as well.
 */
#include "attach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "configure.h"
#include "hooks.h"
#include "internal.h"
#include "keeper.h"
#include "lan_hooks.h"
#include "loader.h"
#include "msg.h"
#include "pinned.h"
#include "pool.h"
#include "remake.h"
#include "remember.h"

/**
 * struct before - What an upgrade that fails puts back
 * @dir:         Where the pins are
 * @is_attached: By hook
 * @forwards:    Which were added
 * @is_staged:   The old programs' pins are kept beside the new ones
 */
struct before {
	char dir[PATH_MAX];
	struct remembered told;
	bool is_attached[HOOK_WAN_MAX];
	bool is_staged;
	struct statics_done forwards;
};

static const __u32 ONLY = 0; /* the key of every map of one entry */

/* Their keys depend on it. */
static bool forwards_fit(const struct gateway *gw, const struct options *options)
{
	struct nat_settings settings;
	struct options_place place;
	struct nat_usage used;

	if (!options->given[NAT_SETTING_MAPPING] || gateway_settings(gw, &settings) ||
	    options->value[NAT_SETTING_MAPPING] == settings.value[NAT_SETTING_MAPPING] ||
	    bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &used) || !used.forwards)
		return true;
	options_place(&place, options, options->line[NAT_SETTING_MAPPING], gw->name);
	msg_error(place.object,
		  "%smapping cannot change while there are port forwards: %llu "
		  "(\"natctl forward list %s\"; take them back first)",
		  place.dashes, (unsigned long long)used.forwards, gw->name);
	return false;
}

/* What the tables, whose sizes are fixed, cannot hold. */
bool attach_fits(const struct attach *attach, bool *remake)
{
	static const char remedy[] =
		"attach with --force makes new tables, which ends all sessions";
	const struct options *options = attach->options;
	const struct gateway *gw = &attach->gw;
	__u32 room = loader_addresses(gw);
	struct options_place place;
	bool too_small = options->given[NAT_SETTING_MAX_SESSIONS] &&
			 options->value[NAT_SETTING_MAX_SESSIONS] > gw->marker.max_sessions;

	if (!forwards_fit(gw, options))
		return false;
	if (!too_small && options->pool.count <= room)
		return true;
	if (remake && options->force)
		return *remake = true;
	options_place(&place, options,
		      too_small ? options->line[NAT_SETTING_MAX_SESSIONS] : options->address_line,
		      gw->name);
	if (too_small)
		msg_error(place.object,
			  "%smax-sessions %u is more than the table holds: %u (%s: %u now)",
			  place.dashes, options->value[NAT_SETTING_MAX_SESSIONS],
			  gw->marker.max_sessions, remedy, remake_cost(gw));
	else
		msg_error(place.object,
			  "%u addresses are more than there is room for: %u (%s: %u now)",
			  options->pool.count, room, remedy, remake_cost(gw));
	return false;
}

static int swap_in(struct attach *attach, const struct nat_bpf *skel, enum hook hook)
{
	struct gateway *gw = &attach->gw;
	int prog_fd = loader_program_fd(skel, hook, false);
	bool clsact = gw->marker.clsact;
	int err;

	if (hook_is_attached(hook, gw, gw->ifindex))
		return hook_replace(hook, gw, gw->ifindex, prog_fd);
	/* Noted before it is made, as in a fresh attach. */
	gw->marker.clsact |= hooks_may_make_clsact(gw, gw->ifindex);
	err = gateway_marker_write(gw);
	if (err)
		return err;
	err = hook_attach(hook, gw, gw->ifindex, prog_fd, &clsact);
	gw->marker.clsact = clsact;
	/* As in a fresh attach: with auto, a driver that cannot do XDP decides for TC. */
	if (hook == HOOK_XDP_WAN_IN && err && err != -EBUSY &&
	    attach->options->ingress == OPTIONS_INGRESS_AUTO) {
		attach->xdp = false;
		attach->why_tc = strerror(-err);
		err = 0;
	}
	return err;
}

static int swap_internal(struct attach *attach, const struct nat_bpf *skel)
{
	struct lan_programs programs;
	__u32 failed;
	int err;

	for (enum hook hook = HOOK_LAN_IN; hook < HOOK_MAX; hook++)
		for (int bare = 0; bare < 2; bare++)
			programs.fd[hook - HOOK_LAN_IN][bare] = loader_program_fd(skel, hook, bare);
	err = lan_hooks_swap(&attach->gw, &programs, &failed);
	if (err)
		msg_error(attach->gw.marker.interfaces[failed].name,
			  "cannot replace the programs here: %s (the old ones go on)",
			  strerror(-err));
	return err;
}

static int swap_hooks(struct attach *attach, const struct nat_bpf *skel)
{
	struct gateway *gw = &attach->gw;
	enum hook hook;
	int err = 0;

	for (hook = 0; !err && hook < HOOK_WAN_MAX; hook++) {
		if (hook == HOOK_XDP_WAN_IN && !attach->xdp)
			continue;
		err = swap_in(attach, skel, hook);
		if (err)
			msg_error(gw->name, "cannot replace %s: %s (the old programs go on)",
				  hook_program(hook, false), strerror(-err));
	}
	if (!err)
		err = swap_internal(attach, skel);
	if (err)
		return err;
	/* The other way of ingress goes once TC does its work alone. */
	if (!attach->xdp)
		err = hook_detach(HOOK_XDP_WAN_IN, gw, gw->ifindex);
	gw->marker.ingress = attach->xdp ? NAT_INGRESS_XDP : NAT_INGRESS_TC;
	if (!err)
		err = gateway_marker_write(gw);
	if (err)
		msg_error(gw->name, "programs are replaced, but not recorded: %s", strerror(-err));
	return err;
}

/* The control programs are reached through their pins: swapped like everything else. */
static int repin(struct attach *attach, const struct nat_bpf *skel, struct before *before)
{
	int err = attach->remake ? remake_mark(&attach->gw, skel) : 0;

	if (!err)
		err = pinned_stage(skel, attach->gw.dir, attach->remake);
	if (!err)
		err = pinned_exchange(attach->gw.dir);
	before->is_staged = !err;
	if (!err)
		return attach_reopen(attach);
	msg_error(attach->gw.name, "cannot pin the new programs under %s: %s", attach->gw.dir,
		  strerror(-err));
	return err;
}

static int choose_internal(struct attach *attach)
{
	struct gateway *gw = &attach->gw;

	gw->marker.no_sysctl |= attach->options->no_sysctl;
	gw->marker.fast = attach->fast;
	internal_choose(gw, &attach->lan);
	return internal_follow(gw);
}

static int stop_keeper(const struct gateway *gw)
{
	int err = keeper_stop(&gw->marker);

	if (err)
		msg_error(gw->name, "cannot stop the keeper, pid %u: %s", gw->marker.keeper_pid,
			  strerror(-err));
	return err;
}

/* ---- and back --------------------------------------------------------------------------- */

static int note(const struct gateway *gw, struct before *before)
{
	before->is_staged = false;
	before->forwards = (struct statics_done){};
	strcpy(before->dir, gw->dir);
	for (enum hook hook = 0; hook < HOOK_WAN_MAX; hook++)
		before->is_attached[hook] = hook_is_attached(hook, gw, gw->ifindex);
	return remember(gw, &before->told);
}

static int swap_back(struct gateway *gw, enum hook hook, bool was_attached)
{
	bool clsact = gw->marker.clsact;
	char path[PATH_MAX + 32];
	int prog_fd, err;

	if (!was_attached)
		return hook_detach(hook, gw, gw->ifindex);
	snprintf(path, sizeof(path), "%s/progs/%s", gw->dir, hook_program(hook, false));
	prog_fd = bpf_obj_get(path);
	if (prog_fd < 0)
		return -errno;
	if (hook_is_attached(hook, gw, gw->ifindex))
		err = hook_replace(hook, gw, gw->ifindex, prog_fd);
	else
		err = hook_attach(hook, gw, gw->ifindex, prog_fd, &clsact);
	close(prog_fd);
	return err;
}

static void undo(struct attach *attach, const struct before *before)
{
	struct gateway *gw = &attach->gw;
	int err = before->is_staged ? pinned_exchange(before->dir) : 0;
	struct nat_marker now = gw->marker;
	struct nat_pool pool;
	int first = err;

	pinned_drop(before->dir);
	if (attach_reopen(attach))
		return;
	/* What was done since to interfaces is noted in the new tables only. */
	if (attach->remake && now.ifindex) {
		now.max_sessions = before->told.marker.max_sessions;
		gw->marker = now;
	}
	for (enum hook hook = HOOK_WAN_MAX; hook-- > 0;) {
		err = swap_back(gw, hook, before->is_attached[hook]);
		first = first ? first : err;
	}
	err = lan_hooks_swap_back(gw);
	first = first ? first : err;
	gw->marker.ingress = before->told.marker.ingress;
	statics_undo(gw, &before->forwards);
	err = put_back(gw, &before->told);
	first = first ? first : err;
	/* The old tables have not heard of addresses that came with the new ones. */
	if (attach->remake && !pool_read(gw, &pool)) {
		err = pool_release(gw, &pool);
		first = first ? first : err;
	}
	if (first)
		msg_error(gw->name,
			  "not all is as it was before: %s (\"natctl attach %s\" tries again)",
			  strerror(-first), gw->name);
}

int attach_upgrade(struct attach *attach)
{
	static struct before before; /* too large for the stack of a careful program */
	const struct options *options = attach->options;
	struct gateway *gw = &attach->gw;
	__u32 cost = attach->remake ? remake_cost(gw) : 0;
	struct nat_bpf *skel;
	int err;

	if (attach_load(attach, true, &skel))
		return EXIT_FAILED;
	err = note(gw, &before);
	if (err)
		goto unload;
	err = attach->remake ? remake_fill(gw, skel, &before.told.options) : 0;
	if (!err)
		err = swap_hooks(attach, skel);
	if (!err)
		err = repin(attach, skel, &before);
	if (!err)
		err = choose_internal(attach);
	if (!err)
		err = configure(gw, options, false);
	if (!err)
		err = attach_forwards(attach, &before.forwards);
	if (!err)
		err = stop_keeper(gw);
	if (!err)
		err = attach_keeper(attach);
	if (err)
		undo(attach, &before);
	else
		pinned_drop(gw->dir);
	if (!err && attach->remake)
		msg_note(gw->name, "new tables: %u sessions were ended", cost);
	statics_free(&before.forwards);
unload:
	loader_unload(skel);
	return err ? EXIT_FAILED : EXIT_DONE;
}
