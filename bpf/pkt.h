/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pkt.h - struct pkt: what the stages know of a packet, copied once by parse.h.
 *
 * It holds offsets and copied fields, never pointers into the packet: those die at
 * the first helper that may move it. A stage that writes derives its pointer anew
 * and checks its bounds, which the verifier wants to see anyway.
 */
#ifndef PKT_H
#define PKT_H

#include "nat_abi.h"
#include "tcp.h"

#define NAT_ETH_HLEN 14
#define NAT_ETH_ALEN 6
#define NAT_VLAN_HLEN 4
#define NAT_ETH_P_IP 0x0800
#define NAT_ETH_P_8021Q 0x8100
#define NAT_ETH_P_8021AD 0x88a8
#define NAT_VLAN_VID_MASK 0x0fff

#define NAT_IP_HLEN 20
#define NAT_TCP_HLEN 20
#define NAT_UDP_HLEN 8

#define NAT_IP_DF 0x4000
#define NAT_IP_MF 0x2000
#define NAT_IP_OFFSET_MASK 0x1fff

/* Where fields lie in their headers; used to write them */
#define NAT_IP_TTL_OFF 8
#define NAT_TCP_CHECK_OFF 16
#define NAT_UDP_CHECK_OFF 6
#define NAT_ICMP_CHECK_OFF 2
#define NAT_ICMP_ID_OFF 4
#define NAT_ICMP_HLEN 8

/** enum nat_side - Which endpoint of a packet */
enum nat_side {
	NAT_SRC,
	NAT_DST,
};

/**
 * enum pkt_icmp - What an ICMP message is to a NAT (RFC 5508 section 2)
 * @PKT_ICMP_NONE:    not ICMP
 * @PKT_ICMP_REQUEST: a query; its id is the port of the source endpoint
 * @PKT_ICMP_REPLY:   the answer to one; its id is the port of the destination endpoint
 * @PKT_ICMP_ERROR:   quotes a packet: destination unreachable, time exceeded, parameter problem
 * @PKT_ICMP_OTHER:   not carried across a NAT
 */
enum pkt_icmp {
	PKT_ICMP_NONE,
	PKT_ICMP_REQUEST,
	PKT_ICMP_REPLY,
	PKT_ICMP_ERROR,
	PKT_ICMP_OTHER,
};

/**
 * struct pkt - A parsed IPv4 packet
 * @src, @dst:   Endpoints as they are in the packet. Of an ICMP query one port is the
 *		 id, the other 0
 * @l3, @l4:     Offsets of the IPv4 and transport headers from the start of the data
 * @total_len:   IPv4 total length, host order; what GSO will send in several packets counts as one
 * @l4_len:      Total length without the IPv4 header
 * @icmp:        enum pkt_icmp
 * @fragment:    More fragments follow or precede
 * @atomic:      May not be fragmented and is not: its IP id means nothing (RFC 6864)
 * @arriving:    Seen before the stack, where only the kernel may touch transport checksums
 * @hairpin:     Seen on an internal interface
 * @reflected:   Leaves by the interface that it came in by
 * @ttl:         Time to live
 * @offset:      Fragment offset in units of eight octets; not 0: no transport header here
 * @id:          IP id
 * @now:         Tick at which the packet is being looked at
 * @unfinished:  The transport checksum may be only the pseudo header's sum
 * @segment:     TCP only
 */
struct pkt {
	struct nat_endpoint src;
	struct nat_endpoint dst;
	__u32 l3;
	__u32 l4;
	__u16 total_len;
	__u16 l4_len;
	__u8 icmp;
	bool fragment;
	__u16 offset;
	__be16 id;
	bool atomic;
	bool unfinished;
	bool arriving;
	bool hairpin;
	bool reflected;
	__u8 ttl;
	__u32 now;
	struct tcp_segment segment;
};

/**
 * struct way - Where a packet that goes past the stack is sent
 * @dmac, @smac: The link layer header that a driver wants; the neighbour layer makes its own
 */
struct way {
	__u32 ifindex;
	__u8 dmac[NAT_ETH_ALEN];
	__u8 smac[NAT_ETH_ALEN];
};

/** pkt_opens() - May this packet begin a flow? TCP: only a SYN (RFC 2663 section 2.5) */
static __always_inline bool pkt_opens(const struct pkt *pkt)
{
	if (pkt->src.proto == NAT_PROTO_TCP)
		return tcp_event(pkt->segment.flags) == TCP_EVENT_SYN;
	return pkt->icmp == PKT_ICMP_NONE || pkt->icmp == PKT_ICMP_REQUEST;
}

/** pkt_has_socket() - Would a flow of the gateway itself like this one have a socket to be found?
 */
static __always_inline bool pkt_has_socket(const struct pkt *pkt)
{
	return pkt->src.proto == NAT_PROTO_TCP || pkt->src.proto == NAT_PROTO_UDP;
}

/**
 * pkt_is_translatable() - Has this packet an endpoint that a NAT can map, in this direction?
 *
 * An ICMP query goes out as a request and comes in as a reply; the other way round it is
 * between the remote and the gateway itself (RFC 5508 REQ-1).
 */
static __always_inline bool pkt_is_translatable(const struct pkt *pkt, enum nat_direction dir)
{
	if (pkt->src.proto == NAT_PROTO_ICMP)
		return pkt->icmp == (dir == NAT_OUT ? PKT_ICMP_REQUEST : PKT_ICMP_REPLY);
	return nat_has_ports(pkt->src.proto) || nat_has_address_only(pkt->src.proto);
}

#endif /* PKT_H */
