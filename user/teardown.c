// SPDX-License-Identifier: GPL-2.0-only
/*
 * teardown.c - undo what attach did, all of it or what there is of it.
 *
 * How it works: one row a step, in the reverse order of attach.c. Each does nothing
 * where there is nothing to do, so the same table serves detach, an attach that failed
 * half way, and what a killed one left. The pins go last and only when all else is
 * done: while the marker is there, a second detach can finish.
 */
#include "teardown.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clsact.h"
#include "cmd.h"
#include "hooks.h"
#include "internal.h"
#include "keeper.h"
#include "msg.h"
#include "pinned.h"
#include "pool.h"

/* From here on whoever looks sees work in progress, and the keeper ends. */
static int mark(struct gateway *gw)
{
	if (!gw->marker.ifindex)
		return 0;
	gw->marker.layout = 0;
	return gateway_marker_write(gw);
}

static int stop_keeper(struct gateway *gw)
{
	return keeper_stop(&gw->marker);
}

static int detach_hooks(struct gateway *gw)
{
	int first = 0;

	for (int hook = HOOK_WAN_MAX; hook-- > 0;) {
		int err = hook_detach(hook, gw, gw->ifindex);

		first = first ? first : err;
	}
	return first;
}

/* Somebody else's filters keep the qdisc: theirs now. */
static int remove_clsact(struct gateway *gw)
{
	int err = gw->marker.clsact ? clsact_remove(gw->ifindex) : 0;

	return err == -EBUSY ? 0 : err;
}

static int stop_answering(struct gateway *gw)
{
	return gw->fd[GATEWAY_pool] < 0 ? 0 : pool_release(gw, NULL);
}

static int remove_pins(struct gateway *gw)
{
	return pinned_remove(gw->dir);
}

/**
 * struct step - One row
 * @dead:    Done for the leftover of a dead namespace, too
 * @foreign:  Done although the marker's layout is unknown
 */
static const struct step {
	const char *what;
	int (*undo)(struct gateway *gw);
	bool dead;
	bool foreign;
} steps[] = {
	{ "marker", mark, false, false },
	{ "keeper", stop_keeper, false, false },
	{ "forwarding sysctls", internal_unforward, false, false },
	{ "hairpin", internal_release, false, false },
	{ "programs", detach_hooks, false, true },
	{ "clsact qdisc", remove_clsact, false, false },
	{ "ARP answers", stop_answering, false, false },
	{ "pins", remove_pins, true, true },
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

int teardown(struct gateway *gw, enum gateway_state state)
{
	char left[256] = "", done[256] = "";
	bool failed = false;

	/* The name may be another interface's by now, the marker's index is not. */
	if (gw->marker.ifindex && state != GATEWAY_FOREIGN)
		gw->ifindex = gw->marker.ifindex;
	for (size_t i = 0; i < STEPS; i++) {
		char *list;
		int err = 0;

		if ((state == GATEWAY_DEAD && !steps[i].dead) ||
		    (state == GATEWAY_FOREIGN && !steps[i].foreign))
			continue;
		if (failed && steps[i].undo == remove_pins) {
			list = left;
		} else {
			err = steps[i].undo(gw);
			list = err ? left : done;
			failed |= err;
		}
		snprintf(list + strlen(list), sizeof(done) - strlen(list), "%s%s%s%s",
			 *list ? ", " : "", steps[i].what, err ? ": " : "",
			 err ? strerror(-err) : "");
	}
	if (!failed)
		return EXIT_DONE;
	msg_error(gw->name, "not undone: %s; undone: %s (\"natctl detach %s\" tries again)", left,
		  done, gw->name);
	return EXIT_FAILED;
}
