// SPDX-License-Identifier: GPL-2.0-only
/* icmp_answer.c - an ICMP error about a packet that the data path did not take. */
#include "icmp_answer.h"

#include <netinet/ip.h>
#include <string.h>

#include "checksum.h"

#define QUOTE_MIN_L4 8 /* octets that every error quotes (RFC 792) */
#define DSCP_MASK 0xfc

#define OFF_CHECKSUM 2
#define OFF_MTU 6 /* RFC 1191 section 4; unused, and 0, in all other errors */

bool icmp_answer_make(struct icmp_answer *answer, const struct nat_request *request)
{
	const __be16 mtu = htons(request->mtu);
	struct iphdr ip;
	__be16 check;

	if (request->len < sizeof(ip) || request->len > sizeof(request->packet))
		return false;
	memcpy(&ip, request->packet, sizeof(ip));
	if (ip.version != 4 || ip.ihl < 5 || request->len < ip.ihl * 4 + QUOTE_MIN_L4)
		return false;

	answer->to = ip.saddr;
	answer->asked = ip.daddr;
	/* RFC 1812 would have precedence 6; RFC 5508 REQ-10d is later and speaks of NATs. Not
	 * ECN: that somebody met congestion on the way here does not concern the way back. */
	answer->tos = ip.tos & DSCP_MASK;
	answer->len = (__u16)(ICMP_ANSWER_HEADER + request->len);
	memset(answer->message, 0, ICMP_ANSWER_HEADER);
	answer->message[0] = request->type;
	answer->message[1] = request->code;
	memcpy(answer->message + OFF_MTU, &mtu, sizeof(mtu));
	memcpy(answer->message + ICMP_ANSWER_HEADER, request->packet, request->len);
	check = checksum(answer->message, answer->len);
	memcpy(answer->message + OFF_CHECKSUM, &check, sizeof(check));
	return true;
}
