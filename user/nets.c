// SPDX-License-Identifier: GPL-2.0-only
/* nets.c - the prefix tables: whose packets are translated, and towards whom they are not. */
#include "nets.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

static bool listed(const struct nat_prefix *prefixes, unsigned int count,
		   const struct nat_prefix *prefix)
{
	for (unsigned int i = 0; i < count; i++)
		if (!memcmp(&prefixes[i], prefix, sizeof(*prefix)))
			return true;
	return false;
}

/* A walk of a trie starts over when its key has gone, so delete one, then start over. */
static int prune_one(int fd, const struct nat_prefix *prefixes, unsigned int count)
{
	struct nat_prefix key, next;
	int more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		if (!listed(prefixes, count, &key))
			return bpf_map_delete_elem(fd, &key) ? -errno : 1;
		more = !bpf_map_get_next_key(fd, &key, &next);
	}
	return 0;
}

int nets_read(const struct gateway *gw, enum gateway_map map, struct nat_prefix *prefixes,
	      unsigned int max, unsigned int *count)
{
	const struct nat_prefix *last = NULL;

	for (*count = 0; !bpf_map_get_next_key(gw->fd[map], last, &prefixes[*count]);) {
		last = &prefixes[*count];
		if (++*count == max)
			return 0;
	}
	return errno == ENOENT ? 0 : -errno;
}

int nets_write(const struct gateway *gw, enum gateway_map map, const struct nat_prefix *prefixes,
	       unsigned int count)
{
	const __u32 unused = 0;
	int result;

	for (unsigned int i = 0; i < count; i++)
		if (bpf_map_update_elem(gw->fd[map], &prefixes[i], &unused, BPF_ANY))
			return -errno;
	do {
		result = prune_one(gw->fd[map], prefixes, count);
	} while (result > 0);
	return result;
}
