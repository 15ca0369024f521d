/* SPDX-License-Identifier: GPL-2.0-only */
/* checksum.h - the Internet checksum (RFC 1071) over octets. */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>

#include "nat_types.h"

/** checksum() - Pairs from the first octet on, an odd last one is padded. Return: network order */
static inline __be16 checksum(const __u8 *octets, size_t len)
{
	__u32 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? octets[i] : octets[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((__u16)~sum);
}

#endif /* CHECKSUM_H */
