/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd.h - the table of verbs: the only list of what natctl can do.
 *
 * From it come dispatch, `natctl help`, the usage line of every verb, and by `natctl help -j`
 * the completions and the manual.
 */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>

/** enum exit_code - The contract of cli.md */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_MISUSED = 2,
	EXIT_NOT_ATTACHED = 3,
};

/* What each of them means, in a word; ends with NULL. */
extern const char *const exit_codes[]; /* in verb_help.c */

/** struct global - What may stand before or after any verb */
struct global {
	bool json;	   /* -j, --json */
	bool quiet;	   /* -q: no remarks, only errors */
	bool verbose;	   /* -v: libbpf's messages too */
	const char *netns; /* -n, --netns: already entered when a verb runs */
};

extern struct global global; /* in msg.c */

/**
 * struct global_option - A row of those: a flag, or the place of an argument
 * @letter: 0 if it has none
 * @word:   With its dashes
 * @name:   What the argument is called in a text
 * @text:   For `natctl help`
 */
struct global_option {
	char letter;
	const char *word;
	bool *flag;
	const char **argument;
	const char *name;
	const char *text;
};

extern const struct global_option global_options[]; /* in main.c; ends with a NULL word */

/**
 * struct verb - One row
 * @name:    The whole word; no abbreviations
 * @usage:   What follows the name in the synopsis
 * @summary: One line for `natctl help`
 * @details: Options and examples for `natctl help VERB`, ready to print; may be NULL
 * @run:     argv[0] is the verb, global options are gone from the rest; returns an
 *	     enum exit_code
 * @json:    Takes -j; for the others main.c refuses it
 * @settings: Its help ends with the table of settings
 * @changes: What it is for is done before it prints: that nobody could read of it is no failure
 * @reads:   Not so with this as its first word; or NULL
 */
struct verb {
	const char *name;
	const char *usage;
	const char *summary;
	const char *details;
	int (*run)(int argc, char **argv);
	bool json;
	bool settings;
	bool changes;
	const char *reads;
};

extern const struct verb verbs[]; /* ends with a NULL name */

/**
 * verb_find() - A verb by its whole name
 *
 * Return: the row, or NULL after a message that lists the valid ones
 */
const struct verb *verb_find(const char *name);

/** verbs_describe() - What `natctl help -j` prints: every table that a person can meet */
void verbs_describe(void);

/** verb_help() - What `natctl help VERB` prints */
void verb_help(const struct verb *verb);

int attach_main(int argc, char **argv);
int reload_main(int argc, char **argv);
int detach_main(int argc, char **argv);
int status_main(int argc, char **argv);
int sessions_main(int argc, char **argv);
int bindings_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int set_main(int argc, char **argv);
int show_settings_main(int argc, char **argv);
int forward_main(int argc, char **argv);
int flush_main(int argc, char **argv);
int audit_main(int argc, char **argv);
int who_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int metrics_main(int argc, char **argv);
int help_main(int argc, char **argv);
int version_main(int argc, char **argv);

/* Their texts, beside them. */
extern const char who_details[];
extern const char doctor_details[];
extern const char metrics_details[];

#endif /* CMD_H */
