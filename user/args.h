/* SPDX-License-Identifier: GPL-2.0-only */
/* args.h - the options of a verb, as a table. */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>

/**
 * struct arg_option - One option; the table ends with a NULL name
 * @name:  With its dashes
 * @flag:  Raised when it is given; NULL for an option with a value
 * @value: Receives the next word, or what follows "="
 */
struct arg_option {
	const char *name;
	bool *flag;
	const char **value;
};

/**
 * args_take() - Move the options out of @argv, up to "--", which goes too
 * @argv: argv[0] is the verb; the operands move up behind it, a NULL ends them
 * @options: NULL if the verb has none
 *
 * Return: the number of operands, or -1 after a message
 */
int args_take(char **argv, const struct arg_option *options);

/** args_interface() - The same for a verb that takes one interface or none. Return: 1, 0, or -1 */
int args_interface(char **argv, const struct arg_option *options);

#endif /* ARGS_H */
