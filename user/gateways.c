// SPDX-License-Identifier: GPL-2.0-only
/* gateways.c - all the gateways of this network namespace, or the only one. */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "gateway.h"
#include "msg.h"

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Is there one, in whatever state? The leftover of a dead namespace is none. */
static bool is_there(const char *bpffs, const char *ifname)
{
	enum gateway_state state;
	struct gateway gw;
	int err = gateway_find(&gw, bpffs, ifname, &state);

	gateway_close(&gw);
	return err || (state != GATEWAY_ABSENT && state != GATEWAY_DEAD);
}

/* The gateways of this namespace, sorted by name; free with names_free(). */
static int names_list(const char *bpffs, struct dirent ***names)
{
	char path[PATH_MAX];
	int count, err, kept = 0;

	*names = NULL;
	/* Any name will do: only the directory it is in is wanted. */
	err = gateway_path(bpffs, "lo", path);
	if (err < 0)
		return err;
	count = scandir(dirname(path), names, is_visible, alphasort);
	if (count < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		struct dirent *entry = (*names)[i];

		/* As gateway_path() writes them. */
		for (char *dot = entry->d_name; (dot = strchr(dot, ':'));)
			*dot = '.';
		if (is_there(bpffs, entry->d_name))
			(*names)[kept++] = entry;
		else
			free(entry);
	}
	return kept;
}

static void names_free(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

int gateway_only(const char *bpffs, char *name)
{
	struct dirent **names;
	int code, count = names_list(bpffs, &names);

	if (count < 0)
		return gateway_cannot_open(NULL, count);
	if (count == 1) {
		strcpy(name, names[0]->d_name);
		code = EXIT_DONE;
	} else if (!count) {
		msg_error(NULL, "no interface is attached (\"natctl attach IF\" does it)");
		code = EXIT_NOT_ATTACHED;
	} else {
		msg_error(NULL, "%d interfaces are attached, \"%s\" and others (say which)", count,
			  names[0]->d_name);
		code = EXIT_MISUSED;
	}
	names_free(names, count);
	return code;
}

int gateway_each(int (*fn)(struct gateway *gw, void *data), void *data)
{
	char bpffs[PATH_MAX];
	struct dirent **names;
	struct gateway gw;
	int err, count, code, worst = EXIT_DONE;

	err = gateway_bpffs(bpffs, false);
	if (err)
		return err == -ENOENT ? EXIT_NOT_ATTACHED : gateway_cannot_open(NULL, err);
	count = names_list(bpffs, &names);
	if (count < 0)
		return gateway_cannot_open(NULL, count);
	for (int i = 0; i < count; i++) {
		code = gateway_open(&gw, names[i]->d_name);
		if (code == EXIT_DONE) {
			code = fn(&gw, data);
			gateway_close(&gw);
		} else {
			code = EXIT_FAILED; /* there is something, but not at work */
		}
		worst = code > worst ? code : worst;
	}
	names_free(names, count);
	return count ? worst : EXIT_NOT_ATTACHED;
}
