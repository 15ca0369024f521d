/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traffic.h - what traffic.c tells the programs of traffic.bpf.c, and what they count.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

/* Without the checksum that a card appends: 64 octets on the wire. */
#define TRAFFIC_FRAME_LEN 60

/** enum traffic_stream - Whose packet it is; the first octet of its payload */
enum traffic_stream {
	TRAFFIC_MAIN,
	TRAFFIC_OTHER, /* at a rate of its own between the packets of the first */
	TRAFFIC_WRONG, /* the receiver's word for a packet from another source than expected */
	TRAFFIC_MAX
};

/**
 * struct traffic_flows - The flows of a stream, numbered from 0
 * @octets:     The frame of flow 0, but for its checksums
 * @flows:      How many there are
 * @cycle:      How many of them are used, each once in a round of as many packets
 * @hosts:      Flow N has the address of flow 0 plus N % hosts,
 * @ports:      and its port plus N % ports
 * @addr:       Of flow 0, host order
 * @port:       Likewise
 * @ip_sum:     Of the IPv4 header without that address, in host order, not folded
 * @udp_sum:    Likewise of UDP with its pseudo header, without that port
 * @turn:       How many packets were made
 */
struct traffic_flows {
	__u64 octets[TRAFFIC_FRAME_LEN / 8 + 1];
	__u32 flows, hosts, ports;
	__u32 addr, port;
	__u32 ip_sum, udp_sum;
	__u32 cycle;
	__u64 turn;
};

#endif /* TRAFFIC_H */
