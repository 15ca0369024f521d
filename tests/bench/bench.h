/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.h - a case of bench-prog, the flows that exist before it, and what is made of both.
 */
#ifndef BENCH_H
#define BENCH_H

#include "packet.h"
#include "world.h"
#include "wrap.h"

/**
 * struct population - Flows that exist before a case is measured
 * @flows, @hosts, @ports, @first_port: As of struct wrap_template
 * @count:      How many of them exist
 * @remotes:    Sessions of each, with so many ports of the remote host
 * @sessions:   What becomes of them
 */
struct population {
	__u32 flows, hosts, ports, first_port;
	__u32 count, remotes;
	__u32 sessions;
	struct world world;
};

/**
 * struct bench - One case
 * @reach:      What issue and design ask for, in ns; 0 for none
 * @population: Made before it; NULL: @world, and @opens in it
 * @opens:      Packets that make the state that it needs; a NULL src ends them
 * @packet:     The packet that is measured
 * @reason:     What every one of them must be counted as
 * @repeat:     How often; 0: as many as -f says, each one new
 * @kind:       WRAP_NEW: with @flows, @hosts, @ports, @first_port as of struct wrap_template
 * @spoils:     Nobody else can be measured in the population afterwards
 * @is_yard:    Not the NAT but a yardstick of wrap.bpf.c
 */
struct bench {
	const char *name;
	int reach;
	enum program program;
	const struct population *population;
	struct world world;
	struct packet opens[3];
	struct packet packet;
	enum nat_reason reason;
	__u32 repeat;
	enum wrap_kind kind;
	__u32 flows, hosts, ports, first_port;
	bool spoils;
	bool is_yard;
};

/** struct bench_table - Cases; @entries: room in every table, 0: for twice what -f says */
struct bench_table {
	const struct bench *benches;
	int count;
	__u32 entries;
};

extern const struct bench_table table_hot, table_filled;

/** fill_load() - Load the wrapper programs; the programs under test have been */
void fill_load(void);

/** fill_unload() - The opposite */
void fill_unload(void);

/** fill_prepare() - Make the state that a case needs */
void fill_prepare(const struct bench *bench);

/**
 * fill_measure() - Run a case, or as its baseline an empty program
 * @repeat: Packets
 *
 * A packet that went another way than the case is named for ends the program.
 *
 * Return: ns per packet
 */
double fill_measure(const struct bench *bench, bool is_empty, __u32 repeat);

#endif /* BENCH_H */
