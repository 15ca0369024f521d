// SPDX-License-Identifier: GPL-2.0-only
/*
 * options.c - the options of `natctl attach`: the table, and how each value is read.
 *
 * How it works: one row an option. A row's function reads one value, the row says what
 * would have been valid. The words of a configuration file are the same rows. What can
 * only be judged with others read (floors and --force, contradictions) is judged by
 * options_check(): for the command line at its end, for a file after each line, so that the
 * line at fault is the one just read.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "msg.h"
#include "options_settings.h"
#include "value.h"

#define VERB "attach"

/**
 * struct option_row - One option
 * @take:    Reads a value; false if it is not one
 * @flag:    Instead: where in struct options to raise a flag
 * @expect:  What would have been valid, for the message
 * @explain: Or more precisely, OPTIONS_EXPECT_MAX bytes; false if that cannot be told
 * @typed:   Has no place in a file: it is about this one run
 */
struct option_row {
	const char *name;
	bool (*take)(struct options *options, const char *value);
	size_t flag;
	const char *expect;
	bool (*explain)(const char *value, char *text);
	bool typed;
};

/* ---- one value ------------------------------------------------------------------------- */

static bool take_ingress(struct options *options, const char *value)
{
	static const char *const words[] = { "auto", "xdp", "tc" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i]))
			continue;
		options->ingress = i;
		options->ingress_given = true;
		options->line[OPTIONS_ONCE_INGRESS] = options->at;
		return true;
	}
	return false;
}

static bool take_lan(struct options *options, const char *value)
{
	struct options_lan *lan = &options->lan;
	bool is_first = !lan->given;

	lan->given = true;
	/* Alone, or it would be two answers to one question. */
	if (!strcmp(value, "auto") || !strcmp(value, "none")) {
		lan->mode = *value == 'a' ? NAT_LAN_AUTO : NAT_LAN_NONE;
		return is_first;
	}
	if ((!is_first && lan->mode != NAT_LAN_LISTED) || !*value || strlen(value) >= IF_NAMESIZE ||
	    lan->count == OPTIONS_LAN_MAX)
		return false;
	lan->mode = NAT_LAN_LISTED;
	for (unsigned int i = 0; i < lan->count; i++)
		if (!strcmp(lan->names[i], value))
			return true;
	lan->line[lan->count] = options->at;
	strcpy(lan->names[lan->count++], value);
	return true;
}

static bool pool_add(struct nat_pool *pool, __be32 addr)
{
	for (__u32 i = 0; i < pool->count; i++)
		if (pool->addr[i] == addr)
			return true;
	if (pool->count == NAT_POOL_MAX)
		return false;
	pool->addr[pool->count++] = addr;
	return true;
}

/* 0/8, 127/8, 224/4 and 240/4 are nobody's address on a wire. */
static bool is_unicast(__u32 addr)
{
	__u32 net = addr >> 24;

	return net != 0 && net != 127 && net < 224;
}

static bool take_address(struct options *options, const char *value)
{
	bool is_auto = !strcmp(value, "auto");
	__be32 first, last;

	/* Once said, "auto" stays: check() finds the contradiction in either order. */
	options->address_auto = is_auto || (options->address_given && options->address_auto);
	options->address_given = true;
	options->address_line = options->at;
	if (is_auto)
		return true;
	if (!value_addr_range(value, &first, &last) || !is_unicast(ntohl(first)) ||
	    !is_unicast(ntohl(last)))
		return false;
	for (__u32 addr = ntohl(first);; addr++) {
		if (!pool_add(&options->pool, htonl(addr)))
			return false;
		if (addr == ntohl(last))
			return true;
	}
}

/* One that has been said before is not said again. */
static bool take_net(struct options_nets *nets, const char *value)
{
	struct nat_prefix new = {};

	nets->given = true;
	if (!value_prefix(value, &new))
		return false;
	for (unsigned int i = 0; i < nets->count; i++)
		if (nets->prefix[i].len == new.len && nets->prefix[i].addr == new.addr)
			return true;
	if (nets->count == NAT_PREFIXES_MAX)
		return false;
	nets->prefix[nets->count++] = new;
	return true;
}

static bool take_internal(struct options *options, const char *value)
{
	return take_net(&options->internal, value);
}

static bool take_excluded(struct options *options, const char *value)
{
	return take_net(&options->excluded, value);
}

static bool take_config(struct options *options, const char *value)
{
	options->config = value;
	return *value;
}

/* ---- the table ------------------------------------------------------------------------- */

#define FLAG(field) .flag = offsetof(struct options, field)

static const struct option_row rows[] = {
	{ "ingress", take_ingress, .expect = "auto, xdp or tc" },
	{ "lan", take_lan, .expect = "auto or none alone, or up to 32 interfaces" },
	{ "address", take_address,
	  .expect = "auto, ADDR, ADDR/LEN or A-B, 256 unicast addresses at most" },
	{ "ports", settings_take_ports, .expect = "LO-HI within 1024-65535" },
	{ "internal", take_internal, .expect = "ADDR/LEN without host bits, 256 at most" },
	{ "exclude", take_excluded, .expect = "ADDR/LEN without host bits, 256 at most" },
	{ "mapping", settings_take_mapping, .expect = "independent or dependent" },
	{ "filtering", settings_take_filtering,
	  .expect = "independent, address or address-port; or udp=WORD,tcp=WORD" },
	{ "max-sessions", settings_take_max_sessions, .expect = "1 to 4194304" },
	{ "per-host", settings_take_per_host, .expect = "1 to 1048576" },
	{ "clamp-mss", settings_take_clamp_mss, .expect = "auto, off or 536 to 65495 octets" },
	{ "timeout", settings_take_timeout, .expect = settings_timeout_expects },
	{ "set", settings_take_set, .explain = settings_explain, .expect = settings_set_expects },
	{ "fast", FLAG(fast) },
	{ "no-fast", FLAG(no_fast) },
	{ "no-sysctl", FLAG(no_sysctl) },
	{ "config", take_config, .typed = true, .expect = "a file, or none" },
	{ "foreground", FLAG(foreground), .typed = true },
	{ "dry-run", FLAG(dry_run), .typed = true },
	{ "force", FLAG(force), .typed = true },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct options_info options_info(unsigned int row)
{
	if (row >= ROWS)
		return (struct options_info){};
	return (struct options_info){ rows[row].name, rows[row].expect, rows[row].typed };
}

/* ---- one option ------------------------------------------------------------------------- */

void options_place(struct options_place *place, const struct options *options, unsigned int line,
		   const char *object)
{
	place->dashes = line ? "" : "--";
	place->object = line ? msg_place(place->text, options->file, line) : object;
}

static const struct option_row *find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

/* @name: With what dashes it has where it should have none, or not two */
static void refuse_unknown(const struct options_place *place, const char *name, bool in_file)
{
	char list[512] = "";

	for (size_t i = 0; i < ROWS; i++)
		if (!in_file || !rows[i].typed)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s%s",
				 *list ? ", " : "", place->dashes, rows[i].name);
	msg_error(place->object, "no such %s: \"%s%s\" (one of %s%s)", in_file ? "word" : "option",
		  *name == '-' ? "" : place->dashes, name, list, in_file ? ", forward" : "");
}

int options_take(struct options *options, const char *name, const char *value, bool is_own)
{
	const struct option_row *row = find(name);
	struct options_place place;
	char expect[OPTIONS_EXPECT_MAX];
	bool in_file = options->at;

	options_place(&place, options, options->at, VERB);
	if (!row)
		refuse_unknown(&place, name, in_file);
	else if (in_file && row->typed)
		msg_error(place.object, "%s has its place on the command line only (--%s)", name,
			  name);
	else if (!row->take && value && is_own)
		msg_error(place.object, "%s%s takes no value: \"%s\"", place.dashes, name, value);
	else if (row->take && !value)
		msg_error(place.object, "%s%s needs a value (%s)", place.dashes, name, row->expect);
	else if (row->take && !row->take(options, value))
		msg_error(place.object, "%s%s cannot be \"%s\" (valid: %s)", place.dashes, name,
			  value,
			  row->explain && row->explain(value, expect) ? expect : row->expect);
	else {
		if (!row->take)
			*(bool *)((char *)options + row->flag) = true;
		return !!row->take;
	}
	return -1;
}
