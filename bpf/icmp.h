/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * icmp.h - the ICMP types and codes that a NAT reads or asks for (RFC 792, RFC 950, RFC 1812).
 */
#ifndef ICMP_H
#define ICMP_H

enum {
	NAT_ICMP_ECHO_REPLY = 0,
	NAT_ICMP_UNREACHABLE = 3,
	NAT_ICMP_ECHO = 8,
	NAT_ICMP_TIME_EXCEEDED = 11,
	NAT_ICMP_PARAMETER_PROBLEM = 12,
	NAT_ICMP_TIMESTAMP = 13,
	NAT_ICMP_TIMESTAMP_REPLY = 14,
	NAT_ICMP_MASK = 17,
	NAT_ICMP_MASK_REPLY = 18,
};

/* Codes of NAT_ICMP_UNREACHABLE */
enum {
	NAT_ICMP_CODE_HOST = 1,
	NAT_ICMP_CODE_PORT = 3,
	NAT_ICMP_CODE_TOO_BIG = 4,     /* fragmentation needed */
	NAT_ICMP_CODE_PROHIBITED = 13, /* communication administratively prohibited */
};

#endif /* ICMP_H */
