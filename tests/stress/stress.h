/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stress.h - both CPUs driven through everything that changes state, as often as one likes.
 */
#ifndef STRESS_H
#define STRESS_H

#include <stdint.h>

/**
 * stress_run() - Run the real programs against each other; to be called inside a case
 * @operations: Runs of programs, by all threads together
 * @seed:       Of what is done; in which order two CPUs come is not ours to choose
 * @says:       Progress every so many operations; 0: none, and no table at the end
 *
 * A property that does not hold fails the case.
 */
void stress_run(uint64_t operations, uint64_t seed, uint64_t says);

#endif /* STRESS_H */
