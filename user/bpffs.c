// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpffs.c - find the file system that keeps the pins, or mount it.
 *
 * How it works
 *
 * The pins of all network namespaces live in one bpffs, that of the host. A shell
 * started by `ip netns exec` does not see it: it has a mount namespace of its own
 * with a fresh sysfs on /sys. Some ancestor of it does, and /proc/PID/root leads
 * into that ancestor's mounts. The nearest one wins, so that a container or a test
 * with a bpffs of its own keeps to that.
 *
 * Where there is none at all, attach mounts one, and not inside the mounts of
 * `ip netns exec`, which vanish with the command: it enters the nearest ancestor
 * whose /sys is another file system than ours.
 */
#include "gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"

#define BPFFS "/sys/fs/bpf"

/* More ancestors than any real process has; ends the walk should /proc be odd. */
#define ANCESTORS_MAX 128

#define ROOT_MAX 64 /* "/proc/PID/root" */

static int held = -1; /* the directory that gateway_bpffs_hold() has found */

static bool is_bpffs(const char *path)
{
	struct statfs info;

	return !statfs(path, &info) && (unsigned long)info.f_type == BPF_FS_MAGIC;
}

/*
 * The nearest ancestor's root in which @suits holds, as a prefix for paths.
 *
 * Return: 0, -EACCES if none but some may not be looked into, else -ENOENT
 */
static int ancestor_find(bool (*suits)(const char *root), char *root, pid_t *pid)
{
	struct proc_info info;
	int i, err = -ENOENT;

	*pid = getppid();
	for (i = 0; i<ANCESTORS_MAX && * pid> 0; i++) {
		snprintf(root, ROOT_MAX, "/proc/%d/root", *pid);
		errno = 0;
		if (suits(root))
			return 0;
		/* To root only what is another container's is closed. */
		if ((errno == EACCES || errno == EPERM) && geteuid())
			err = -EACCES;
		if (proc_read(*pid, &info))
			break;
		*pid = info.parent;
	}
	return err;
}

static bool has_bpffs(const char *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" BPFFS, root);
	return is_bpffs(path);
}

static bool has_other_sys(const char *root)
{
	char path[PATH_MAX];
	struct stat ours, theirs;

	snprintf(path, sizeof(path), "%s/sys", root);
	return !stat("/sys", &ours) && !stat(path, &theirs) && ours.st_dev != theirs.st_dev;
}

/* Mount bpffs in the mount namespace of @pid, from a child: there is no way back. */
static int mount_in(pid_t pid)
{
	char path[64];
	int ns, status;
	pid_t child;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	child = fork();
	if (child < 0)
		return -errno;
	if (!child) {
		ns = open(path, O_RDONLY | O_CLOEXEC);
		if (ns < 0 || setns(ns, CLONE_NEWNS) || mount("bpf", BPFFS, "bpf", 0, "mode=0700"))
			_exit(errno);
		_exit(0);
	}
	if (waitpid(child, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

int gateway_bpffs(char *path, bool mount_it)
{
	char root[ROOT_MAX];
	pid_t pid;
	int err;

	if (held >= 0) {
		snprintf(path, PATH_MAX, "/proc/self/fd/%d", held);
		return 0;
	}
	if (is_bpffs(BPFFS)) {
		snprintf(path, PATH_MAX, "%s", BPFFS);
		return 0;
	}
	err = ancestor_find(has_bpffs, root, &pid);
	if (err && mount_it) {
		if (ancestor_find(has_other_sys, root, &pid)) {
			root[0] = '\0';
			pid = getpid();
		}
		err = mount_in(pid);
	}
	if (!err)
		snprintf(path, PATH_MAX, "%s" BPFFS, root);
	return err;
}

int gateway_bpffs_hold(void)
{
	char path[PATH_MAX];
	int err = gateway_bpffs(path, false);

	/* Where it has its place it will be found, also if it is mounted later. */
	if (err || !strcmp(path, BPFFS))
		return err;
	held = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return held < 0 ? -errno : 0;
}
