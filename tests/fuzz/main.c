// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - millions of packets by chance through the real programs.
 *
 *	fuzz-prog [-n PACKETS] [-s SEED] [-t SECONDS]
 *	fuzz-prog -s SEED -e EPOCH [-k STEP,STEP...]
 *
 * Without -s the seed is the time. When a check fails, the epoch is made as small as it still
 * fails, every packet that is left is printed, and the command that repeats it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "epoch.h"

#define PROGRESS_SECONDS 5

static const char *const names[NAT_REASON_MAX] = {
#define X(verdict, id, name, meaning, source) [NAT_REASON_##id] = name,
	NAT_REASONS(X)
#undef X
};

static struct run run;
static struct epoch epoch = { .steps = EPOCH_STEPS, .run = &run };

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int usage(void)
{
	fprintf(stderr, "usage: fuzz-prog [-n PACKETS] [-s SEED] [-t SECONDS]\n"
			"       fuzz-prog -s SEED -e EPOCH [-k STEP,STEP...]\n");
	return 2;
}

/* Return: is it a list of steps? */
static bool keep_only(char *list)
{
	memset(epoch.skip, true, sizeof(epoch.skip));
	for (char *word = strtok(list, ","); word; word = strtok(NULL, ",")) {
		unsigned long step = strtoul(word, NULL, 10);

		if (step >= EPOCH_STEPS)
			return false;
		epoch.skip[step] = false;
	}
	return true;
}

static int report_failure(const char *place)
{
	const char *comma = "";
	char why[512] = "";

	printf("seed %llu, epoch %llu: failed; making it small\n", (unsigned long long)epoch.seed,
	       (unsigned long long)epoch.number);
	if (!epoch_shrink(&epoch, place)) {
		printf("FAIL %s\n     and not again: by the ports drawn, or the moment\n", place);
		return 1;
	}
	run.tell = true;
	epoch_try(&epoch, why, sizeof(why));
	printf("FAIL %s\n     fuzz-prog -s %llu -e %llu -k ", place, (unsigned long long)epoch.seed,
	       (unsigned long long)epoch.number);
	for (unsigned int i = 0; i < epoch.steps; i++) {
		if (epoch.skip[i])
			continue;
		printf("%s%u", comma, i);
		comma = ",";
	}
	printf("\n");
	return 1;
}

static void progress(double begin, bool is_last)
{
	static double next;
	double now = seconds();

	if (now < next && !is_last)
		return;
	next = now + PROGRESS_SECONDS;
	printf("%llu packets, %llu runs, %llu gateways, %.0f s, %.0f packets a second\n",
	       (unsigned long long)run.packets, (unsigned long long)run.executed,
	       (unsigned long long)epoch.number, now - begin, run.packets / (now - begin));
}

static void report_reasons(void)
{
	for (int i = 0; i < NAT_REASON_MAX; i++)
		printf("%12llu %s\n", (unsigned long long)run.reasons[i], names[i]);
}

static int fuzz(__u64 packets, double limit)
{
	double begin = seconds();
	char why[512];

	while (run.packets < packets && seconds() - begin < limit) {
		if (!epoch_try(&epoch, why, sizeof(why))) {
			printf("%s\n", why);
			run_tell(&run.last);
			return report_failure(why);
		}
		epoch.number++;
		progress(begin, false);
	}
	progress(begin, true);
	report_reasons();
	return 0;
}

static int repeat(void)
{
	char why[512];

	run.tell = true;
	if (epoch_try(&epoch, why, sizeof(why)))
		return 0;
	printf("FAIL %s\n", why);
	return 1;
}

int main(int argc, char **argv)
{
	__u64 packets = 1000000;
	double limit = 1e9;
	bool is_one = false;
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	epoch.seed = time(NULL);
	run_prepare();
	while ((option = getopt(argc, argv, "n:s:t:e:k:")) != -1) {
		if (option == 'n')
			packets = strtoull(optarg, NULL, 10);
		else if (option == 's')
			epoch.seed = strtoull(optarg, NULL, 10);
		else if (option == 't')
			limit = strtod(optarg, NULL);
		else if (option == 'e')
			epoch.number = strtoull(optarg, NULL, 10);
		if (option == '?' || (option == 'k' && !keep_only(optarg)))
			return usage();
		is_one |= option == 'e';
	}
	if (optind < argc)
		return usage();
	printf("seed %llu\n", (unsigned long long)epoch.seed);
	return is_one ? repeat() : fuzz(packets, limit);
}
