// SPDX-License-Identifier: GPL-2.0-only
/*
 * options.c - the options of `natctl attach`, from words to one checked struct.
 *
 * How it works: one row an option. A row's function reads one value and says what is
 * wrong with it; what can only be judged with all of them read (floors, --force,
 * contradictions) is judged once, at the end.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "msg.h"
#include "value.h"

#define VERB "attach"

/**
 * struct option_row - One option
 * @take:   Reads a value; false if it is not one
 * @flag:   Instead: where in struct options to raise a flag
 * @expect: What would have been valid, for the message
 */
struct option_row {
	const char *name;
	bool (*take)(struct options *options, const char *value);
	size_t flag;
	const char *expect;
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
		return true;
	}
	return false;
}

static bool take_lan(struct options *options, const char *value)
{
	struct options_lan *lan = &options->lan;

	lan->given = true;
	if (!strcmp(value, "auto") || !strcmp(value, "none")) {
		lan->mode = *value == 'a' ? NAT_LAN_AUTO : NAT_LAN_NONE;
		return !lan->count;
	}
	if (!*value || strlen(value) >= IF_NAMESIZE || lan->count == OPTIONS_LAN_MAX)
		return false;
	lan->mode = NAT_LAN_LISTED;
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

static bool take_ports(struct options *options, const char *value)
{
	__u16 first, last;

	if (!value_port_range(value, &first, &last) || first < 1024)
		return false;
	options->value[NAT_SETTING_PORT_FIRST] = first;
	options->value[NAT_SETTING_PORT_LAST] = last;
	options->given[NAT_SETTING_PORT_FIRST] = true;
	options->given[NAT_SETTING_PORT_LAST] = true;
	return true;
}

static bool take_net(struct options_nets *nets, const char *value)
{
	nets->given = true;
	return nets->count < NAT_PREFIXES_MAX && value_prefix(value, &nets->prefix[nets->count++]);
}

static bool take_internal(struct options *options, const char *value)
{
	return take_net(&options->internal, value);
}

static bool take_excluded(struct options *options, const char *value)
{
	return take_net(&options->excluded, value);
}

static bool take_setting(struct options *options, enum nat_setting setting, const char *value)
{
	options->given[setting] = true;
	return value_setting(setting, value, &options->value[setting]);
}

static bool take_mapping(struct options *options, const char *value)
{
	return take_setting(options, NAT_SETTING_MAPPING, value);
}

static bool take_max_sessions(struct options *options, const char *value)
{
	return take_setting(options, NAT_SETTING_MAX_SESSIONS, value);
}

static bool take_per_host(struct options *options, const char *value)
{
	return take_setting(options, NAT_SETTING_PER_HOST, value);
}

static bool take_clamp_mss(struct options *options, const char *value)
{
	return take_setting(options, NAT_SETTING_CLAMP_MSS, value);
}

/* "NAME=VALUE,NAME=VALUE": true if every part is one that @take_one accepts. */
static bool take_list(struct options *options, const char *value,
		      bool (*take_one)(struct options *options, const char *name,
				       const char *value))
{
	char *list = strdup(value), *rest = list;
	bool good = list && *list;

	while (good && rest) {
		char *part = strsep(&rest, ",");
		char *name = strsep(&part, "=");

		good = part && take_one(options, name, part);
	}
	free(list);
	return good;
}

static bool take_filtering_of(struct options *options, const char *name, const char *value)
{
	if (!strcmp(name, "udp"))
		return take_setting(options, NAT_SETTING_FILTERING_UDP, value);
	if (!strcmp(name, "tcp"))
		return take_setting(options, NAT_SETTING_FILTERING_TCP, value);
	return false;
}

static bool take_filtering(struct options *options, const char *value)
{
	if (strchr(value, '='))
		return take_list(options, value, take_filtering_of);
	return take_setting(options, NAT_SETTING_FILTERING_UDP, value) &&
	       take_setting(options, NAT_SETTING_FILTERING_TCP, value);
}

static bool take_timeout_of(struct options *options, const char *name, const char *value)
{
	enum nat_setting setting;

	return value_setting_find(name, &setting) &&
	       value_settings[setting].unit == NAT_UNIT_SECONDS &&
	       take_setting(options, setting, value);
}

static bool take_timeout(struct options *options, const char *value)
{
	return take_list(options, value, take_timeout_of);
}

/* ---- the table ------------------------------------------------------------------------- */

#define FLAG(field) .flag = offsetof(struct options, field)

#define X(id, name, unit, ...) unit##_NAME(name)
#define SECONDS_NAME(name) " " name
#define COUNT_NAME(name)
#define PORT_NAME(name)
#define MAPPING_NAME(name)
#define FILTERING_NAME(name)
#define SWITCH_NAME(name)
#define REFUSAL_NAME(name)
#define SYN_NAME(name)
#define MSS_NAME(name)
#define TIMEOUT_NAMES NAT_SETTINGS(X)

static const struct option_row rows[] = {
	{ "--ingress", take_ingress, .expect = "auto, xdp or tc" },
	{ "--lan", take_lan, .expect = "auto or none, or up to 32 interfaces" },
	{ "--address", take_address,
	  .expect = "auto, ADDR, ADDR/LEN or A-B, 256 unicast addresses at most" },
	{ "--ports", take_ports, .expect = "LO-HI within 1024-65535" },
	{ "--internal", take_internal, .expect = "ADDR/LEN without host bits, 256 at most" },
	{ "--exclude", take_excluded, .expect = "ADDR/LEN without host bits, 256 at most" },
	{ "--mapping", take_mapping, .expect = "independent or dependent" },
	{ "--filtering", take_filtering,
	  .expect = "independent, address or address-port; or udp=WORD,tcp=WORD" },
	{ "--max-sessions", take_max_sessions, .expect = "1 to 4194304" },
	{ "--per-host", take_per_host, .expect = "1 to 1048576" },
	{ "--clamp-mss", take_clamp_mss, .expect = "auto, off or 536 to 65495 octets" },
	{ "--timeout", take_timeout, .expect = "NAME=SECONDS,... with names from" TIMEOUT_NAMES },
	{ "--foreground", FLAG(foreground) },
	{ "--no-sysctl", FLAG(no_sysctl) },
	{ "--dry-run", FLAG(dry_run) },
	{ "--force", FLAG(force) },
};

#undef X

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool refuse_unknown(const char *word)
{
	char list[512] = "";

	for (size_t i = 0; i < ROWS; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 rows[i].name);
	msg_error(VERB, "no such option: \"%s\" (one of %s)", word, list);
	return false;
}

/* One option and, where it has one, its value; @argv moves to the last word used. */
static bool take_option(struct options *options, char ***argv)
{
	const char *word = **argv, *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : strlen(word);
	const struct option_row *row = NULL;

	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == len && !strncmp(rows[i].name, word, len))
			row = &rows[i];
	if (!row)
		return refuse_unknown(word);
	if (!row->take) {
		if (value) {
			msg_error(VERB, "%s takes no value: \"%s\"", row->name, word);
			return false;
		}
		*((bool *)options + row->flag) = true;
		return true;
	}
	value = value ? value + 1 : *++*argv;
	if (!value) {
		msg_error(VERB, "%s needs a value (%s)", row->name, row->expect);
		return false;
	}
	if (row->take(options, value))
		return true;
	msg_error(VERB, "%s cannot be \"%s\" (valid: %s)", row->name, value, row->expect);
	return false;
}

/* ---- all of them ----------------------------------------------------------------------- */

static bool check_floors(const struct options *options)
{
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++) {
		const struct value_setting_info *info = &value_settings[i];

		if (!options->given[i] || options->force || options->value[i] >= info->floor)
			continue;
		msg_error(VERB, "%s is %u, below the floor of %u: %s (--force accepts it)",
			  info->name, options->value[i], info->floor, info->source);
		return false;
	}
	return true;
}

static bool check(const struct options *options)
{
	if (!options->ifname || !*options->ifname) {
		msg_error(VERB, "which interface? (\"natctl attach IF\"; \"ip link\" lists them)");
		return false;
	}
	if (options->address_auto && options->pool.count) {
		msg_error(VERB, "--address cannot be both \"auto\" and addresses (choose one)");
		return false;
	}
	for (unsigned int i = 0; i < options->lan.count; i++) {
		if (strcmp(options->lan.names[i], options->ifname))
			continue;
		msg_error(VERB, "--lan \"%s\" is the interface to attach to itself (name another)",
			  options->ifname);
		return false;
	}
	return check_floors(options);
}

int options_parse(struct options *options, char **argv)
{
	memset(options, 0, sizeof(*options));
	options->address_auto = true;
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++)
		options->value[i] = value_settings[i].dflt;

	while (*++argv) {
		if (**argv == '-') {
			if (!take_option(options, &argv))
				return EXIT_MISUSED;
		} else if (options->ifname) {
			msg_error(VERB, "one interface at a time: \"%s\" and \"%s\"",
				  options->ifname, *argv);
			return EXIT_MISUSED;
		} else {
			options->ifname = *argv;
		}
	}
	return check(options) ? EXIT_DONE : EXIT_MISUSED;
}
