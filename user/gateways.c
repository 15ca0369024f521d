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

/* Is there one, in whatever state? The leftover of a dead namespace is none. Notes the name
 * that its interface has by now, if it is another. */
static bool is_there(const char *bpffs, struct gateway_name *name)
{
	enum gateway_state state;
	struct gateway gw;
	int err = gateway_find(&gw, bpffs, name->text, &state);

	if (!err && state == GATEWAY_RENAMED)
		if_indextoname(gw.marker.ifindex, name->text);
	gateway_close(&gw);
	return err || (state != GATEWAY_ABSENT && state != GATEWAY_DEAD);
}

static int compare(const void *one, const void *other)
{
	return strcmp(one, other);
}

int gateway_names(const char *bpffs, struct gateway_name **names)
{
	struct dirent *entry;
	char path[PATH_MAX];
	struct gateway_name *grown;
	int err, count = 0;
	DIR *list;

	*names = NULL;
	/* Any name will do: only the directory it is in is wanted. */
	err = gateway_path(bpffs, "lo", path);
	if (!err)
		err = gateway_check_pins(bpffs);
	if (err)
		return err;
	list = opendir(dirname(path));
	if (!list)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(list))) {
		if (entry->d_name[0] == '.')
			continue;
		grown = realloc(*names, (count + 1) * sizeof(**names));
		if (!grown) {
			free(*names);
			*names = NULL;
			count = -ENOMEM;
			break;
		}
		*names = grown;
		gateway_name_of_pins(grown[count].text, entry->d_name);
		count += is_there(bpffs, &grown[count]);
	}
	closedir(list);
	if (count > 0)
		qsort(*names, count, sizeof(**names), compare);
	return count;
}

static int none_attached(void)
{
	msg_error(NULL, "no interface is attached (\"natctl attach IF\" does it)");
	return EXIT_NOT_ATTACHED;
}

int gateway_only(const char *bpffs, char *name)
{
	struct gateway_name *names;
	int code, count = gateway_names(bpffs, &names);

	if (count < 0)
		return gateway_cannot_open(NULL, count);
	if (count == 1) {
		strcpy(name, names[0].text);
		code = EXIT_DONE;
	} else if (!count) {
		code = none_attached();
	} else {
		msg_error(NULL, "%d interfaces are attached, \"%s\" and others (say which)", count,
			  names[0].text);
		code = EXIT_MISUSED;
	}
	free(names);
	return code;
}

int gateway_each(int (*fn)(struct gateway *gw, void *data), void *data)
{
	char bpffs[PATH_MAX];
	struct gateway_name *names;
	struct gateway gw;
	bool at_work = false;
	int err, count, code, worst = EXIT_DONE;

	err = gateway_bpffs(bpffs, false);
	if (err)
		return err == -ENOENT ? none_attached() : gateway_cannot_open(NULL, err);
	count = gateway_names(bpffs, &names);
	if (count < 0)
		return gateway_cannot_open(NULL, count);
	for (int i = 0; i < count; i++) {
		code = gateway_open(&gw, names[i].text);
		if (code == EXIT_DONE) {
			at_work = true;
			code = fn(&gw, data);
			gateway_close(&gw);
		}
		worst = code > worst ? code : worst;
	}
	free(names);
	if (!count)
		return none_attached();
	/* Of some only: what was asked for is done in part. */
	return at_work && worst == EXIT_NOT_ATTACHED ? EXIT_FAILED : worst;
}
