// SPDX-License-Identifier: GPL-2.0-only
/*
 * packet.c - from struct packet to octets.
 *
 * Nothing here is shared with bpf/: headers are written octet by octet and checksums
 * summed over them as in RFC 1071, so that an error there cannot hide itself here.
 */
#include "packet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define ETH_HLEN 14
#define IP_HLEN 20
#define TCP_HLEN 20
#define UDP_HLEN 8
#define ICMP_HLEN 8

/* CSUM_WRONG: any number that is neither 0 nor 0xFFFF. */
#define WRONG_BY 0x1234

static void put16(unsigned char *at, __u32 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(unsigned char *at, __u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* Sum of 16-bit words, not complemented; values in host order as they are read */
static __u16 sum_octets(const unsigned char *bytes, size_t len, __u32 sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static __u16 ones_add(__u16 a, __u16 b)
{
	__u32 sum = (__u32)a + b;

	return (sum & 0xffff) + (sum >> 16);
}

/* ---- endpoints -------------------------------------------------------------------------- */

char endpoint_parse(const char *text, const struct names *names, struct nat_endpoint *endpoint)
{
	const char *colon = strchr(text, ':');
	char addr[32]; /* longer than any address: a longer text is none */

	memset(endpoint, 0, sizeof(*endpoint));
	snprintf(addr, sizeof(addr), "%.*s", colon ? (int)(colon - text) : (int)strlen(text), text);
	if (inet_pton(AF_INET, addr, &endpoint->addr) != 1)
		check_fail(__FILE__, __LINE__, "\"%s\" is no endpoint", text);
	if (!colon)
		return 0;
	if (colon[1] < 'a' || colon[1] > 'z') {
		endpoint->port = htons(atoi(colon + 1));
		return 0;
	}
	if (!names->bound[colon[1] - 'a'])
		return colon[1];
	endpoint->port = names->port[colon[1] - 'a'];
	return 0;
}

bool names_bind(struct names *names, char letter, __be16 port)
{
	int index = letter - 'a';

	for (int i = 0; i < 26; i++)
		if (names->bound[i] && names->port[i] == port && i != index)
			return false;
	if (names->bound[index] && names->port[index] != port)
		return false;
	names->bound[index] = true;
	names->port[index] = port;
	return true;
}

/* ---- layers ----------------------------------------------------------------------------- */

static __u8 icmp_type(const struct packet *packet)
{
	if (packet->icmp)
		return packet->icmp >> 8;
	return packet->hook == HOOK_IN ? 0 : 8;
}

bool packet_has_transport(const struct packet *packet)
{
	return !(packet->fragment & 0x1fff);
}

bool packet_is_error(const struct packet *packet)
{
	return packet->proto == NAT_PROTO_ICMP && packet->quote;
}

static size_t link_put(const struct packet *packet, unsigned char *at)
{
	/* To the device of the test run, lo, from somebody. */
	static const unsigned char macs[12] = { 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 2 };
	unsigned char *next = at + sizeof(macs);

	if (packet->no_link)
		return 0;
	memcpy(at, macs, sizeof(macs));
	at[0] = packet->for_others ? 0x02 : 0;
	if (packet->tag) {
		put16(next, 0x8100);
		put16(next + 2, packet->tag);
		next += 4;
	}
	put16(next, packet->ethertype ?: 0x0800);
	return next + 2 - at;
}

static size_t payload_put(const struct packet *packet, unsigned char *at)
{
	size_t len = packet->len > 0		    ? packet->len :
		     packet->len == NO_PAYLOAD	    ? 0 :
		     packet->proto == NAT_PROTO_TCP ? 0 :
						      11;

	for (size_t i = 0; i < len; i++)
		at[i] = 0x40 + i % 61;
	if (packet->fill && len >= 2)
		put16(at, packet->fill);
	return len;
}

static size_t tcp_put(const struct packet *packet, __be16 sport, __be16 dport, unsigned char *at)
{
	size_t hlen = TCP_HLEN + packet->tcp_options_len;

	memcpy(at, &sport, 2);
	memcpy(at + 2, &dport, 2);
	put32(at + 4, packet->seq);
	put32(at + 8, packet->ack);
	at[12] = hlen / 4 << 4;
	at[13] = packet->flags ? packet->flags : ACK;
	put16(at + 14, 0x7210);
	if (packet->tcp_options_len)
		memcpy(at + TCP_HLEN, packet->tcp_options, packet->tcp_options_len);
	return hlen + payload_put(packet, at + hlen);
}

static size_t udp_put(const struct packet *packet, __be16 sport, __be16 dport, unsigned char *at)
{
	size_t len = UDP_HLEN + payload_put(packet, at + UDP_HLEN);

	memcpy(at, &sport, 2);
	memcpy(at + 2, &dport, 2);
	put16(at + 4, len);
	return len;
}

/* The quoted packet, cut where the router that reports it would cut it. */
static size_t quote_put(const struct packet *packet, const struct names *names, unsigned char *at)
{
	struct packet quote = *packet->quote;
	struct frame frame;
	size_t len;

	quote.no_link = true;
	packet_build(&quote, names, &frame);
	len = frame.len;
	if (packet->quoted && frame.l4 + packet->quoted < len)
		len = frame.l4 + packet->quoted;
	memcpy(at, frame.bytes, len);
	return len;
}

static size_t icmp_put(const struct packet *packet, const struct names *names, __be16 query_id,
		       unsigned char *at)
{
	size_t len = ICMP_HLEN;

	at[0] = icmp_type(packet);
	at[1] = packet->icmp;
	if (packet->quote) {
		put32(at + 4, packet->word);
		len += quote_put(packet, names, at + len);
	} else {
		memcpy(at + 4, &query_id, 2);
		put16(at + 6, 1); /* sequence number */
		len += payload_put(packet, at + len);
	}
	if (packet->extension_len)
		memcpy(at + len, packet->extension, packet->extension_len);
	return len + packet->extension_len;
}

/* ---- checksums -------------------------------------------------------------------------- */

static void pokes_apply(const struct packet *packet, unsigned char *ip)
{
	for (size_t i = 0; i < sizeof(packet->pokes) / sizeof(*packet->pokes); i++) {
		const struct poke *poke = &packet->pokes[i];

		if (poke->size == 1)
			ip[poke->at] = poke->value;
		else if (poke->size == 2)
			put16(ip + poke->at, poke->value);
		else if (poke->size == 4)
			put32(ip + poke->at, poke->value);
	}
}

/* TCP and UDP: the field and by how much it is off */
static void transport_csum(const struct packet *packet, struct frame *frame, size_t field)
{
	unsigned char *ip = frame->bytes + frame->l3, *l4 = frame->bytes + frame->l4;
	size_t len = frame->len - frame->l4;
	__u16 pseudo = sum_octets(ip + 12, 8, packet->proto + len);
	__u16 right = ~sum_octets(l4, len, pseudo);
	__u16 value = right;

	if (packet->csum == CSUM_NONE)
		return;
	if (packet->csum == CSUM_UNFINISHED)
		value = pseudo;
	if (packet->csum == CSUM_WRONG)
		value = ones_add(right, WRONG_BY);
	if (packet->csum == CSUM_OFF_BY)
		value = ones_add(right, packet->csum_error);
	if (packet->proto == NAT_PROTO_UDP && !value)
		value = 0xffff;
	frame->csum_error = ones_add(value, ~right);
	put16(l4 + field, value);
}

static void csums_fill(const struct packet *packet, struct frame *frame)
{
	unsigned char *ip = frame->bytes + frame->l3, *l4 = frame->bytes + frame->l4;
	__u16 csum;

	if (packet->proto == NAT_PROTO_TCP && packet_has_transport(packet))
		transport_csum(packet, frame, 16);
	if ((packet->proto == NAT_PROTO_UDP || packet->proto == NAT_PROTO_UDPLITE) &&
	    packet_has_transport(packet))
		transport_csum(packet, frame, 6);
	if (packet->proto == NAT_PROTO_ICMP && packet_has_transport(packet)) {
		csum = ~sum_octets(l4, frame->len - frame->l4, 0);
		put16(l4 + 2, packet->icmp_csum_wrong ? ones_add(csum, WRONG_BY) : csum);
	}
	csum = ~sum_octets(ip, frame->l4 - frame->l3, 0);
	put16(ip + 10, packet->ip_csum_wrong ? ones_add(csum, WRONG_BY) : csum);
}

void packet_build(const struct packet *packet, const struct names *names, struct frame *frame)
{
	/* A later fragment is payload, whatever its protocol. */
	__u8 proto = packet_has_transport(packet) ? packet->proto : 0;
	struct nat_endpoint src, dst;
	unsigned char *ip;

	memset(frame, 0, sizeof(*frame));
	endpoint_parse(packet->src, names, &src);
	endpoint_parse(packet->dst, names, &dst);
	frame->l3 = link_put(packet, frame->bytes);
	frame->l4 = frame->l3 + IP_HLEN + packet->options_len;
	ip = frame->bytes + frame->l3;
	frame->len = frame->l4;

	if (proto == NAT_PROTO_TCP)
		frame->len += tcp_put(packet, src.port, dst.port, frame->bytes + frame->l4);
	else if (proto == NAT_PROTO_UDP || proto == NAT_PROTO_UDPLITE)
		frame->len += udp_put(packet, src.port, dst.port, frame->bytes + frame->l4);
	else if (proto == NAT_PROTO_ICMP)
		frame->len +=
			icmp_put(packet, names, src.port ?: dst.port, frame->bytes + frame->l4);
	else
		frame->len += payload_put(packet, frame->bytes + frame->l4);

	ip[0] = 0x40 | (IP_HLEN + packet->options_len) / 4;
	ip[1] = packet->tos;
	put16(ip + 2, frame->len - frame->l3);
	put16(ip + 4, packet->id ?: 1);
	put16(ip + 6, packet->fragment ?: DONT_FRAGMENT);
	ip[8] = packet->ttl ?: 64;
	ip[9] = packet->proto;
	memcpy(ip + 12, &src.addr, 4);
	memcpy(ip + 16, &dst.addr, 4);
	if (packet->options_len)
		memcpy(ip + IP_HLEN, packet->options, packet->options_len);

	pokes_apply(packet, ip);
	csums_fill(packet, frame);
	if (packet->cut && frame->l3 + packet->cut < frame->len)
		frame->len = frame->l3 + packet->cut;
	frame->len += packet->padding;
}
