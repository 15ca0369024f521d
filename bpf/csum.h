/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * csum.h - Internet checksum arithmetic (pure: no helper, no map).
 *
 * How it works: a checksum is a sum of 16-bit words in one's complement, so a change
 * of some words changes it by their difference, wherever they stand (RFC 1624). A
 * delta here is such a difference, not folded: a __u64 to which any number of changed
 * words can be added before it is applied once.
 *
 * Values are taken as they lie in memory. One's complement does not care about byte
 * order as long as every word is read the same way (RFC 1071 section 2 (B)); and as
 * 2^16 and 2^32 are both 1 modulo 65535, 32-bit words can be added like 16-bit ones.
 *
 * Deltas are valid for words at even offsets only. Every field we rewrite is.
 */
#ifndef CSUM_H
#define CSUM_H

#include "nat_types.h"

/** csum_fold() - Reduce a sum of 32- and 16-bit words to 16 bits, not complemented */
static __always_inline __u16 csum_fold(__u64 sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (__u16)((sum >> 16) + (sum & 0xffff));
}

/** csum_delta32() - What changing a 32-bit word adds to the sum */
static __always_inline __u64 csum_delta32(__be32 from, __be32 to)
{
	return (__u64)(__u32)~from + to;
}

/** csum_delta16() - What changing a 16-bit word adds to the sum */
static __always_inline __u64 csum_delta16(__be16 from, __be16 to)
{
	return (__u64)(__u16)~from + to;
}

/**
 * csum_apply() - The checksum after a change
 * @check: The field as it was
 * @delta: Sum of deltas
 *
 * Source: RFC 1624 equation 3, the form that is right for negative zero
 */
static __always_inline __u16 csum_apply(__u16 check, __u64 delta)
{
	return (__u16)~csum_fold((__u16)~check + delta);
}

/**
 * csum_apply_udp() - The same for UDP, where 0 means that there is no checksum
 *
 * Return: 0 for 0, else never 0: a computed 0 is sent as 0xFFFF (RFC 768)
 */
static __always_inline __u16 csum_apply_udp(__u16 check, __u64 delta)
{
	if (!check)
		return 0;
	check = csum_apply(check, delta);
	return check ? check : 0xffff;
}

/**
 * csum_pseudo() - Folded sum of the pseudo header, not complemented
 * @len: Transport length, host order
 *
 * Source: RFC 9293 section 3.1, RFC 768
 */
static __always_inline __u16 csum_pseudo(__be32 saddr, __be32 daddr, __u8 proto, __u16 len)
{
	return csum_fold((__u64)saddr + daddr + nat_htons(proto) + nat_htons(len));
}

/**
 * csum_is_unfinished() - Does the field hold only the pseudo header's sum?
 *
 * That is what a local stack leaves for the device to finish: the sum is not
 * complemented and covers neither ports nor payload. 0 and 0xFFFF are the same
 * number in one's complement; a UDP field of 0 is no checksum at all.
 *
 * One finished checksum in 65,536 looks the same. Whoever asks must take a way that
 * is right for both.
 */
static __always_inline bool csum_is_unfinished(__u16 check, __u16 pseudo, __u8 proto)
{
	if (proto == NAT_PROTO_UDP && !check)
		return false;
	return check == pseudo || (check == 0xffff && pseudo == 0) ||
	       (check == 0 && pseudo == 0xffff);
}

#endif /* CSUM_H */
