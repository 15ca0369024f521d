// SPDX-License-Identifier: GPL-2.0-only
/* text.c - text from outside, before a person or another program reads it. */
#include "text.h"

/** struct lead - First octets, and where the second one's range is smaller than 80 to BF */
static const struct lead {
	unsigned char first, last;
	unsigned char second_first, second_last;
	unsigned char len;
} leads[] = {
	{ 0xc2, 0xc2, 0xa0, 0xbf, 2 }, /* 80 to 9F are control characters */
	{ 0xc3, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, /* no overlong ones */
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
	{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 }, /* U+10FFFF is the last */
};

size_t text_char(const char *text)
{
	const unsigned char *octet = (const unsigned char *)text;

	if (*octet < 0x80)
		return *octet >= ' ' && *octet != 0x7f;
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		const struct lead *lead = &leads[i];

		if (*octet < lead->first || *octet > lead->last)
			continue;
		if (octet[1] < lead->second_first || octet[1] > lead->second_last)
			return 0;
		for (size_t k = 2; k < lead->len; k++)
			if ((octet[k] & 0xc0) != 0x80)
				return 0;
		return lead->len;
	}
	return 0;
}

void text_clean(char *text, char but)
{
	while (*text) {
		size_t len = text_char(text);

		if (!len && *text != but)
			*text = '?';
		text += len ? len : 1;
	}
}
