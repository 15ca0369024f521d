// SPDX-License-Identifier: GPL-2.0-only
/*
 * spoil.c - change some octets of a packet that was right.
 *
 * Numbers are laid out over the headers, where they decide something, more often than over
 * what follows; now and then all of it is noise.
 */
#include <string.h>

#include "random.h"
#include "shape.h"
#include "wire.h"

#define LINK_HLEN 14
#define IP_HLEN 20
#define HEADERS 68		    /* octets: IPv4, ICMP, quoted IPv4, quoted transport */
#define LEAST (LINK_HLEN + IP_HLEN) /* less, no kernel test-runs */

static void spoil_octet(unsigned char *at, size_t room, uint64_t *random)
{
	at[random_below(random, room)] = random_next(random);
}

static void spoil_bit(unsigned char *at, size_t room, uint64_t *random)
{
	at[random_below(random, room)] ^= 1 << random_below(random, 8);
}

static void spoil_word(unsigned char *at, size_t room, uint64_t *random)
{
	static const __u16 words[] = { 0, 1, 0xffff, 0x7fff, 0x8000, 20, 28, 0x1fff, 0x2000 };
	__u16 word = words[random_below(random, sizeof(words) / sizeof(*words))];
	size_t where = random_below(random, room / 2) * 2UL;

	at[where] = word >> 8;
	at[where + 1] = word;
}

/* The lengths that others are judged by: header, total, fragment offset. */
static void spoil_length(unsigned char *at, size_t room, uint64_t *random)
{
	switch (random_below(random, 4)) {
	case 0:
		at[0] = 0x40 | random_below(random, 16);
		break;
	case 1:
		at[3] += random_below(random, 17) - 8;
		break;
	case 2:
		at[6] = random_next(random);
		break;
	default:
		at[2] = room >> 8;
		at[3] = room;
	}
}

/* What is at one place is at another too: addresses, ports, whole headers. */
static void spoil_copy(unsigned char *at, size_t room, uint64_t *random)
{
	size_t len = 2 + random_below(random, 10) * 2UL;

	if (len * 2 < room)
		memmove(at + random_below(random, room - len),
			at + random_below(random, room - len), len);
}

static void spoil_noise(unsigned char *at, size_t room, uint64_t *random)
{
	size_t from = random_below(random, 4) ? IP_HLEN : 0;

	for (size_t i = from; i < room; i++)
		at[i] = random_next(random);
}

static void spoil_size(struct frame *frame, uint64_t *random)
{
	if (random_below(random, 2) && frame->len > LEAST)
		frame->len = LEAST + random_below(random, frame->len - LEAST);
	else if (frame->len + 64 < FRAME_MAX)
		frame->len += random_below(random, 64);
}

void shape_spoil(struct frame *frame, uint64_t *random)
{
	static void (*const ways[])(unsigned char *, size_t,
				    uint64_t *) = { spoil_octet,  spoil_octet, spoil_bit,
						    spoil_bit,	  spoil_word,  spoil_word,
						    spoil_length, spoil_copy,  spoil_noise };
	int times = 1 + random_below(random, 3);
	size_t room;

	while (times--) {
		__u32 way = random_below(random, 10);

		room = frame->len - frame->l3;
		if (random_below(random, 4) && room > HEADERS)
			room = HEADERS;
		if (way < sizeof(ways) / sizeof(*ways))
			ways[way](frame->bytes + frame->l3, room, random);
		else
			spoil_size(frame, random);
	}
	if (random_below(random, 4))
		wire_repair(frame, random_below(random, 4));
}
