// SPDX-License-Identifier: GPL-2.0-only
/*
 * keeper_process.c - start the keeper in the background, and end it.
 *
 * How it works: forked twice, so that it is nobody's child and has no terminal. It
 * opens all it needs and tells its pid, or why it cannot run; waits until the pid stands
 * in the marker (or it would think itself replaced), and runs. If attach dies in between,
 * the channel breaks and it ends. Who reads the marker may send it signals: it takes them
 * since it has opened.
 */
#include "keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "msg.h"
#include "proc.h"

#define STOP_WAIT_MS 5000

/** struct hello - The first word of a new keeper. @err: 0 or -errno of keeper_open() */
struct hello {
	pid_t pid;
	int err;
};

static bool is_kept(const struct gateway *gw, int fd)
{
	for (int i = 0; i < GATEWAY_MAP_MAX; i++)
		if (gw->fd[i] == fd)
			return true;
	for (int i = 0; i < GATEWAY_CONTROL_MAX; i++)
		if (gw->control_fd[i] == fd)
			return true;
	return fd <= STDERR_FILENO;
}

/* Above all the lock, which would be held for as long as the keeper lives; also the
 * programs, and whatever the caller's shell had open. */
static void close_others(const struct gateway *gw, int channel)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		int fd = atoi(entry->d_name);

		if (!is_kept(gw, fd) && fd != channel && fd != dirfd(list))
			close(fd);
	}
	if (list)
		closedir(list);
}

static void be_keeper(struct gateway *gw, int channel)
{
	struct hello hello = { .pid = getpid() };
	int null;
	char go;

	close_others(gw, channel);
	null = open("/dev/null", O_RDWR);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	msg_to_syslog();
	hello.err = keeper_open(gw);
	if (write(channel, &hello, sizeof(hello)) != sizeof(hello) || hello.err ||
	    read(channel, &go, 1) != 1 || chdir("/"))
		_exit(EXIT_FAILURE);
	close(channel);
	_exit(keeper_stay());
}

static int marker_name(struct gateway *gw, pid_t pid)
{
	struct proc_info info;
	int err = proc_read(pid, &info);

	if (err)
		return err;
	gw->marker.keeper_pid = pid;
	gw->marker.keeper_start = info.start;
	err = gateway_marker_write(gw);
	if (err)
		gw->marker.keeper_pid = 0; /* or undoing would end this very process */
	return err;
}

int keeper_start(struct gateway *gw)
{
	struct hello hello;
	int channel[2], err = 0;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel))
		return -errno;
	child = fork();
	if (!child) {
		close(channel[0]);
		setsid();
		child = fork();
		if (!child)
			be_keeper(gw, channel[1]);
		_exit(child < 0);
	}
	err = child < 0 ? -errno : 0;
	close(channel[1]);
	if (!err)
		waitpid(child, NULL, 0);
	if (!err)
		err = read(channel[0], &hello, sizeof(hello)) == sizeof(hello) ? hello.err :
										 -ECHILD;
	if (!err)
		err = marker_name(gw, hello.pid);
	if (!err && write(channel[0], "", 1) != 1)
		err = -errno;
	close(channel[0]);
	return err;
}

int keeper_name_self(struct gateway *gw)
{
	return marker_name(gw, getpid());
}

int keeper_stop(const struct nat_marker *marker)
{
	struct pollfd ended = { .events = POLLIN };
	int err = 0;

	if (!marker->keeper_pid)
		return 0;
	ended.fd = pidfd_open(marker->keeper_pid, 0);
	if (ended.fd < 0)
		return errno == ESRCH ? 0 : -errno;
	/* Asked with the pidfd open, so that the answer holds for whom it refers to. */
	if (gateway_keeper_alive(marker)) {
		pidfd_send_signal(ended.fd, SIGTERM, NULL, 0);
		if (poll(&ended, 1, STOP_WAIT_MS) != 1) {
			pidfd_send_signal(ended.fd, SIGKILL, NULL, 0);
			err = poll(&ended, 1, STOP_WAIT_MS) == 1 ? 0 : -ETIMEDOUT;
		}
	}
	close(ended.fd);
	return err;
}
