// SPDX-License-Identifier: GPL-2.0-only
/* args.c - the options of a verb, as a table. */
#include "args.h"

#include <stdio.h>
#include <string.h>

#include "msg.h"

static void unknown(const char *verb, const char *word, const struct arg_option *options)
{
	char list[256] = "";

	for (const struct arg_option *option = options; option && option->name; option++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 option == options ? "" : ", ", option->name);
	if (*list)
		msg_error(verb, "no such option: \"%s\" (one of %s)", word, list);
	else
		msg_error(verb, "no such option: \"%s\" (it has none of its own)", word);
}

/* The row of "--name" or "--name=value", or NULL. @value: what follows "=", or NULL. */
static const struct arg_option *find(const struct arg_option *options, const char *word,
				     const char **value)
{
	for (; options && options->name; options++) {
		size_t len = strlen(options->name);

		if (strncmp(word, options->name, len))
			continue;
		*value = word[len] == '=' ? word + len + 1 : NULL;
		if (!word[len] || *value)
			return options;
	}
	return NULL;
}

/* Return: how many words the option at words[0] took, or -1 after a message. */
static int take(const char *verb, char **words, const struct arg_option *options)
{
	const char *value = NULL;
	const struct arg_option *option = find(options, words[0], &value);

	if (!option || (option->flag && value)) {
		unknown(verb, words[0], options);
		return -1;
	}
	if (option->flag) {
		*option->flag = true;
		return 1;
	}
	*option->value = value ? value : words[1];
	if (!*option->value) {
		msg_error(verb, "\"%s\" needs a value after it", words[0]);
		return -1;
	}
	return value ? 1 : 2;
}

int args_take(char **argv, const struct arg_option *options)
{
	int out = 1, in = 1;

	while (argv[in] && strcmp(argv[in], "--")) {
		int taken = 0;

		if (argv[in][0] == '-' && argv[in][1])
			taken = take(argv[0], argv + in, options);
		else
			argv[out++] = argv[in++];
		if (taken < 0)
			return -1;
		in += taken;
	}
	if (argv[in])
		in++;
	while (argv[in])
		argv[out++] = argv[in++];
	argv[out] = NULL;
	return out - 1;
}

int args_interface(char **argv, const struct arg_option *options)
{
	int count = args_take(argv, options);

	if (count <= 1)
		return count;
	msg_error(argv[0], "one interface at a time: \"%s\" is too much", argv[2]);
	return -1;
}
