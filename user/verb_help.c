// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_help.c - `natctl help` and `natctl version`: what can be asked without a gateway.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "msg.h"
#include "out.h"
#include "value.h"

const char *const exit_codes[] = {
	[EXIT_DONE] = "done",
	[EXIT_FAILED] = "failed",
	[EXIT_MISUSED] = "misused",
	[EXIT_NOT_ATTACHED] = "not attached",
	NULL,
};

#define COLUMNS 80
#define INDENT 19

/* In the right column, from its second line on; words that stand there too wide stay whole. */
static void print_wrapped(const char *text)
{
	size_t column = INDENT;

	for (const char *word = text; *word; word += strspn(word, " ")) {
		size_t len = strcspn(word, " ");
		bool is_first = word == text;

		if (!is_first && column + 1 + len > COLUMNS) {
			printf("\n%*s", INDENT, "");
			column = INDENT;
			is_first = true;
		}
		column += (size_t)printf("%s%.*s", is_first ? "" : " ", (int)len, word);
		word += len;
	}
	printf("\n");
}

static void print_settings(void)
{
	printf("\nSettings (default; least that is accepted without --force):\n");
	for (int i = 0; i < NAT_SETTING_MAX; i++) {
		const struct value_setting_info *info = &value_settings[i];
		char dflt[OUT_TEXT_MAX], expects[64];

		value_setting_text((enum nat_setting)i, info->dflt, dflt);
		value_setting_expects((enum nat_setting)i, expects, sizeof(expects));
		printf("  %-16s ", info->name);
		print_wrapped(info->meaning);
		printf("  %-16s %s (%s", "", expects,
		       i == NAT_SETTING_MAX_SESSIONS ? "from RAM" : dflt);
		if (info->floor > 1)
			printf("; %u", info->floor);
		printf(")%s\n", info->live ? "" : ", not by set");
	}
}

void verb_help(const struct verb *verb)
{
	printf("natctl %s - %s\n\n", verb->name, verb->summary);
	printf("Usage: natctl %s%s%s\n", verb->name, *verb->usage ? " " : "", verb->usage);
	if (verb->details)
		printf("\n%s", verb->details);
	if (verb->settings)
		print_settings();
	if (verb->json)
		printf("\nTakes -j.\n");
}

static void print_global(const struct global_option *option)
{
	char words[64], letter[8] = "";

	if (option->letter)
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	snprintf(words, sizeof(words), "%s%s%s%s", letter, option->word, option->name ? " " : "",
		 option->name ? option->name : "");
	printf("  %-18s  %s\n", words, option->text);
}

static void print_overview(void)
{
	printf("natctl " NATCTL_VERSION " - a NAT gateway in eBPF\n\n");
	for (const struct verb *verb = verbs; verb->name; verb++)
		printf("  natctl %-13s %s\n", verb->name, verb->summary);
	printf("\n"
	       "natctl alone is natctl status; `natctl help VERB` says all about one verb.\n"
	       "\n"
	       "Before or after any verb:\n");
	for (const struct global_option *option = global_options; option->word; option++)
		print_global(option);
	printf("\nExit status: ");
	for (int code = 0; exit_codes[code]; code++)
		printf("%s%d %s", code ? ", " : "", code, exit_codes[code]);
	printf(".\n");
}

int help_main(int argc, char **argv)
{
	const struct verb *verb;

	if (argc > 2) {
		msg_error("help", "one verb at a time: \"%s\" is too much", argv[2]);
		return EXIT_MISUSED;
	}
	verb = argc < 2 ? NULL : verb_find(argv[1]);
	if (argc > 1 && !verb)
		return EXIT_MISUSED;
	if (global.json)
		verbs_describe();
	else if (verb)
		verb_help(verb);
	else
		print_overview();
	return EXIT_DONE;
}

int version_main(int argc, char **argv)
{
	struct out out;

	if (argc > 1) {
		msg_error("version", "takes no arguments: \"%s\"", argv[1]);
		return EXIT_MISUSED;
	}
	out_open(&out, stdout, global.json);
	out_object_begin(&out, NULL);
	out_word(&out, "version", "natctl ", NATCTL_VERSION);
	out_text(&out, "\n");
	return out_close(&out) ? EXIT_FAILED : EXIT_DONE;
}
