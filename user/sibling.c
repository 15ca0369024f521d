// SPDX-License-Identifier: GPL-2.0-only
/*
 * sibling.c - what other gateways of this network namespace have to do with an interface.
 *
 * Read from their markers, next to ours in bpffs. The caller holds the lock, so nothing is
 * half done but what was interrupted, and that counts: it is still there.
 */
#include "sibling.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const __u32 ONLY = 0; /* the key of every map of one entry */

/* Of another layout only the words before the table are sure to be where they are here. */
static bool marker_get(const char *path, struct nat_marker *marker)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	bool is_read = false;
	void *value = NULL;
	int fd = bpf_obj_get(path);

	if (fd < 0)
		return false;
	memset(marker, 0, sizeof(*marker));
	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		value = calloc(1, sizeof(*marker) + info.value_size);
	if (value && !bpf_map_lookup_elem(fd, &ONLY, value)) {
		memcpy(marker, value,
		       info.value_size == sizeof(*marker) ? sizeof(*marker) :
							    offsetof(struct nat_marker, ingress));
		is_read = true;
	}
	free(value);
	close(fd);
	return is_read;
}

/**
 * struct question - About one interface
 * @is_so:  Does this marker say yes?
 * @before: More of the answer
 * @name:   Filled if so: who has said it
 */
struct question {
	bool (*is_so)(const struct nat_marker *marker, struct question *question);
	unsigned int ifindex;
	int before;
	char name[IF_NAMESIZE];
};

/* The directory of all pin directories. Ours may not be there yet, or be /proc/self/fd/N/.. */
static void parent_of(const struct gateway *gw, char *parent)
{
	snprintf(parent, PATH_MAX, "%.*s/..", PATH_MAX - 4, gw->dir);
	if (access(parent, F_OK))
		dirname(strcpy(parent, gw->dir));
}

/* Does @fn say yes to any other gateway that lives? Another is one under another name. */
bool sibling_any(const struct gateway *gw, sibling_fn fn, void *data)
{
	__u64 cookie = gateway_netns_cookie();
	char parent[PATH_MAX], path[PATH_MAX];
	struct sibling sibling;
	struct dirent *entry;
	bool is_so = false;
	DIR *list;

	if (!*gw->dir)
		return false;
	parent_of(gw, parent);
	list = opendir(parent);
	while (list && !is_so && (entry = readdir(list))) {
		gateway_name_of_pins(sibling.name, entry->d_name);
		if (entry->d_name[0] == '.' || !strcmp(sibling.name, gw->pins) ||
		    snprintf(sibling.dir, sizeof(sibling.dir), "%s/%s", parent, entry->d_name) >=
			    (int)sizeof(sibling.dir) ||
		    snprintf(path, sizeof(path), "%s/maps/marker", sibling.dir) >=
			    (int)sizeof(path))
			continue;
		is_so = marker_get(path, &sibling.marker) &&
			sibling.marker.netns_cookie == cookie && fn(&sibling, data);
	}
	if (list)
		closedir(list);
	return is_so;
}

static bool says(const struct sibling *sibling, void *data)
{
	struct question *question = data;

	memcpy(question->name, sibling->name, sizeof(question->name));
	return question->is_so(&sibling->marker, question);
}

static bool siblings_say(const struct gateway *gw, struct question *question)
{
	return sibling_any(gw, says, question);
}

static const struct nat_interface *row_find(const struct nat_marker *marker, unsigned int ifindex)
{
	for (__u32 i = 0; i < marker->interface_count && i < NAT_INTERFACES_MAX; i++)
		if (marker->interfaces[i].ifindex == ifindex)
			return &marker->interfaces[i];
	return NULL;
}

static bool is_its_own(const struct nat_marker *marker, struct question *question)
{
	return marker->ifindex == question->ifindex;
}

bool sibling_is_attached_to(const struct gateway *gw, unsigned int ifindex)
{
	char name[IF_NAMESIZE];

	return sibling_name_of(gw, ifindex, name);
}

bool sibling_name_of(const struct gateway *gw, unsigned int ifindex, char *name)
{
	struct question question = { is_its_own, ifindex, 0, "" };
	bool is_so = siblings_say(gw, &question);

	strcpy(name, question.name);
	return is_so;
}

static bool made_clsact(const struct nat_marker *marker, struct question *question)
{
	const struct nat_interface *row = row_find(marker, question->ifindex);

	return (row && row->clsact) || (marker->clsact && marker->ifindex == question->ifindex);
}

bool sibling_made_clsact(const struct gateway *gw, unsigned int ifindex)
{
	struct question question = { made_clsact, ifindex, 0, "" };

	return siblings_say(gw, &question);
}

static bool forwards(const struct nat_marker *marker, struct question *question)
{
	const struct nat_interface *row = row_find(marker, question->ifindex);

	question->before = row ? row->forwarding : -1;
	return question->before != -1;
}

bool sibling_forwards(const struct gateway *gw, unsigned int ifindex, int *before)
{
	struct question question = { forwards, ifindex, 0, "" };
	bool is_so = siblings_say(gw, &question);

	*before = question.before;
	return is_so;
}
