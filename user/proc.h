/* SPDX-License-Identifier: GPL-2.0-only */
/* proc.h - what /proc says about a process. */
#ifndef PROC_H
#define PROC_H

#include <stdint.h>
#include <sys/types.h>

/**
 * struct proc_info - From /proc/PID/stat
 * @parent: 0 for the first process of a pid namespace
 * @start:  Clock ticks after boot at which it started: with the pid, its identity
 */
struct proc_info {
	pid_t parent;
	uint64_t start;
};

/**
 * proc_read() - Look at one process
 *
 * Return: 0 or -errno; -ENOENT or -ESRCH when it has ended, though its parent may not
 * have taken notice yet
 */
int proc_read(pid_t pid, struct proc_info *info);

/** proc_capabilities() - The effective capabilities of this process. Return: 0 or -errno */
int proc_capabilities(uint64_t *capabilities);

#endif /* PROC_H */
