// SPDX-License-Identifier: GPL-2.0-only
/* filter.c - the FILTER words: what they read as, what they match, how they are refused. */
#include "filter.h"

#include <arpa/inet.h>
#include <string.h>

#include "age.h"
#include "check.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define WORDS_MAX 8

/* tcp 10.0.0.5:51514 -> 203.0.113.7:40000 -> 198.51.100.9:443 */
static void example(struct nat_external_key *key, struct nat_session *session)
{
	*key = (struct nat_external_key){
		.external = { inet_addr("203.0.113.7"), htons(40000), NAT_PROTO_TCP, 0 },
		.remote = { inet_addr("198.51.100.9"), htons(443), 0 },
	};
	*session = (struct nat_session){
		.life = life_make(NAT_STATE_ESTABLISHED, 1000, 0),
		.internal = { inet_addr("10.0.0.5"), htons(51514), NAT_PROTO_TCP, 0 },
	};
}

/* A row, for check_note(). */
static const char *joined(const char *const *words)
{
	static char text[256];

	text[0] = '\0';
	for (; *words; words++) {
		strncat(text, *words, sizeof(text) - strlen(text) - 1);
		strncat(text, " ", sizeof(text) - strlen(text) - 1);
	}
	return text;
}

static bool parse(struct filter *filter, enum filter_noun noun, const char *const *words, char *why)
{
	return filter_parse(filter, noun, (char *const *)words, why, 256);
}

TEST(filters_match_what_they_say)
{
	static const struct {
		const char *words[WORDS_MAX];
		bool matches;
	} rows[] = {
		{ { NULL }, true },
		{ { "proto", "tcp" }, true },
		{ { "proto", "udp" }, false },
		{ { "internal", "10.0.0.5" }, true },
		{ { "internal", "10.0.0.5:51514" }, true },
		{ { "internal", ":51514" }, true },
		{ { "internal", "10.0.0.5:51515" }, false },
		{ { "internal", "10.0.0.6:51514" }, false },
		{ { "external", ":40000" }, true },
		{ { "external", "203.0.113.7:40000" }, true },
		{ { "external", "203.0.113.8" }, false },
		{ { "remote", "198.51.100.9:443" }, true },
		{ { "remote", ":80" }, false },
		{ { "state", "established" }, true },
		{ { "state", "closing" }, false },
		{ { "idle>60" }, true },
		{ { "idle>61" }, false },
		{ { "proto", "tcp", "remote", ":443", "idle>10" }, true },
		{ { "proto", "tcp", "remote", ":444", "idle>10" }, false },
	};
	struct nat_external_key key;
	struct nat_session session;

	example(&key, &session);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct filter filter;
		char why[256];

		check_note("%s", joined(rows[i].words));
		CHECK(parse(&filter, FILTER_SESSIONS, rows[i].words, why));
		CHECK_EQ(filter_has_session(&filter, &key, &session, ticks_from_seconds(60)),
			 rows[i].matches);
	}
}

TEST(idle_may_be_cut_anywhere)
{
	static const char *const rows[][WORDS_MAX] = {
		{ "idle>60" },	       { "idle>60s" },	  { "idle", ">60" },
		{ "idle", ">", "60" }, { "idle>", "60" }, { "idle", ">", "60s" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct filter filter;
		char why[256];

		check_note("%s", joined(rows[i]));
		CHECK(parse(&filter, FILTER_SESSIONS, rows[i], why));
		CHECK_EQ(filter.idle, ticks_from_seconds(60));
	}
}

#define PROTOS "tcp, udp, icmp, gre, esp, sctp, udplite, ipip, ipv6 or l2tp"

TEST(bad_words_are_quoted_with_the_valid_ones)
{
	static const struct {
		const char *words[WORDS_MAX], *why;
	} rows[] = {
		{ { "prot", "tcp" },
		  "not a filter word: \"prot\" (one of proto, internal, external, remote, state, "
		  "idle>SECONDS)" },
		{ { "" },
		  "not a filter word: \"\" (one of proto, internal, external, remote, state, "
		  "idle>SECONDS)" },
		{ { "proto", "dccp" }, "proto: not valid: \"dccp\" (" PROTOS ")" },
		{ { "proto" }, "\"proto\" needs a value after it (" PROTOS ")" },
		{ { "proto", "tcp", "proto", "udp" }, "\"proto\" is given twice" },
		{ { "internal", "10.0.0" },
		  "internal: not valid: \"10.0.0\" (ADDR, ADDR:PORT or :PORT)" },
		{ { "external", "40000" },
		  "external: not valid: \"40000\" (ADDR, ADDR:PORT or :PORT)" },
		{ { "remote", "0.0.0.0" },
		  "remote: not valid: \"0.0.0.0\" (ADDR, ADDR:PORT or :PORT)" },
		{ { "state", "resting" },
		  "state: not valid: \"resting\" (active, opening-out, opening-in, established, "
		  "fin-out, fin-in, closing, reset)" },
		{ { "state", "none" },
		  "state: not valid: \"none\" (active, opening-out, opening-in, established, "
		  "fin-out, fin-in, closing, reset)" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct filter filter;
		char why[256];

		check_note("%s", joined(rows[i].words));
		CHECK(!parse(&filter, FILTER_SESSIONS, rows[i].words, why));
		CHECK_STR(why, rows[i].why);
	}
}

TEST(bad_idle_times_are_refused)
{
	static const char *const rows[][WORDS_MAX] = {
		{ "idle" },
		{ "idle>" },
		{ "idle", ">" },
		{ "idle<60" },
		{ "idle=60" },
		{ "idle60" },
		{ "idle>=60" },
		{ "idle>s" },
		{ "idle>-1" },
		{ "idle>060" },
		{ "idle>60m" },
		{ "idle>60ss" },
		{ "idle>60 s" },
		{ "idle>4000001" },
		{ "idle>99999999999" },
		{ "idle", "60" },
		{ "idle>>60" },
		{ "idle>60", "60" },
		{ "idle>00000000000000000000000000000000000000000000000000000000000000000000060" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct filter filter;
		char why[256];

		check_note("%s", joined(rows[i]));
		CHECK(!parse(&filter, FILTER_SESSIONS, rows[i], why));
	}
}

TEST(bindings_take_their_own_words)
{
	static const struct {
		const char *words[WORDS_MAX];
		bool good, matches;
	} rows[] = {
		{ { NULL }, true, true },
		{ { "proto", "udp" }, true, true },
		{ { "proto", "tcp" }, true, false },
		{ { "state", "resting" }, true, true },
		{ { "state", "active" }, true, false },
		{ { "state", "established" }, false, false },
		{ { "external", ":5000" }, true, true },
		{ { "internal", "10.0.0.6" }, true, false },
		{ { "remote", "198.51.100.9" }, false, false },
		{ { "idle>60" }, false, false },
	};
	const struct nat_internal_key key = {
		.internal = { inet_addr("10.0.0.5"), htons(5000), NAT_PROTO_UDP, 0 },
	};
	const struct nat_binding binding = {
		.life = life_make(NAT_STATE_RESTING, 1000, 0),
		.external = { inet_addr("203.0.113.7"), htons(5000), NAT_PROTO_UDP, 0 },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct filter filter;
		char why[256];

		check_note("%s", joined(rows[i].words));
		CHECK_EQ(parse(&filter, FILTER_BINDINGS, rows[i].words, why), rows[i].good);
		if (rows[i].good)
			CHECK_EQ(filter_has_binding(&filter, &key, &binding), rows[i].matches);
	}
}

TEST(an_interface_comes_before_the_filter)
{
	/* lo exists wherever tests run; no interface is called like a filter word there. */
	static const struct {
		const char *words[WORDS_MAX], *ifname;
		bool good;
	} rows[] = {
		{ { NULL }, NULL, true },
		{ { "lo" }, "lo", true },
		{ { "gone0" }, "gone0", true },
		{ { "lo", "proto", "tcp" }, "lo", true },
		{ { "proto", "tcp" }, NULL, true },
		{ { "idle>60" }, NULL, true },
		{ { "idle>60", "proto", "tcp" }, NULL, true },
		{ { "internal" }, NULL, false },
		{ { "internal", "10.0.0.5" }, NULL, true },
		{ { "lo", "lo" }, "lo", false },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *ifname = "unset";
		struct filter filter;
		char why[256];

		check_note("%s", joined(rows[i].words));
		CHECK_EQ(filter_parse_operands(&ifname, &filter, FILTER_SESSIONS,
					       (char *const *)rows[i].words, why, sizeof(why)),
			 rows[i].good);
		CHECK_STR(ifname, rows[i].ifname);
	}
}

TEST(a_misspelt_word_is_not_taken_for_an_interface)
{
	const char *const words[] = { "prot", "tcp", NULL };
	const char *ifname;
	struct filter filter;
	char why[256];

	CHECK(!filter_parse_operands(&ifname, &filter, FILTER_BINDINGS, (char *const *)words, why,
				     sizeof(why)));
	CHECK_STR(why, "neither an interface nor a filter word: \"prot\" (one of proto, internal, "
		       "external, state)");
}

TEST(flush_gets_the_same_filter)
{
	const char *const words[] = { "proto",	"udp", "internal", "10.0.0.5",
				      "remote", ":53", "idle>5",   NULL };
	struct nat_flush_args args;
	struct filter filter;
	char why[256];

	CHECK(parse(&filter, FILTER_SESSIONS, words, why));
	filter_to_flush(&filter, &args);
	CHECK_EQ(args.internal.proto, NAT_PROTO_UDP);
	CHECK_EQ(args.external.proto, NAT_PROTO_UDP);
	CHECK_EQ(args.internal.addr, inet_addr("10.0.0.5"));
	CHECK_EQ(args.internal.port, 0);
	CHECK_EQ(args.external.addr, 0);
	CHECK_EQ(args.remote.port, htons(53));
	CHECK_EQ(args.state, 0);
	CHECK_EQ(args.idle, ticks_from_seconds(5));

	CHECK(parse(&filter, FILTER_SESSIONS, words + 7, why));
	filter_to_flush(&filter, &args);
	const struct nat_flush_args any = {};

	CHECK(!memcmp(&args, &any, sizeof(any)));
}

TEST(idle_and_expiry_come_from_the_deadline)
{
	struct nat_settings settings = { .value[NAT_SETTING_TCP_ESTABLISHED] = 7440 };
	struct nat_external_key key;
	struct nat_session session;
	__u32 now = 5000;

	example(&key, &session);
	session.life = life_make(NAT_STATE_ESTABLISHED, now + ticks_from_seconds(7440), 0);
	CHECK_EQ(session_idle(&key, &session, &settings, now), 0);
	CHECK_EQ(seconds_from_ticks(session_left(&session, now)), 7440);
	CHECK_EQ(session_idle(&key, &session, &settings, now + ticks_from_seconds(4)),
		 ticks_from_seconds(4));
	CHECK_EQ(session_left(&session, life_deadline(session.life) + 1), 0);

	/* The timeout was shortened: idle cannot be told, and must not wrap. */
	settings.value[NAT_SETTING_TCP_ESTABLISHED] = 60;
	CHECK_EQ(session_idle(&key, &session, &settings, now), 0);
}
