/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check.h - test cases that register themselves, and checks that say what broke.
 *
 *	#include "check.h"
 *
 *	TEST(deadline_is_exclusive)
 *	{
 *		CHECK_EQ(life_deadline(life), 41);
 *		CHECK(life_is_past(life, 41));
 *		CHECK_STR(name, "resting");
 *	}
 *
 * In tests/unit/life.c that is the case `life/deadline-is-exclusive`. Each tier is
 * one program whose file name is the tier's; main() is in main.c:
 *
 *	unit [-l] [-v] [CASE...]	CASE is a name, a pattern over names, or a file
 *
 * How it works: TEST() puts its function on a list before main() runs, in the order
 * of the files on the linker's command line. A check that fails prints expression,
 * actual value, expected value and place, and leaves the case by longjmp() from
 * however deep it was called, so that helpers can check too. What a case must give
 * back whatever happens, it registers with check_defer().
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>

/** struct check_case - One case. @next and @name are filled by check_add() */
struct check_case {
	const char *file;  /* path of the source; its base name is the first half of the name */
	const char *title; /* identifier or sentence; what is not a letter or digit becomes '-' */
	void (*run)(const void *data);
	const void *data; /* for @run */
	struct check_case *next;
	char name[128];
};

/** check_main() - Run the cases that the arguments choose. Return: exit status */
int check_main(int argc, char **argv);

/** check_add() - Register a case. For rows; TEST() does it by itself */
void check_add(struct check_case *test);

/**
 * check_fail() - Mark the running case failed, print the message, leave the case
 *
 * Outside any case, where there is nothing to leave, it ends the program.
 */
void check_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/** check_skip() - Leave the running case as skipped; use SKIP() */
void check_skip(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/** check_note() - What a loop is at: printed in front of the next failure of this case */
void check_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** check_defer() - Call @undo(@data) when the running case ends, however it ends; last in, first
 * out */
void check_defer(void (*undo)(void *data), void *data);

/**
 * check_survives() - Call @run(@data): does it end without a check that fails?
 * @why: Filled if one does: place and message
 *
 * The case goes on either way. Not to be nested.
 */
bool check_survives(void (*run)(void *data), void *data, char *why, size_t size);

/** check_is_verbose() - Was -v given? */
bool check_is_verbose(void);

/** check_is_whole_run() - Are all cases run, rather than chosen ones? */
bool check_is_whole_run(void);

void check_eq(const char *file, int line, const char *what, long long actual, long long expected);
void check_str(const char *file, int line, const char *what, const char *actual,
	       const char *expected);

/** TEST() - Define and register a case; its name is @id with hyphens for underscores */
#define TEST(id)                                                                                   \
	static void test_##id(const void *data);                                                   \
	static struct check_case case_##id = { .file = __FILE__, .title = #id, .run = test_##id }; \
	__attribute__((constructor)) static void add_##id(void)                                    \
	{                                                                                          \
		check_add(&case_##id);                                                             \
	}                                                                                          \
	static void test_##id(const void *data __attribute__((unused)))

/** CHECK() - @cond must hold */
#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			check_fail(__FILE__, __LINE__, "%s: does not hold", #cond);                \
	} while (0)

/** CHECK_EQ() - Two integers must be equal */
#define CHECK_EQ(actual, expected)                                                                 \
	check_eq(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

/** CHECK_STR() - Two strings must be equal; neither may be NULL unless both are */
#define CHECK_STR(actual, expected) check_str(__FILE__, __LINE__, #actual, actual, expected)

/** SKIP() - Leave the case: what it needs is not here. Arguments as for printf() */
#define SKIP(...) check_skip(__VA_ARGS__)

#endif /* CHECK_H */
