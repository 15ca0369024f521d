// SPDX-License-Identifier: GPL-2.0-only
/*
 * wire.c - the octets of a frame as the RFCs read them, and their checksums.
 */
#include "wire.h"

#include <string.h>

#define IP_HLEN 20
#define TCP_HLEN 20
#define UDP_HLEN 8
#define ICMP_HLEN 8
#define QUOTED_MIN 8

#define FLAG_SYN 0x02
#define FLAGS_NOT_WITH_SYN 0x05 /* FIN, RST */

static __u16 get16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static __u32 sum_octets(const unsigned char *bytes, size_t len)
{
	__u32 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	return sum;
}

/* Octets in so many words of 32 bits */
static size_t words(unsigned int count)
{
	return (size_t)count * 4;
}

/* 0 and 0xFFFF are one number. */
static __u16 fold(__u32 sum)
{
	return sum % 0xffff;
}

/* ---- reading ---------------------------------------------------------------------------- */

static bool tcp_is_sane(const struct wire *wire)
{
	size_t hlen;
	__u8 flags;

	if (wire->l4_len < TCP_HLEN)
		return false;
	hlen = words(wire->l4[12] >> 4);
	flags = wire->l4[13];
	return hlen >= TCP_HLEN && hlen <= wire->l4_len &&
	       !(flags & FLAG_SYN && flags & FLAGS_NOT_WITH_SYN);
}

static bool udp_is_sane(const struct wire *wire)
{
	__u16 len = wire->l4_len < UDP_HLEN ? 0 : get16(wire->l4 + 4);

	return len >= UDP_HLEN && (wire->fragment || len <= wire->l4_len);
}

static enum wire_kind icmp_kind(__u8 type)
{
	switch (type) {
	case 8:
	case 13:
	case 17:
		return WIRE_REQUEST;
	case 0:
	case 14:
	case 18:
		return WIRE_REPLY;
	case 3:
	case 11:
	case 12:
		return WIRE_ERROR;
	default:
		return WIRE_OTHER;
	}
}

static enum wire_kind transport_kind(const struct wire *wire, __u8 proto)
{
	if (nat_has_address_only(proto))
		return proto == NAT_PROTO_UDPLITE && wire->l4_len < UDP_HLEN ? WIRE_BAD :
									       WIRE_ADDRESS;
	if (!nat_has_ports(proto))
		return WIRE_OTHER;
	if (wire->l4_len < QUOTED_MIN)
		return WIRE_BAD;
	return proto == NAT_PROTO_ICMP ? icmp_kind(wire->l4[0]) : WIRE_PORTS;
}

static void ports_read(struct wire *wire)
{
	const unsigned char *source = wire_port(wire, true), *dest = wire_port(wire, false);

	if (source)
		memcpy(&wire->src.port, source, 2);
	if (dest)
		memcpy(&wire->dst.port, dest, 2);
}

/* What is said of addresses and fragments, of a header that is all there. */
static void header_read(struct wire *wire, unsigned char *ip)
{
	__u16 frag = get16(ip + 6);

	wire->ip = ip;
	wire->l4 = ip + words(ip[0] & 15);
	memcpy(&wire->src.addr, ip + 12, 4);
	memcpy(&wire->dst.addr, ip + 16, 4);
	wire->src.proto = wire->dst.proto = ip[9];
	wire->fragment = frag & 0x3fff;
	wire->atomic = (frag & 0x7fff) == 0x4000;
}

struct wire wire_read(struct frame *frame)
{
	unsigned char *ip = frame->bytes + frame->l3;
	size_t room = frame->len > frame->l3 ? frame->len - frame->l3 : 0;
	struct wire wire = { .kind = WIRE_BAD };
	size_t hlen, total;

	if (room < IP_HLEN)
		return wire;
	header_read(&wire, ip);
	hlen = words(ip[0] & 15);
	total = get16(ip + 2);
	if (ip[0] >> 4 != 4 || hlen < IP_HLEN || total < hlen || total > room)
		return wire;
	wire.l4_len = total - hlen;
	if (get16(ip + 6) & 0x1fff) {
		wire.kind = WIRE_LATER;
		return wire;
	}
	wire.kind = transport_kind(&wire, ip[9]);
	if (wire.kind != WIRE_PORTS) {
		ports_read(&wire);
		return wire;
	}
	if (ip[9] == NAT_PROTO_TCP ? !tcp_is_sane(&wire) : !udp_is_sane(&wire)) {
		wire.kind = WIRE_BAD;
		return wire;
	}
	ports_read(&wire);
	if (!wire.src.port || !wire.dst.port)
		wire.kind = WIRE_BAD;
	return wire;
}

struct wire wire_quote(const struct wire *error)
{
	unsigned char *ip = error->l4 + ICMP_HLEN;
	struct wire wire = { .kind = WIRE_BAD };
	size_t hlen;

	if (error->kind != WIRE_ERROR || error->l4_len < ICMP_HLEN + IP_HLEN || ip[0] >> 4 != 4)
		return wire;
	hlen = words(ip[0] & 15);
	if (hlen < IP_HLEN || error->l4_len < ICMP_HLEN + hlen)
		return wire;
	header_read(&wire, ip);
	wire.l4_len = error->l4_len - ICMP_HLEN - hlen;
	wire.kind = get16(ip + 6) & 0x1fff ? WIRE_LATER : transport_kind(&wire, ip[9]);
	if (wire.kind != WIRE_LATER)
		ports_read(&wire);
	return wire;
}

/* ---- fields ----------------------------------------------------------------------------- */

unsigned char *wire_check(const struct wire *wire)
{
	__u8 proto = wire->src.proto;
	size_t at = proto == NAT_PROTO_TCP ? 16 : proto == NAT_PROTO_ICMP ? 2 : 6;

	if (wire->kind == WIRE_BAD || wire->kind == WIRE_LATER || wire->kind == WIRE_OTHER ||
	    (wire->kind == WIRE_ADDRESS && proto != NAT_PROTO_UDPLITE) || wire->l4_len < at + 2)
		return NULL;
	return wire->l4 + at;
}

unsigned char *wire_port(const struct wire *wire, bool source)
{
	if (wire->kind == WIRE_PORTS)
		return wire->l4 + (source ? 0 : 2);
	if (wire->kind == (source ? WIRE_REQUEST : WIRE_REPLY))
		return wire->l4 + 4;
	return NULL;
}

bool wire_is_optional(const struct wire *wire)
{
	return wire->src.proto == NAT_PROTO_UDP || wire->src.proto == NAT_PROTO_UDPLITE;
}

__u16 wire_ip_sum(const struct wire *wire)
{
	return fold(sum_octets(wire->ip, wire->l4 - wire->ip));
}

__u16 wire_l4_sum(const struct wire *wire)
{
	__u32 sum = sum_octets(wire->l4, wire->l4_len);

	if (wire->src.proto != NAT_PROTO_ICMP)
		sum += sum_octets(wire->ip + 12, 8) + wire->src.proto + (__u32)wire->l4_len;
	return fold(sum);
}

/* ---- writing ---------------------------------------------------------------------------- */

/* Make the field at @check such that @sum, of all including it, becomes 0. */
static void settle(unsigned char *check, __u16 sum)
{
	put16(check, fold((__u32)get16(check) + 0xffff - sum));
}

static void l4_repair(const struct wire *wire)
{
	unsigned char *check = wire_check(wire);

	if (!check || (wire_is_optional(wire) && !get16(check)))
		return;
	settle(check, wire_l4_sum(wire));
	if (!get16(check) && wire_is_optional(wire))
		put16(check, 0xffff);
}

void wire_repair(struct frame *frame, bool all)
{
	struct wire wire = wire_read(frame), quote;

	if (!wire.ip || wire.l4 > frame->bytes + frame->len)
		return;
	settle(wire.ip + 10, wire_ip_sum(&wire));
	if (!all || wire.kind == WIRE_BAD)
		return;
	quote = wire_quote(&wire);
	if (quote.kind != WIRE_BAD)
		settle(quote.ip + 10, wire_ip_sum(&quote));
	l4_repair(&wire);
}

static void swap_octets(unsigned char *a, unsigned char *b, size_t len)
{
	unsigned char kept[4];

	memcpy(kept, a, len);
	memcpy(a, b, len);
	memcpy(b, kept, len);
}

bool wire_reverse(struct frame *frame)
{
	struct wire wire = wire_read(frame);
	__u16 sum;

	if (wire.kind != WIRE_PORTS && wire.kind != WIRE_REQUEST && wire.kind != WIRE_ADDRESS)
		return false;
	swap_octets(wire.ip + 12, wire.ip + 16, 4); /* no sum changes by that */
	if (wire.kind == WIRE_PORTS)
		swap_octets(wire.l4, wire.l4 + 2, 2);
	if (wire.kind != WIRE_REQUEST)
		return true;
	sum = wire_l4_sum(&wire);
	wire.l4[0] = wire.l4[0] == 8 ? 0 : wire.l4[0] + 1;
	settle(wire.l4 + 2, (wire_l4_sum(&wire) + 0xffff - sum) % 0xffff);
	return true;
}
