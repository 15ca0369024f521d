// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - the stress program on its own.
 *
 *	stress [OPERATIONS [SEED]]
 *
 * Exit 0 when every property held. Needs root, and is to be run by tests/stress/run, which sees to
 * namespaces of its own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "random.h"
#include "stress.h"

#define OPERATIONS 10000000
#define LINES 20 /* of progress */

static uint64_t operations = OPERATIONS, seed = RANDOM_SEED;

TEST(stress)
{
	printf("%llu operations, seed %llu\n", (unsigned long long)operations,
	       (unsigned long long)seed);
	stress_run(operations, seed, operations / LINES + 1);
}

int main(int argc, char **argv)
{
	char *const chosen[] = { argv[0], NULL };

	if (argc > 1)
		operations = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0);
	return check_main(1, (char **)chosen);
}
