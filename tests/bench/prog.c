// SPDX-License-Identifier: GPL-2.0-only
/*
 * prog.c - nanoseconds per packet of the data path, net of an empty program.
 *
 *	bench-prog [-j] [-l] [-r ROUNDS] [-f FLOWS] [WORDS]
 *
 *	-l	with large tables, filled from 1 flow to a million: minutes, not seconds
 *	-f	how many new flows are made in a row, in tables with room for twice as many
 *	WORDS	only the cases whose name has them in it
 *
 * How it works: each round measures every case once (cases.c), its baseline immediately before it
 * (the same wrapper and packet with an empty program, see wrap.bpf.c). After each measurement
 * the counters must say that every packet took the way that the case is named for: a wrong
 * measurement is no measurement.
 *
 * Reported are two figures. `quiet` is the fastest run less the fastest empty run: what others
 * do on the machine can only add to either, so this is the cost of the code, and the figure to
 * be compared with what is to be reached. `median`, with the lowest and highest round, is what it
 * cost while the machine was as it was; the yardsticks beside it, which are the kernel's part
 * alone, tell how that was.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define ROUNDS_MAX 101
#define FLOWS_MAX 50000 /* a source port each, and with every one an external port */
#define BENCHES_MAX 32

/** struct result - @net: ns of each round, less the empty run's; the rest: the fastest runs */
struct result {
	double net[ROUNDS_MAX];
	double fastest, fastest_empty;
};

/** struct options - The command line */
struct options {
	const struct bench_table *table;
	bool json;
	int rounds;
	__u32 flows;	   /* small and hot */
	const char *words; /* NULL for all */
};

static struct result results[BENCHES_MAX];

static double lesser(double a, double b)
{
	return a < b ? a : b;
}

static void run(const struct bench *bench, struct result *result, int round, __u32 flows)
{
	__u32 repeat = bench->repeat ? bench->repeat : flows;
	double empty, full;

	fill_prepare(bench);
	empty = fill_measure(bench, true, repeat);
	full = fill_measure(bench, false, repeat);
	result->net[round] = full - empty;
	result->fastest = round ? lesser(result->fastest, full) : full;
	result->fastest_empty = round ? lesser(result->fastest_empty, empty) : empty;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* @words: NULL for all */
static bool is_chosen(const struct bench *bench, const char *words)
{
	return !words || strstr(bench->name, words);
}

static void report_text(const struct bench *bench, const struct result *result, int rounds)
{
	printf("%-42s %6.0f %8.0f   %5.0f to %5.0f", bench->name,
	       result->fastest - result->fastest_empty, result->net[rounds / 2], result->net[0],
	       result->net[rounds - 1]);
	if (bench->reach)
		printf(" %7d", bench->reach);
	putchar('\n');
}

static void report_json(const struct bench *bench, const struct result *result, int rounds,
			const char *before)
{
	printf("%s{\"name\":\"%s\",\"quiet_ns\":%.0f,\"median_ns\":%.0f,\"lowest_ns\":%.0f,"
	       "\"highest_ns\":%.0f,\"reach_ns\":%d}",
	       before, bench->name, result->fastest - result->fastest_empty,
	       result->net[rounds / 2], result->net[0], result->net[rounds - 1], bench->reach);
}

static void report(const struct options *options)
{
	const char *before = "[";

	if (!options->json)
		printf("%-42s %6s %8s   %14s %7s\n", "ns net of an empty program", "quiet",
		       "median", "range", "reach");
	for (int i = 0; i < options->table->count; i++) {
		const struct bench *bench = &options->table->benches[i];

		if (!is_chosen(bench, options->words))
			continue;
		qsort(results[i].net, options->rounds, sizeof(*results[i].net), compare);
		if (options->json)
			report_json(bench, &results[i], options->rounds, before);
		else
			report_text(bench, &results[i], options->rounds);
		before = ",\n";
	}
	if (options->json)
		puts(*before == '[' ? "[]" : "]");
}

/* One CPU: a frequency change or a migration in the middle would be measured too. */
static void pin_to_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

static bool options_parse(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "jlr:f:")) != -1) {
		options->json |= option == 'j';
		if (option == 'l')
			options->table = &table_filled;
		if (option == 'r')
			options->rounds = atoi(optarg);
		if (option == 'f')
			options->flows = atoi(optarg);
		if (option == '?')
			return false;
	}
	options->words = argv[optind];
	return options->rounds >= 1 && options->rounds <= ROUNDS_MAX && options->flows >= 1 &&
	       options->flows <= FLOWS_MAX;
}

int main(int argc, char **argv)
{
	struct options options = { .table = &table_hot, .rounds = 31, .flows = 2000 };

	if (!options_parse(argc, argv, &options)) {
		fprintf(stderr,
			"usage: bench-prog [-j] [-l] [-r ROUNDS] [-f FLOWS] [WORDS]   "
			"(1 to %d rounds, 1 to %d flows)\n",
			ROUNDS_MAX, FLOWS_MAX);
		return 2;
	}
	pin_to_cpu();
	world_table_size = options.table->entries ? options.table->entries : 2 * options.flows;
	world_make(NULL);
	fill_load();
	for (int round = 0; round < options.rounds; round++)
		for (int i = 0; i < options.table->count; i++)
			if (is_chosen(&options.table->benches[i], options.words))
				run(&options.table->benches[i], &results[i], round, options.flows);
	report(&options);
	fill_unload();
	return 0;
}
