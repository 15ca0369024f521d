// SPDX-License-Identifier: GPL-2.0-only
/* value.c - the leaf parsers: what they take, and above all what they refuse. */
#include "value.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* A result that no parser may touch when it refuses. */
#define UNTOUCHED 0xa5a5a5a5U

/* Host order to a dotted quad's value: 10.0.0.5 is QUAD(10, 0, 0, 5). */
#define QUAD(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* Longer than any valid value: what does not fit a parser's buffer must not be cut to fit. */
#define LONG_ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define LONG_NUMBER LONG_ZEROS "1"

TEST(number_takes_decimals_within_bounds)
{
	static const struct {
		const char *text;
		uint32_t min, max, number;
	} rows[] = {
		{ "0", 0, 10, 0 },
		{ "10", 0, 10, 10 },
		{ "1", 1, 1, 1 },
		{ "65535", 0, 65535, 65535 },
		{ "4294967295", 0, UINT32_MAX, UINT32_MAX },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		uint32_t number = UNTOUCHED;

		check_note("\"%s\"", rows[i].text);
		CHECK(value_number(rows[i].text, rows[i].min, rows[i].max, &number));
		CHECK_EQ(number, rows[i].number);
	}
}

TEST(number_refuses_everything_else)
{
	static const struct {
		const char *text;
		uint32_t min, max;
	} rows[] = {
		{ "", 0, 10 },
		{ " ", 0, 10 },
		{ " 1", 0, 10 },
		{ "1 ", 0, 10 },
		{ "+1", 0, 10 },
		{ "-1", 0, UINT32_MAX },
		{ "-0", 0, 10 },
		{ "01", 0, 10 },
		{ "00", 0, 10 },
		{ "0x1", 0, 10 },
		{ "1e1", 0, 10 },
		{ "1.0", 0, 10 },
		{ "1k", 0, 10 },
		{ "11", 0, 10 },
		{ "0", 1, 10 },
		{ "4294967296", 0, UINT32_MAX },
		{ "18446744073709551617", 0, UINT32_MAX },
		{ "99999999999999999999999999999999999999999999", 0, UINT32_MAX },
		{ LONG_NUMBER, 0, 10 },
		{ "\xd9\xa1", 0, 10 },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		uint32_t number = UNTOUCHED;

		check_note("\"%s\"", rows[i].text);
		CHECK(!value_number(rows[i].text, rows[i].min, rows[i].max, &number));
		CHECK_EQ(number, UNTOUCHED);
	}
}

TEST(addr_takes_dotted_quads)
{
	static const struct {
		const char *text;
		uint32_t addr;
	} rows[] = {
		{ "0.0.0.0", 0 },
		{ "10.0.0.5", QUAD(10, 0, 0, 5) },
		{ "255.255.255.255", UINT32_MAX },
		{ "203.0.113.7", QUAD(203, 0, 113, 7) },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		__be32 addr = UNTOUCHED;

		check_note("\"%s\"", rows[i].text);
		CHECK(value_addr(rows[i].text, &addr));
		CHECK_EQ(ntohl(addr), rows[i].addr);
	}
}

static const char *const bad_addrs[] = {
	"",
	".",
	"...",
	"10",
	"10.1",
	"10.0.1",
	"10.0.0.",
	".10.0.0",
	"10..0.5",
	"10.0.0.5.",
	"10.0.0.5.6",
	"256.0.0.1",
	"10.0.0.256",
	"10.0.0.-5",
	"10.0.0.+5",
	"010.0.0.1",
	"10.00.0.1",
	"0x0a.0.0.1",
	"10.0.0.5 ",
	" 10.0.0.5",
	"10.0.0.5\n",
	"10.0.0.5x",
	"10.0.0.5:80",
	"::1",
	"::ffff:10.0.0.5",
	"localhost",
	"10.0.0.0000000000000000000000000000000000000000000000000000005",
};

TEST(addr_refuses_what_inet_aton_would_guess_at)
{
	for (size_t i = 0; i < ROWS(bad_addrs); i++) {
		__be32 addr = UNTOUCHED;

		check_note("\"%s\"", bad_addrs[i]);
		CHECK(!value_addr(bad_addrs[i], &addr));
		CHECK_EQ(addr, UNTOUCHED);
	}
}

TEST(prefix_takes_networks_and_addresses)
{
	static const struct {
		const char *text;
		uint32_t addr, len;
	} rows[] = {
		{ "10.0.0.0/8", QUAD(10, 0, 0, 0), 8 },
		{ "0.0.0.0/0", 0, 0 },
		{ "192.168.99.0/24", QUAD(192, 168, 99, 0), 24 },
		{ "10.0.0.5/32", QUAD(10, 0, 0, 5), 32 },
		{ "10.0.0.5", QUAD(10, 0, 0, 5), 32 },
		{ "10.0.0.4/31", QUAD(10, 0, 0, 4), 31 },
		{ "128.0.0.0/1", QUAD(128, 0, 0, 0), 1 },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct nat_prefix prefix;

		check_note("\"%s\"", rows[i].text);
		CHECK(value_prefix(rows[i].text, &prefix));
		CHECK_EQ(ntohl(prefix.addr), rows[i].addr);
		CHECK_EQ(prefix.len, rows[i].len);
	}
}

TEST(prefix_refuses_host_bits_and_bad_lengths)
{
	static const char *const rows[] = {
		"10.0.0.1/8",  "10.0.0.1/0", "10.0.0.5/31", "10.0.0.0/33",
		"10.0.0.0/-8", "10.0.0.0/",  "10.0.0.0/08", "10.0.0.0/8/8",
		"10.0.0.0/8 ", "/8",	     "10.0.0.0 /8", "10.0.0.0/255.0.0.0",
		"10.0.0.0/ 8", "10/8",	     "010.0.0.0/8", "10.0.0.0/4294967304",
		"10.0.0.0-8",  "",
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct nat_prefix prefix = { .len = UNTOUCHED };

		check_note("\"%s\"", rows[i]);
		CHECK(!value_prefix(rows[i], &prefix));
		CHECK_EQ(prefix.len, UNTOUCHED);
	}
}

TEST(port_range_takes_ranges_and_single_ports)
{
	static const struct {
		const char *text;
		uint16_t first, last;
	} rows[] = {
		{ "1024-65535", 1024, 65535 }, { "40000-40099", 40000, 40099 }, { "80", 80, 80 },
		{ "80-80", 80, 80 },	       { "0-65535", 0, 65535 },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		uint16_t first, last;

		check_note("\"%s\"", rows[i].text);
		CHECK(value_port_range(rows[i].text, &first, &last));
		CHECK_EQ(first, rows[i].first);
		CHECK_EQ(last, rows[i].last);
	}
}

TEST(port_range_refuses_reversed_and_overflowing_ones)
{
	static const char *const rows[] = {
		"",	   "-",		 "1024-",   "-1024",	  "2000-1000", "65536",
		"1-65536", "1--2",	 "1-2-3",   "1 - 2",	  "0080-90",   "+1-2",
		"http",	   "1024:65535", "1024-\t", "1-70000000", "1-2 ",
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		uint16_t first = 7, last = 7;

		check_note("\"%s\"", rows[i]);
		CHECK(!value_port_range(rows[i], &first, &last));
		CHECK_EQ(first, 7);
		CHECK_EQ(last, 7);
	}
}

TEST(addr_range_takes_all_three_spellings)
{
	static const struct {
		const char *text;
		uint32_t first, last;
	} rows[] = {
		{ "203.0.113.7", QUAD(203, 0, 113, 7), QUAD(203, 0, 113, 7) },
		{ "203.0.113.0/29", QUAD(203, 0, 113, 0), QUAD(203, 0, 113, 7) },
		{ "203.0.113.7-203.0.113.9", QUAD(203, 0, 113, 7), QUAD(203, 0, 113, 9) },
		{ "10.0.0.255-10.0.1.1", QUAD(10, 0, 0, 255), QUAD(10, 0, 1, 1) },
		{ "127.255.255.255-128.0.0.0", QUAD(127, 255, 255, 255), QUAD(128, 0, 0, 0) },
		{ "0.0.0.0/0", 0, UINT32_MAX },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		__be32 first, last;

		check_note("\"%s\"", rows[i].text);
		CHECK(value_addr_range(rows[i].text, &first, &last));
		CHECK_EQ(ntohl(first), rows[i].first);
		CHECK_EQ(ntohl(last), rows[i].last);
	}
}

TEST(addr_range_refuses_reversed_and_half_ones)
{
	static const char *const rows[] = {
		"203.0.113.9-203.0.113.7",
		"128.0.0.0-127.0.0.0",
		"203.0.113.7-",
		"-203.0.113.7",
		"203.0.113.7-9",
		"203.0.113.7/29",
		"10.0.0.1-10.0.0.2-10.0.0.3",
		"10.0.0.0/30-10.0.0.9",
		"",
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		__be32 first = UNTOUCHED, last = UNTOUCHED;

		check_note("\"%s\"", rows[i]);
		CHECK(!value_addr_range(rows[i], &first, &last));
		CHECK_EQ(first, UNTOUCHED);
		CHECK_EQ(last, UNTOUCHED);
	}
}

TEST(endpoint_takes_either_half)
{
	static const struct {
		const char *text;
		uint32_t addr;
		uint16_t port;
	} rows[] = {
		{ "10.0.0.5", QUAD(10, 0, 0, 5), 0 },
		{ "10.0.0.5:443", QUAD(10, 0, 0, 5), 443 },
		{ ":40000", 0, 40000 },
		{ ":65535", 0, 65535 },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		__be32 addr = UNTOUCHED;
		__be16 port = 7;

		check_note("\"%s\"", rows[i].text);
		CHECK(value_endpoint(rows[i].text, &addr, &port));
		CHECK_EQ(ntohl(addr), rows[i].addr);
		CHECK_EQ(ntohs(port), rows[i].port);
	}
}

TEST(endpoint_refuses_what_would_match_anything)
{
	static const char *const rows[] = {
		"",
		":",
		"10.0.0.5:",
		"10.0.0.5:0",
		":0",
		"0.0.0.0",
		"0.0.0.0:80",
		"10.0.0.5:080",
		":65536",
		"10.0.0.5:80:80",
		"10.0.0.5 :80",
		"80",
		"10.0.0.5:http",
		":-1",
		"10.0.0:80",
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		__be32 addr = UNTOUCHED;
		__be16 port = 7;

		check_note("\"%s\"", rows[i]);
		CHECK(!value_endpoint(rows[i], &addr, &port));
		CHECK_EQ(addr, UNTOUCHED);
		CHECK_EQ(port, 7);
	}
}

TEST(every_protocol_reads_as_it_is_written)
{
	__u8 proto = 0;

	for (int i = 0; i < 256; i++) {
		check_note("protocol %d", i);
		CHECK_EQ(value_proto_text(i) != NULL, nat_carriage[i] != NAT_CARRIES_NOTHING);
		if (!value_proto_text(i))
			continue;
		CHECK(value_proto(value_proto_text(i), &proto));
		CHECK_EQ(proto, i);
	}
	CHECK(!value_proto("TCP", &proto));
	CHECK(!value_proto("6", &proto));
	CHECK(!value_proto("", &proto));
	CHECK(!value_proto("tcp ", &proto));
}

TEST(every_state_reads_as_it_is_written)
{
	enum nat_state state = NAT_STATE_MAX;

	for (int i = 0; i < NAT_STATE_MAX; i++) {
		CHECK(value_state(value_state_text((enum nat_state)i), &state));
		CHECK_EQ(state, i);
	}
	CHECK(!value_state("ESTABLISHED", &state));
	CHECK(!value_state("", &state));
	CHECK_STR(value_state_text(NAT_STATE_MAX), "unknown");
	CHECK_STR(value_kind_text(NAT_HOST), "host");
	CHECK_STR(value_kind_text(200), "unknown");
}

TEST(every_default_reads_as_it_is_written)
{
	for (int i = 0; i < NAT_SETTING_MAX; i++) {
		const struct value_setting_info *info = &value_settings[i];
		enum nat_setting setting = NAT_SETTING_MAX;
		uint32_t value = UNTOUCHED;
		char text[32];

		check_note("%s", info->name);
		CHECK(value_setting_find(info->name, &setting));
		CHECK_EQ(setting, i);
		CHECK(info->floor <= info->max);
		if (i == NAT_SETTING_MAX_SESSIONS)
			continue; /* 0 stands for "from RAM", which nobody can type */
		CHECK(info->dflt >= info->floor && info->dflt <= info->max);
		value_setting_text(setting, info->dflt, text);
		CHECK(value_setting(setting, text, &value));
		CHECK_EQ(value, info->dflt);
	}
}

TEST(settings_keep_to_their_units_and_bounds)
{
	static const struct {
		enum nat_setting setting;
		const char *text;
		bool good;
		uint32_t value;
	} rows[] = {
		{ NAT_SETTING_UDP, "1", true, 1 },
		{ NAT_SETTING_UDP, "604800", true, 604800 },
		{ NAT_SETTING_UDP, "0", false, 0 },
		{ NAT_SETTING_UDP, "604801", false, 0 },
		{ NAT_SETTING_UDP, "300s", false, 0 },
		{ NAT_SETTING_UDP, "", false, 0 },
		{ NAT_SETTING_PER_HOST, "0", false, 0 },
		{ NAT_SETTING_PORT_FIRST, "0", false, 0 },
		{ NAT_SETTING_PORT_FIRST, "1", true, 1 },
		{ NAT_SETTING_PORT_LAST, "0", false, 0 },
		{ NAT_SETTING_PORT_LAST, "65536", false, 0 },
		{ NAT_SETTING_MAPPING, "dependent", true, NAT_MAPPING_DEPENDENT },
		{ NAT_SETTING_MAPPING, "1", false, 0 },
		{ NAT_SETTING_MAPPING, "address", false, 0 },
		{ NAT_SETTING_FILTERING_TCP, "address-port", true, NAT_FILTERING_ADDRESS_PORT },
		{ NAT_SETTING_FILTERING_TCP, "addres", false, 0 },
		{ NAT_SETTING_FILTERING_TCP, "Address", false, 0 },
		{ NAT_SETTING_PARITY, "off", true, 0 },
		{ NAT_SETTING_PARITY, "on", true, 1 },
		{ NAT_SETTING_PARITY, "yes", false, 0 },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		uint32_t value = UNTOUCHED;

		check_note("%s=%s", value_settings[rows[i].setting].name, rows[i].text);
		CHECK_EQ(value_setting(rows[i].setting, rows[i].text, &value), rows[i].good);
		CHECK_EQ(value, rows[i].good ? rows[i].value : UNTOUCHED);
	}
}

TEST(expectations_are_in_words)
{
	enum nat_setting setting;
	char text[64];

	value_setting_expects(NAT_SETTING_UDP, text, sizeof(text));
	CHECK_STR(text, "1 to 604800 seconds");
	value_setting_expects(NAT_SETTING_PER_HOST, text, sizeof(text));
	CHECK_STR(text, "1 to 1048576");
	value_setting_expects(NAT_SETTING_PORT_LAST, text, sizeof(text));
	CHECK_STR(text, "1 to 65535");
	value_setting_expects(NAT_SETTING_FILTERING_UDP, text, sizeof(text));
	CHECK_STR(text, "independent, address or address-port");
	CHECK(!value_setting_find("timeout", &setting));
	CHECK(!value_setting_find("", &setting));
}
