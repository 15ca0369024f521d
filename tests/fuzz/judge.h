/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge.h - what must be true of every packet that goes through a program, whatever it is.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "flows.h"
#include "packet.h"

#define GATEWAY_POOL 2

/**
 * struct gateway - What the judgement has to know of how the gateway is set up
 * @pool:     External addresses, network order; 0 is none
 * @outside:  An address of the interface that is not in the pool, or 0
 * @internal: --internal 10.0.0.0/8; else all
 * @excludes: --exclude 192.0.2.0/24; else nothing
 */
struct gateway {
	__be32 pool[GATEWAY_POOL];
	__be32 outside;
	bool internal;
	bool excludes;
};

/** enum fate - What became of a packet */
enum fate {
	FATE_LEFT, /* went on as it was, uncounted */
	FATE_TRANSLATED,
	FATE_PASSED,
	FATE_DROPPED,
};

/**
 * struct passage - One packet through one program
 * @xdp:      The express lane, else TC
 * @reason:   enum nat_reason; meaningless with FATE_LEFT
 * @bindings, @sessions: By how much there are more of them than before
 */
struct passage {
	enum hook hook;
	bool xdp;
	struct frame in;
	struct frame out;
	enum fate fate;
	enum nat_reason reason;
	int bindings;
	int sessions;
};

/**
 * judge() - Fail if anything about it is wrong
 * @flows: Whom it was allowed to come from; a new flow that goes out is entered
 *
 * Return: is there room for more flows?
 */
bool judge(const struct gateway *gateway, struct flows *flows, struct passage *passage);

/** judge_is_pool() - Is it an address that packets are translated to? */
bool judge_is_pool(const struct gateway *gateway, __be32 addr);

#endif /* JUDGE_H */
