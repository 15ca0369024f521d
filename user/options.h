/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - the options of `natctl attach`, from words to one checked struct. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <net/if.h>

#include "nat_abi.h"

/** enum options_ingress - What --ingress says */
enum options_ingress {
	OPTIONS_INGRESS_AUTO,
	OPTIONS_INGRESS_XDP,
	OPTIONS_INGRESS_TC,
};

#define OPTIONS_LAN_MAX 32

/** struct options_lan - --lan: @names are those of NAT_LAN_LISTED */
struct options_lan {
	bool given;
	enum nat_lan mode;
	unsigned int count;
	char names[OPTIONS_LAN_MAX][IF_NAMESIZE];
};

/** struct options_nets - A list of --internal or --exclude */
struct options_nets {
	bool given;
	unsigned int count;
	struct nat_prefix prefix[NAT_PREFIXES_MAX];
};

/**
 * struct options - Everything that attach was told
 * @ingress_given, @address_given: An upgrade keeps what was not given
 * @address_auto:   The pool is the interface's primary address; @pool is empty
 * @value, @given:  Settings, from NAT_SETTINGS; defaults where not given
 */
struct options {
	const char *ifname;
	enum options_ingress ingress;
	bool ingress_given;
	struct options_lan lan;
	bool address_given;
	bool address_auto;
	struct nat_pool pool;
	struct options_nets internal;
	struct options_nets excluded;
	__u32 value[NAT_SETTING_MAX];
	bool given[NAT_SETTING_MAX];
	bool foreground;
	bool no_sysctl;
	bool dry_run;
	bool force;
};

/**
 * options_parse() - Read and check a command line
 * @argv: argv[0] is the verb
 *
 * Return: EXIT_DONE, or EXIT_MISUSED after a message; @options is then not to be used
 */
int options_parse(struct options *options, char **argv);

#endif /* OPTIONS_H */
