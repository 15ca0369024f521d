// SPDX-License-Identifier: GPL-2.0-only
/*
 * walk.c - visit every entry of a hash map, in bounded memory.
 *
 * How it works: BPF_MAP_LOOKUP_BATCH copies whole buckets, as many as fit the batch,
 * and returns a cursor to the next bucket. Unlike key after key, where a key that is
 * deleted under the reader sends it back to the beginning, that sees every bucket
 * exactly once, and it is one system call for hundreds of entries. A bucket that is
 * larger than the batch is refused with ENOSPC; then the batch doubles, which in a
 * healthy table (load factor at most one) does not happen past the first size.
 *
 * Maps without batch operations are walked key after key.
 */
#include "walk.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#define BATCH_FIRST 512
#define CURSOR_MAX 64	    /* a bucket number for hash maps, a key for others */
#define KERNEL_ENOTSUPP 524 /* what the kernel returns, absent from the C library */

/**
 * struct walk - One walk
 * @keys, @values: @batch of each
 */
struct walk {
	int fd;
	struct bpf_map_info info;
	uint32_t batch;
	char *keys;
	char *values;
};

static void walk_free(struct walk *walk)
{
	free(walk->keys);
	free(walk->values);
	walk->keys = NULL;
	walk->values = NULL;
}

static int walk_alloc(struct walk *walk, uint32_t batch)
{
	walk_free(walk);
	walk->batch = batch;
	walk->keys = calloc(batch, walk->info.key_size);
	walk->values = calloc(batch, walk->info.value_size);
	return walk->keys && walk->values ? 0 : -ENOMEM;
}

static int visit(const struct walk *walk, uint32_t count, walk_fn fn, void *data)
{
	for (uint32_t i = 0; i < count; i++) {
		int stop = fn(walk->keys + (size_t)i * walk->info.key_size,
			      walk->values + (size_t)i * walk->info.value_size, data);

		if (stop)
			return stop;
	}
	return 0;
}

/*
 * Key after key. A deleted key leads back to the first one: the number of steps is
 * bounded so that a busy map cannot keep the reader for ever.
 */
static int walk_keys(struct walk *walk, walk_fn fn, void *data)
{
	uint64_t steps = 2 * (uint64_t)walk->info.max_entries;
	char previous[CURSOR_MAX];
	int err = bpf_map_get_next_key(walk->fd, NULL, walk->keys);

	while (!err && steps--) {
		int stop = 0;

		if (!bpf_map_lookup_elem(walk->fd, walk->keys, walk->values))
			stop = visit(walk, 1, fn, data);
		if (stop)
			return stop;
		__builtin_memcpy(previous, walk->keys, walk->info.key_size);
		err = bpf_map_get_next_key(walk->fd, previous, walk->keys);
	}
	return err == -ENOENT ? 0 : err;
}

static int walk_batches(struct walk *walk, walk_fn fn, void *data)
{
	char cursors[2][CURSOR_MAX] = {};
	char *from = NULL, *to = cursors[0];
	int err, stop;

	do {
		uint32_t count = walk->batch;

		err = bpf_map_lookup_batch(walk->fd, from, to, walk->keys, walk->values, &count,
					   NULL);
		if (err == -ENOSPC) {
			if (walk->batch > walk->info.max_entries)
				return -ENOSPC;
			err = walk_alloc(walk, walk->batch * 2);
			if (err)
				return err;
			continue; /* with err 0, from where we were */
		}
		if (err && err != -ENOENT)
			return err;
		stop = visit(walk, count, fn, data);
		if (stop)
			return stop;
		from = to;
		to = to == cursors[0] ? cursors[1] : cursors[0];
	} while (!err);
	return 0;
}

int walk_map(int fd, walk_fn fn, void *data)
{
	struct walk walk = { .fd = fd };
	__u32 len = sizeof(walk.info);
	int err;

	if (bpf_obj_get_info_by_fd(fd, &walk.info, &len))
		return -errno;
	if (walk.info.key_size > CURSOR_MAX)
		return -E2BIG;
	err = walk_alloc(&walk, BATCH_FIRST);
	if (!err)
		err = walk_batches(&walk, fn, data);
	if (err == -EOPNOTSUPP || err == -KERNEL_ENOTSUPP)
		err = walk_keys(&walk, fn, data);
	walk_free(&walk);
	return err;
}
