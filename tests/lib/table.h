/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table.h - read, write, empty and age the maps of the loaded programs.
 *
 * A call that the kernel refuses fails the case.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "nat_abi.h"

/** table_clear() - Delete every entry of a hash map or trie */
void table_clear(struct bpf_map *map);

/** table_zero() - Zero every entry of an array */
void table_zero(struct bpf_map *map);

/** table_write() - Insert or replace an entry */
void table_write(struct bpf_map *map, const void *key, const void *value);

/** table_lookup() - Read an entry; false if there is none */
bool table_lookup(struct bpf_map *map, const void *key, void *value);

/** table_entries() - Number of entries of a table of life words; only usable ones if @usable */
int table_entries(struct bpf_map *map, bool usable);

/**
 * table_age() - Make every entry @ticks older: move its deadline towards the past
 * @older: Called with every value, for what else in it is a time; may be NULL
 */
void table_age(struct bpf_map *map, __u32 ticks, void (*older)(void *value, __u32 ticks));

/** table_now() - The tick that the programs see */
__u32 table_now(void);

/** table_counts() - Read all of `counters`, summed over CPUs */
void table_counts(struct bpf_map *map, __u64 counts[NAT_REASON_MAX]);

#endif /* TABLE_H */
