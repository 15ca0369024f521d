// SPDX-License-Identifier: GPL-2.0-only
/* wipe.c - make maps what they were when they were made: tables empty, arrays zero. */
#include "wipe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 64 /* octets; the largest of ours has 16 */

/* Each step asks for the next key first: from one that has gone the walk would start anew. */
static int empty_table(int fd)
{
	__u8 key[KEY_MAX], next[KEY_MAX];
	int more = !bpf_map_get_next_key(fd, NULL, next);

	while (more) {
		memcpy(key, next, sizeof(key));
		more = !bpf_map_get_next_key(fd, key, next);
		if (bpf_map_delete_elem(fd, key))
			return -errno;
	}
	return 0;
}

static int zero_array(int fd, const struct bpf_map_info *info)
{
	/* Of a per-CPU array a value is written for every CPU, each padded to eight octets. */
	size_t copies = info->type == BPF_MAP_TYPE_PERCPU_ARRAY ? libbpf_num_possible_cpus() : 1;
	__u32 count = info->max_entries, *keys = calloc(count, sizeof(*keys));
	size_t size = ((size_t)info->value_size + 7) / 8 * 8;
	void *zeros = calloc(count, copies * size);
	int err = keys && zeros ? 0 : -ENOMEM;

	for (__u32 i = 0; keys && i < count; i++)
		keys[i] = i;
	if (!err && bpf_map_update_batch(fd, keys, zeros, &count, NULL))
		err = -errno;
	free(zeros);
	free(keys);
	return err;
}

int wipe(const struct gateway *gw)
{
	int err = 0;

	for (int i = 0; !err && i < GATEWAY_MAP_MAX; i++) {
		struct bpf_map_info info = {};
		__u32 len = sizeof(info);

		if (bpf_obj_get_info_by_fd(gw->fd[i], &info, &len))
			return -errno;
		if (info.type == BPF_MAP_TYPE_RINGBUF)
			continue;
		if (info.type == BPF_MAP_TYPE_ARRAY || info.type == BPF_MAP_TYPE_PERCPU_ARRAY)
			err = zero_array(gw->fd[i], &info);
		else
			err = info.key_size > KEY_MAX ? -E2BIG : empty_table(gw->fd[i]);
	}
	return err;
}
