// SPDX-License-Identifier: GPL-2.0-only
/*
 * diff.c - where two frames differ, field by field.
 *
 * The layout is taken from the expected frame: that is the one known to make sense.
 * Each layer has a table of its fields; an ICMP error descends into what it quotes.
 * What no table covers is compared octet by octet.
 */
#include "diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum field_kind {
	FIELD_NUMBER,
	FIELD_HEX,
	FIELD_ADDR,
};

struct field {
	const char *name;
	size_t at, len;
	enum field_kind kind;
};

/* clang-format off */
static const struct field link_fields[] = {
	{ "destination mac", 0, 6, FIELD_HEX }, { "source mac", 6, 6, FIELD_HEX },
	{ "ethertype", 12, 2, FIELD_HEX }, { NULL, 0, 0, 0 },
};

static const struct field ip_fields[] = {
	{ "ip version and header length", 0, 1, FIELD_HEX }, { "ip tos", 1, 1, FIELD_HEX },
	{ "ip total length", 2, 2, FIELD_NUMBER }, { "ip id", 4, 2, FIELD_NUMBER },
	{ "ip fragment", 6, 2, FIELD_HEX }, { "ip ttl", 8, 1, FIELD_NUMBER },
	{ "ip protocol", 9, 1, FIELD_NUMBER }, { "ip checksum", 10, 2, FIELD_HEX },
	{ "ip source", 12, 4, FIELD_ADDR }, { "ip destination", 16, 4, FIELD_ADDR },
	{ NULL, 0, 0, 0 },
};

static const struct field tcp_fields[] = {
	{ "tcp source port", 0, 2, FIELD_NUMBER }, { "tcp destination port", 2, 2, FIELD_NUMBER },
	{ "tcp seq", 4, 4, FIELD_NUMBER }, { "tcp ack", 8, 4, FIELD_NUMBER },
	{ "tcp offset and flags", 12, 2, FIELD_HEX }, { "tcp window", 14, 2, FIELD_NUMBER },
	{ "tcp checksum", 16, 2, FIELD_HEX }, { "tcp urgent pointer", 18, 2, FIELD_NUMBER },
	{ NULL, 0, 0, 0 },
};

static const struct field udp_fields[] = {
	{ "udp source port", 0, 2, FIELD_NUMBER }, { "udp destination port", 2, 2, FIELD_NUMBER },
	{ "udp length", 4, 2, FIELD_NUMBER }, { "udp checksum", 6, 2, FIELD_HEX },
	{ NULL, 0, 0, 0 },
};

static const struct field icmp_fields[] = {
	{ "icmp type", 0, 1, FIELD_NUMBER }, { "icmp code", 1, 1, FIELD_NUMBER },
	{ "icmp checksum", 2, 2, FIELD_HEX },
	{ "icmp id, or first half of the word", 4, 2, FIELD_NUMBER },
	{ "icmp sequence, mtu", 6, 2, FIELD_NUMBER }, { NULL, 0, 0, 0 },
};
/* clang-format on */

/* What is being compared and what was found so far. */
struct comparison {
	const struct frame *actual, *expected;
	size_t at; /* up to here both have been compared */
	int found;
	char *text;
	size_t size;
};

static void report(struct comparison *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void report(struct comparison *c, const char *fmt, ...)
{
	va_list args;
	int len;

	c->found++;
	va_start(args, fmt);
	len = vsnprintf(c->text, c->size, fmt, args);
	va_end(args);
	if (len > 0 && (size_t)len < c->size) {
		c->text += len;
		c->size -= len;
	}
}

static const char *value_text(const unsigned char *at, const struct field *field, char *text,
			      size_t size)
{
	unsigned long long value = 0;

	if (field->kind == FIELD_ADDR) {
		snprintf(text, size, "%u.%u.%u.%u", at[0], at[1], at[2], at[3]);
		return text;
	}
	for (size_t i = 0; i < field->len; i++)
		value = value << 8 | at[i];
	snprintf(text, size, field->kind == FIELD_HEX ? "%#llx" : "%llu", value);
	return text;
}

static void compare_fields(struct comparison *c, const char *prefix, const struct field *fields)
{
	size_t base = c->at;

	for (; fields->name; fields++) {
		const unsigned char *actual = c->actual->bytes + base + fields->at;
		const unsigned char *expected = c->expected->bytes + base + fields->at;
		char is[24], should_be[24];

		if (base + fields->at + fields->len > c->expected->len)
			return;
		c->at = base + fields->at + fields->len;
		if (c->at <= c->actual->len && memcmp(actual, expected, fields->len))
			report(c, "\n       %s%s: is %s, expected %s", prefix, fields->name,
			       value_text(actual, fields, is, sizeof(is)),
			       value_text(expected, fields, should_be, sizeof(should_be)));
	}
}

static void compare_octets(struct comparison *c, const char *what, size_t end)
{
	for (size_t i = 0; c->at < end; c->at++, i++) {
		if (c->at >= c->expected->len || c->at >= c->actual->len)
			return;
		if (c->actual->bytes[c->at] != c->expected->bytes[c->at])
			report(c, "\n       %s octet %zu: is %#x, expected %#x", what, i,
			       c->actual->bytes[c->at], c->expected->bytes[c->at]);
	}
}

/* From an IPv4 header on; @depth > 0 is a quote */
static void compare_ip(struct comparison *c, int depth)
{
	const unsigned char *ip = c->expected->bytes + c->at;
	const char *prefix = depth ? "quoted " : "";
	size_t l4 = c->at + (ip[0] & 15) * 4UL;
	const unsigned char *icmp;

	compare_fields(c, prefix, ip_fields);
	compare_octets(c, "ip option", l4);
	if ((ip[6] & 0x1f) || ip[7])
		return; /* a later fragment has no transport header */
	if (ip[9] == NAT_PROTO_TCP)
		compare_fields(c, prefix, tcp_fields);
	if (ip[9] == NAT_PROTO_UDP)
		compare_fields(c, prefix, udp_fields);
	if (ip[9] != NAT_PROTO_ICMP)
		return;
	icmp = c->expected->bytes + c->at;
	compare_fields(c, prefix, icmp_fields);
	if (!depth && (icmp[0] == 3 || icmp[0] == 11 || icmp[0] == 12))
		compare_ip(c, depth + 1);
}

int frame_diff(const struct frame *actual, const struct frame *expected, char *text, size_t size)
{
	struct comparison c = {
		.actual = actual, .expected = expected, .text = text, .size = size
	};

	text[0] = '\0';
	if (expected->l3)
		compare_fields(&c, "", link_fields);
	compare_octets(&c, "tag", expected->l3);
	if (expected->l3 + 20 <= expected->len)
		compare_ip(&c, 0);
	compare_octets(&c, "payload", expected->len);
	if (actual->len != expected->len)
		report(&c, "\n       length of the frame: is %zu, expected %zu", actual->len,
		       expected->len);
	return c.found;
}
