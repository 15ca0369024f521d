/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_request.h - what the data path asks of the keeper, because BPF cannot do it.
 *
 * A BPF program can change a packet, not originate or keep one. So the programs write
 * requests into the ring buffer `requests`, which the keeper alone reads. Nothing depends
 * on an answer: without a keeper the ring fills up, further requests are lost, and the
 * packets that they are about have been dropped and counted already.
 */
#ifndef NAT_REQUEST_H
#define NAT_REQUEST_H

#include "nat_tables.h"

/**
 * enum nat_request_kind - What is to be done
 * @NAT_REQUEST_ERROR:	 Send an ICMP error about @packet to its source
 * @NAT_REQUEST_HOLD:	 Keep @packet, a fragment whose first one is still to come
 * @NAT_REQUEST_RELEASE: The first one has come: see `fragments` at @datagram
 * @NAT_REQUEST_SYN:	 A SYN is being held: sweep `held_syns` when its time is over
 */
enum nat_request_kind {
	NAT_REQUEST_ERROR,
	NAT_REQUEST_HOLD,
	NAT_REQUEST_RELEASE,
	NAT_REQUEST_SYN,
};

/* Long enough for any fragment of a path of Ethernet; a longer one that comes early is lost. */
#define NAT_REQUEST_PACKET 2016

#define NAT_REQUESTS_SIZE (1 << 20) /* octets of the ring: a power of two, and whole pages */

/**
 * struct nat_request - One request
 * @kind:     enum nat_request_kind
 * @type, @code: ERROR: of the ICMP message
 * @len:      Octets of @packet
 * @mtu:      ERROR: of the next hop, for fragmentation needed; host order
 * @at:       Tick; what has lain there for seconds is not to be done any more
 * @datagram, @id: HOLD, RELEASE: which datagram; @id as in @packet
 * @packet:   From the IPv4 header on, as it arrived; HOLD: forwarded, its time to live one less
 */
struct nat_request {
	__u8 kind;
	__u8 type;
	__u8 code;
	__u8 pad;
	__u16 len;
	__u16 mtu;
	struct nat_fragment_key datagram;
	__be32 dst;
	__be16 id;
	__u16 pad2;
	__u32 at;
	__u32 pad3;
	__u8 packet[NAT_REQUEST_PACKET];
};

_Static_assert(sizeof(struct nat_request) == 2048, "request");

#endif /* NAT_REQUEST_H */
