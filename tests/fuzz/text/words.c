// SPDX-License-Identifier: GPL-2.0-only
/*
 * words.c - the words of a command line: options, filters, forwards, values.
 *
 * The first octet says who reads them, a newline ends each. What has been read and is written
 * out again must be read as the same.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "options.h"
#include "statics.h"
#include "value.h"

#define WORDS_MAX 32

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void expect(bool holds)
{
	if (!holds)
		abort();
}

static void try_options(char **words)
{
	/* argv[0], and no file but one that is named. */
	static char *argv[WORDS_MAX + 4] = { "attach", "--config", "none" };
	static struct options options;
	FILE *real = stderr;
	size_t len = 0;
	char *said;
	int code;

	for (int i = 0; i <= WORDS_MAX; i++)
		argv[3 + i] = words[i];
	for (char **word = words; *word; word++)
		if (strstr(*word, "config"))
			return; /* that is not for what may stand there */
	stderr = open_memstream(&said, &len);
	code = options_parse(&options, argv);
	fclose(stderr);
	stderr = real;
	expect(!code == !len);
	free(said);
}

static void try_filter(char **words)
{
	struct nat_external_key session_key = { 0 };
	struct nat_internal_key binding_key = { 0 };
	struct nat_session session = { 0 };
	struct nat_binding binding = { 0 };
	struct nat_flush_args args;
	const char *ifname = NULL;
	struct filter filter;
	char why[128];

	if (filter_parse(&filter, FILTER_SESSIONS, words, why, sizeof(why))) {
		filter_has_session(&filter, &session_key, &session, 0);
		filter_to_flush(&filter, &args);
	}
	if (filter_parse_operands(&ifname, &filter, FILTER_BINDINGS, words, why, sizeof(why)))
		filter_has_binding(&filter, &binding_key, &binding);
}

static void try_forward(char **words)
{
	struct static_rule rule;
	char why[128];

	static_parse(&rule, words, false, why, sizeof(why));
	if (!static_parse(&rule, words, true, why, sizeof(why)))
		return;
	expect(rule.first && rule.first <= rule.last && rule.to && rule.internal);
	expect(rule.to + (rule.last - rule.first) <= 65535);
}

static void try_setting(enum nat_setting setting, const char *word)
{
	uint32_t value, again;
	char text[32];

	value_setting_expects(setting, text, sizeof(text));
	if (!value_setting(setting, word, &value))
		return;
	expect(value <= value_settings[setting].max);
	value_setting_text(setting, value, text);
	expect(value_setting(setting, text, &again) && again == value);
}

static void try_addresses(const char *word)
{
	char text[INET_ADDRSTRLEN];
	struct nat_prefix prefix;
	__be32 addr, last;
	__be16 port;

	if (value_addr(word, &addr))
		expect(inet_ntop(AF_INET, &addr, text, sizeof(text)) && !strcmp(text, word));
	if (value_prefix(word, &prefix))
		expect(prefix.len <= 32 &&
		       (!prefix.len || !(ntohl(prefix.addr) & ((1ULL << (32 - prefix.len)) - 1))));
	if (value_addr_range(word, &addr, &last))
		expect(ntohl(addr) <= ntohl(last));
	value_endpoint(word, &addr, &port);
}

static void try_values(char **words)
{
	for (; *words; words++) {
		uint16_t first, last;
		enum nat_state state;
		uint32_t number;
		__u8 proto;

		for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++)
			try_setting(i, *words);
		try_addresses(*words);
		if (value_number(*words, 3, 70000, &number))
			expect(number >= 3 && number <= 70000);
		if (value_port_range(*words, &first, &last))
			expect(first <= last);
		if (value_proto(*words, &proto))
			expect(!strcmp(value_proto_text(proto), *words));
		if (value_state(*words, &state))
			expect(!strcmp(value_state_text(state), *words));
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static void (*const readers[])(char **words) = { try_options, try_filter, try_forward,
							 try_values };
	char *words[WORDS_MAX + 1] = { NULL }, *text, *rest;
	int count = 0;

	if (!size)
		return 0;
	/* Each as long as it is: what is read behind its end is found. */
	text = rest = strndup((const char *)data + 1, size - 1);
	while (rest && count < WORDS_MAX)
		words[count++] = strdup(strsep(&rest, "\n"));
	readers[data[0] % 4](words);
	while (count)
		free(words[--count]);
	free(text);
	return 0;
}
