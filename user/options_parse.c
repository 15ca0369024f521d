// SPDX-License-Identifier: GPL-2.0-only
/*
 * options_parse.c - what attach is told: the command line, and the configuration file below it.
 *
 * How it works: both are read and judged by themselves, each into a struct of its own, so
 * that a mistake in the file is one even where the command line says otherwise. Then what
 * the command line leaves open is taken from the file.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "config.h"
#include "msg.h"
#include "value.h"

#define VERB "attach"
#define NAME_MAX_BYTES 64

void options_init(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->address_auto = true;
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++)
		options->value[i] = value_settings[i].dflt;
}

/* ---- judge ------------------------------------------------------------------------------- */

static bool check_floors(const struct options *options, const struct options_place *place)
{
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++) {
		const struct value_setting_info *info = &value_settings[i];

		if (!options->given[i] || options->line[i] != options->at || options->force ||
		    options->value[i] >= info->floor)
			continue;
		msg_error(place->object,
			  "%s is %u, below the floor of %u: %s (--force%s accepts it)", info->name,
			  options->value[i], info->floor, info->source,
			  options->at ? " on the command line" : "");
		return false;
	}
	return true;
}

bool options_check(const struct options *options)
{
	struct options_place place;

	options_place(&place, options, options->at, VERB);
	if (options->address_auto && options->pool.count) {
		msg_error(place.object,
			  "%saddress cannot be both \"auto\" and addresses (choose one)",
			  place.dashes);
		return false;
	}
	if (options->fast && options->no_fast) {
		msg_error(place.object, "%sfast and %sno-fast contradict each other (choose one)",
			  place.dashes, place.dashes);
		return false;
	}
	for (unsigned int i = 0; i < options->lan.count; i++) {
		if (strcmp(options->lan.names[i], options->ifname))
			continue;
		msg_error(place.object,
			  "%slan \"%s\" is the interface to attach to itself (name another)",
			  place.dashes, options->ifname);
		return false;
	}
	return check_floors(options, &place);
}

/* ---- join -------------------------------------------------------------------------------- */

void options_fill(struct options *options, const struct options *below)
{
	options->file = below->file;
	options->no_sysctl |= below->no_sysctl;
	if (!options->fast && !options->no_fast) {
		options->fast = below->fast;
		options->no_fast = below->no_fast;
	}
	if (!options->ingress_given && below->ingress_given) {
		options->ingress = below->ingress;
		options->ingress_given = true;
		options->line[OPTIONS_ONCE_INGRESS] = below->line[OPTIONS_ONCE_INGRESS];
	}
	if (!options->lan.given)
		options->lan = below->lan;
	if (!options->address_given) {
		options->address_given = below->address_given;
		options->address_auto = below->address_auto;
		options->address_line = below->address_line;
		options->pool = below->pool;
	}
	if (!options->internal.given)
		options->internal = below->internal;
	if (!options->excluded.given)
		options->excluded = below->excluded;
	options->forwards = below->forwards; /* not said on a command line */
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++) {
		if (options->given[i])
			continue;
		options->value[i] = below->value[i];
		options->given[i] = below->given[i];
		options->line[i] = below->line[i];
	}
}

/* ---- read -------------------------------------------------------------------------------- */

/* "--name=value", "--name value" or "--name". Return: words used after the first, or -1. */
static int take_option(struct options *options, char **words)
{
	const char *word = words[0], *value = strchr(word, '=');
	char name[NAME_MAX_BYTES];
	int used;

	/* What has one dash only is no option, by its whole text. */
	if (strncmp(word, "--", 2))
		value = NULL;
	else
		word += 2;
	if (value)
		snprintf(name, sizeof(name), "%.*s", (int)(value - word), word);
	else
		snprintf(name, sizeof(name), "%s", word);
	used = options_take(options, name, value ? value + 1 : words[1], value);
	return value && used > 0 ? 0 : used;
}

static int parse_command_line(struct options *options, char **argv)
{
	while (*++argv) {
		if (**argv == '-') {
			int used = take_option(options, argv);

			if (used < 0)
				return EXIT_MISUSED;
			argv += used;
		} else if (options->ifname) {
			msg_error(VERB, "one interface at a time: \"%s\" and \"%s\"",
				  options->ifname, *argv);
			return EXIT_MISUSED;
		} else {
			options->ifname = *argv;
		}
	}
	if (!options->ifname || !*options->ifname) {
		msg_error(VERB, "which interface? (\"natctl attach IF\"; \"ip link\" lists them)");
		return EXIT_MISUSED;
	}
	return options_check(options) ? EXIT_DONE : EXIT_MISUSED;
}

int options_parse(struct options *options, char **argv)
{
	static struct options file; /* too large for the stack of a careful program */
	int code;

	options_init(options);
	options_init(&file);
	code = parse_command_line(options, argv);
	if (code)
		return code;
	file.ifname = options->ifname;
	file.force = options->force;
	code = config_read(&file, options->config, false);
	if (!code)
		options_fill(options, &file);
	return code;
}
