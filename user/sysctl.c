// SPDX-License-Identifier: GPL-2.0-only
/* sysctl.c - net.ipv4.conf.IF.forwarding. */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FORWARDING "/proc/sys/net/ipv4/conf/%s/forwarding"

static int forwarding_open(const char *ifname, int flags)
{
	char path[sizeof(FORWARDING) + IF_NAMESIZE];
	int fd;

	snprintf(path, sizeof(path), FORWARDING, ifname);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sysctl_forwarding_read(const char *ifname, int *value)
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

int sysctl_forwarding_write(const char *ifname, int value)
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
