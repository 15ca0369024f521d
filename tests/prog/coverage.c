// SPDX-License-Identifier: GPL-2.0-only
/*
 * coverage.c - about the programs as a whole: every reason can happen, and verification
 * stays within its budget. Linked last, because it judges what the cases before it did.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/utsname.h>

#include "steps.h"
#include "table.h"

/** struct unreachable - A reason that no test run can bring about, and why */
struct unreachable {
	enum nat_reason reason;
	const char *why;
};

static const struct unreachable unreachable[] = {
	{ NAT_REASON_WRITE,
	  "the kernel refuses a write only for packets that a test run cannot make: "
	  "shared and out of memory" },
};

static const char *const names[NAT_REASON_MAX] = {
#define X(verdict, id, name, meaning, source) [NAT_REASON_##id] = name,
	NAT_REASONS(X)
#undef X
};

static bool is_excused(enum nat_reason reason)
{
	for (size_t i = 0; i < sizeof(unreachable) / sizeof(*unreachable); i++)
		if (unreachable[i].reason == reason)
			return true;
	return false;
}

TEST(every_reason_was_counted)
{
	char missing[512] = "";

	if (!check_is_whole_run())
		SKIP("needs a run of all the cases");
	for (int i = 0; i < NAT_REASON_MAX; i++) {
		if (world_coverage(i) || is_excused(i))
			continue;
		strncat(missing, " ", sizeof(missing) - strlen(missing) - 1);
		strncat(missing, names[i], sizeof(missing) - strlen(missing) - 1);
	}
	CHECK_STR(missing, "");
}

TEST(no_excuse_is_out_of_date)
{
	if (!check_is_whole_run())
		SKIP("needs a run of all the cases");
	for (size_t i = 0; i < sizeof(unreachable) / sizeof(*unreachable); i++) {
		check_note("%s: %s", names[unreachable[i].reason], unreachable[i].why);
		CHECK_EQ(world_coverage(unreachable[i].reason), 0);
	}
}

/* ---- tests/verifier/budget.tsv ---------------------------------------------------------- */

static FILE *budget_open(void)
{
	static const char path[] = "tests/verifier/budget.tsv";
	FILE *file = fopen(path, "r");

	if (!file)
		SKIP("%s: %s (run it from the top of the repository)", path, strerror(errno));
	return file;
}

/* Verifiers before that of Linux 6.12 take two paths for different that later ones know as one. */
static bool verifier_is_old(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	CHECK_EQ(uname(&name), 0);
	CHECK_EQ(sscanf(name.release, "%u.%u", &major, &minor), 2);
	return major < 6 || (major == 6 && minor < 12);
}

/* @ceiling: [0] the usual one, [1] with --fast. Return: false at the end of the file */
static bool budget_next(FILE *file, char *program, __u32 ceiling[2])
{
	char line[128];
	__u32 old;

	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#' ||
		    sscanf(line, "%31s %u %u %u", program, &ceiling[0], &ceiling[1], &old) != 4)
			continue;
		if (verifier_is_old())
			ceiling[0] = ceiling[1] = old;
		return true;
	}
	return false;
}

static __u32 verified_insns(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	CHECK_EQ(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len), 0);
	return info.verified_insns;
}

static void check_budget(const struct world *world, bool fast)
{
	struct bpf_program *program;
	FILE *file = budget_open();
	char name[32];
	__u32 ceiling[2];

	world_make(world);
	while (budget_next(file, name, ceiling)) {
		program = bpf_object__find_program_by_name(world_skel()->obj, name);
		check_note("%s", name);
		CHECK(program);
		if (check_is_verbose())
			printf("     %s: %u of %u\n", name, verified_insns(program), ceiling[fast]);
		CHECK(verified_insns(program) <= ceiling[fast]);
	}
	fclose(file);
}

TEST(verification_stays_within_its_budget)
{
	check_budget(NULL, false);
	check_budget(&(struct world){ .lane = NAT_LANE_XDP }, true);
}

TEST(every_program_has_a_budget)
{
	struct bpf_program *program;

	world_make(NULL);
	bpf_object__for_each_program(program, world_skel()->obj)
	{
		FILE *file = budget_open();
		bool found = false;
		char name[32];
		__u32 ceiling[2];

		while (!found && budget_next(file, name, ceiling))
			found = !strcmp(name, bpf_program__name(program));
		fclose(file);
		check_note("%s, %u instructions", bpf_program__name(program),
			   verified_insns(program));
		CHECK(found);
	}
}
