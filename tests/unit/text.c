// SPDX-License-Identifier: GPL-2.0-only
/* text.c - what is a character, and what a terminal must not get to see. */
#include "text.h"

#include <string.h>

#include "check.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *text, *cleaned;
} rows[] = {
	{ "", "" },
	{ "eth0.100", "eth0.100" },
	{ "a\nb\tc", "a?b?c" },
	{ "\x01\x1b[2J\x1f \x7f~", "??[2J? ?~" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\x9b"
	  "31m",
	  "?31m" }, /* CSI in one octet */
	{ "\xc2\x9b"
	  "31m\xc2\xa0",
	  "??31m\xc2\xa0" },  /* CSI in two; a space */
	{ "\x80\xbf", "??" }, /* no first octet */
	{ "\xc3", "?" },      /* cut off, once each */
	{ "\xe2\x82", "??" },
	{ "\xf0\x9f\x98", "???" },
	{ "\xc3"
	  "a",
	  "?a" },
	{ "\xc0\xaf\xc1\x81\xe0\x80\xaf", "???????" },	   /* overlong */
	{ "\xed\xa0\x80\xed\x9f\xbf", "???\xed\x9f\xbf" }, /* a surrogate; the one before */
	{ "\xf4\x8f\xbf\xbf\xf4\x90\x80\x80", "\xf4\x8f\xbf\xbf????" }, /* the last; one more */
	{ "\xf5\x80\x80\x80\xfe\xff", "??????" },
};

TEST(what_is_no_character_is_replaced_octet_by_octet)
{
	for (size_t i = 0; i < ROWS(rows); i++) {
		char text[32];

		check_note("row %zu", i);
		strcpy(text, rows[i].text);
		text_clean(text, 0);
		CHECK_STR(text, rows[i].cleaned);
	}
}

TEST(one_control_character_may_stay)
{
	char text[] = "a\nb\rc\n";

	text_clean(text, '\n');
	CHECK_STR(text, "a\nb?c\n");
}
