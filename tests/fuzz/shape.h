/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shape.h - a packet by chance, but one that gets far: of flows that exist, of every kind
 * that there is, and then spoilt.
 *
 * All that is random comes from one number: the same number and the same flows make the same
 * packet.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "flows.h"
#include "packet.h"

#define SHAPE_TEXT 24
#define SHAPE_OPTIONS 40

/**
 * struct shape - A packet that can be built, with the strings that it points to
 * @packet: For packet_build()
 */
struct shape {
	struct packet packet;
	struct packet quote;
	char src[SHAPE_TEXT], dst[SHAPE_TEXT];
	char quote_src[SHAPE_TEXT], quote_dst[SHAPE_TEXT];
	char options[SHAPE_OPTIONS];
	char tcp_options[SHAPE_OPTIONS];
	char extension[64];
};

/** shape_make() - Think a packet up. @flows: those that there have been */
void shape_make(struct shape *shape, const struct flows *flows, uint64_t *random);

/** shape_spoil() - Change some octets of what has been built, or its length; mend checksums or not
 */
void shape_spoil(struct frame *frame, uint64_t *random);

#endif /* SHAPE_H */
