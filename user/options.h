/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.h - the options of `natctl attach`, from words to one checked struct.
 *
 * They come from the command line and from a file, where each stands in a line of its own.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <net/if.h>

#include "msg.h"
#include "nat_abi.h"
#include "statics.h"

/** enum options_ingress - What --ingress says */
enum options_ingress {
	OPTIONS_INGRESS_AUTO,
	OPTIONS_INGRESS_XDP,
	OPTIONS_INGRESS_TC,
};

#define OPTIONS_LAN_MAX 32

/** struct options_lan - --lan: @names are those of NAT_LAN_LISTED, each from @line of the file */
struct options_lan {
	bool given;
	enum nat_lan mode;
	unsigned int count;
	char names[OPTIONS_LAN_MAX][IF_NAMESIZE];
	unsigned int line[OPTIONS_LAN_MAX];
};

/** struct options_nets - A list of --internal or --exclude */
struct options_nets {
	bool given;
	unsigned int count;
	struct nat_prefix prefix[NAT_PREFIXES_MAX];
};

#define OPTIONS_FORWARDS_MAX 256

/** struct options_forwards - "forward ..." in a file: port forwards, as `natctl forward add` takes
 */
struct options_forwards {
	bool given;
	unsigned int count;
	struct static_rule rule[OPTIONS_FORWARDS_MAX];
};

/* What may stand once in a file: a setting, by its number, or one of these. */
enum options_once {
	OPTIONS_ONCE_INGRESS = NAT_SETTING_MAX,
	OPTIONS_ONCE_MAX,
};

/**
 * struct options - Everything that attach was told
 * @file, @at:      The file that is being read, or was, and the line; 0: the command line
 * @line:           Of @file: where it was said, by enum nat_setting and enum options_once;
 *		    0 on the command line, or if it was not
 * @ingress_given, @address_given: An upgrade keeps what was not given
 * @address_auto:   The pool is the interface's primary address; @pool is empty
 * @address_line:   As in @line, of the last one
 * @value, @given:  Settings, from NAT_SETTINGS; defaults where not given
 * @no_sysctl_given: For reload: it is to be changed
 * @fast, @no_fast: --fast, or that it is to end; neither: as it was
 * @config:         What --config says, or NULL
 */
struct options {
	const char *ifname;
	const char *file;
	unsigned int at;
	unsigned int line[OPTIONS_ONCE_MAX];
	enum options_ingress ingress;
	bool ingress_given;
	struct options_lan lan;
	bool address_given;
	bool address_auto;
	unsigned int address_line;
	struct nat_pool pool;
	struct options_nets internal;
	struct options_nets excluded;
	struct options_forwards forwards;
	__u32 value[NAT_SETTING_MAX];
	bool given[NAT_SETTING_MAX];
	bool foreground;
	bool no_sysctl;
	bool no_sysctl_given;
	bool fast;
	bool no_fast;
	bool dry_run;
	bool force;
	const char *config;
};

/** struct options_info - A row of the table of options, for the manual */
struct options_info {
	const char *name;
	const char *expects; /* NULL if it takes no value */
	bool is_typed;	     /* it has no place in a file */
};

/** options_info() - The row of that number; its name is NULL behind the last */
struct options_info options_info(unsigned int row);

/** options_init() - Nothing was said: defaults */
void options_init(struct options *options);

/**
 * options_take() - Read one option, as that of line @options->at
 * @name:   Without dashes
 * @value:  The word behind it, or NULL
 * @is_own: That word belongs to it, whether it takes a value or not
 *
 * Return: 1 if it has used @value, 0 if it takes none, -1 after a message
 */
int options_take(struct options *options, const char *name, const char *value, bool is_own);

/**
 * options_check() - Is what was said on line @options->at possible, with all before it?
 *
 * Says so if not
 */
bool options_check(const struct options *options);

/** options_fill() - What @options does not say, @below does: each list and each setting by itself
 */
void options_fill(struct options *options, const struct options *below);

/**
 * struct options_place - Where an option stands, for a message
 * @object: "/etc/natctl/eth1.conf:7", or what the caller has for the command line
 * @dashes: What stands before its name there
 */
struct options_place {
	const char *object;
	const char *dashes;
	char text[MSG_PLACE_MAX];
};

/**
 * options_place() - Fill @place
 * @line:   Of the file; 0 for the command line
 * @object: For the command line
 */
void options_place(struct options_place *place, const struct options *options, unsigned int line,
		   const char *object);

/**
 * options_parse() - Read and check a command line, and the configuration file below it
 * @argv: argv[0] is the verb
 *
 * Return: EXIT_DONE, or another exit code after a message; @options is then not to be used
 */
int options_parse(struct options *options, char **argv);

#endif /* OPTIONS_H */
