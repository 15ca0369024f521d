// SPDX-License-Identifier: GPL-2.0-only
/* keeper_work.c - what the keeper does when one of its descriptors has something to say. */
#include "keeper_work.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cmd.h"
#include "follow.h"
#include "internal.h"
#include "lanes.h"
#include "msg.h"
#include "notify.h"
#include "pool.h"

#define PORTS_EVERY 2 /* ticks */
#define PAUSE_MOST 64 /* ticks between two attempts of follow(): 1, 3, 7, ... 63, 63 */

#define SECONDS_NS 500000000L

static bool is_wanted(struct keeper *keeper)
{
	struct gateway *gw = keeper->gw;

	return !gateway_marker_read(gw) && gw->marker.layout == NAT_LAYOUT_VERSION &&
	       gw->marker.keeper_pid == (__u32)getpid() &&
	       !faccessat(keeper->maps_dir, "marker", F_OK, 0);
}

static bool is_absent(const struct keeper *keeper, const char *marker)
{
	return faccessat(keeper->maps_dir, marker, F_OK, 0) && errno == ENOENT;
}

/* Removed by hand: the programs have gone with their links, and nobody else will come. Not so
 * where an attach that was killed has left other tables in the place of ours (pinned.c). */
static bool pins_are_gone(const struct keeper *keeper)
{
	const struct nat_marker *marker = &keeper->gw->marker;

	return marker->layout == NAT_LAYOUT_VERSION && marker->keeper_pid == (__u32)getpid() &&
	       is_absent(keeper, "marker") && is_absent(keeper, "../maps/marker");
}

/* By detach, or because another keeper has taken over. */
static bool is_ordered(const struct keeper *keeper)
{
	const struct nat_marker *marker = &keeper->gw->marker;

	return marker->layout != NAT_LAYOUT_VERSION || marker->keeper_pid != (__u32)getpid();
}

/* Nothing translates any more: nothing is to be forwarded untranslated. */
static void close_gate(struct keeper *keeper)
{
	int err = internal_unforward(keeper->gw);

	msg_warn(keeper->gw->name, "the pins have been removed; forwarding is as before attach%s%s",
		 err ? ", but: " : "", err ? strerror(-err) : "");
}

/* Under the lock, so that no attach or detach is at work; if one is, in a moment. */
void keeper_follow(struct keeper *keeper)
{
	int lock = openat(keeper->maps_dir, "../..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (lock < 0)
		return;
	keeper->is_locked = flock(lock, LOCK_EX | LOCK_NB);
	if (!keeper->is_locked && is_wanted(keeper)) {
		int err = follow(keeper->gw, &keeper->link);

		msg_warn_once(&keeper->follow_err, keeper->gw->name,
			      "cannot follow the interfaces and addresses", err);
		/* What has been ended with an address stands in the way of what comes next. */
		if (!err || err == -EAGAIN) {
			sweep_soon(&keeper->sweep);
			notify_changed(keeper->gw);
		}
		keeper->changed = err;
		keeper->pause = err ? 2 * keeper->pause % PAUSE_MOST + 1 : 0;
		keeper->wait = keeper->pause;
	}
	close(lock);
}

/* The interface of another gateway is not internal to this one. Nobody says that one has
 * come or gone, but that the directory above ours has changed. */
static bool peers_have_changed(struct keeper *keeper)
{
	struct timespec before = keeper->peers;
	struct stat dir;

	if (fstatat(keeper->maps_dir, "../..", &dir, 0))
		return false;
	keeper->peers = dir.st_mtim;
	return before.tv_sec != dir.st_mtim.tv_sec || before.tv_nsec != dir.st_mtim.tv_nsec;
}

static void refresh_ports(struct keeper *keeper)
{
	struct nat_settings settings;
	struct nat_pool pool;

	if (!pool_read(keeper->gw, &pool) && !gateway_settings(keeper->gw, &settings))
		ports_refresh(&keeper->ports, &pool, &settings);
}

/* Its phase is that of the first arrival, so this is looked at on time to half a second. */
static void run_seconds(struct keeper *keeper, bool is_wanted)
{
	const struct itimerspec never = {};
	const struct itimerspec every = { { 0, SECONDS_NS }, { 0, SECONDS_NS } };

	if (keeper->seconds_run != is_wanted)
		timerfd_settime(keeper->seconds, 0, is_wanted ? &every : &never, NULL);
	keeper->seconds_run = is_wanted;
}

void keeper_tick_seconds(struct keeper *keeper)
{
	uint64_t expirations;
	bool is_waiting;
	int err;

	if (read(keeper->seconds, &expirations, sizeof(expirations)) < 0)
		return;
	keeper->requests.is_waiting = false;
	is_waiting = requests_expire(&keeper->requests);
	err = sweep_small(&keeper->sweep, keeper->gw);
	msg_warn_once(&keeper->small_err, keeper->gw->name, "sweep of small tables failed", err);
	run_seconds(keeper, is_waiting || keeper->sweep.waiting);
}

void keeper_hear_requests(struct keeper *keeper)
{
	requests_hear(&keeper->requests);
	if (keeper->requests.is_waiting)
		run_seconds(keeper, true);
}

void keeper_tick(struct keeper *keeper)
{
	uint64_t expirations;
	int err;

	if (read(keeper->timer, &expirations, sizeof(expirations)) < 0)
		return;
	if (!is_wanted(keeper)) {
		keeper->is_over = true;
		keeper->code = is_ordered(keeper) ? EXIT_DONE : EXIT_NOT_ATTACHED;
		if (pins_are_gone(keeper))
			close_gate(keeper);
		return;
	}
	if (peers_have_changed(keeper)) {
		keeper->changed = true;
		keeper->wait = 0;
	}
	if (keeper->wait)
		keeper->wait--;
	if (keeper->changed && !keeper->wait)
		keeper_follow(keeper);
	if (keeper->ticks++ % PORTS_EVERY == 0) {
		refresh_ports(keeper);
		/* What the other end of a veth does, nobody tells. */
		if (keeper->gw->marker.fast)
			lanes_follow(keeper->gw);
	}
	err = sweep_tick(&keeper->sweep, keeper->gw);
	msg_warn_once(&keeper->sweep_err, keeper->gw->name, "sweep failed", err);
	/* Of an earlier keeper's time: whoever comes now asks for it. */
	if (keeper->sweep.waiting)
		run_seconds(keeper, true);
	notify_alive();
}

void keeper_hear_signal(struct keeper *keeper)
{
	struct signalfd_siginfo info;

	if (read(keeper->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGUSR1) {
		sweep_soon(&keeper->sweep);
		return;
	}
	keeper->is_over = true;
	notify_stopping(is_wanted(keeper) ? "the gateway goes on" : NULL);
}

/* What it says does not matter, nor whether some was lost: follow() looks for itself. */
void keeper_hear_news(struct keeper *keeper)
{
	char buffer[8192];

	while (recv(mnl_socket_get_fd(keeper->news), buffer, sizeof(buffer), MSG_DONTWAIT) > 0 ||
	       errno == ENOBUFS)
		;
	keeper->changed = true;
	keeper_follow(keeper); /* at once: until then packets leave with an address that is lost */
}
