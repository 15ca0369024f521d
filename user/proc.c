// SPDX-License-Identifier: GPL-2.0-only
/* proc.c - what /proc says about a process. */
#include "proc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Fields of /proc/PID/stat after the closing parenthesis of the command name. */
#define STAT_FIELDS                                                                                \
	" %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64

int proc_read(pid_t pid, struct proc_info *info)
{
	char path[64], text[1024], state;
	const char *after;
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';

	/* The name stands in parentheses and may itself contain some. */
	after = strrchr(text, ')');
	if (!after || sscanf(after + 1, STAT_FIELDS, &state, &info->parent, &info->start) != 3)
		return -ESRCH;
	return state == 'Z' || state == 'X' ? -ESRCH : 0;
}

int proc_capabilities(uint64_t *capabilities)
{
	char line[256];
	int err = -ENOENT;
	FILE *file;

	file = fopen("/proc/self/status", "re");
	if (!file)
		return -errno;
	while (err && fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %" SCNx64, capabilities) == 1)
			err = 0;
	fclose(file);
	return err;
}
