// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeout.c - which timer governs a session, and the table of settings behind it.
 */
#include <string.h>

#include "check.h"
#include "nat_timeout.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

struct timeout_row {
	const char *req;
	__u8 proto;
	enum nat_state state;
	__u16 remote_port;
	enum nat_setting expected;
};

/* clang-format off */
static const struct timeout_row rows[] = {
	{ "4787-5c",  NAT_PROTO_UDP,  NAT_STATE_LIVE,        7,   NAT_SETTING_UDP },
	{ "4787-5a",  NAT_PROTO_UDP,  NAT_STATE_LIVE,        53,  NAT_SETTING_UDP_DNS },
	{ "4787-5a",  NAT_PROTO_TCP,  NAT_STATE_ESTABLISHED, 53,  NAT_SETTING_TCP_ESTABLISHED },
	{ "5508-2",   NAT_PROTO_ICMP, NAT_STATE_LIVE,        0,   NAT_SETTING_ICMP },
	{ "5508-2",   NAT_PROTO_ICMP, NAT_STATE_LIVE,        53,  NAT_SETTING_ICMP },
	{ "5382-5b",  NAT_PROTO_TCP,  NAT_STATE_OPENING_OUT, 443, NAT_SETTING_TCP_OPENING },
	{ "5382-5b",  NAT_PROTO_TCP,  NAT_STATE_OPENING_IN,  443, NAT_SETTING_TCP_OPENING },
	{ "5382-5a",  NAT_PROTO_TCP,  NAT_STATE_ESTABLISHED, 443, NAT_SETTING_TCP_ESTABLISHED },
	{ "5382-5d",  NAT_PROTO_TCP,  NAT_STATE_FIN_OUT,     443, NAT_SETTING_TCP_ESTABLISHED },
	{ "5382-5d",  NAT_PROTO_TCP,  NAT_STATE_FIN_IN,      443, NAT_SETTING_TCP_ESTABLISHED },
	{ "5382-5b",  NAT_PROTO_TCP,  NAT_STATE_CLOSING,     443, NAT_SETTING_TCP_CLOSING },
	{ "7857-2.2b", NAT_PROTO_TCP, NAT_STATE_RESET,       443, NAT_SETTING_TCP_RESET },
};
/* clang-format on */

TEST(every_session_has_the_timer_its_rfc_names)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct timeout_row *row = &rows[i];

		check_note("%s, protocol %d, state %d, remote port %d", row->req, row->proto,
			   row->state, row->remote_port);
		CHECK_EQ(nat_timeout(row->proto, row->state, htons(row->remote_port)),
			 row->expected);
	}
}

struct setting_row {
	const char *name;
	enum nat_unit unit;
	__u32 dflt, floor, max;
};

static const struct setting_row settings[NAT_SETTING_MAX] = {
#define X(id, name, unit, dflt, floor, max, live, meaning, source)                                 \
	[NAT_SETTING_##id] = { name, NAT_UNIT_##unit, dflt, floor, max },
	NAT_SETTINGS(X)
#undef X
};

TEST(defaults_lie_within_their_bounds)
{
	for (int i = 0; i < NAT_SETTING_MAX; i++) {
		check_note("%s", settings[i].name);
		CHECK(settings[i].dflt >= settings[i].floor);
		CHECK(settings[i].dflt <= settings[i].max);
		CHECK(settings[i].floor <= settings[i].max);
	}
}

TEST(setting_names_are_unique_words)
{
	for (int i = 0; i < NAT_SETTING_MAX; i++) {
		check_note("%s", settings[i].name);
		CHECK(strspn(settings[i].name, "abcdefghijklmnopqrstuvwxyz-") ==
		      strlen(settings[i].name));
		for (int j = 0; j < i; j++)
			CHECK(strcmp(settings[i].name, settings[j].name));
	}
}

TEST(shipped_timers_are_no_shorter_than_the_rfcs_demand)
{
	static const struct {
		const char *req;
		enum nat_setting setting;
		__u32 at_least;
	} demands[] = {
		{ "4787-5", NAT_SETTING_UDP, 120 },
		{ "4787-5c", NAT_SETTING_UDP, 300 },
		{ "5508-2", NAT_SETTING_ICMP, 60 },
		{ "5382-5a", NAT_SETTING_TCP_ESTABLISHED, 7440 },
		{ "7857-2.1b", NAT_SETTING_TCP_OPENING, 240 },
		{ "5382-5b", NAT_SETTING_TCP_CLOSING, 240 },
		{ "7857-2.2b", NAT_SETTING_TCP_RESET, 240 },
		{ "6888-8", NAT_SETTING_REST, 120 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(demands); i++) {
		check_note("%s, %s", demands[i].req, settings[demands[i].setting].name);
		CHECK(settings[demands[i].setting].dflt >= demands[i].at_least);
	}
}

/* A deadline is now + timeout in 32-bit ticks: the longest must not wrap into the past. */
TEST(the_longest_timeout_fits_a_deadline)
{
	for (int i = 0; i < NAT_SETTING_MAX; i++) {
		check_note("%s", settings[i].name);
		if (settings[i].unit == NAT_UNIT_SECONDS)
			CHECK(ticks_from_seconds(settings[i].max) < NAT_TICK_NEVER / 2);
	}
}
