// SPDX-License-Identifier: GPL-2.0-only
/* frame.c - a UDP or TCP packet in octets, made and read. */
#include "frame.h"

#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>

#include "checksum.h"
#include "out.h"

#define TYPE_AT 12
#define TTL 64
#define WINDOW 4096

/* Of odd length, for whoever sums pairs. */
static const char payload[] = "a self-test";
#define PAYLOAD_LEN (sizeof(payload) - 1)

/** struct pseudo_header - What a transport checksum covers besides (RFC 768, RFC 9293) */
struct pseudo_header {
	__be32 src;
	__be32 dst;
	__u8 zero;
	__u8 proto;
	__be16 len;
};

static size_t header_put(__u8 *at, const struct nat_endpoint *src, const struct nat_endpoint *dst,
			 __u8 flags)
{
	struct udphdr udp = {
		.source = src->port,
		.dest = dst->port,
		.len = htons(sizeof(udp) + PAYLOAD_LEN),
	};
	struct tcphdr tcp = {
		.th_sport = src->port,
		.th_dport = dst->port,
		.th_off = sizeof(tcp) / 4,
		.th_flags = flags,
		.th_win = htons(WINDOW),
	};
	if (src->proto == NAT_PROTO_UDP)
		memcpy(at, &udp, sizeof(udp));
	else
		memcpy(at, &tcp, sizeof(tcp));
	return src->proto == NAT_PROTO_UDP ? sizeof(udp) : sizeof(tcp);
}

static size_t check_offset(__u8 proto)
{
	return proto == NAT_PROTO_UDP ? offsetof(struct udphdr, check) :
					offsetof(struct tcphdr, check);
}

/* 0 would mean that there is none (RFC 768). */
static void transport_sum(__u8 *transport, size_t len, const struct nat_endpoint *src,
			  const struct nat_endpoint *dst)
{
	struct pseudo_header pseudo = {
		.src = src->addr, .dst = dst->addr, .proto = src->proto, .len = htons(len)
	};
	__u8 covered[sizeof(pseudo) + FRAME_MAX];
	__be16 sum;

	memcpy(covered, &pseudo, sizeof(pseudo));
	memcpy(covered + sizeof(pseudo), transport, len);
	sum = checksum(covered, sizeof(pseudo) + len);
	if (!sum && src->proto == NAT_PROTO_UDP)
		sum = 0xffff;
	memcpy(transport + check_offset(src->proto), &sum, sizeof(sum));
}

size_t frame_build(__u8 *frame, int header_len, const struct nat_endpoint *src,
		   const struct nat_endpoint *dst, __u8 flags)
{
	const __be16 ethertype = htons(ETHERTYPE_IP);
	__u8 *transport = frame + header_len + sizeof(struct iphdr);
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.frag_off = htons(IP_DF),
		.ttl = TTL,
		.protocol = src->proto,
		.saddr = src->addr,
		.daddr = dst->addr,
	};
	size_t len;

	memset(frame, 0, FRAME_MAX);
	if (header_len)
		memcpy(frame + TYPE_AT, &ethertype, sizeof(ethertype));
	len = header_put(transport, src, dst, flags);
	memcpy(transport + len, payload, PAYLOAD_LEN);
	len += PAYLOAD_LEN;
	transport_sum(transport, len, src, dst);
	ip.tot_len = htons(sizeof(ip) + len);
	ip.check = checksum((const __u8 *)&ip, sizeof(ip));
	memcpy(frame + header_len, &ip, sizeof(ip));
	return header_len + sizeof(ip) + len;
}

char *frame_text(char *text, const __u8 *frame, size_t len, int header_len)
{
	char src[OUT_TEXT_MAX], dst[OUT_TEXT_MAX];
	const __u8 *transport;
	__be16 port[2], sum;
	struct iphdr ip;

	transport = frame + header_len + sizeof(ip);
	if (len < header_len + sizeof(ip) + offsetof(struct tcphdr, check) + sizeof(sum)) {
		snprintf(text, FRAME_TEXT_MAX, "%zu octets", len);
		return text;
	}
	memcpy(&ip, frame + header_len, sizeof(ip));
	memcpy(port, transport, sizeof(port));
	memcpy(&sum, transport + check_offset(ip.protocol), sizeof(sum));
	snprintf(text, FRAME_TEXT_MAX, "%s %s > %s, sums %04x %04x",
		 ip.protocol == NAT_PROTO_UDP ? "udp" : "tcp",
		 out_endpoint_text(src, ip.saddr, port[0]),
		 out_endpoint_text(dst, ip.daddr, port[1]), ntohs(ip.check), ntohs(sum));
	return text;
}
