// SPDX-License-Identifier: GPL-2.0-only
/* options_settings.c - the options of attach that are settings: how their values are read. */
#include "options_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

static void give(struct options *options, enum nat_setting setting, __u32 value)
{
	options->value[setting] = value;
	options->given[setting] = true;
	options->line[setting] = options->at;
}

bool settings_take_ports(struct options *options, const char *value)
{
	__u16 first, last;

	if (!value_port_range(value, &first, &last) || first < 1024)
		return false;
	give(options, NAT_SETTING_PORT_FIRST, first);
	give(options, NAT_SETTING_PORT_LAST, last);
	return true;
}

static bool take_setting(struct options *options, enum nat_setting setting, const char *value)
{
	__u32 number;

	if (!value_setting(setting, value, &number))
		return false;
	give(options, setting, number);
	return true;
}

bool settings_take_mapping(struct options *options, const char *value)
{
	return take_setting(options, NAT_SETTING_MAPPING, value);
}

bool settings_take_max_sessions(struct options *options, const char *value)
{
	return take_setting(options, NAT_SETTING_MAX_SESSIONS, value);
}

bool settings_take_per_host(struct options *options, const char *value)
{
	return take_setting(options, NAT_SETTING_PER_HOST, value);
}

bool settings_take_clamp_mss(struct options *options, const char *value)
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

bool settings_take_filtering(struct options *options, const char *value)
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

bool settings_take_timeout(struct options *options, const char *value)
{
	return take_list(options, value, take_timeout_of);
}

static bool take_set_of(struct options *options, const char *name, const char *value)
{
	enum nat_setting setting;

	return value_setting_find(name, &setting) && value_settings[setting].live &&
	       take_setting(options, setting, value);
}

bool settings_take_set(struct options *options, const char *value)
{
	return take_list(options, value, take_set_of);
}

/* Of a list of settings: what the first one that has a wrong value could be. */
bool settings_explain(const char *value, char *text)
{
	char *list = strdup(value), *rest = list;
	bool found = false;

	while (list && rest && !found) {
		char *part = strsep(&rest, ",");
		char *name = strsep(&part, "=");
		enum nat_setting setting;
		__u32 number;
		int len;

		if (!part || !value_setting_find(name, &setting) ||
		    value_setting(setting, part, &number))
			continue;
		found = true;
		len = snprintf(text, OPTIONS_EXPECT_MAX, "%s=", name);
		value_setting_expects(setting, text + len, OPTIONS_EXPECT_MAX - len);
	}
	free(list);
	return found;
}

/* ---- names, for messages ---------------------------------------------------------------- */

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

#define X_LIVE(id, name, unit, dflt, floor, max, live, ...) LIVE_##live(name)
#define LIVE_0(name)
#define LIVE_1(name) " " name

const char settings_timeout_expects[] = "NAME=SECONDS,... with names from" NAT_SETTINGS(X);
const char settings_set_expects[] = "NAME=VALUE,... with names from" NAT_SETTINGS(X_LIVE);
