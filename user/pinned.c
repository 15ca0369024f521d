// SPDX-License-Identifier: GPL-2.0-only
/*
 * pinned.c - the pins of a gateway: made, exchanged for others, removed.
 *
 * How it works: maps/ and progs/ are directories of pins. Their successors are pinned beside
 * them, in maps-new/ and progs-new/, and each pair changes places in one step; what then has
 * the new name is the old one, and a second exchange brings it back.
 */
#include "pinned.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway.h"
#include "nat.skel.h"

#define DIR_MODE 0700

#define MAPS "maps"
#define PROGS "progs"
#define LINKS "links"
#define NEW "-new"

static const char *const pin_dirs[] = { MAPS, PROGS, LINKS };
#define PIN_DIRS (sizeof(pin_dirs) / sizeof(pin_dirs[0]))

static int path_join(char *path, const char *dir, const char *kind, const char *name)
{
	int len = snprintf(path, PATH_MAX, "%s/%s%s%s", dir, kind, *name ? "/" : "", name);

	/* Of a gateway that is closed: it would be a directory of the root. */
	if (!*dir)
		return -EINVAL;
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int directory_make(const char *path)
{
	return mkdir(path, DIR_MODE) && errno != EEXIST ? -errno : 0;
}

static int directories_make(const char *dir)
{
	char path[PATH_MAX];
	int err;

	err = directory_make(dir);
	for (size_t i = 0; !err && i < PIN_DIRS; i++) {
		err = path_join(path, dir, pin_dirs[i], "");
		if (!err)
			err = directory_make(path);
	}
	return err;
}

static int programs_pin(const struct nat_bpf *skel, const char *dir, const char *kind)
{
	struct bpf_program *prog;
	char path[PATH_MAX];
	int err = 0;

	bpf_object__for_each_program(prog, skel->obj)
	{
		if (bpf_program__fd(prog) < 0)
			continue;
		err = path_join(path, dir, kind, bpf_program__name(prog));
		if (!err && bpf_obj_pin(bpf_program__fd(prog), path))
			err = -errno;
		if (err)
			break;
	}
	return err;
}

/* The marker comes first: with it there, whatever else is found can be explained. */
static int maps_pin(const struct nat_bpf *skel, const char *dir, const char *kind)
{
	char path[PATH_MAX];

	for (int i = GATEWAY_MAP_MAX; i-- > 0;) {
		int fd = bpf_object__find_map_fd_by_name(skel->obj, gateway_map_names[i]);
		int err = path_join(path, dir, kind, gateway_map_names[i]);

		if (!err && bpf_obj_pin(fd, path))
			err = -errno;
		if (err)
			return err;
	}
	return 0;
}

_Static_assert(GATEWAY_marker == GATEWAY_MAP_MAX - 1, "maps_pin() begins with the last row");

int pinned_make(const struct nat_bpf *skel, const char *dir)
{
	int err;

	err = directories_make(dir);
	if (!err)
		err = maps_pin(skel, dir, MAPS);
	if (!err)
		err = programs_pin(skel, dir, PROGS);
	if (err)
		pinned_remove(dir);
	return err;
}

/* Remove what is in one directory, and it; lock.c has seen that those above are root's. */
static int directory_remove(const char *dir, const char *kind)
{
	char where[PATH_MAX];
	struct dirent *entry;
	DIR *list;
	int fd, err;

	err = path_join(where, dir, kind, "");
	if (err)
		return err;
	fd = open(where, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	list = fdopendir(fd);
	if (!list) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (entry = readdir(list)))
		if (entry->d_name[0] != '.' && unlinkat(fd, entry->d_name, 0))
			err = -errno;
	closedir(list);
	if (!err && rmdir(where))
		err = -errno;
	return err;
}

static int new_make(const char *dir, const char *kind)
{
	char path[PATH_MAX];
	int err = path_join(path, dir, kind, "");

	return err ? err : directory_make(path);
}

static int new_remove(const char *dir)
{
	int err = directory_remove(dir, PROGS NEW);

	return err ? err : directory_remove(dir, MAPS NEW);
}

int pinned_stage(const struct nat_bpf *skel, const char *dir, bool maps_too)
{
	int err;

	new_remove(dir); /* of an upgrade that was killed */
	err = maps_too ? new_make(dir, MAPS NEW) : 0;
	if (!err && maps_too)
		err = maps_pin(skel, dir, MAPS NEW);
	if (!err)
		err = new_make(dir, PROGS NEW);
	if (!err)
		err = programs_pin(skel, dir, PROGS NEW);
	if (err)
		new_remove(dir);
	return err;
}

/* Return: 0, also when nothing is staged, or -errno */
static int exchange(const char *dir, const char *kind, const char *new_kind)
{
	char staged[PATH_MAX], pinned[PATH_MAX];
	int err = path_join(staged, dir, new_kind, "");

	if (!err)
		err = path_join(pinned, dir, kind, "");
	if (!err && renameat2(AT_FDCWD, staged, AT_FDCWD, pinned, RENAME_EXCHANGE) &&
	    errno != ENOENT)
		err = -errno;
	return err;
}

int pinned_exchange(const char *dir)
{
	int err = exchange(dir, MAPS, MAPS NEW);

	if (err)
		return err;
	err = exchange(dir, PROGS, PROGS NEW);
	if (err)
		exchange(dir, MAPS, MAPS NEW);
	return err;
}

void pinned_drop(const char *dir)
{
	new_remove(dir);
}

int pinned_remove(const char *dir)
{
	int err;

	/* Links first, maps last: a removal that fails half way can be taken up again. */
	err = new_remove(dir);
	for (size_t i = PIN_DIRS; !err && i-- > 0;)
		err = directory_remove(dir, pin_dirs[i]);
	if (!err && rmdir(dir) && errno != ENOENT)
		err = -errno;
	return err;
}
