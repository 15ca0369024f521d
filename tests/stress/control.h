/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.h - what natctl does while packets are under way: sweep, flush, forward, follow.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "owners.h"

enum operation {
	OPERATION_OUT,
	OPERATION_IN_XDP,
	OPERATION_IN_TC,
	OPERATION_REAP,
	OPERATION_FLUSH,
	OPERATION_ADD,
	OPERATION_DEL,
	OPERATION_REPLACE,
	OPERATION_MAX,
};

/** enum outcome - Of a packet; and whether an order has changed anything, or was refused */
enum outcome {
	OUTCOME_DONE,
	OUTCOME_NOTHING,
	OUTCOME_REFUSED,
	OUTCOME_MAX,
};

/**
 * struct control - What one thread writes, and those that send packets may read a moment late
 * @passed:	Ticks by which everything was made older
 * @generation: Which of its addresses an index of the pool has
 * @done:	Orders so far
 */
struct control {
	__u32 passed;
	__u8 generation[OWNERS_ADDRESSES];
	uint64_t done[OPERATION_MAX][OUTCOME_MAX];
};

extern struct control control;

/** control_now() - The tick, as if everything that was made older were older */
__u32 control_now(void);

/** control_make() - Begin anew, with a fresh world */
void control_make(void);

/** control_any() - Give some order */
void control_any(uint64_t *random);

/** control_end_forwards() - Remove those that are there */
void control_end_forwards(void);

#endif /* CONTROL_H */
