// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock.c - one attach or detach at a time in a network namespace.
 *
 * How it works: flock on the namespace's pin directory, so that a killed natctl leaves
 * no lock behind. The directory is removed when it is empty, by whoever holds the
 * lock; who was waiting then holds a lock on a directory without a name, sees that by
 * its link count, and begins again.
 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway.h"

#define DIR_MODE 0700
#define WAIT_MS 10000
#define WAIT_STEP_MS 20

/* Make and open one level. */
static int open_level(int parent, const char *name)
{
	if (mkdirat(parent, name, DIR_MODE) && errno != EEXIST)
		return -errno;
	return gateway_level_open(parent, name);
}

static int open_directory(const char *dir)
{
	char parent[PATH_MAX];
	int above, fd;

	strcpy(parent, dir);
	dirname(parent);
	above = open_level(AT_FDCWD, parent);
	if (above < 0)
		return above;
	fd = open_level(above, strrchr(dir, '/') + 1);
	close(above);
	return fd;
}

int lock_take(struct lock *lock, const char *bpffs)
{
	struct stat info;
	char *slash;
	int err;

	/* Any name will do: only the directory it is in is wanted. */
	err = gateway_path(bpffs, "lo", lock->dir);
	if (err)
		return err;
	slash = strrchr(lock->dir, '/');
	*slash = '\0';

	for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += WAIT_STEP_MS) {
		lock->fd = open_directory(lock->dir);
		if (lock->fd < 0 && lock->fd != -ENOENT)
			return lock->fd;
		if (lock->fd >= 0 && !flock(lock->fd, LOCK_EX | LOCK_NB) &&
		    !fstat(lock->fd, &info) && info.st_nlink)
			return 0;
		if (lock->fd >= 0)
			close(lock->fd);
		poll(NULL, 0, WAIT_STEP_MS);
	}
	return -EBUSY;
}

void lock_release(struct lock *lock)
{
	if (!rmdir(lock->dir)) {
		dirname(lock->dir);
		rmdir(lock->dir);
	}
	close(lock->fd);
}

const char *lock_strerror(int err)
{
	switch (err) {
	case -EBUSY:
		return "another natctl is at work in this namespace (try again)";
	case -EACCES:
		return "permission denied (run as root)";
	default:
		return gateway_strerror(err);
	}
}
