/* SPDX-License-Identifier: GPL-2.0-only */
/* loader.h - load the programs, with maps of their own or with those of a gateway. */
#ifndef LOADER_H
#define LOADER_H

#include "gateway.h"
#include "hooks.h"

struct nat_bpf;

/**
 * struct load_plan - What to load
 * @header_len:   Bytes before the IP header, from netif_header_len()
 * @xdp:          The XDP program too
 * @lan:          Those for internal interfaces too; see internal_programs()
 * @fast:         With the express lane
 * @max_sessions: Size of the session table
 * @addresses:    External addresses to leave room for, 1 to NAT_POOL_MAX
 * @adopt:        Use the maps of this gateway, whose sizes stand; NULL: make new ones
 */
struct load_plan {
	int header_len;
	bool xdp;
	bool lan[2];
	bool fast;
	__u32 max_sessions;
	__u32 addresses;
	const struct gateway *adopt;
};

/** loader_max_sessions() - The size of the session table for this machine's memory */
__u32 loader_max_sessions(void);

/** loader_addresses() - How many external addresses a gateway has room for: ports, and bindings */
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

#endif /* LOADER_H */
