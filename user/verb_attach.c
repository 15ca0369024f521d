// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_attach.c - `natctl attach IF`: check, lock, then make a gateway or upgrade one.
 *
 * What can be known to be wrong without changing anything is found first (attach_check.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "cmd.h"
#include "doctor.h"
#include "internal.h"
#include "keeper.h"
#include "link.h"
#include "loader.h"
#include "lock.h"
#include "machine.h"
#include "msg.h"
#include "notify.h"
#include "out.h"
#include "pool.h"
#include "rehearse.h"
#include "remake.h"
#include "teardown.h"

/* ---- what is there already -------------------------------------------------------------- */

/* An upgrade without --ingress, --lan or --address keeps what was chosen then. */
static bool can_upgrade(struct attach *attach)
{
	if (attach->options->address_given && !attach_has_address(attach))
		return false;
	if (!attach->options->ingress_given) {
		attach->xdp = attach->gw.marker.ingress == NAT_INGRESS_XDP;
		attach->why_tc = NULL;
	}
	if (!attach->options->lan.given)
		internal_chosen(&attach->gw, &attach->lan);
	if (!attach->options->fast && !attach->options->no_fast)
		attach->fast = attach->gw.marker.fast;
	if (!attach_check_fast(attach))
		return false;
	if (attach->xdp && attach->gw.marker.ingress != NAT_INGRESS_XDP && attach_is_taken(attach))
		return false;
	return attach_fits(attach, &attach->remake);
}

/* Of an interface that has gone, but all is there that its successor needs. */
static bool can_return(const struct attach *attach, enum gateway_state state)
{
	return state == GATEWAY_GONE && attach->gw.marker.layout == NAT_LAYOUT_VERSION &&
	       gateway_is_whole(&attach->gw);
}

/* With what is there already, is it possible? The same for real and for a dry run. */
static bool is_possible(struct attach *attach, enum gateway_state state)
{
	if (can_return(attach, state) && attach_is_taken(attach))
		return false;
	if (state == GATEWAY_ATTACHED || can_return(attach, state))
		return can_upgrade(attach);
	if (state == GATEWAY_FOREIGN)
		gateway_refuse(&attach->gw, state);
	return state != GATEWAY_FOREIGN && attach_check_fast(attach) && attach_has_address(attach);
}

static int start_over(struct attach *attach, enum gateway_state state)
{
	char dir[PATH_MAX];

	msg_note(attach->gw.name, "clearing what %s left",
		 state == GATEWAY_UNFINISHED ? "an interrupted attach or detach" :
					       "a gateway that is gone");
	strcpy(dir, attach->gw.dir);
	if (teardown(&attach->gw, state) != EXIT_DONE)
		return EXIT_FAILED;
	gateway_close(&attach->gw);
	strcpy(attach->gw.dir, dir);
	attach->gw.ifindex = attach->netif.ifindex;
	return attach_fresh(attach);
}

/* The new interface takes the place of the one that has gone: nothing is attached to it yet. */
static int succeed(struct attach *attach)
{
	struct gateway *gw = &attach->gw;
	int err = link_leave(gw), code = EXIT_FAILED;

	gw->ifindex = gw->marker.ifindex = attach->netif.ifindex;
	if (!err)
		err = gateway_marker_write(gw);
	if (err)
		msg_error(gw->name, "cannot let go of the interface that has gone: %s",
			  strerror(-err));
	else
		code = attach_upgrade(attach);
	/* What it would go back to is nothing that works. */
	if (code != EXIT_DONE)
		teardown(gw, GATEWAY_UNFINISHED);
	return code;
}

static int attach_or_upgrade(struct attach *attach, enum gateway_state state)
{
	if (!is_possible(attach, state))
		return EXIT_FAILED;
	if (state == GATEWAY_ABSENT)
		return attach_fresh(attach);
	if (can_return(attach, state))
		return succeed(attach);
	return state == GATEWAY_ATTACHED ? attach_upgrade(attach) : start_over(attach, state);
}

/* ---- the verb ---------------------------------------------------------------------------- */

/* Nobody has named it. */
static void note_file(const struct options *options)
{
	if (options->file && !options->config)
		msg_note(options->ifname, "with the options in %s", options->file);
}

static void report(const struct attach *attach, const char *what)
{
	const struct gateway *gw = &attach->gw;
	char addr[OUT_TEXT_MAX], more[32] = "";
	struct nat_settings settings;
	struct nat_pool pool;

	note_file(attach->options);
	if (attach->why_tc)
		msg_note(gw->name, "inbound through TC: %s", attach->why_tc);
	if (attach->options->fast)
		msg_note(gw->name, "packets of established sessions go past netfilter%s",
			 attach->xdp ? ", tcpdump and queueing disciplines" : "");
	doctor_say(gw, GATEWAY_ATTACHED);
	if (pool_read(gw, &pool) || gateway_settings(gw, &settings))
		return;
	if (pool.count > 1)
		snprintf(more, sizeof(more), " and %u more", pool.count - 1);
	out_done(gw->name, "%s: %s%s, %s in, tc out%s, %u sessions", what,
		 out_addr_text(addr, pool.addr[0]), more, attach->xdp ? "xdp (native)" : "tc",
		 attach->fast ? ", fast" : "", settings.value[NAT_SETTING_MAX_SESSIONS]);
	fflush(stdout);
}

static int cannot_lock(const char *ifname, const char *bpffs, int err)
{
	if (err == -EBUSY || err == -EUCLEAN)
		msg_error(ifname, "cannot attach: %s", lock_strerror(err));
	else
		msg_error(ifname,
			  "cannot attach: cannot make pins under %s: %s (bpffs must be "
			  "writable: \"mount -o remount,rw %s\")",
			  bpffs, strerror(-err), bpffs);
	return EXIT_FAILED;
}

static int found(struct attach *attach, int err)
{
	if (err)
		msg_error(attach->netif.name, "cannot look at %s: %s", attach->gw.dir,
			  gateway_strerror(err));
	return err;
}

static int locked(struct attach *attach, const char *bpffs)
{
	enum gateway_state state;
	struct lock lock;
	int err, code = EXIT_FAILED;

	err = lock_take(&lock, bpffs);
	if (err)
		return cannot_lock(attach->netif.name, bpffs, err);
	err = gateway_find_settled(&attach->gw, bpffs, attach->netif.name, &state);
	if (!found(attach, err))
		code = attach_or_upgrade(attach, state);
	lock_release(&lock);
	/* Nobody has to wait for what is found on the way. */
	if (code == EXIT_DONE)
		report(attach, state == GATEWAY_ATTACHED ? "upgraded" : "attached");
	return code;
}

/* The programs, and what only they can say: whether the port forwards are possible. */
static bool can_load(struct attach *attach, bool upgrade)
{
	struct nat_bpf *skel;
	int err = attach_load(attach, upgrade, &skel);

	/* Not on the tables of a gateway at work. */
	if (!err && upgrade && !attach->remake && attach->options->forwards.count) {
		loader_unload(skel);
		err = attach_load(attach, false, &skel);
	}
	if (err)
		return false;
	err = rehearse_forwards(attach, skel, upgrade);
	loader_unload(skel);
	return !err;
}

/* Without the lock, which would have to be made: what is in between shows as unfinished. */
static int dry_run(struct attach *attach)
{
	enum gateway_state state = GATEWAY_ABSENT;
	char bpffs[PATH_MAX];
	bool upgrade;

	strcpy(attach->gw.name, attach->netif.name);
	if (!gateway_bpffs(bpffs, false) &&
	    found(attach, gateway_find(&attach->gw, bpffs, attach->netif.name, &state)))
		return EXIT_FAILED;
	upgrade = state == GATEWAY_ATTACHED || can_return(attach, state);
	attach->gw.ifindex = attach->netif.ifindex;
	if (!is_possible(attach, state) || (state == GATEWAY_ABSENT && attach_is_taken(attach)) ||
	    !can_load(attach, upgrade))
		return EXIT_FAILED;
	note_file(attach->options);
	if (attach->remake)
		msg_note(attach->netif.name, "new tables would be made: %u sessions would end",
			 remake_cost(&attach->gw));
	doctor_say(&attach->gw, state);
	out_done(attach->netif.name, "would %s: %s in, tc out; nothing was changed",
		 upgrade ? "upgrade" : "attach", attach->xdp ? "xdp" : "tc");
	return EXIT_DONE;
}

int attach_main(int argc, char **argv)
{
	static struct options options; /* too large for the stack of a careful program */
	static struct attach attach = { .options = &options };
	char bpffs[PATH_MAX];
	int err, code;

	(void)argc;
	code = options_parse(&options, argv);
	if (code)
		return code;
	attach.fast = options.fast;
	if (!attach_check_interface(&attach) || !attach_check_internal(&attach, NULL) ||
	    !attach_choose_ingress(&attach) || !machine_can_attach(options.ifname))
		return EXIT_FAILED;
	if (options.dry_run)
		return dry_run(&attach);

	if (options.foreground)
		notify_open();
	err = gateway_bpffs(bpffs, true);
	if (err) {
		msg_error(options.ifname,
			  "cannot attach: no bpffs, and it cannot be mounted: %s "
			  "(\"mount -t bpf -o mode=0700 bpf /sys/fs/bpf\")",
			  strerror(-err));
		return EXIT_FAILED;
	}
	code = locked(&attach, bpffs);
	if (code == EXIT_DONE && options.foreground)
		code = keeper_stay();
	gateway_close(&attach.gw);
	return code;
}
