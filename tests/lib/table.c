// SPDX-License-Identifier: GPL-2.0-only
/*
 * table.c - read, write, empty and age the maps of the loaded programs.
 *
 * Time: the programs read the kernel's clock, which nobody can move. So instead of
 * waiting, table_age() moves the deadlines: five minutes later is everything having
 * five minutes less to live.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "world.h"

#define KEY_MAX 16
#define VALUE_MAX 256

void table_clear(struct bpf_map *map)
{
	unsigned char key[KEY_MAX], next[KEY_MAX];
	size_t size = bpf_map__key_size(map);
	int end = bpf_map__get_next_key(map, NULL, next, size);

	/* The next key first: asked for the one after a key that has gone, a hash begins anew. */
	while (!end) {
		memcpy(key, next, size);
		end = bpf_map__get_next_key(map, key, next, size);
		CHECK_EQ(bpf_map__delete_elem(map, key, size, 0), 0);
	}
}

void table_write(struct bpf_map *map, const void *key, const void *value)
{
	CHECK_EQ(bpf_map__update_elem(map, key, bpf_map__key_size(map), value,
				      bpf_map__value_size(map), BPF_ANY),
		 0);
}

void table_zero(struct bpf_map *map)
{
	__u32 entries = bpf_map__max_entries(map), count = entries;
	void *zeros = calloc(entries, bpf_map__value_size(map));
	__u32 *keys = calloc(entries, sizeof(*keys));

	for (__u32 i = 0; i < entries; i++)
		keys[i] = i;
	CHECK_EQ(bpf_map_update_batch(bpf_map__fd(map), keys, zeros, &count, NULL), 0);
	free(keys);
	free(zeros);
}

bool table_lookup(struct bpf_map *map, const void *key, void *value)
{
	return !bpf_map__lookup_elem(map, key, bpf_map__key_size(map), value,
				     bpf_map__value_size(map), 0);
}

int table_entries(struct bpf_map *map, bool usable)
{
	unsigned char key[KEY_MAX], value[VALUE_MAX];
	void *previous = NULL;
	int entries = 0;

	while (!bpf_map__get_next_key(map, previous, key, bpf_map__key_size(map))) {
		if (table_lookup(map, key, value))
			entries += !usable || life_is_usable(*(__u64 *)value, table_now());
		previous = key;
	}
	return entries;
}

__u32 table_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return ticks_from_ns(now.tv_sec * NAT_NSEC_PER_SEC + now.tv_nsec);
}

void table_age(struct bpf_map *map, __u32 ticks, void (*older)(void *value, __u32 ticks))
{
	static unsigned char keys[WORLD_TABLE_SIZE][KEY_MAX];
	unsigned char value[VALUE_MAX] __attribute__((aligned(8)));
	__u64 *life = (__u64 *)value;
	void *previous = NULL;
	int count = 0;

	/* All keys first: an update moves the entry, a walk would meet it again. */
	while (count < WORLD_TABLE_SIZE &&
	       !bpf_map__get_next_key(map, previous, keys[count], bpf_map__key_size(map)))
		previous = keys[count++];
	while (count--) {
		__u32 deadline;

		/* An update may push another entry out of a full LRU. */
		if (!table_lookup(map, keys[count], value))
			continue;
		deadline = life_deadline(*life);
		if (deadline != NAT_TICK_NEVER)
			*life = life_with_deadline(*life, deadline > ticks ? deadline - ticks : 0);
		if (older)
			older(value, ticks);
		table_write(map, keys[count], value);
	}
}

void table_counts(struct bpf_map *map, __u64 counts[NAT_REASON_MAX])
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values = calloc(cpus, sizeof(*values));

	memset(counts, 0, NAT_REASON_MAX * sizeof(*counts));
	for (__u32 reason = 0; reason < NAT_REASON_MAX; reason++) {
		CHECK_EQ(bpf_map__lookup_elem(map, &reason, sizeof(reason), values,
					      cpus * sizeof(*values), 0),
			 0);
		for (int cpu = 0; cpu < cpus; cpu++)
			counts[reason] += values[cpu];
	}
	free(values);
}
