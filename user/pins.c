// SPDX-License-Identifier: GPL-2.0-only
/*
 * pins.c - the directory of a gateway's pins, which has the name of its interface.
 *
 * How it works: a gateway is its interface's, whatever that is called. When the interface gets
 * another name the directory follows: the keeper does it as soon as it hears of it, and attach
 * and detach do if there is no keeper. Until then it is found by the ifindex in its marker
 * (gateway_find()). Where the new name is the old one of another gateway, whose directory has
 * not followed yet, the two change places. Whoever does it may not be the one who has done it
 * last, so what the directory is called now is asked of the one above it, not remembered.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway.h"

/* The directory of all gateways of this network namespace. */
static int netns_path(const char *bpffs, char *path)
{
	struct stat ns;

	if (stat("/proc/self/ns/net", &ns))
		return -errno;
	if (snprintf(path, PATH_MAX, "%s/natctl/%lu", bpffs, (unsigned long)ns.st_ino) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

/*
 * Where bpffs is everybody's to write to (mode 1777, unless it was mounted with another),
 * anybody may have made this before us, as a link to elsewhere or as his own: what is below is
 * opened, written to and removed by name.
 */
static bool is_trusted(int fd)
{
	struct stat info;

	return !fstat(fd, &info) && (!info.st_uid || info.st_uid == geteuid()) &&
	       !(info.st_mode & (S_IWGRP | S_IWOTH));
}

int gateway_level_open(int above, const char *name)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? -EUCLEAN : -errno;
	if (is_trusted(fd))
		return fd;
	close(fd);
	return -EUCLEAN;
}

int gateway_check_pins(const char *bpffs)
{
	char path[PATH_MAX], *slash;
	int above, fd, err;

	err = netns_path(bpffs, path);
	if (err)
		return err;
	slash = strrchr(path, '/');
	*slash = '\0';
	above = gateway_level_open(AT_FDCWD, path);
	if (above < 0)
		return above == -ENOENT ? 0 : above;
	fd = gateway_level_open(above, slash + 1);
	close(above);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	close(fd);
	return 0;
}

const char *gateway_strerror(int err)
{
	if (err == -EUCLEAN)
		return "the directory \"natctl\" in bpffs is not root's alone (see who made it, "
		       "and remove it)";
	return strerror(-err);
}

/* bpffs allows no dot in a name. */
static void pins_name(char *entry, const char *ifname)
{
	snprintf(entry, IF_NAMESIZE, "%s", ifname);
	for (char *dot = entry; (dot = strchr(dot, '.'));)
		*dot = ':';
}

void gateway_name_of_pins(char *name, const char *entry)
{
	snprintf(name, IF_NAMESIZE, "%.*s", IF_NAMESIZE - 1, entry);
	for (char *dot = name; (dot = strchr(dot, ':'));)
		*dot = '.';
}

int gateway_path(const char *bpffs, const char *ifname, char *path)
{
	char entry[IF_NAMESIZE];
	size_t len;
	int err;

	if (!*ifname || strlen(ifname) >= sizeof(entry) || strchr(ifname, '/'))
		return -EINVAL;
	pins_name(entry, ifname);
	err = netns_path(bpffs, path);
	if (err)
		return err;
	len = strlen(path);
	if (snprintf(path + len, PATH_MAX - len, "/%s", entry) >= (int)(PATH_MAX - len))
		return -ENAMETOOLONG;
	return 0;
}

/* What @own, which is in the directory @above, is called there by now. */
static int entry_of(DIR *above, const struct stat *own, char *entry)
{
	struct dirent *found;
	struct stat other;

	while ((found = readdir(above))) {
		if (found->d_name[0] == '.' || strlen(found->d_name) >= IF_NAMESIZE ||
		    fstatat(dirfd(above), found->d_name, &other, AT_SYMLINK_NOFOLLOW) ||
		    other.st_ino != own->st_ino || other.st_dev != own->st_dev)
			continue;
		strcpy(entry, found->d_name);
		return 0;
	}
	return -ENOENT;
}

static int entry_rename(int above, const char *from, const char *to)
{
	if (!strcmp(from, to) || !renameat2(above, from, above, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EEXIST || renameat2(above, from, above, to, RENAME_EXCHANGE))
		return -errno;
	return 0;
}

static int settle_in(struct gateway *gw, DIR *above, const struct stat *own)
{
	char name[IF_NAMESIZE], from[IF_NAMESIZE], to[IF_NAMESIZE];
	int err = entry_of(above, own, from);

	if (err)
		return err;
	gateway_name_of_pins(gw->pins, from);
	if (!if_indextoname(gw->marker.ifindex, name))
		strcpy(name, gw->pins);
	pins_name(to, name);
	err = entry_rename(dirfd(above), from, to);
	if (err)
		return err;
	strcpy(gw->name, name);
	strcpy(gw->pins, name);
	return 0;
}

int gateway_settle(struct gateway *gw)
{
	char path[PATH_MAX + 3];
	struct stat own;
	DIR *above;
	int err;

	if (stat(gw->dir, &own))
		return -errno;
	snprintf(path, sizeof(path), "%s/..", gw->dir);
	above = opendir(path);
	if (!above)
		return -errno;
	err = settle_in(gw, above, &own);
	closedir(above);
	return err;
}

/* Has the interface that they belong to another name by now? */
static bool is_misnamed(const struct gateway *gw, enum gateway_state state)
{
	char name[IF_NAMESIZE];

	return state != GATEWAY_ABSENT && state != GATEWAY_DEAD && gw->marker.ifindex &&
	       if_indextoname(gw->marker.ifindex, name) && strcmp(name, gw->pins);
}

int gateway_find_settled(struct gateway *gw, const char *bpffs, const char *ifname,
			 enum gateway_state *state)
{
	int err = gateway_find(gw, bpffs, ifname, state);

	if (err || !is_misnamed(gw, *state))
		return err;
	err = gateway_settle(gw);
	if (err)
		return err;
	gateway_close(gw);
	return gateway_find(gw, bpffs, ifname, state);
}
