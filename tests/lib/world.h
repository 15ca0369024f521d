/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * world.h - the real programs, loaded once, and a fresh gateway for every case.
 *
 * Nothing is attached or pinned. The process moves into a network namespace of its own
 * before the first program is loaded, so that the sockets which the programs look for
 * are those that a case opens, and no others.
 */
#ifndef WORLD_H
#define WORLD_H

#include "nat.skel.h"
#include "nat_abi.h"
#include "packet.h"

#define WORLD_TABLE_SIZE 1024

/* Entries of every table of state, when the programs are loaded. */
extern unsigned int world_table_size;

/* Called with the programs before they are loaded, if not NULL. */
extern void (*world_tune)(struct nat_bpf *skel);

#define WORLD_POOL_MAX 4

/** struct world_setting - A setting that differs from the shipped default */
struct world_setting {
	bool given; /* false ends a list */
	enum nat_setting setting;
	__u32 value;
};

/**
 * struct world - What `natctl attach` would have set up; all zero is the usual gateway
 * @pool:     External addresses; none means 203.0.113.1. "-" means really none
 * @not_local: The interface does not own the pool
 * @outside:  An address of the interface that is not in the pool
 * @internal: --internal, "ADDR/LEN"; none means 0.0.0.0/0
 * @exclude:  --exclude
 * @set:      SET(SETTING, value), ...; max-sessions is 1000 unless given
 * @no_link:  The interface has no Ethernet header
 * @mtu:      Its MTU; 0 means 1500
 * @lane:     With the express lane, whose packets leave like this
 */
struct world {
	const char *pool[WORLD_POOL_MAX];
	bool not_local;
	const char *outside;
	const char *internal;
	const char *exclude;
	struct world_setting set[6];
	bool no_link;
	int mtu;
	enum nat_lane_exit lane;
};

#define SET(id, val)                                                                               \
	{                                                                                          \
		.given = true, .setting = NAT_SETTING_##id, .value = val                           \
	}

enum program {
	PROGRAM_TC_OUT,
	PROGRAM_TC_IN,
	PROGRAM_XDP_IN,
	PROGRAM_TC_LAN,
	PROGRAM_XDP_LANE,
	PROGRAM_TC_LANE,
};

/** world_make() - Empty every table and set the gateway up. Skips the case without privileges */
void world_make(const struct world *world);

/** world_skel() - The loaded programs and maps, for cases that look into them */
struct nat_bpf *world_skel(void);

/** world_set() - `natctl set` */
void world_set(enum nat_setting setting, __u32 value);

/** world_fd() - The file descriptor of a program */
int world_fd(enum program program);

/**
 * world_run() - Run a program on a frame, once
 * @packet: Where the frame came from, for what is not in its octets
 * @out:    Filled with the frame afterwards; its offsets are those of @in
 *
 * On TC ingress the kernel also checks that skb->csum still fits the packet, where it
 * knows how to (Linux 6.13).
 *
 * Return: the program's return value
 */
int world_run(enum program program, const struct packet *packet, const struct frame *in,
	      struct frame *out);

/** world_age() - Make everything @ticks older: move all deadlines and births towards the past */
void world_age(__u32 ticks);

/** world_reap() - Run nat_reap as the keeper does */
struct nat_reap_args world_reap(void);

/**
 * world_requests() - Take what the programs have asked of the keeper since the last call
 * @requests: Room for @most
 *
 * Return: how many there were
 */
int world_requests(struct nat_request *requests, int most);

/** world_flush() - Run nat_flush; results are filled in */
void world_flush(struct nat_flush_args *args);

/** world_forward() - Run nat_forward. Return: enum nat_forward_result */
__u32 world_forward(struct nat_forward_args *args);

/** world_coverage() - How often a reason was counted since the programs were loaded */
__u64 world_coverage(enum nat_reason reason);

/** world_is_claimed() - Is the claim bit of @port (host order) of the first address set? */
bool world_is_claimed(__u8 proto, __u16 port);

#endif /* WORLD_H */
