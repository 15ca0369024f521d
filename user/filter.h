/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filter.h - the FILTER words of the command line: which sessions or bindings are meant.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "nat_abi.h"

/** enum filter_noun - What is filtered; not every word applies to both */
enum filter_noun {
	FILTER_SESSIONS = 1 << 0,
	FILTER_BINDINGS = 1 << 1,
};

/**
 * struct filter - All words of one filter; zero matches any
 * @internal, @external, @remote: Address and port apart, network order
 * @state: enum nat_state
 * @idle:  Ticks; shorter idling does not match
 */
struct filter {
	struct nat_endpoint internal;
	struct nat_endpoint external;
	struct nat_remote remote;
	enum nat_state state;
	__u32 idle;
	__u8 proto;
};

/**
 * filter_parse() - Words to a filter
 * @words: Ends with NULL
 * @noun:  What it will be applied to
 * @why:   On failure what is wrong, in the words of a message
 *
 * Return: false if anything is wrong
 */
bool filter_parse(struct filter *filter, enum filter_noun noun, char *const *words, char *why,
		  size_t why_len);

/**
 * filter_parse_operands() - The operands [IF] [FILTER] of a verb
 * @ifname: Points to the first of @words if that is an interface, else is NULL
 *
 * An interface may be called like a filter word ("internal"). A filter word is followed
 * by a value and no value is a filter word, so the next word tells; a lone word is the
 * interface's if there is one.
 *
 * Return: as filter_parse()
 */
bool filter_parse_operands(const char **ifname, struct filter *filter, enum filter_noun noun,
			   char *const *words, char *why, size_t why_len);

/** filter_has_session() - @idle: in ticks, see age.h */
bool filter_has_session(const struct filter *filter, const struct nat_external_key *key,
			const struct nat_session *session, __u32 idle);

/** filter_has_binding() - A binding has no remote and does not idle by itself */
bool filter_has_binding(const struct filter *filter, const struct nat_internal_key *key,
			const struct nat_binding *binding);

/** filter_to_flush() - The same filter for the control program */
void filter_to_flush(const struct filter *filter, struct nat_flush_args *args);

#endif /* FILTER_H */
