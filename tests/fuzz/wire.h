/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wire.h - the octets of a frame as the RFCs read them, and their checksums.
 *
 * Shares nothing with bpf/, nor with tests/lib/packet.c, which only writes: it is what the
 * programs' view of a packet is compared with.
 */
#ifndef WIRE_H
#define WIRE_H

#include "nat_types.h"
#include "packet.h"

/**
 * enum wire_kind - What an IPv4 packet is to a NAT
 * @WIRE_BAD:   A length or field that cannot be
 * @WIRE_LATER: A fragment without transport header
 * @WIRE_PORTS: TCP or UDP
 * @WIRE_REQUEST, @WIRE_REPLY: An ICMP query that has an id
 * @WIRE_ERROR: An ICMP error
 * @WIRE_ADDRESS: A protocol of which only the address is translated
 * @WIRE_OTHER: What is not carried
 */
enum wire_kind {
	WIRE_BAD,
	WIRE_LATER,
	WIRE_PORTS,
	WIRE_REQUEST,
	WIRE_REPLY,
	WIRE_ERROR,
	WIRE_ADDRESS,
	WIRE_OTHER,
};

/**
 * struct wire - One IPv4 packet
 * @ip, @l4: Where its headers are, in the frame
 * @l4_len: Octets that it says it has from @l4 on; of a quote, as many as are there
 * @src, @dst: With port or query id, where it has any
 * @atomic: May not be fragmented, and is not
 */
struct wire {
	enum wire_kind kind;
	unsigned char *ip;
	unsigned char *l4;
	size_t l4_len;
	struct nat_endpoint src;
	struct nat_endpoint dst;
	bool fragment;
	bool atomic;
};

/** wire_read() - Read the packet of a frame, which begins at its @l3 */
struct wire wire_read(struct frame *frame);

/** wire_quote() - Read the packet that an ICMP error quotes; WIRE_BAD also if too little of it is
 * there
 */
struct wire wire_quote(const struct wire *error);

/** wire_ip_sum() - What the IPv4 header sums up to: 0 if its checksum is right */
__u16 wire_ip_sum(const struct wire *wire);

/**
 * wire_l4_sum() - The same for the transport, pseudo header included where the protocol has one
 *
 * Of a first fragment or a quote it is no sum of a whole, but what is missing does not change.
 */
__u16 wire_l4_sum(const struct wire *wire);

/** wire_check() - The transport checksum field, or NULL if there is none */
unsigned char *wire_check(const struct wire *wire);

/** wire_is_optional() - Is 0 in that field none at all? */
bool wire_is_optional(const struct wire *wire);

/** wire_port() - The field of the source's or destination's port or id, or NULL */
unsigned char *wire_port(const struct wire *wire, bool source);

/** wire_repair() - Make the checksums right: that of the header, with @all those behind it too */
void wire_repair(struct frame *frame, bool all);

/** wire_reverse() - Turn a packet that went out into the answer to it. Return: can it be answered?
 */
bool wire_reverse(struct frame *frame);

#endif /* WIRE_H */
