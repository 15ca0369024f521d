// SPDX-License-Identifier: GPL-2.0-only
/* sysctl.c - net.*.conf.IF.*: forwarding, which is written too, and what is only read. */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_MAX 32
#define CONF "/proc/sys/net/%s/conf/%s/%s"
#define FAMILY "ipv4"

static int conf_open(const char *family, const char *ifname, const char *key, int flags)
{
	char path[sizeof(CONF) + sizeof(FAMILY) + IF_NAMESIZE + KEY_MAX];
	int fd;

	snprintf(path, sizeof(path), CONF, family, ifname, key);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sysctl_read(const char *family, const char *ifname, const char *key, int *value)
{
	char text[16] = "";
	ssize_t len;
	int fd, err = 0;

	fd = conf_open(family, ifname, key, O_RDONLY);
	if (fd < 0)
		return fd;
	len = read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		err = len < 0 ? -errno : -EIO;
	close(fd);
	*value = atoi(text);
	return err;
}

int sysctl_forwarding_read(const char *ifname, int *value)
{
	return sysctl_read(FAMILY, ifname, "forwarding", value);
}

int sysctl_forwarding_write(const char *ifname, int value)
{
	char text[16];
	int fd, len, err = 0;

	fd = conf_open(FAMILY, ifname, "forwarding", O_WRONLY);
	if (fd < 0)
		return fd;
	len = snprintf(text, sizeof(text), "%d\n", value);
	if (write(fd, text, len) != len)
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}

const char *sysctl_name(char *text, const char *ifname)
{
	snprintf(text, IF_NAMESIZE, "%s", ifname);
	for (char *dot = text; (dot = strchr(dot, '.'));)
		*dot = '/';
	return text;
}
