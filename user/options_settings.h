/* SPDX-License-Identifier: GPL-2.0-only */
/* options_settings.h - the options of attach that are settings: how their values are read. */
#ifndef OPTIONS_SETTINGS_H
#define OPTIONS_SETTINGS_H

#include "options.h"

#define OPTIONS_EXPECT_MAX 128 /* bytes of what settings_explain() says */

/* What would have been valid, for a message: with the names of all that there are. */
extern const char settings_timeout_expects[];
extern const char settings_set_expects[];

/* Each reads the value of the option of its name; false if it is not one. */
bool settings_take_ports(struct options *options, const char *value);
bool settings_take_mapping(struct options *options, const char *value);
bool settings_take_max_sessions(struct options *options, const char *value);
bool settings_take_per_host(struct options *options, const char *value);
bool settings_take_clamp_mss(struct options *options, const char *value);
bool settings_take_filtering(struct options *options, const char *value);
bool settings_take_timeout(struct options *options, const char *value);
bool settings_take_set(struct options *options, const char *value);

/**
 * settings_explain() - What could the first setting have been whose value is wrong?
 * @value: NAME=VALUE,...
 * @text:  OPTIONS_EXPECT_MAX bytes
 *
 * Return: false, @text as it was, if it is a name that is wrong
 */
bool settings_explain(const char *value, char *text);

#endif /* OPTIONS_SETTINGS_H */
