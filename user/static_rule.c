// SPDX-License-Identifier: GPL-2.0-only
/* static_rule.c - a rule for static bindings, in words. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "statics.h"
#include "value.h"

/** struct proto_word - What may stand for protocols */
static const struct {
	const char *word;
	__u64 protos;
} proto_words[] = {
	{ "tcp", 1ULL << NAT_PROTO_TCP },
	{ "udp", 1ULL << NAT_PROTO_UDP },
	{ "tcp,udp", 1ULL << NAT_PROTO_TCP | 1ULL << NAT_PROTO_UDP },
	{ "udp,tcp", 1ULL << NAT_PROTO_TCP | 1ULL << NAT_PROTO_UDP },
};

static bool parse_protos(struct static_rule *rule, const char *word)
{
	for (size_t i = 0; i < sizeof(proto_words) / sizeof(proto_words[0]); i++)
		if (!strcmp(word, proto_words[i].word))
			rule->protos = proto_words[i].protos;
	return rule->protos;
}

/* 0/8, 127/8, 224/4 and 240/4 are nobody's address on a wire. */
static bool is_host(__be32 addr)
{
	__u32 net = ntohl(addr) >> 24;

	return net != 0 && net != 127 && net < 224;
}

/* ADDR, ADDR:PORT or ADDR:LO-HI, the latter of as many ports as there are outside. */
static bool parse_target(struct static_rule *rule, const char *word, char *why, size_t why_len)
{
	const char *ports = strchr(word, ':');
	char addr[INET_ADDRSTRLEN];
	__u16 last;

	snprintf(addr, sizeof(addr), "%.*s", ports ? (int)(ports - word) : INET_ADDRSTRLEN, word);
	rule->to = rule->first;
	last = rule->last;
	if (!value_addr(addr, &rule->internal) || !rule->internal ||
	    (ports && (!value_port_range(ports + 1, &rule->to, &last) || !rule->to))) {
		snprintf(why, why_len, "not ADDR, ADDR:PORT or ADDR:LO-HI: \"%s\"", word);
		return false;
	}
	if (!is_host(rule->internal)) {
		snprintf(why, why_len, "no internal host has this address: \"%s\"", addr);
		return false;
	}
	if (last - rule->to == rule->last - rule->first)
		return true;
	snprintf(why, why_len, "%d external ports and %d internal ones: \"%s\" (as many of each)",
		 rule->last - rule->first + 1, last - rule->to + 1, word);
	return false;
}

static bool parse_pair(struct static_rule *rule, const char *key, const char *value, char *why,
		       size_t why_len)
{
	bool is_from = !strcmp(key, "from");

	if (!is_from && strcmp(key, "address")) {
		snprintf(why, why_len, "no such word: \"%s\" (one of from, address, force)", key);
		return false;
	}
	if (value && (is_from ? value_prefix(value, &rule->from) :
				value_addr(value, &rule->external) && rule->external))
		return true;
	snprintf(why, why_len, "%s: not valid: \"%s\" (%s)", key, value ? value : "",
		 is_from ? "ADDR/LEN without host bits" : "an address of the pool");
	return false;
}

static bool is_key(const char *word)
{
	return !strcmp(word, "from") || !strcmp(word, "address") || !strcmp(word, "force");
}

bool static_parse(struct static_rule *rule, char *const *words, bool is_target, char *why,
		  size_t why_len)
{
	memset(rule, 0, sizeof(*rule));
	if (!words[0] || !words[1]) {
		snprintf(why, why_len, "which port? (tcp|udp|tcp,udp PORT[-PORT]%s)",
			 is_target ? " ADDR[:PORT[-PORT]]" : "");
		return false;
	}
	if (!parse_protos(rule, words[0])) {
		snprintf(why, why_len, "no such protocol: \"%s\" (one of tcp, udp, tcp,udp)",
			 words[0]);
		return false;
	}
	if (!value_port_range(words[1], &rule->first, &rule->last) || !rule->first) {
		snprintf(why, why_len, "not PORT or LO-HI: \"%s\" (1 to 65535)", words[1]);
		return false;
	}
	words += 2;
	if (*words && !is_key(*words)) {
		if (!parse_target(rule, *words++, why, why_len))
			return false;
	} else if (is_target) {
		snprintf(why, why_len, "to which internal host? (ADDR[:PORT[-PORT]])");
		return false;
	}
	while (*words) {
		const char *key = *words++;

		/* What is to be taken back is told by its place. */
		if (!is_target && strcmp(key, "address")) {
			snprintf(why, why_len, "no such word: \"%s\" (address ADDR)", key);
			return false;
		}
		rule->force |= !strcmp(key, "force");
		if (!strcmp(key, "force"))
			continue;
		if (!parse_pair(rule, key, *words, why, why_len))
			return false;
		words++;
	}
	return true;
}
