// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress.c - some seconds of the stress program; `make stress` runs it for longer.
 */
#include "../stress/stress.h"

#include "random.h"
#include "steps.h"

#define OPERATIONS 150000

PROG_TEST_OUT(both_cpus_do_everything_at_once)
{
	stress_run(OPERATIONS, RANDOM_SEED, 0);
}
