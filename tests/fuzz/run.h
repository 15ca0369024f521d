/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.h - a packet through the real programs, judged.
 */
#ifndef RUN_H
#define RUN_H

#include "judge.h"

/**
 * struct run - A gateway and what has happened to it
 * @is_full: No room for more flows: this gateway has done its duty
 * @counted: The counters after the last packet
 * @packets, @executed: Packets sent, and how often a program has run
 * @reasons: How often each was the verdict
 * @last:    Packet through a program
 * @tell:    Say of every packet what becomes of it
 */
struct run {
	struct gateway gateway;
	struct flows flows;
	bool is_full;
	bool tell;
	__u64 counted[NAT_REASON_MAX];
	__u64 packets;
	__u64 executed;
	__u64 reasons[NAT_REASON_MAX];
	struct passage last;
};

/** run_tell() - Print it */
void run_tell(const struct passage *passage);

/** run_prepare() - Before any world has been made */
void run_prepare(void);

/** run_begin() - After the world has been made: take the counters as they are */
void run_begin(struct run *run);

/**
 * run_packet() - Send one, and what follows from it
 * @packet: How it meets the programs: @hook, @linear
 * @random: Decides what is tried with it besides
 */
void run_packet(struct run *run, const struct packet *packet, const struct frame *frame,
		uint64_t *random);

#endif /* RUN_H */
