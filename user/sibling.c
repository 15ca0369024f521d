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
		value = calloc(1, info.value_size);
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

/* Is @fits true of the marker of another gateway that lives? */
static bool sibling_any(const struct gateway *gw,
			bool (*fits)(const struct nat_marker *marker, unsigned int ifindex),
			unsigned int ifindex)
{
	__u64 cookie = gateway_netns_cookie();
	char path[PATH_MAX];
	struct nat_marker marker;
	struct dirent *entry;
	bool found = false;
	DIR *list;

	if (!*gw->dir || snprintf(path, sizeof(path), "%s/..", gw->dir) >= (int)sizeof(path))
		return false;
	list = opendir(path);
	while (list && !found && (entry = readdir(list))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/../%s/maps/marker", gw->dir, entry->d_name) >=
			    (int)sizeof(path))
			continue;
		found = marker_get(path, &marker) && marker.netns_cookie == cookie &&
			marker.ifindex != gw->ifindex && fits(&marker, ifindex);
	}
	if (list)
		closedir(list);
	return found;
}

static bool is_its_own(const struct nat_marker *marker, unsigned int ifindex)
{
	return marker->ifindex == ifindex;
}

bool sibling_is_attached_to(const struct gateway *gw, unsigned int ifindex)
{
	return sibling_any(gw, is_its_own, ifindex);
}

static bool made_clsact(const struct nat_marker *marker, unsigned int ifindex)
{
	if (marker->clsact && marker->ifindex == ifindex)
		return true;
	for (__u32 i = 0; i < marker->interface_count && i < NAT_INTERFACES_MAX; i++)
		if (marker->interfaces[i].clsact && marker->interfaces[i].ifindex == ifindex)
			return true;
	return false;
}

bool sibling_made_clsact(const struct gateway *gw, unsigned int ifindex)
{
	return sibling_any(gw, made_clsact, ifindex);
}
