/* SPDX-License-Identifier: GPL-2.0-only */
/* icmp_answer.h - an ICMP error about a packet that the data path did not take. Pure. */
#ifndef ICMP_ANSWER_H
#define ICMP_ANSWER_H

#include "nat_request.h"

#define ICMP_ANSWER_HEADER 8 /* octets before the quote */

/**
 * struct icmp_answer - An ICMP error, ready to be sent
 * @to:      The source of the packet that it is about, network order
 * @asked:   The destination of that packet: the one who should answer, if it is us
 * @tos:     Of the IPv4 header
 * @len:     Octets of @message
 * @message: From the ICMP header on
 */
struct icmp_answer {
	__be32 to;
	__be32 asked;
	__u8 tos;
	__u16 len;
	__u8 message[ICMP_ANSWER_HEADER + NAT_REQUEST_PACKET];
};

/** icmp_answer_make() - Return: false if what it would quote is no IPv4 packet with 8 octets more
 */
bool icmp_answer_make(struct icmp_answer *answer, const struct nat_request *request);

#endif /* ICMP_ANSWER_H */
