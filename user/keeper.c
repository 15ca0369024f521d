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
 * It holds the maps open but no link, so removing the pins by hand still detaches, where there
 * are links (clsact filters, before Linux 6.6, stay). Then it puts forwarding back before it ends.
 * All else that attach has done is undone by detach alone.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cmd.h"
#include "keeper_work.h"
#include "msg.h"
#include "notify.h"
#include "privileges.h"

#define TICK_SECONDS 1
#define LOCK_RETRY_MS 20

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
	int err = watch(keeper, requests_fd(&keeper->requests), keeper_hear_requests);

	if (!err)
		err = watch(keeper, keeper->seconds, keeper_tick_seconds);
	if (!err)
		err = watch(keeper, keeper->timer, keeper_tick);
	if (!err)
		err = watch(keeper, keeper->signals, keeper_hear_signal);
	if (!err)
		err = watch(keeper, mnl_socket_get_fd(keeper->news), keeper_hear_news);
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
	err = privileges_drop(PRIVILEGES_KEEPER);
	if (err)
		msg_warn(keeper->gw->name, "the keeper cannot give up privileges: %s",
			 strerror(-err));
	notify_ready(keeper->gw);
	while (!keeper->is_over) {
		if (epoll_wait(keeper->events, &event, 1, keeper->is_locked ? LOCK_RETRY_MS : -1) ==
		    1)
			((void (*)(struct keeper *))event.data.ptr)(keeper);
		if (keeper->is_locked)
			keeper_follow(keeper);
	}
	requests_close(&keeper->requests);
	ports_close(&keeper->ports);
	mnl_socket_close(keeper->news);
	return keeper->code;
}
