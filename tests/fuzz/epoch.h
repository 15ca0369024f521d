/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * epoch.h - a gateway by chance, thousands of packets, and what must be left of it: nothing.
 */
#ifndef EPOCH_H
#define EPOCH_H

#include "run.h"

#define EPOCH_STEPS 12000

/**
 * struct epoch - One life of one gateway; the same numbers make the same life
 * @seed, @number: Decide everything but the ports that the gateway draws
 * @steps: How many, at most EPOCH_STEPS
 * @skip:  Steps that are left out
 * @reached: Out: the step that it has come to
 */
struct epoch {
	uint64_t seed;
	uint64_t number;
	unsigned int steps;
	bool skip[EPOCH_STEPS];
	unsigned int reached;
	struct run *run;
};

/** epoch_live() - From the first packet to the last trace of it; fails where a check does */
void epoch_live(struct epoch *epoch);

/**
 * epoch_try() - The same, and come back whatever happens
 * @why: Filled if a check fails
 *
 * Return: does none fail?
 */
bool epoch_try(struct epoch *epoch, char *why, size_t size);

/**
 * epoch_shrink() - Leave out every step without which it still fails
 * @place: What epoch_try() said; the file and line decide
 *
 * Return: does it fail again at all?
 */
bool epoch_shrink(struct epoch *epoch, const char *place);

#endif /* EPOCH_H */
