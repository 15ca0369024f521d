/* SPDX-License-Identifier: GPL-2.0-only */
/* lock.h - one attach or detach at a time in a network namespace. */
#ifndef LOCK_H
#define LOCK_H

#include <limits.h>

/** struct lock - @dir: <bpffs>/natctl/<netns inode>, there while the lock is held */
struct lock {
	int fd;
	char dir[PATH_MAX];
};

/**
 * lock_take() - Wait for the lock, some seconds at most
 * @bpffs: From gateway_bpffs()
 *
 * Return: 0, -EBUSY when another natctl does not let go of it, -EUCLEAN when others can write
 * where the pins are, or -errno
 */
int lock_take(struct lock *lock, const char *bpffs);

/** lock_release() - Let go, and remove the directory and its parent if they are empty */
void lock_release(struct lock *lock);

/** lock_strerror() - Why lock_take() failed, and what to do */
const char *lock_strerror(int err);

#endif /* LOCK_H */
