// SPDX-License-Identifier: GPL-2.0-only
/*
 * filter.c - the FILTER words of the command line.
 *
 * How it works: a word is a row: its name, what may follow, to which nouns it applies,
 * and the parser of its value. `idle>60` is the one word that is glued to its value;
 * it may also come as up to three words, because people put blanks around operators
 * and quote or escape ">" in every possible way. Everything is pure, so that the unit
 * tests can reach all of it: the caller prints.
 */
#include "filter.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "value.h"

#define IDLE "idle"
#define IDLE_MAX_S 4000000 /* the longest timeout there can be */
#define NAMES_TEXT 160

static bool parse_proto(const char *text, struct filter *filter)
{
	return value_proto(text, &filter->proto);
}

static bool parse_internal(const char *text, struct filter *filter)
{
	return value_endpoint(text, &filter->internal.addr, &filter->internal.port);
}

static bool parse_external(const char *text, struct filter *filter)
{
	return value_endpoint(text, &filter->external.addr, &filter->external.port);
}

static bool parse_remote(const char *text, struct filter *filter)
{
	return value_endpoint(text, &filter->remote.addr, &filter->remote.port);
}

static bool parse_state(const char *text, struct filter *filter)
{
	return value_state(text, &filter->state);
}

/* ">60" or ">60s" */
static bool parse_idle(const char *text, struct filter *filter)
{
	char digits[16];
	size_t len = strlen(text);
	uint32_t seconds;

	if (text[0] != '>' || len < 2 || len > sizeof(digits))
		return false;
	memcpy(digits, text + 1, len);
	if (digits[len - 2] == 's')
		digits[len - 2] = '\0';
	if (!value_number(digits, 0, IDLE_MAX_S, &seconds))
		return false;
	filter->idle = ticks_from_seconds(seconds);
	return true;
}

#define ENDPOINT_EXPECTS "ADDR, ADDR:PORT or :PORT"

static const struct word {
	const char *name;
	const char *expects; /* NULL: names that are listed elsewhere */
	unsigned int nouns;
	bool (*parse)(const char *text, struct filter *filter);
} words_table[] = {
	{ "proto", NULL, FILTER_SESSIONS | FILTER_BINDINGS, parse_proto },
	{ "internal", ENDPOINT_EXPECTS, FILTER_SESSIONS | FILTER_BINDINGS, parse_internal },
	{ "external", ENDPOINT_EXPECTS, FILTER_SESSIONS | FILTER_BINDINGS, parse_external },
	{ "remote", ENDPOINT_EXPECTS, FILTER_SESSIONS, parse_remote },
	{ "state", NULL, FILTER_SESSIONS | FILTER_BINDINGS, parse_state },
	{ IDLE, "a number of seconds, as in 'idle>60', quoted for the shell", FILTER_SESSIONS,
	  parse_idle },
};

#define WORDS (sizeof(words_table) / sizeof(words_table[0]))

/* The row of a word, whatever the noun, or NULL. */
static const struct word *find(const char *text)
{
	for (size_t i = 0; i < WORDS; i++)
		if (!strcmp(text, words_table[i].name))
			return &words_table[i];
	if (!strncmp(text, IDLE ">", strlen(IDLE ">")))
		return find(IDLE);
	return NULL;
}

/* Which states an entry of this noun is listed with. */
static bool state_applies(enum nat_state state, enum filter_noun noun)
{
	if (state == NAT_STATE_LIVE)
		return true;
	if (noun == FILTER_BINDINGS)
		return state == NAT_STATE_RESTING;
	return state >= NAT_STATE_OPENING_OUT && state < NAT_STATE_MAX;
}

static const char *expects(const struct word *word, enum filter_noun noun, char *text)
{
	if (word->expects)
		return word->expects;
	if (word->parse == parse_proto) {
		value_proto_expects(text, NAMES_TEXT);
		return text;
	}
	text[0] = '\0';
	for (int i = 0; i < NAT_STATE_MAX; i++)
		if (state_applies((enum nat_state)i, noun))
			snprintf(text + strlen(text), NAMES_TEXT - strlen(text), "%s%s",
				 *text ? ", " : "", value_state_text((enum nat_state)i));
	return text;
}

static void say_unknown(const char *what, const char *text, enum filter_noun noun, char *why,
			size_t len)
{
	char list[96] = "";

	for (size_t i = 0; i < WORDS; i++)
		if (words_table[i].nouns & noun)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s%s",
				 *list ? ", " : "", words_table[i].name,
				 words_table[i].parse == parse_idle ? ">SECONDS" : "");
	snprintf(why, len, "%s: \"%s\" (one of %s)", what, text, list);
}

/*
 * gather() - The value of a word
 * @text: Receives it: one word, or all of ">60" however it is cut
 *
 * Return: how many words word and value took
 */
static int gather(const struct word *word, char *const *words, char *text, size_t len)
{
	int taken = 1;

	text[0] = '\0';
	if (word->parse != parse_idle) {
		if (words[1])
			snprintf(text, len, "%s", words[taken++]);
		return taken;
	}
	snprintf(text, len, "%s", words[0] + strlen(IDLE));
	while ((!*text || !strcmp(text, ">")) && words[taken])
		snprintf(text + strlen(text), len - strlen(text), "%s", words[taken++]);
	return taken;
}

bool filter_parse(struct filter *filter, enum filter_noun noun, char *const *words, char *why,
		  size_t why_len)
{
	char value[64], names[NAMES_TEXT];
	bool given[WORDS] = {};

	memset(filter, 0, sizeof(*filter));
	while (*words) {
		const struct word *word = find(*words);

		if (!word || !(word->nouns & noun)) {
			say_unknown("not a filter word", *words, noun, why, why_len);
			return false;
		}
		words += gather(word, words, value, sizeof(value));
		if (!*value) {
			snprintf(why, why_len, "\"%s\" needs a value after it (%s)", word->name,
				 expects(word, noun, names));
			return false;
		}
		if (given[word - words_table]) {
			snprintf(why, why_len, "\"%s\" is given twice", word->name);
			return false;
		}
		given[word - words_table] = true;
		if (!word->parse(value, filter) ||
		    (word->parse == parse_state && !state_applies(filter->state, noun))) {
			snprintf(why, why_len, "%s: not valid: \"%s\" (%s)", word->name, value,
				 expects(word, noun, names));
			return false;
		}
	}
	return true;
}

/* Does a filter begin here, or is this an interface's name? */
static bool takes_first(char *const *words)
{
	if (!words[0] || !find(words[0]))
		return false;
	if (words[1] && !find(words[1]))
		return true;
	return !if_nametoindex(words[0]);
}

bool filter_parse_operands(const char **ifname, struct filter *filter, enum filter_noun noun,
			   char *const *words, char *why, size_t why_len)
{
	bool has_ifname = words[0] && !takes_first(words);

	*ifname = has_ifname ? words[0] : NULL;
	if (filter_parse(filter, noun, words + has_ifname, why, why_len))
		return true;
	/* "prot tcp": what is wrong is the first word, not the second. */
	if (has_ifname && !if_nametoindex(words[0]))
		say_unknown("neither an interface nor a filter word", words[0], noun, why, why_len);
	return false;
}

/* Does a wanted address and port, either of them 0 for any, describe this one? */
static bool describes(__be32 addr, __be16 port, __be32 is_addr, __be16 is_port)
{
	return (!addr || addr == is_addr) && (!port || port == is_port);
}

bool filter_has_session(const struct filter *filter, const struct nat_external_key *key,
			const struct nat_session *session, __u32 idle)
{
	if (filter->proto && filter->proto != key->external.proto)
		return false;
	if (filter->state && filter->state != life_state(session->life))
		return false;
	return idle >= filter->idle &&
	       describes(filter->internal.addr, filter->internal.port, session->internal.addr,
			 session->internal.port) &&
	       describes(filter->external.addr, filter->external.port, key->external.addr,
			 key->external.port) &&
	       describes(filter->remote.addr, filter->remote.port, key->remote.addr,
			 key->remote.port);
}

bool filter_has_binding(const struct filter *filter, const struct nat_internal_key *key,
			const struct nat_binding *binding)
{
	if (filter->proto && filter->proto != key->internal.proto)
		return false;
	if (filter->state && filter->state != life_state(binding->life))
		return false;
	return describes(filter->internal.addr, filter->internal.port, key->internal.addr,
			 key->internal.port) &&
	       describes(filter->external.addr, filter->external.port, binding->external.addr,
			 binding->external.port);
}

void filter_to_flush(const struct filter *filter, struct nat_flush_args *args)
{
	*args = (struct nat_flush_args){
		.internal = filter->internal,
		.external = filter->external,
		.remote = filter->remote,
		.state = filter->state,
		.idle = filter->idle,
	};
	args->internal.proto = filter->proto;
	args->external.proto = filter->proto;
}
