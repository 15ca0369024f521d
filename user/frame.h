/* SPDX-License-Identifier: GPL-2.0-only */
/* frame.h - a UDP or TCP packet in octets, made and read: what the self-test sends through. */
#ifndef FRAME_H
#define FRAME_H

#include <stddef.h>

#include "nat_endpoint.h"

#define FRAME_MAX 128	   /* octets */
#define FRAME_TEXT_MAX 160 /* bytes */

/** enum frame_flag - The flags octet of a TCP header */
enum frame_flag {
	FRAME_SYN = 0x02,
	FRAME_ACK = 0x10,
};

/**
 * frame_build() - From one endpoint to another, not to be fragmented, a few octets of payload
 * @frame:      FRAME_MAX octets
 * @header_len: Octets before the IP header, from netif_header_len()
 * @flags:      enum frame_flag; nothing to UDP
 *
 * All checksums are right, computed over what is there. Return: octets
 */
size_t frame_build(__u8 *frame, int header_len, const struct nat_endpoint *src,
		   const struct nat_endpoint *dst, __u8 flags);

/**
 * frame_text() - Endpoints and checksums: `udp 10.0.0.5:7 > 198.51.100.9:53, sums 1f0c 33aa`
 * @text: FRAME_TEXT_MAX bytes
 *
 * Return: @text
 */
char *frame_text(char *text, const __u8 *frame, size_t len, int header_len);

#endif /* FRAME_H */
