// SPDX-License-Identifier: GPL-2.0-only
/*
 * gateway.c - find, open and read an attached gateway.
 *
 * How it works
 *
 * gateway_find() opens what is pinned and judges it by the marker; it says nothing.
 * gateway_open(), for the verbs, turns every verdict but "attached" into a message
 * and an exit code. Nothing here changes anything; control.c does what can be done
 * with an open gateway.
 */
#include "gateway.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "msg.h"
#include "sibling.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

/* ---- open ----------------------------------------------------------------------------- */

static int pin_open(const struct gateway *gw, const char *kind, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s/%s", gw->dir, kind, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

/* A marker of another size is of another layout; its first word says so in every one that has
 * one. */
static int marker_read(struct gateway *gw)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	void *value;
	int err = 0;

	if (bpf_obj_get_info_by_fd(gw->fd[GATEWAY_marker], &info, &len))
		return -errno;
	value = calloc(1, sizeof(gw->marker) + info.value_size);
	if (!value)
		return -ENOMEM;
	if (bpf_map_lookup_elem(gw->fd[GATEWAY_marker], &ONLY, value))
		err = -errno;
	else if (info.value_size == sizeof(gw->marker))
		memcpy(&gw->marker, value, sizeof(gw->marker));
	else
		gw->marker.layout = *(__u32 *)value;
	free(value);
	/* Only where the word does not say so: its size does. */
	if (!err && info.value_size != sizeof(gw->marker) &&
	    (!gw->marker.layout || gw->marker.layout == NAT_LAYOUT_VERSION))
		gw->marker.layout = NAT_LAYOUT_VERSION + 1;
	return err;
}

bool gateway_is_whole(const struct gateway *gw)
{
	for (int i = 0; i < GATEWAY_MAP_MAX; i++)
		if (gw->fd[i] < 0)
			return false;
	for (int i = 0; i < GATEWAY_CONTROL_MAX; i++)
		if (gw->control_fd[i] < 0)
			return false;
	return true;
}

static enum gateway_state judge(const struct gateway *gw)
{
	char name[IF_NAMESIZE];

	if (gw->fd[GATEWAY_marker] < 0)
		return GATEWAY_UNFINISHED;
	if (gw->marker.layout && gw->marker.layout != NAT_LAYOUT_VERSION)
		return GATEWAY_FOREIGN;
	/* Made but not written yet: it says nothing, and nothing but pins was made. */
	if (!gw->marker.ifindex)
		return GATEWAY_UNFINISHED;
	if (gw->marker.netns_cookie != gateway_netns_cookie())
		return GATEWAY_DEAD;
	if (!if_indextoname(gw->marker.ifindex, name))
		return GATEWAY_GONE;
	if (gw->ifindex != gw->marker.ifindex)
		return GATEWAY_RENAMED;
	if (!gw->marker.layout)
		return GATEWAY_UNFINISHED;
	return gateway_is_whole(gw) ? GATEWAY_ATTACHED : GATEWAY_UNFINISHED;
}

void gateway_init(struct gateway *gw)
{
	memset(gw, 0, sizeof(*gw));
	for (int i = 0; i < GATEWAY_MAP_MAX; i++)
		gw->fd[i] = -1;
	for (int i = 0; i < GATEWAY_CONTROL_MAX; i++)
		gw->control_fd[i] = -1;
}

static void pins_close(struct gateway *gw)
{
	for (int i = 0; i < GATEWAY_MAP_MAX; i++) {
		if (gw->fd[i] >= 0)
			close(gw->fd[i]);
		gw->fd[i] = -1;
	}
	for (int i = 0; i < GATEWAY_CONTROL_MAX; i++) {
		if (gw->control_fd[i] >= 0)
			close(gw->control_fd[i]);
		gw->control_fd[i] = -1;
	}
}

/* All of what is pinned, or nothing: whoever undoes something needs descriptors. */
static int pins_open(struct gateway *gw)
{
	int err = 0;

	for (int i = 0; !err && i < GATEWAY_MAP_MAX; i++) {
		gw->fd[i] = pin_open(gw, "maps", gateway_map_names[i]);
		if (gw->fd[i] < 0 && gw->fd[i] != -ENOENT)
			err = gw->fd[i];
	}
	for (int i = 0; !err && i < GATEWAY_CONTROL_MAX; i++) {
		gw->control_fd[i] = pin_open(gw, "progs", gateway_control_names[i]);
		if (gw->control_fd[i] < 0 && gw->control_fd[i] != -ENOENT)
			err = gw->control_fd[i];
	}
	if (!err && gw->fd[GATEWAY_marker] >= 0)
		err = marker_read(gw);
	if (err)
		pins_close(gw);
	return err;
}

int gateway_find(struct gateway *gw, const char *bpffs, const char *ifname,
		 enum gateway_state *state)
{
	char other[IF_NAMESIZE];
	int err;

	*state = GATEWAY_ABSENT;
	gateway_init(gw);
	err = gateway_path(bpffs, ifname, gw->dir);
	if (!err)
		err = gateway_check_pins(bpffs);
	if (err)
		return err;
	strcpy(gw->name, ifname);
	gw->ifindex = if_nametoindex(ifname);
	/* The kernel's name for it, or the one that it had when its pins got theirs. */
	if (gw->ifindex)
		if_indextoname(gw->ifindex, gw->name);
	strcpy(gw->pins, gw->name);
	if (gw->ifindex && sibling_name_of(gw, gw->ifindex, other))
		strcpy(gw->pins, other);
	err = gateway_path(bpffs, gw->pins, gw->dir);
	if (err)
		return err;
	if (access(gw->dir, F_OK))
		return errno == ENOENT ? 0 : -errno;

	err = pins_open(gw);
	if (!err)
		*state = judge(gw);
	return err;
}

void gateway_close(struct gateway *gw)
{
	pins_close(gw);
	gateway_init(gw);
}

bool gateway_trouble(const struct gateway *gw, enum gateway_state state,
		     struct gateway_trouble *trouble)
{
	const char *name = gw->name;
	bool waits;

	switch (state) {
	case GATEWAY_UNFINISHED:
		snprintf(trouble->text, sizeof(trouble->text),
			 "an attach or detach was interrupted or is at work");
		snprintf(trouble->remedy, sizeof(trouble->remedy),
			 "finish with \"natctl detach %s\" or \"natctl attach %s\"", name, name);
		return true;
	case GATEWAY_FOREIGN:
		snprintf(trouble->text, sizeof(trouble->text),
			 "attached by another version of natctl: its tables have layout %u, this "
			 "one knows %d",
			 gw->marker.layout, NAT_LAYOUT_VERSION);
		snprintf(trouble->remedy, sizeof(trouble->remedy),
			 "\"natctl detach %s\" first, best by that version; it ends all sessions",
			 name);
		return true;
	case GATEWAY_GONE:
		waits = gateway_keeper_alive(&gw->marker);
		snprintf(trouble->text, sizeof(trouble->text), "not attached: the interface %s",
			 waits ? "has gone; the keeper waits for it to return" :
				 "was removed since");
		snprintf(trouble->remedy, sizeof(trouble->remedy), "\"natctl detach %s\" %s", name,
			 waits ? "ends that" : "clears what is left");
		return true;
	default:
		return false;
	}
}

int gateway_refuse(const struct gateway *gw, enum gateway_state state)
{
	struct gateway_trouble trouble;
	char name[IF_NAMESIZE];

	if (gateway_trouble(gw, state, &trouble)) {
		msg_error(gw->name, "%s (%s)", trouble.text, trouble.remedy);
		return state == GATEWAY_GONE ? EXIT_NOT_ATTACHED : EXIT_FAILED;
	}
	if (state == GATEWAY_RENAMED)
		msg_error(gw->name, "not attached: the interface that was is called \"%s\" by now",
			  if_indextoname(gw->marker.ifindex, name) ? name : "?");
	else if (!gw->ifindex && state == GATEWAY_ABSENT)
		msg_error(gw->name, "not attached: no such interface (see \"ip link\")");
	else
		msg_error(gw->name, "not attached (\"natctl attach %s\" does it)", gw->name);
	return EXIT_NOT_ATTACHED;
}

int gateway_cannot_open(const char *object, int err)
{
	msg_error(object, "cannot open the gateway: %s%s", gateway_strerror(err),
		  err == -EPERM || err == -EACCES ? " (run as root)" : "");
	return EXIT_FAILED;
}

static int open_named(struct gateway *gw, const char *bpffs, const char *ifname)
{
	enum gateway_state state;
	int err;

	err = gateway_find(gw, bpffs, ifname, &state);
	if (!err && state == GATEWAY_ATTACHED)
		return EXIT_DONE;
	if (err == -EINVAL) {
		msg_error(NULL, "\"%s\" cannot be an interface (see \"ip link\")", ifname);
		return EXIT_MISUSED;
	}
	err = err ? gateway_cannot_open(ifname, err) : gateway_refuse(gw, state);
	gateway_close(gw);
	return err;
}

int gateway_open(struct gateway *gw, const char *ifname)
{
	char bpffs[PATH_MAX], only[NAME_MAX + 1];
	int err;

	gateway_init(gw);
	err = gateway_bpffs(bpffs, false);
	if (err == -EACCES)
		return gateway_cannot_open(ifname, err);
	if (err) {
		msg_error(ifname, "not attached: no bpffs (\"natctl attach\" mounts one)");
		return EXIT_NOT_ATTACHED;
	}
	if (!ifname) {
		int code = gateway_only(bpffs, only);

		if (code != EXIT_DONE)
			return code;
		ifname = only;
	}
	return open_named(gw, bpffs, ifname);
}
