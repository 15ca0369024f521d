// SPDX-License-Identifier: GPL-2.0-only
/*
 * value.c - leaf parsers: one word of text to one value.
 *
 * How it works: everything comes down to value_number(), which knows digits and
 * nothing else. strtoul() and inet_aton() are not used because they are generous:
 * they take "+5", " 5", "0x5", "10.1" (as 10.0.0.1) and "010.0.0.1" (as 8.0.0.1), and
 * a gateway that guesses at an address is worse than one that asks again.
 *
 * A compound value is cut at its separator into a buffer of its own; a part that does
 * not fit the buffer is longer than any valid one.
 */
#include "value.h"

#include <stdio.h>
#include <string.h>

#define PART_MAX 32 /* longer than any address, port, number or prefix */

#define WORDS_MAX 4

/*
 * How a unit is written: as one of @words (its index is the value), or, if @min is not 0, as
 * a number from @min on. @expects and @behind go before and after the range in a message.
 */
static const struct unit {
	const char *name;
	const char *expects;
	const char *words[WORDS_MAX];
	uint32_t min;
	const char *behind;
} units[] = {
	[NAT_UNIT_SECONDS] = { .name = "seconds", .min = 1, .behind = " seconds" },
	[NAT_UNIT_COUNT] = { .name = "", .min = 1 },
	[NAT_UNIT_PORT] = { .name = "port", .min = 1 },
	[NAT_UNIT_MAPPING] = { .name = "word",
			       .expects = "independent or dependent",
			       .words = { "independent", "dependent" } },
	[NAT_UNIT_FILTERING] = { .name = "word",
				 .expects = "independent, address or address-port",
				 .words = { "independent", "address", "address-port" } },
	[NAT_UNIT_SWITCH] = { .name = "switch", .expects = "on or off", .words = { "off", "on" } },
	[NAT_UNIT_REFUSAL] = { .name = "word",
			       .expects = "silent, host-unreachable or prohibited",
			       .words = { "silent", "host-unreachable", "prohibited" } },
	[NAT_UNIT_SYN] = { .name = "word",
			   .expects = "pass, drop or hold",
			   .words = { "pass", "drop", "hold" } },
	[NAT_UNIT_MSS] = { .name = "octets",
			   .expects = "auto, off or ",
			   .words = { "off", "auto" },
			   .min = 536,
			   .behind = " octets" },
};

const struct value_setting_info value_settings[NAT_SETTING_MAX] = {
#define X(id, name, unit, dflt, floor, max, live, meaning, source)                                 \
	{ name, NAT_UNIT_##unit, dflt, floor, max, live, meaning, source },
	NAT_SETTINGS(X)
#undef X
};

static const struct proto_name {
	const char *name;
	__u8 proto;
} proto_names[] = {
	{ "tcp", NAT_PROTO_TCP },	  { "udp", NAT_PROTO_UDP },   { "icmp", NAT_PROTO_ICMP },
	{ "gre", NAT_PROTO_GRE },	  { "esp", NAT_PROTO_ESP },   { "sctp", NAT_PROTO_SCTP },
	{ "udplite", NAT_PROTO_UDPLITE }, { "ipip", NAT_PROTO_IPIP }, { "ipv6", NAT_PROTO_IPV6 },
	{ "l2tp", NAT_PROTO_L2TP },
};

static const char *const state_names[NAT_STATE_MAX] = {
#define X(id, name) [NAT_STATE_##id] = name,
	NAT_STATES(X)
#undef X
};

static const char *const kind_names[] = {
#define X(id, name) [NAT_##id] = name,
	NAT_ENTRY_KINDS(X)
#undef X
};

#define KIND_NAMES (sizeof(kind_names) / sizeof(kind_names[0]))
#define PROTO_NAMES (sizeof(proto_names) / sizeof(proto_names[0]))

/*
 * split() - Cut @text at the first @separator
 * @head: PART_MAX bytes, receives what is before it
 *
 * Return: what is after it, NULL if there is no separator (then @head is all of
 * @text) or if @head does not fit (then it is empty, which no parser accepts)
 */
static const char *split(const char *text, char separator, char *head)
{
	const char *tail = strchr(text, separator);
	size_t len = tail ? (size_t)(tail - text) : strlen(text);

	head[0] = '\0';
	if (len >= PART_MAX)
		return NULL;
	memcpy(head, text, len);
	head[len] = '\0';
	return tail ? tail + 1 : NULL;
}

bool value_number(const char *text, uint32_t min, uint32_t max, uint32_t *number)
{
	uint64_t sum = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9')
			return false;
		sum = sum * 10 + (uint64_t)(*c - '0');
		if (sum > max)
			return false;
	}
	if (sum < min)
		return false;
	*number = (uint32_t)sum;
	return true;
}

bool value_addr(const char *text, __be32 *addr)
{
	uint32_t bits = 0, octet;
	char part[PART_MAX];

	for (int i = 0; i < 4; i++) {
		const char *rest = split(text, '.', part);

		if ((i < 3) != (rest != NULL) || !value_number(part, 0, 255, &octet))
			return false;
		bits = bits << 8 | octet;
		text = rest;
	}
	*addr = htonl(bits);
	return true;
}

/* The netmask of a prefix length, in host order; a shift by 32 would be undefined. */
static uint32_t netmask(uint32_t len)
{
	return len ? ~0U << (32 - len) : 0;
}

bool value_prefix(const char *text, struct nat_prefix *prefix)
{
	char part[PART_MAX];
	const char *rest = split(text, '/', part);
	uint32_t len = 32;
	__be32 addr;

	if (!value_addr(part, &addr) || (rest && !value_number(rest, 0, 32, &len)))
		return false;
	if (ntohl(addr) & ~netmask(len))
		return false;
	*prefix = (struct nat_prefix){ .len = len, .addr = addr };
	return true;
}

bool value_port_range(const char *text, uint16_t *first, uint16_t *last)
{
	char part[PART_MAX];
	const char *rest = split(text, '-', part);
	uint32_t low, high;

	if (!value_number(part, 0, UINT16_MAX, &low))
		return false;
	high = low;
	if (rest && !value_number(rest, low, UINT16_MAX, &high))
		return false;
	*first = (uint16_t)low;
	*last = (uint16_t)high;
	return true;
}

bool value_addr_range(const char *text, __be32 *first, __be32 *last)
{
	struct nat_prefix prefix;
	char part[PART_MAX];
	const char *rest = split(text, '-', part);
	__be32 low, high;

	if (value_prefix(text, &prefix)) {
		*first = prefix.addr;
		*last = htonl(ntohl(prefix.addr) | ~netmask(prefix.len));
		return true;
	}
	if (!rest || !value_addr(part, &low) || !value_addr(rest, &high))
		return false;
	if (ntohl(low) > ntohl(high))
		return false;
	*first = low;
	*last = high;
	return true;
}

bool value_proto(const char *text, __u8 *proto)
{
	for (size_t i = 0; i < PROTO_NAMES; i++) {
		if (!strcmp(text, proto_names[i].name)) {
			*proto = proto_names[i].proto;
			return true;
		}
	}
	return false;
}

const char *value_proto_text(__u8 proto)
{
	for (size_t i = 0; i < PROTO_NAMES; i++)
		if (proto == proto_names[i].proto)
			return proto_names[i].name;
	return NULL;
}

void value_proto_expects(char *text, unsigned int len)
{
	text[0] = '\0';
	for (size_t i = 0; i < PROTO_NAMES; i++)
		snprintf(text + strlen(text), len - strlen(text), "%s%s",
			 !i		     ? "" :
			 i + 1 < PROTO_NAMES ? ", " :
					       " or ",
			 proto_names[i].name);
}

bool value_state(const char *text, enum nat_state *state)
{
	for (int i = 0; i < NAT_STATE_MAX; i++) {
		if (!strcmp(text, state_names[i])) {
			*state = (enum nat_state)i;
			return true;
		}
	}
	return false;
}

const char *value_state_text(enum nat_state state)
{
	return state < NAT_STATE_MAX ? state_names[state] : "unknown";
}

const char *value_kind_text(__u8 kind)
{
	return kind < KIND_NAMES ? kind_names[kind] : "unknown";
}

bool value_endpoint(const char *text, __be32 *addr, __be16 *port)
{
	char part[PART_MAX];
	const char *rest = split(text, ':', part);
	uint32_t number = 0;
	__be32 parsed = 0;

	if (rest && !value_number(rest, 1, UINT16_MAX, &number))
		return false;
	if ((part[0] || !rest) && (!value_addr(part, &parsed) || !parsed))
		return false;
	*addr = parsed;
	*port = htons((uint16_t)number);
	return true;
}

bool value_setting(enum nat_setting setting, const char *text, uint32_t *value)
{
	const struct value_setting_info *info = &value_settings[setting];
	const struct unit *unit = &units[info->unit];

	for (uint32_t i = 0; i < WORDS_MAX && unit->words[i]; i++) {
		if (!strcmp(text, unit->words[i])) {
			*value = i;
			return true;
		}
	}
	return unit->min && value_number(text, unit->min, info->max, value);
}

bool value_setting_find(const char *name, enum nat_setting *setting)
{
	for (int i = 0; i < NAT_SETTING_MAX; i++) {
		if (!strcmp(name, value_settings[i].name)) {
			*setting = (enum nat_setting)i;
			return true;
		}
	}
	return false;
}

/* The word that @value is written as, or NULL */
static const char *setting_word(enum nat_setting setting, uint32_t value)
{
	return value < WORDS_MAX ? units[value_settings[setting].unit].words[value] : NULL;
}

bool value_setting_is_number(enum nat_setting setting, uint32_t value)
{
	return !setting_word(setting, value);
}

void value_setting_text(enum nat_setting setting, uint32_t value, char *text)
{
	const char *word = setting_word(setting, value);

	if (word)
		snprintf(text, PART_MAX, "%s", word);
	else
		snprintf(text, PART_MAX, "%u", value);
}

const char *value_setting_unit(enum nat_setting setting)
{
	return units[value_settings[setting].unit].name;
}

void value_setting_expects(enum nat_setting setting, char *text, unsigned int len)
{
	const struct value_setting_info *info = &value_settings[setting];
	const struct unit *unit = &units[info->unit];

	if (!unit->min)
		snprintf(text, len, "%s", unit->expects);
	else
		snprintf(text, len, "%s%u to %u%s", unit->expects ?: "", unit->min, info->max,
			 unit->behind ?: "");
}
