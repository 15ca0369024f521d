/* SPDX-License-Identifier: GPL-2.0-only */
/* loader.h - load the programs, with maps of their own or with those of a gateway; pin them. */
#ifndef LOADER_H
#define LOADER_H

#include "gateway.h"
#include "hooks.h"

struct nat_bpf;

/**
 * struct load_plan - What to load
 * @header_len:   Bytes before the IP header, from netif_header_len()
 * @xdp:          The XDP program too
 * @hairpin:      The hairpin's programs too; see internal_programs()
 * @max_sessions: Size of the session table
 * @addresses:    External addresses to leave room for, 1 to NAT_POOL_MAX
 * @adopt:        Use the maps of this gateway, whose sizes stand; NULL: make new ones
 */
struct load_plan {
	int header_len;
	bool xdp;
	bool hairpin[2];
	__u32 max_sessions;
	__u32 addresses;
	const struct gateway *adopt;
};

/** loader_max_sessions() - The size of the session table for this machine's memory */
__u32 loader_max_sessions(void);

/** loader_addresses() - How many external addresses a gateway's `ports` has room for */
__u32 loader_addresses(const struct gateway *gw);

/** loader_load() - Load; nothing is pinned yet. @skel is NULL on failure. Return: 0 or -errno */
int loader_load(struct nat_bpf **skel, const struct load_plan *plan);

/** loader_unload() - Drop what loader_load() made; pins keep what they keep */
void loader_unload(struct nat_bpf *skel);

/** loader_sessions() - The size of its session table */
__u32 loader_sessions(const struct nat_bpf *skel);

/** loader_program_fd() - hook_program(@hook, @bare), or -1 if it was not loaded */
int loader_program_fd(const struct nat_bpf *skel, enum hook hook, bool bare);

/**
 * loader_borrow() - The maps and control programs as a gateway that is not pinned
 * @gw: Filled; not to be closed, and of no use once they are unloaded
 */
void loader_borrow(const struct nat_bpf *skel, struct gateway *gw);

/**
 * loader_pin() - Make @dir, whose parent exists (lock.h), and pin every map and program
 *
 * Nothing is left on failure. Return: 0 or -errno
 */
int loader_pin(const struct nat_bpf *skel, const char *dir);

/** loader_stage_programs() - Pin them beside those that are pinned. Return: 0 or -errno */
int loader_stage_programs(const struct nat_bpf *skel, const char *dir);

/**
 * loader_exchange_programs() - Let those that are staged and those that are pinned change places
 *
 * In one step: a reader finds all the old programs or all the new ones. Done twice, nothing
 * has changed. Return: 0 or -errno
 */
int loader_exchange_programs(const char *dir);

/** loader_drop_programs() - Remove those that are staged */
void loader_drop_programs(const char *dir);

/** loader_unpin() - Remove @dir with all pins. Return: 0 or -errno */
int loader_unpin(const char *dir);

#endif /* LOADER_H */
