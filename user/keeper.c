// SPDX-License-Identifier: GPL-2.0-only
/*
 * keeper.c - the process that stays: reaps, follows addresses and sockets, sends packets.
 *
 * How it works
 *
 * One thread, one epoll, five descriptors: two timers, signals, the kernel's news of
 * interfaces and addresses, and the requests of the data path. Everything it does could be
 * done late or not at all without breaking a flow: nobody waits for it.
 *
 *	timer     every second: am I still wanted? is a sweep due?
 *		  every other: ports of local sockets
 *	requests  send this, keep that (requests.c)
 *	seconds   twice a second while something waits whose time is seconds
 *	news      addresses or interfaces have changed: follow(), and again in a moment if
 *		  somebody else is at work, or less and less often while it fails
 *	SIGUSR1   `natctl flush` has ended something: sweep soon
 *	SIGTERM   end
 *
 * It ends by itself when the marker names another keeper or an unfinished gateway, or when
 * its pins are gone. That nobody has asked for the end, its exit code says: a service manager
 * tries again. If its interface is gone, it waits for another one of the name (link.c).
 *
 * It holds the maps open but no link, so removing the pins by hand still detaches. Then it puts
 * forwarding back before it ends. All else that attach has done is undone by detach alone.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cmd.h"
#include "follow.h"
#include "internal.h"
#include "msg.h"
#include "notify.h"
#include "pool.h"
#include "ports.h"
#include "privileges.h"
#include "requests.h"
#include "sweep.h"

#define TICK_SECONDS 1
#define PORTS_EVERY 2 /* ticks */
#define PAUSE_MOST 64 /* ticks between two attempts of follow(): 1, 3, 7, ... 63, 63 */

#define SECONDS_NS 500000000L

#define LOCK_RETRY_MS 20

/**
 * struct keeper - One running
 * @maps_dir:   The directory of map pins, to see whether they are still there
 * @peers:      When another gateway last came to this namespace, or went
 * @seconds:    The timer for what waits for seconds only, and whether it runs
 * @changed:    There was news since follow() last succeeded
 * @is_locked:  Somebody else was at work when it was tried
 * @pause:      Ticks between two attempts of it, more with each that fails; @wait of them left
 * @follow_err, @sweep_err, @small_err: How that failed the last time, or 0
 * @is_over:    Time to end
 * @code:       And how: an exit code
 */
struct keeper {
	struct gateway *gw;
	struct ports ports;
	struct sweep sweep;
	struct requests requests;
	struct link link;
	struct mnl_socket *news;
	struct timespec peers;
	int timer;
	int seconds;
	bool seconds_run;
	int signals;
	int events;
	int maps_dir;
	unsigned int ticks;
	unsigned int pause;
	unsigned int wait;
	int follow_err;
	int sweep_err;
	int small_err;
	bool changed;
	bool is_locked;
	bool is_over;
	int code;
};

/* ---- its work ------------------------------------------------------------------------- */

static bool is_wanted(struct keeper *keeper)
{
	struct gateway *gw = keeper->gw;

	return !gateway_marker_read(gw) && gw->marker.layout == NAT_LAYOUT_VERSION &&
	       gw->marker.keeper_pid == (__u32)getpid() &&
	       !faccessat(keeper->maps_dir, "marker", F_OK, 0);
}

/* Removed by hand: the programs have gone with their links, and nobody else will come. */
static bool pins_are_gone(struct keeper *keeper)
{
	const struct nat_marker *marker = &keeper->gw->marker;

	return marker->layout == NAT_LAYOUT_VERSION && marker->keeper_pid == (__u32)getpid() &&
	       faccessat(keeper->maps_dir, "marker", F_OK, 0) && errno == ENOENT;
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
static void follow_news(struct keeper *keeper)
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
		if (!err) {
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

static void tick_seconds(struct keeper *keeper)
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

static void hear_requests(struct keeper *keeper)
{
	requests_hear(&keeper->requests);
	if (keeper->requests.is_waiting)
		run_seconds(keeper, true);
}

static void tick(struct keeper *keeper)
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
		follow_news(keeper);
	if (keeper->ticks++ % PORTS_EVERY == 0)
		refresh_ports(keeper);
	err = sweep_tick(&keeper->sweep, keeper->gw);
	msg_warn_once(&keeper->sweep_err, keeper->gw->name, "sweep failed", err);
	/* Of an earlier keeper's time: whoever comes now asks for it. */
	if (keeper->sweep.waiting)
		run_seconds(keeper, true);
	notify_alive();
}

static void hear_signal(struct keeper *keeper)
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
static void hear_news(struct keeper *keeper)
{
	char buffer[8192];

	while (recv(mnl_socket_get_fd(keeper->news), buffer, sizeof(buffer), MSG_DONTWAIT) > 0 ||
	       errno == ENOBUFS)
		;
	keeper->changed = true;
	follow_news(keeper); /* at once: until then packets leave with an address that is lost */
}

/* ---- its life -------------------------------------------------------------------------- */

static int watch(struct keeper *keeper, int fd, void (*hear)(struct keeper *keeper))
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = hear };

	return epoll_ctl(keeper->events, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGHUP, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_timer(void)
{
	const struct itimerspec every = { { TICK_SECONDS, 0 }, { TICK_SECONDS, 0 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0)
		timerfd_settime(fd, 0, &every, NULL);
	return fd;
}

/* Note a descriptor, or why there is none. */
static int keep(int *place, int fd)
{
	*place = fd;
	return fd < 0 ? -errno : 0;
}

static int open_news(struct keeper *keeper)
{
	keeper->news = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	return keeper->news && !mnl_socket_bind(keeper->news, RTMGRP_LINK | RTMGRP_IPV4_IFADDR,
						MNL_SOCKET_AUTOPID) ?
		       0 :
		       -errno;
}

static int open_all(struct keeper *keeper)
{
	char path[PATH_MAX + sizeof("/maps")];
	int err;

	snprintf(path, sizeof(path), "%s/maps", keeper->gw->dir);
	err = keep(&keeper->maps_dir, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!err)
		err = keep(&keeper->events, epoll_create1(EPOLL_CLOEXEC));
	if (!err)
		err = keep(&keeper->timer, open_timer());
	if (!err)
		err = keep(&keeper->seconds,
			   timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
	if (!err)
		err = keep(&keeper->signals, open_signals());
	if (!err)
		err = open_news(keeper);
	if (!err)
		err = ports_open(&keeper->ports, keeper->gw, true);
	if (!err)
		err = requests_open(&keeper->requests, keeper->gw);
	return err;
}

static int watch_all(struct keeper *keeper)
{
	int err = watch(keeper, requests_fd(&keeper->requests), hear_requests);

	if (!err)
		err = watch(keeper, keeper->seconds, tick_seconds);
	if (!err)
		err = watch(keeper, keeper->timer, tick);
	if (!err)
		err = watch(keeper, keeper->signals, hear_signal);
	if (!err)
		err = watch(keeper, mnl_socket_get_fd(keeper->news), hear_news);
	return err;
}

static struct keeper only; /* of this process */

int keeper_open(struct gateway *gw)
{
	int err;

	/* What changed before the news was subscribed to is looked for once. */
	only = (struct keeper){ .gw = gw, .changed = true };
	link_look(&only.link, gw);
	err = open_all(&only);
	return err ? err : watch_all(&only);
}

/* Descriptors stay open at the end: the process ends with it. */
int keeper_stay(void)
{
	struct keeper *keeper = &only;
	struct epoll_event event;
	int err;

	/* The path to bpffs may lead through a process that ends before we do. */
	snprintf(keeper->gw->dir, PATH_MAX, "/proc/self/fd/%d/..", keeper->maps_dir);
	err = privileges_drop();
	if (err)
		msg_warn(keeper->gw->name, "the keeper cannot give up privileges: %s",
			 strerror(-err));
	notify_ready(keeper->gw);
	while (!keeper->is_over) {
		if (epoll_wait(keeper->events, &event, 1, keeper->is_locked ? LOCK_RETRY_MS : -1) ==
		    1)
			((void (*)(struct keeper *))event.data.ptr)(keeper);
		if (keeper->is_locked)
			follow_news(keeper);
	}
	requests_close(&keeper->requests);
	ports_close(&keeper->ports);
	mnl_socket_close(keeper->news);
	return keeper->code;
}
