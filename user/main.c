// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - from argv to a verb: global options, the network namespace, the exit code.
 *
 * How it works: global options may stand before or after the verb, so they are picked
 * out of argv wherever they are up to "--", and the verb sees only what is its own.
 * That works because no option of a verb takes a value that begins with a dash.
 *
 * Standard output is fully buffered and errors on it are collected, to be told once,
 * after the verb: see out_finish(). A verb that changes something has changed it by then,
 * so they are no failure of it. SIGPIPE is ignored so that a verb whose reader has gone
 * still ends its own way, and restored in what natctl starts by whoever starts it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "msg.h"
#include "out.h"

#define NETNS_DIR "/run/netns"
#define STDOUT_BUFFER 65536

static bool wants_help;
static bool wants_version;
static bool output_counts = true; /* for the exit code */

const struct global_option global_options[] = {
	{ 'j', "--json", &global.json, NULL, NULL, "JSON, on every verb that only reads" },
	{ 'n', "--netns", NULL, &global.netns, "NAME",
	  "act in this network namespace (as ip -n does)" },
	{ 'q', "--quiet", &global.quiet, NULL, NULL, "no remarks, only errors" },
	{ 'v', "--verbose", &global.verbose, NULL, NULL,
	  "messages of libbpf and the kernel's verifier too" },
	{ 'h', "--help", &wants_help, NULL, NULL, "help on the verb" },
	{ 0, "--version", &wants_version, NULL, NULL, "the version of natctl" },
	{ 0, NULL, NULL, NULL, NULL, NULL },
};

/* A row by its letter, for "-j" and each letter of "-jq", or NULL. */
static const struct global_option *find_letter(char letter)
{
	const struct global_option *option = global_options;

	while (option->word && (!option->letter || option->letter != letter))
		option++;
	return option->word ? option : NULL;
}

/* "-jq": is every letter a global flag? If so, raise them. */
static bool take_letters(const char *letters)
{
	if (!*letters)
		return false;
	for (const char *c = letters; *c; c++) {
		const struct global_option *option = find_letter(*c);

		if (!option || !option->flag)
			return false;
	}
	for (const char *c = letters; *c; c++)
		*find_letter(*c)->flag = true;
	return true;
}

/*
 * take_global() - Consume a global option at argv[0]
 *
 * Return: how many words it took: 0 if it is not one; -1 if its argument is missing, with a message
 */
static int take_global(char **argv)
{
	const struct global_option *option;
	const char *word = argv[0];
	size_t len = 0;

	if (word[0] != '-')
		return 0;
	if (word[1] != '-' && take_letters(word + 1))
		return 1;
	for (option = global_options; option->word; option++) {
		len = strlen(option->word);
		if (!strcmp(word, option->word))
			break;
		if (option->argument && !strncmp(word, option->word, len) && word[len] == '=') {
			*option->argument = word + len + 1;
			return 1;
		}
		if (option->argument && word[1] == option->letter && !word[2])
			break;
	}
	if (!option->word)
		return 0;
	if (option->flag) {
		*option->flag = true;
		return 1;
	}
	if (!argv[1]) {
		msg_error(NULL, "\"%s\" needs a name after it", word);
		return -1;
	}
	*option->argument = argv[1];
	return 2;
}

/* Move the global options out of argv. Return: the new argc, or -1 with a message. */
static int take_globals(char **argv)
{
	int out = 1, in = 1;

	while (argv[in] && strcmp(argv[in], "--")) {
		int taken = take_global(argv + in);

		if (taken < 0)
			return -1;
		if (!taken)
			argv[out++] = argv[in++];
		in += taken;
	}
	while (argv[in])
		argv[out++] = argv[in++];
	argv[out] = NULL;
	return out;
}

/* Enter a named network namespace, as `ip -n` does; mounts stay as they are. */
static int enter_netns(const char *name)
{
	char path[sizeof(NETNS_DIR) + NAME_MAX + 2];
	int fd, code = EXIT_FAILED;

	if (!*name || strlen(name) > NAME_MAX || strchr(name, '/')) {
		msg_error(NULL,
			  "not the name of a network namespace: \"%s\" (`ip netns` lists them)",
			  name);
		return EXIT_MISUSED;
	}
	snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		msg_error(name, "no such network namespace (`ip netns` lists them)");
		return EXIT_FAILED;
	}
	if (fd < 0) {
		msg_error(name, "cannot open the network namespace: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (!setns(fd, CLONE_NEWNET))
		code = EXIT_DONE;
	else if (errno == EPERM)
		msg_error(name, "cannot enter the network namespace: %s (run as root)",
			  strerror(errno));
	else if (errno == EINVAL)
		msg_error(name, "cannot enter the network namespace: %s is not one", path);
	else
		msg_error(name, "cannot enter the network namespace: %s", strerror(errno));
	close(fd);
	return code;
}

/*
 * A caller may have closed the standard streams. The next descriptor opened, that of
 * a map, say, would then become standard output.
 */
static void reserve_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Does it print what was asked for, or only what it has done? */
static bool only_reads(const struct verb *verb, char **argv)
{
	return !verb->changes || (verb->reads && argv[1] && !strcmp(argv[1], verb->reads));
}

/* The verb that is meant when none is named. */
static const char *implied_verb(void)
{
	return wants_version ? "version" : wants_help ? "help" : "status";
}

static int run(int argc, char **argv)
{
	char *implied[] = { (char *)implied_verb(), NULL };
	const struct verb *verb;

	if (argc < 2 || wants_version) {
		argv = implied;
		argc = 1;
		wants_help = false;
	} else {
		argv++;
		argc--;
	}
	verb = verb_find(argv[0]);
	if (!verb)
		return EXIT_MISUSED;
	if (wants_help) {
		verb_help(verb);
		return EXIT_DONE;
	}
	if (global.json && !verb->json) {
		msg_error(verb->name, "has no JSON output (leave out -j)");
		return EXIT_MISUSED;
	}
	if (global.netns) {
		int code = enter_netns(global.netns);

		if (code)
			return code;
	}
	output_counts = only_reads(verb, argv);
	return verb->run(argc, argv);
}

int main(int argc, char **argv)
{
	static char buffer[STDOUT_BUFFER];
	int code, written;

	reserve_standard_streams();
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	msg_libbpf();
	argc = take_globals(argv);
	if (argc < 0)
		return EXIT_MISUSED;
	code = run(argc, argv);
	written = out_finish(code);
	return output_counts ? written : code;
}
