/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * random.h - random numbers that are the same in every run: a failure can be repeated.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

/** random_next() - The next 32 bits. Source: xorshift64*, Marsaglia 2003, Vigna 2016 */
static inline uint32_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1dULL) >> 32;
}

/** random_below() - Uniform in 0 to @limit - 1 */
static inline uint32_t random_below(uint64_t *state, uint32_t limit)
{
	return (uint64_t)random_next(state) * limit >> 32;
}

#define RANDOM_SEED 0x9e3779b97f4a7c15ULL

#endif /* RANDOM_H */
