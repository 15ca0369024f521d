/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * value.h - leaf parsers: one word of text to one value. Pure; no message, no side effect.
 *
 * Each returns true and fills its result, or returns false and leaves it alone. The
 * whole text must be the value: no leading or trailing anything, no sign, no octal.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "nat_abi.h"

/** value_number() - Decimal, from @min to @max */
bool value_number(const char *text, uint32_t min, uint32_t max, uint32_t *number);

/** value_addr() - Dotted quad, four decimal parts; network order */
bool value_addr(const char *text, __be32 *addr);

/** value_prefix() - ADDR/LEN or ADDR (32); host bits must be zero */
bool value_prefix(const char *text, struct nat_prefix *prefix);

/** value_port_range() - LO-HI or one port; host order, LO <= HI */
bool value_port_range(const char *text, uint16_t *first, uint16_t *last);

/** value_addr_range() - ADDR, ADDR/LEN (every address in it) or A-B; network order */
bool value_addr_range(const char *text, __be32 *first, __be32 *last);

/** value_proto() - A protocol that is translated, by its name */
bool value_proto(const char *text, __u8 *proto);

/** value_proto_text() - The same the other way round; NULL for any other protocol */
const char *value_proto_text(__u8 proto);

/** value_proto_expects() - What would have been valid, for a message: all their names */
void value_proto_expects(char *text, unsigned int len);

/** value_state() - A state by its name in listings */
bool value_state(const char *text, enum nat_state *state);

/** value_state_text() - The same the other way round; "unknown" for what is no state */
const char *value_state_text(enum nat_state state);

/** value_kind_text() - dynamic, static or host */
const char *value_kind_text(__u8 kind);

/**
 * value_endpoint() - ADDR, ADDR:PORT or :PORT; what is missing is 0; network order
 *
 * As 0 means "missing", neither 0.0.0.0 nor port 0 can be written.
 */
bool value_endpoint(const char *text, __be32 *addr, __be16 *port);

/** struct value_setting_info - A row of NAT_SETTINGS, for those who print or check it */
struct value_setting_info {
	const char *name;
	enum nat_unit unit;
	uint32_t dflt;
	uint32_t floor;
	uint32_t max;
	bool live;
	const char *meaning;
	const char *source;
};

extern const struct value_setting_info value_settings[NAT_SETTING_MAX];

/** value_setting() - The value of a setting, in its unit, within its hard bounds (not its floor) */
bool value_setting(enum nat_setting setting, const char *text, uint32_t *value);

/** value_setting_find() - A setting by its name; false if there is none */
bool value_setting_find(const char *name, enum nat_setting *setting);

/** value_setting_text() - How a setting's value is written; at least 32 bytes */
void value_setting_text(enum nat_setting setting, uint32_t value, char *text);

/** value_setting_is_number() - Is it written as a number, or else as a word? */
bool value_setting_is_number(enum nat_setting setting, uint32_t value);

/** value_setting_unit() - "seconds", "on or off", or "" where a bare number says it all */
const char *value_setting_unit(enum nat_setting setting);

/** value_setting_expects() - What would have been valid, for a message: "1 to 604800 seconds" */
void value_setting_expects(enum nat_setting setting, char *text, unsigned int len);

#endif /* VALUE_H */
