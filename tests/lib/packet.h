/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet.h - a packet as a test writes it down, and the octets it stands for.
 *
 *	OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53")
 *	IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .seq = 100)
 *	OUT(ICMP, "10.0.0.2:77", "198.51.100.9")		an echo request with id 77
 *	IN(ICMP, "192.0.2.9", "203.0.113.1", .icmp = MESSAGE(3, 1),
 *	   .quote = QUOTE(UDP, "203.0.113.1:5000", "198.51.100.9:53"))
 *
 * Every field that is not named has an ordinary value, and every checksum is right:
 * computed from scratch over the finished packet, never adjusted. A field that is
 * named breaks exactly that one thing; the checksums still fit what is broken, unless
 * it is the checksum that is named.
 *
 * A port may be a letter, "203.0.113.1:x": what the gateway chose, remembered in
 * struct names and usable in every later packet. Different letters are different ports.
 */
#ifndef PACKET_H
#define PACKET_H

#include <stdbool.h>
#include <stddef.h>

#include "nat_abi.h"

enum hook {
	HOOK_OUT,  /* leaving through the WAN interface: TC egress */
	HOOK_IN,   /* arriving there: XDP and TC ingress, or TC ingress alone */
	HOOK_LAN,  /* arriving from an internal host: TC ingress of its interface */
	HOOK_LANE, /* the same, where --fast has a program: XDP or TC */
};

/** enum tcp_flags - For .flags; NO_FLAGS is a segment with none at all */
enum tcp_flags {
	FIN = 0x01,
	SYN = 0x02,
	RST = 0x04,
	PSH = 0x08,
	ACK = 0x10,
	URG = 0x20,
	ECE = 0x40,
	CWR = 0x80,
	NO_FLAGS = 0x100,
};

/** enum csum_kind - What the transport checksum field holds */
enum csum_kind {
	CSUM_RIGHT,
	CSUM_WRONG,	 /* off by a constant, which must still be there afterwards */
	CSUM_NONE,	 /* UDP: 0, no checksum */
	CSUM_UNFINISHED, /* the pseudo header's sum only, left for a device to finish */
	CSUM_OFF_BY,	 /* off by .csum_error; what packet_build() found in another */
};

/** struct poke - Overwrite @size octets at @at, from the start of the IPv4 header */
struct poke {
	__u16 at;
	__u8 size; /* 1, 2 or 4; 0 ends the list */
	__u32 value;
};

/**
 * struct packet - A packet; 0 is the ordinary value of everything after @dst
 * @hook:      Where it meets the gateway; meaningless in a quote
 * @proto:     IPv4 protocol number
 * @src, @dst: "ADDR", "ADDR:PORT" or "ADDR:LETTER"; for an ICMP query the port is its id
 * @flags:     enum tcp_flags; 0 means ACK
 * @seq, @ack: TCP
 * @icmp:      MESSAGE(type, code); 0 means echo request outbound, reply inbound
 * @word:      Second word of an ICMP error: MTU, pointer, length of the quote
 * @quote:     The packet an ICMP error is about
 * @quoted:    Octets of its transport that are quoted; 0 for all
 * @extension: Octets behind the quote (RFC 4884), @extension_len of them
 * @len:       Octets of payload; 0 means 11, none for TCP; NO_PAYLOAD means none
 * @fill:      The first two octets of the payload, to steer a checksum
 * @tos, @ttl, @id: 0, 64 and 1; ID(0) is an id of 0
 * @fragment:  FIRST_FRAGMENT, LATER_FRAGMENT(offset) or LAST_FRAGMENT(offset), in units of
 *	       eight octets. Only the first has a transport header: the others are payload.
 *	       0: may not be fragmented (DF); MAY_FRAGMENT: may be, and is not
 * @options:   IPv4 options, @options_len octets, a multiple of 4
 * @tcp_options: Likewise
 * @csum:      enum csum_kind
 * @ip_csum_wrong, @icmp_csum_wrong: Spoil that checksum
 * @tag:       TAG(tci): an 802.1Q tag in the frame
 * @ethertype: Instead of IPv4
 * @no_link:   Begin with the IPv4 header, as on ppp, tun and wireguard
 * @pokes:     Applied before the checksums are computed
 * @cut:       Octets of the IPv4 packet that are left in the frame; 0 for all
 * @padding:   Octets behind the packet
 * @linear:    Octets of the frame in the linear area, XDP only; 0 for all
 * @for_others: The frame is not for this machine's link layer address
 * @gso:       Segment size of an skb that a device will cut up; TC only
 */
struct packet {
	enum hook hook;
	__u8 proto;
	const char *src, *dst;

	__u16 flags;
	__u32 seq, ack;
	__u32 icmp, word;
	const struct packet *quote;
	__u16 quoted;
	const char *extension;
	__u16 extension_len;
	int len;
	__u16 fill;
	__u8 tos, ttl;
	__u32 id;
	__u32 fragment;
	const char *options, *tcp_options;
	__u8 options_len, tcp_options_len;
	enum csum_kind csum;
	__u16 csum_error;
	bool ip_csum_wrong, icmp_csum_wrong;
	__u32 tag;
	__u16 ethertype;
	bool no_link;
	struct poke pokes[3];
	__u16 cut, padding, linear, gso;
	bool for_others;
};

#define NO_PAYLOAD (-1)

/* WITH_OPTIONS(ROUTER_ALERT NOPS_4) among the fields of a packet */
#define WITH_OPTIONS(octets) .options = octets, .options_len = sizeof(octets) - 1
#define ROUTER_ALERT "\x94\x04\0\0"
#define NOPS_4 "\1\1\1\1"
#define NOPS_36 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4

/* The same for TCP: WITH_TCP_OPTIONS(MSS_1460 NOPS_4) */
#define WITH_TCP_OPTIONS(octets) .tcp_options = octets, .tcp_options_len = sizeof(octets) - 1
#define MSS_536 "\x02\x04\x02\x18"
#define MSS_1000 "\x02\x04\x03\xe8"
#define MSS_1360 "\x02\x04\x05\x50"
#define MSS_1460 "\x02\x04\x05\xb4"

#define MESSAGE(type, code) (0x10000 | (type) << 8 | (code))
#define TAG(tci) (0x10000 | (tci))
#define ID(number) (0x10000 | (number))

#define DONT_FRAGMENT 0x4000
#define MAY_FRAGMENT 0x10000
#define FIRST_FRAGMENT 0x2000
#define LATER_FRAGMENT(offset) (0x2000 | (offset))
#define LAST_FRAGMENT(offset) (offset)

/* clang-format off */
#define PACKET(where, protocol, from, to, ...) \
	{ .hook = where, .proto = NAT_PROTO_##protocol, .src = from, .dst = to                     \
	  __VA_OPT__(,) __VA_ARGS__ }
#define QUOTE(protocol, from, to, ...) \
	&(struct packet)PACKET(HOOK_OUT, protocol, from, to __VA_OPT__(,) __VA_ARGS__)
/* clang-format on */

/* Protocols that are not translated, for PACKET() and its kin */
#define NAT_PROTO_IGMP 2
#define NAT_PROTO_DCCP 33
#define NAT_PROTO_AH 51

/** struct names - Ports that letters stand for, network order */
struct names {
	__be16 port[26];
	bool bound[26];
};

/**
 * endpoint_parse() - Read "ADDR[:PORT]"
 * @endpoint: Filled but for its protocol; the port is 0 if there is none, or if it is
 *	      a letter that is not bound yet
 *
 * A text that cannot be read fails the case.
 *
 * Return: the unbound letter, or 0
 */
char endpoint_parse(const char *text, const struct names *names, struct nat_endpoint *endpoint);

/** names_bind() - Let @letter stand for @port (network order); false if another one does */
bool names_bind(struct names *names, char letter, __be16 port);

#define FRAME_MAX 4096

/**
 * struct frame - The octets of a packet
 * @l3, @l4:    Where the IPv4 and transport headers begin
 * @csum_error: By how much the transport checksum field is off, in one's complement
 */
struct frame {
	unsigned char bytes[FRAME_MAX];
	size_t len;
	size_t l3, l4;
	__u16 csum_error;
};

/** packet_build() - Turn a packet into octets */
void packet_build(const struct packet *packet, const struct names *names, struct frame *frame);

/** packet_has_transport() - Does it begin with a transport header, unlike later fragments? */
bool packet_has_transport(const struct packet *packet);

/** packet_is_error() - Is it an ICMP error? */
bool packet_is_error(const struct packet *packet);

#endif /* PACKET_H */
