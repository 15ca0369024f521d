// SPDX-License-Identifier: GPL-2.0-only
/* sysctl.c - net.ipv4.conf.IF.forwarding: turn it on, remember, put it back. */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORWARDING "/proc/sys/net/ipv4/conf/%s/forwarding"
#define ON 1

static int forwarding_open(const char *ifname, int flags)
{
	char path[sizeof(FORWARDING) + IF_NAMESIZE];
	int fd;

	snprintf(path, sizeof(path), FORWARDING, ifname);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int forwarding_read(const char *ifname, int *value)
{
	char text[16] = "";
	ssize_t len;
	int fd, err = 0;

	fd = forwarding_open(ifname, O_RDONLY);
	if (fd < 0)
		return fd;
	len = read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		err = len < 0 ? -errno : -EIO;
	close(fd);
	*value = atoi(text);
	return err;
}

static int forwarding_write(const char *ifname, int value)
{
	char text[16];
	int fd, len, err = 0;

	fd = forwarding_open(ifname, O_WRONLY);
	if (fd < 0)
		return fd;
	len = snprintf(text, sizeof(text), "%d\n", value);
	if (write(fd, text, len) != len)
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}

int sysctl_forward(struct nat_marker *marker, const char *ifname)
{
	struct nat_undo *undo;
	int value, err;

	err = forwarding_read(ifname, &value);
	if (err)
		return err;
	if (value == ON)
		return 0;
	if (marker->undo_count >= NAT_UNDO_MAX)
		return -ENOSPC;
	undo = &marker->undo[marker->undo_count];
	memset(undo, 0, sizeof(*undo));
	snprintf(undo->name, sizeof(undo->name), "%s", ifname);
	undo->ifindex = if_nametoindex(ifname);
	undo->value = value;
	marker->undo_count++;
	return 1;
}

int sysctl_apply(const struct nat_marker *marker)
{
	return forwarding_write(marker->undo[marker->undo_count - 1].name, ON);
}

int sysctl_undo(const struct nat_marker *marker)
{
	int first = 0;

	for (__u32 i = marker->undo_count; i-- > 0;) {
		const struct nat_undo *undo = &marker->undo[i];
		char name[IF_NAMESIZE];
		int value, err;

		if (!if_indextoname(undo->ifindex, name))
			continue;
		err = forwarding_read(name, &value);
		if (!err && value == ON)
			err = forwarding_write(name, undo->value);
		first = first ? first : err;
	}
	return first;
}
