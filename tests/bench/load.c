// SPDX-License-Identifier: GPL-2.0-only
/*
 * load.c - how long the BPF object takes to load, and how many instructions the verifier sees.
 *
 *	bench-load		one JSON object
 *
 * Tables of state are as small as they can be: making them is not what is asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <bpf/bpf.h>

#include "nat.skel.h"

#define TIMES 5
#define ENTRIES 1024

static double now_ms(void)
{
	struct timespec now;

	/* Not the clock's: others may be running. */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static struct nat_bpf *load(double *took_ms)
{
	double begin = now_ms();
	struct nat_bpf *skel = nat_bpf__open();
	struct bpf_map *map;

	if (!skel)
		return NULL;
	bpf_object__for_each_map(map, skel->obj) if (bpf_map__type(map) == BPF_MAP_TYPE_HASH)
		bpf_map__set_max_entries(map, ENTRIES);
	if (nat_bpf__load(skel)) {
		nat_bpf__destroy(skel);
		return NULL;
	}
	*took_ms = now_ms() - begin;
	return skel;
}

static void print_verified(const struct nat_bpf *skel)
{
	struct bpf_program *program;
	const char *before = "";

	bpf_object__for_each_program(program, skel->obj)
	{
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len);
		printf("%s\"%s\":%u", before, bpf_program__name(program), info.verified_insns);
		before = ",";
	}
}

int main(void)
{
	for (int i = 0; i < TIMES; i++) {
		double took_ms;
		struct nat_bpf *skel = load(&took_ms);

		if (!skel) {
			fputs("natctl: bench-load: the programs do not load (needs root)\n",
			      stderr);
			return 1;
		}
		printf("%s%.1f", i ? "," : "{\"load_ms\":[", took_ms);
		if (i == TIMES - 1) {
			printf("],\"verified\":{");
			print_verified(skel);
			puts("}}");
		}
		nat_bpf__destroy(skel);
	}
	return 0;
}
