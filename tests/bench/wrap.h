/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wrap.h - what bench-prog tells the wrapper programs of wrap.bpf.c.
 */
#ifndef WRAP_H
#define WRAP_H

#include "nat_types.h"

#define WRAP_HEADERS 40 /* IPv4 and TCP; of UDP the payload's first octets too */
#define WRAP_FLOWS_MAX (1 << 20)

/* Flows in an order that is not that of their numbers. A prime: every one has its turn before
 * the first has its second. */
#define WRAP_STRIDE 2654435761U

/** enum wrap_kind - Whose packet comes next */
enum wrap_kind {
	WRAP_SAME,
	WRAP_NEW,   /* flow N of so many; N is made of the turn */
	WRAP_DRAWN, /* of the flows that exist */
};

/**
 * struct wrap_template - What is written into the packet
 * @bytes:      Its headers; for WRAP_NEW the source address is that of flow 0
 * @flows:      How many there are
 * @hosts:      WRAP_NEW: flow N is from the address of flow 0 plus N % hosts,
 * @ports:      and the port is @first_port plus N % ports, in host order
 * @turn:       WRAP_NEW: how many packets were made
 * @drawn:      WRAP_DRAWN: state of the generator
 */
struct wrap_template {
	__u8 bytes[WRAP_HEADERS];
	__u32 kind;
	__u32 flows, hosts, ports;
	__u32 first_port;
	__u32 turn;
	__u64 drawn;
};

/** struct wrap_flow - As they lie in a packet, and the checksum of its IPv4 header */
struct wrap_flow {
	__be32 src, dst;
	__be16 src_port, dst_port;
	__be16 ip_check;
	__u16 zero;
};

#endif /* WRAP_H */
