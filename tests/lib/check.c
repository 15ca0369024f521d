// SPDX-License-Identifier: GPL-2.0-only
/*
 * check.c - choose cases, run them, one line each, a tally.
 *
 *	ok   unit life/deadline-is-exclusive
 *	FAIL unit life/count-is-masked
 *	     tests/unit/life.c:31: life_low(life): is 16777216 (0x1000000), expected 0 (0x0)
 *	skip prog outbound/l3-device (this kernel refuses it)
 *	2 passed, 1 failed, 1 skipped
 *
 * Exit 0 when nothing failed, 1 when something did, 2 for a wrong option or a
 * pattern that matches no case: a misspelled name must not look like success.
 */
#include "check.h"

#include <ctype.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFERRED_MAX 16

enum result {
	PASSED,
	FAILED,
	SKIPPED,
	RESULT_MAX,
};

static struct check_case *first, **last = &first;
static const char *tier;
static bool verbose, whole_run;

/* Of the case that runs. */
static const struct check_case *running;
static jmp_buf leave;
static enum result outcome;
static char note[256];
static char reason[256];

static struct {
	void (*undo)(void *data);
	void *data;
} deferred[DEFERRED_MAX];
static int deferred_count;

/* Of check_survives(); @why is NULL outside it. */
static struct {
	jmp_buf leave;
	char *why;
	size_t size;
} attempt;

bool check_is_verbose(void)
{
	return verbose;
}

bool check_is_whole_run(void)
{
	return whole_run;
}

/* "tests/unit/life.c", "ends at: once" -> "life/ends-at-once" */
static void make_name(struct check_case *test)
{
	const char *base = strrchr(test->file, '/');
	char *out = test->name, *end = test->name + sizeof(test->name) - 1;
	const char *in;

	for (in = base ? base + 1 : test->file; *in && *in != '.' && out < end; in++)
		*out++ = *in;
	if (out < end)
		*out++ = '/';
	for (in = test->title; *in && out < end; in++) {
		if (isalnum((unsigned char)*in))
			*out++ = *in;
		else if (out[-1] != '-' && out[-1] != '/')
			*out++ = '-';
	}
	if (out[-1] == '-')
		out--;
	*out = '\0';
}

void check_add(struct check_case *test)
{
	make_name(test);
	*last = test;
	last = &test->next;
}

void check_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(note, sizeof(note), fmt, args);
	va_end(args);
}

static void attempt_end(const char *file, int line, const char *fmt, va_list args)
{
	char *why = attempt.why;
	size_t len =
		snprintf(why, attempt.size, "%s:%d: %s%s", file, line, note, note[0] ? ": " : "");

	attempt.why = NULL;
	if (len < attempt.size)
		vsnprintf(why + len, attempt.size - len, fmt, args);
}

bool check_survives(void (*run)(void *data), void *data, char *why, size_t size)
{
	attempt.why = why;
	attempt.size = size;
	if (setjmp(attempt.leave))
		return false;
	note[0] = '\0';
	run(data);
	attempt.why = NULL;
	return true;
}

void check_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (attempt.why) {
		va_start(args, fmt);
		attempt_end(file, line, fmt, args);
		va_end(args);
		longjmp(attempt.leave, 1);
	}
	if (running)
		printf("FAIL %s %s\n     ", tier, running->name);
	printf("%s:%d: ", file, line);
	if (note[0])
		printf("%s: ", note);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	if (!running)
		exit(1);
	outcome = FAILED;
	longjmp(leave, 1);
}

void check_skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	attempt.why = NULL;
	if (!running) {
		fprintf(stderr, "%s\n", reason);
		exit(1);
	}
	outcome = SKIPPED;
	longjmp(leave, 1);
}

void check_defer(void (*undo)(void *data), void *data)
{
	if (deferred_count == DEFERRED_MAX)
		check_fail(__FILE__, __LINE__, "more than %d deferred calls", DEFERRED_MAX);
	deferred[deferred_count].undo = undo;
	deferred[deferred_count++].data = data;
}

void check_eq(const char *file, int line, const char *what, long long actual, long long expected)
{
	if (actual != expected)
		check_fail(file, line, "%s: is %lld (0x%llx), expected %lld (0x%llx)", what, actual,
			   actual, expected, expected);
}

void check_str(const char *file, int line, const char *what, const char *actual,
	       const char *expected)
{
	if (actual == expected || (actual && expected && !strcmp(actual, expected)))
		return;
	check_fail(file, line, "%s: is \"%s\", expected \"%s\"", what, actual ?: "(null)",
		   expected ?: "(null)");
}

static enum result run(const struct check_case *test)
{
	running = test;
	note[0] = '\0';
	deferred_count = 0;
	outcome = PASSED;
	if (!setjmp(leave))
		test->run(test->data);
	while (deferred_count) {
		deferred_count--;
		deferred[deferred_count].undo(deferred[deferred_count].data);
	}
	running = NULL;

	if (outcome == PASSED)
		printf("ok   %s %s\n", tier, test->name);
	if (outcome == SKIPPED)
		printf("skip %s %s (%s)\n", tier, test->name, reason);
	return outcome;
}

/* A pattern without a slash means a whole file. */
static bool matches(const struct check_case *test, const char *pattern)
{
	size_t len = strlen(pattern);

	if (!fnmatch(pattern, test->name, 0))
		return true;
	return !strchr(pattern, '/') && !strncmp(test->name, pattern, len) &&
	       test->name[len] == '/';
}

static bool chosen(const struct check_case *test, char **patterns)
{
	if (!*patterns)
		return true;
	for (; *patterns; patterns++)
		if (matches(test, *patterns))
			return true;
	return false;
}

/* Return: the first pattern that no case matches, or NULL */
static const char *unknown(char **patterns)
{
	const struct check_case *test;

	for (; *patterns; patterns++) {
		for (test = first; test && !matches(test, *patterns); test = test->next)
			;
		if (!test)
			return *patterns;
	}
	return NULL;
}

static int usage(FILE *out, int status)
{
	fprintf(out, "usage: %s [-l] [-v] [CASE...]\n", tier);
	fprintf(out, "  -l    list the cases and run none\n");
	fprintf(out, "  -v    say more\n");
	fprintf(out, "CASE is file/name, a shell pattern over it, or the name of a file\n");
	return status;
}

int check_main(int argc, char **argv)
{
	int tally[RESULT_MAX] = { 0 };
	const struct check_case *test;
	bool list = false;
	int option;

	tier = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt(argc, argv, "lvh")) != -1) {
		if (option == 'h')
			return usage(stdout, 0);
		if (option == '?')
			return usage(stderr, 2);
		list |= option == 'l';
		verbose |= option == 'v';
	}
	argv += optind;
	whole_run = !*argv;
	if (unknown(argv)) {
		fprintf(stderr, "%s: no case matches \"%s\" (-l lists them)\n", tier,
			unknown(argv));
		return 2;
	}

	for (test = first; test; test = test->next) {
		if (!chosen(test, argv))
			continue;
		if (list)
			printf("%s\n", test->name);
		else
			tally[run(test)]++;
	}
	if (!list)
		printf("%d passed, %d failed, %d skipped\n", tally[PASSED], tally[FAILED],
		       tally[SKIPPED]);
	return tally[FAILED] ? 1 : 0;
}
