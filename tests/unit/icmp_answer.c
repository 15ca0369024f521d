// SPDX-License-Identifier: GPL-2.0-only
/* icmp_answer.c - the ICMP errors that the keeper sends, octet by octet. */
#include "icmp_answer.h"

#include <string.h>

#include "check.h"
#include "csum.h"

/* A SYN from 198.51.100.9:40000 to 203.0.113.7:443, DSCP 46 and congestion experienced. */
static const __u8 syn[28] = { 0x45, 0xbb, 0,	40,   0x12, 0x34, 0x40, 0, 63,	6,
			      0xab, 0xcd, 198,	51,   100,  9,	  203,	0, 113, 7,
			      0x9c, 0x40, 0x01, 0xbb, 1,    2,	  3,	4 };

static struct nat_request error(__u8 type, __u8 code, __u16 mtu)
{
	struct nat_request request = { .kind = NAT_REQUEST_ERROR,
				       .type = type,
				       .code = code,
				       .mtu = mtu,
				       .len = sizeof(syn) };

	memcpy(request.packet, syn, sizeof(syn));
	return request;
}

TEST(quotes_the_packet_to_its_sender)
{
	struct nat_request request = error(3, 3, 0);
	static const __u8 head[2] = { 3, 3 };
	static const __u8 unused[4];
	struct icmp_answer answer;

	CHECK(icmp_answer_make(&answer, &request));
	CHECK_EQ(ntohl(answer.to), 0xc6336409);
	CHECK_EQ(ntohl(answer.asked), 0xcb007107);
	CHECK_EQ(answer.len, 8 + sizeof(syn));
	CHECK(!memcmp(answer.message, head, sizeof(head)));
	CHECK(!memcmp(answer.message + 4, unused, sizeof(unused)));
	CHECK(!memcmp(answer.message + 8, syn, sizeof(syn)));
}

TEST(keeps_the_class_of_service_and_not_the_congestion_mark)
{
	struct nat_request request = error(3, 1, 0);
	struct icmp_answer answer;

	CHECK(icmp_answer_make(&answer, &request));
	CHECK_EQ(answer.tos, 46 << 2);
}

TEST(tells_the_mtu_of_the_next_hop)
{
	struct nat_request request = error(3, 4, 1280);
	static const __u8 word[4] = { 0, 0, 5, 0 };
	struct icmp_answer answer;

	CHECK(icmp_answer_make(&answer, &request));
	CHECK(!memcmp(answer.message + 4, word, sizeof(word)));
}

/* Against the arithmetic of the data path, which is another. */
TEST(checksum_covers_any_length)
{
	for (__u16 len = 28; len <= 548; len++) {
		struct nat_request request = error(11, 0, 0);
		__be16 words[1024] = {};
		struct icmp_answer answer;
		__u64 sum = 0;

		for (size_t i = sizeof(syn); i < len; i++)
			request.packet[i] = (__u8)(i * 37 + len);
		request.len = len;
		CHECK(icmp_answer_make(&answer, &request));
		memcpy(words, answer.message, answer.len);
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			sum += words[i];
		check_note("%u octets", len);
		CHECK_EQ(csum_fold(sum), 0xffff);
	}
}

TEST(refuses_what_is_no_packet)
{
	struct nat_request request = error(3, 3, 0);
	struct icmp_answer answer;

	request.len = 27;
	CHECK(!icmp_answer_make(&answer, &request));
	request.len = 0;
	CHECK(!icmp_answer_make(&answer, &request));
	request.len = sizeof(request.packet) + 1;
	CHECK(!icmp_answer_make(&answer, &request));

	request = error(3, 3, 0);
	request.packet[0] = 0x44;
	CHECK(!icmp_answer_make(&answer, &request));
	request.packet[0] = 0x65;
	CHECK(!icmp_answer_make(&answer, &request));
	request.packet[0] = 0x46; /* options, and then too little */
	CHECK(!icmp_answer_make(&answer, &request));
	request.len = 32;
	CHECK(icmp_answer_make(&answer, &request));
}
