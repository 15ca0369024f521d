// SPDX-License-Identifier: GPL-2.0-only
/*
 * shape.c - a packet by chance: who to whom, and everything that a header can say.
 *
 * How it works: shape_make() chooses a way (out, in, hairpin; an answer, a stranger, an ICMP
 * error) and fills the fields that tests/lib/packet.h knows. Addresses, ports and IP ids come
 * from short lists, so that packets meet in one flow, one datagram, one slot.
 */
#include "shape.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "random.h"

#define PICK(list, random) (list)[random_below(random, sizeof(list) / sizeof((list)[0]))]

static const char *const hosts[] = { "10.0.0.2", "10.0.0.3",	"10.0.0.4",  "10.0.0.5",
				     "10.0.0.2", "10.0.0.3",	"10.98.0.5", "172.16.0.9",
				     "10.0.0.2", "192.0.2.200", "10.0.0.3" };
static const char *const remotes[] = { "198.51.100.9",	"198.51.100.10", "198.51.100.11",
				       "198.51.100.9",	"198.51.100.10", "192.0.2.7",
				       "198.51.100.9",	"198.51.100.12", "203.0.113.1",
				       "198.51.100.10", "203.0.113.77" };
static const char *const odd[] = { "224.0.0.251", "255.255.255.255", "0.0.0.0",	    "127.0.0.1",
				   "10.0.0.3",	  "240.1.2.3",	     "169.254.1.1", "100.64.0.1",
				   "203.0.113.2", "192.168.7.7" };
static const char *const externals[] = { "203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.2",
					 "203.0.113.77" };
static const __u16 ports[] = { 5000, 5001, 5002, 6000, 1023, 5353, 22, 5000 };
static const __u16 remote_ports[] = { 7, 53, 80, 443, 7, 7 };
static const __u8 protos[] = { NAT_PROTO_TCP,	  NAT_PROTO_TCP,  NAT_PROTO_TCP,  NAT_PROTO_TCP,
			       NAT_PROTO_UDP,	  NAT_PROTO_UDP,  NAT_PROTO_UDP,  NAT_PROTO_UDP,
			       NAT_PROTO_ICMP,	  NAT_PROTO_ICMP, NAT_PROTO_GRE,  NAT_PROTO_ESP,
			       NAT_PROTO_UDPLITE, NAT_PROTO_SCTP, NAT_PROTO_IPIP, NAT_PROTO_L2TP,
			       NAT_PROTO_IGMP };

static bool chance(uint64_t *random, __u32 percent)
{
	return random_below(random, 100) < percent;
}

/* ---- endpoints -------------------------------------------------------------------------- */

static void text_make(char *text, const char *addr, __u16 port)
{
	snprintf(text, SHAPE_TEXT, "%s:%u", addr, port);
}

static void text_of(char *text, const struct nat_endpoint *endpoint)
{
	char addr[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &endpoint->addr, addr, sizeof(addr));
	text_make(text, addr, ntohs(endpoint->port));
}

static __u16 port_random(const __u16 *list, size_t count, uint64_t *random)
{
	if (chance(random, 6))
		return random_below(random, 65536);
	return list[random_below(random, count)];
}

static void internal_random(char *text, uint64_t *random)
{
	text_make(text, chance(random, 2) ? PICK(odd, random) : PICK(hosts, random),
		  port_random(ports, sizeof(ports) / sizeof(*ports), random));
}

static void remote_random(char *text, uint64_t *random)
{
	text_make(text, chance(random, 3) ? PICK(odd, random) : PICK(remotes, random),
		  port_random(remote_ports, sizeof(remote_ports) / sizeof(*remote_ports), random));
}

static void external_random(char *text, uint64_t *random)
{
	text_make(text, PICK(externals, random),
		  port_random(ports, sizeof(ports) / sizeof(*ports), random));
}

/* ---- fields ----------------------------------------------------------------------------- */

/* What options can be: harmless, telling, of impossible lengths, or noise. */
static void options_random(struct shape *shape, uint64_t *random)
{
	static const char *const known[] = { "\x01\x01\x01\x01",       "\x94\x04\0\0",
					     "\x07\x07\x04\0\0\0\0\0", "\x83\x07\x04\x0a\0\0\x02\0",
					     "\x01\x01\x44\x01",       "\x07\0\0\0" };
	static const __u8 known_len[] = { 4, 4, 8, 8, 4, 4 };
	__u32 which = random_below(random, 8);

	if (which < sizeof(known_len)) {
		shape->packet.options_len = known_len[which];
		memcpy(shape->options, known[which], known_len[which]);
	} else {
		shape->packet.options_len = 4 + random_below(random, 10) * 4;
		for (int i = 0; i < SHAPE_OPTIONS; i++)
			shape->options[i] = random_next(random) & (which == 6 ? 0x0f : 0xff);
	}
	shape->packet.options = shape->options;
}

/* An MSS at whatever offset, and things that look like one. */
static void tcp_options_random(struct shape *shape, uint64_t *random)
{
	__u32 at = random_below(random, 8), mss = random_next(random);
	char *options = shape->tcp_options;

	memset(options, 1, SHAPE_OPTIONS);
	options[at] = 2;
	options[at + 1] = chance(random, 90) ? 4 : random_below(random, 6);
	options[at + 2] = chance(random, 60) ? 5 : mss >> 8;
	options[at + 3] = mss;
	if (chance(random, 20))
		for (int i = 0; i < SHAPE_OPTIONS; i++)
			options[i] = random_next(random) & 7;
	shape->packet.tcp_options = options;
	shape->packet.tcp_options_len = 4 + random_below(random, 10) * 4;
}

static void tcp_random(struct packet *packet, uint64_t *random)
{
	static const __u16 flags[] = { SYN, SYN,       SYN,	  SYN | ACK, ACK,
				       RST, FIN | ACK, PSH | ACK, RST | ACK, ACK };
	static const __u32 numbers[] = { 0, 1, 1000, 0x7fffffff, 0x80000000, 0xffffffff };

	packet->flags = chance(random, 95) ? PICK(flags, random) : random_below(random, 256);
	packet->seq = chance(random, 80) ? PICK(numbers, random) : random_next(random);
	packet->ack = chance(random, 80) ? PICK(numbers, random) : random_next(random);
}

static void fragment_random(struct packet *packet, uint64_t *random)
{
	static const __u32 kinds[] = { FIRST_FRAGMENT, FIRST_FRAGMENT,	    LATER_FRAGMENT(2),
				       MAY_FRAGMENT,   LAST_FRAGMENT(3),    LATER_FRAGMENT(1),
				       MAY_FRAGMENT,   LATER_FRAGMENT(8191) };

	packet->fragment = PICK(kinds, random);
	if (chance(random, 5))
		packet->fragment |= DONT_FRAGMENT;
}

/* What any packet can have, that of a quote included. */
static void packet_random(struct packet *packet, uint64_t *random)
{
	static const enum csum_kind csums[] = { CSUM_WRONG, CSUM_NONE, CSUM_UNFINISHED };

	packet->proto = PICK(protos, random);
	packet->id = ID(1 + random_below(random, 6) * 32);
	packet->ttl = chance(random, 95) ? 64 : random_below(random, 4);
	packet->len = chance(random, 85) ? random_below(random, 40) : random_below(random, 1400);
	packet->fill = random_next(random);
	packet->tos = chance(random, 10) ? random_next(random) : 0;
	if (chance(random, 15))
		fragment_random(packet, random);
	if (chance(random, 20))
		packet->csum = PICK(csums, random);
	if (packet->proto == NAT_PROTO_TCP)
		tcp_random(packet, random);
	packet->ip_csum_wrong = chance(random, 1);
}

/* ---- ways ------------------------------------------------------------------------------- */

/* A flow that there has been, or one that there has not. */
static struct flow flow_random(const struct flows *flows, uint64_t *random)
{
	__u32 which = random_next(random);
	struct flow flow = { { 0 }, { 0 }, { 0 }, false };

	if (flows->count)
		return flows->flow[which % flows->count];
	inet_pton(AF_INET, hosts[0], &flow.internal.addr);
	inet_pton(AF_INET, externals[0], &flow.external.addr);
	inet_pton(AF_INET, remotes[0], &flow.remote.addr);
	flow.internal.port = flow.external.port = htons(ports[0]);
	flow.remote.port = htons(remote_ports[0]);
	flow.internal.proto = flow.external.proto = flow.remote.proto = NAT_PROTO_UDP;
	return flow;
}

static void out_make(struct shape *shape, const struct flows *flows, uint64_t *random)
{
	struct flow flow = flow_random(flows, random);

	internal_random(shape->src, random);
	remote_random(shape->dst, random);
	if (chance(random, 40)) {
		text_of(shape->src, &flow.internal);
		shape->packet.proto = flow.internal.proto;
		if (chance(random, 70))
			text_of(shape->dst, &flow.remote);
	}
	if (chance(random, 8))
		external_random(shape->src, random); /* of the gateway itself */
}

static void in_make(struct shape *shape, const struct flows *flows, uint64_t *random)
{
	struct flow flow = flow_random(flows, random);

	shape->packet.proto = flow.external.proto;
	text_of(shape->src, &flow.remote);
	text_of(shape->dst, &flow.external);
	if (chance(random, 25))
		remote_random(shape->src, random);
	if (chance(random, 10))
		external_random(shape->dst, random);
	if (chance(random, 3))
		internal_random(shape->src, random);
}

static void lan_make(struct shape *shape, const struct flows *flows, uint64_t *random)
{
	struct flow to = flow_random(flows, random), from = flow_random(flows, random);

	shape->packet.proto = to.external.proto;
	text_of(shape->dst, &to.external);
	text_of(shape->src, &from.internal);
	if (chance(random, 40))
		internal_random(shape->src, random);
	if (chance(random, 10))
		remote_random(shape->dst, random);
}

/* About a packet of a flow: which way that went, decides where the error comes from. */
static void error_make(struct shape *shape, const struct flows *flows, uint64_t *random)
{
	static const __u8 types[] = { 3, 3, 3, 11, 12, 3, 4, 5 };
	struct flow flow = flow_random(flows, random);
	enum hook hook = shape->packet.hook;
	struct packet *quote = &shape->quote;

	packet_random(quote, random);
	if (chance(random, 95))
		quote->proto = flow.external.proto;
	text_of(hook == HOOK_IN ? shape->quote_src : shape->quote_dst,
		hook == HOOK_OUT ? &flow.internal : &flow.external);
	text_of(hook == HOOK_IN ? shape->quote_dst : shape->quote_src, &flow.remote);
	if (hook == HOOK_LAN) {
		text_of(shape->quote_src, &flow.remote);
		text_of(shape->quote_dst, &flow.internal);
	}
	quote->src = shape->quote_src;
	quote->dst = shape->quote_dst;
	quote->hook = hook == HOOK_IN ? HOOK_OUT : HOOK_IN;
	text_of(shape->dst, hook == HOOK_IN ? &flow.external : &flow.remote);
	if (hook != HOOK_IN)
		text_of(shape->src, &flow.internal);
	if (hook == HOOK_IN || chance(random, 20))
		(hook == HOOK_IN ? remote_random : internal_random)(shape->src, random);

	shape->packet.proto = NAT_PROTO_ICMP;
	shape->packet.icmp = MESSAGE(PICK(types, random), random_below(random, 16));
	shape->packet.quote = quote;
	shape->packet.quoted = chance(random, 70) ? 8 + random_below(random, 16) : 0;
	shape->packet.word = chance(random, 50) ? 0 : random_next(random);
	shape->packet.icmp_csum_wrong = chance(random, 2);
	if (chance(random, 90))
		shape->packet.fragment = 0;
	if (chance(random, 10)) {
		memset(shape->extension, 0x20, sizeof(shape->extension));
		shape->packet.extension = shape->extension;
		shape->packet.extension_len = random_below(random, sizeof(shape->extension));
	}
}

void shape_make(struct shape *shape, const struct flows *flows, uint64_t *random)
{
	static const enum hook hooks[] = { HOOK_OUT, HOOK_OUT, HOOK_OUT, HOOK_OUT,
					   HOOK_IN,  HOOK_IN,  HOOK_IN,	 HOOK_LAN };
	struct packet *packet = &shape->packet;
	static const __u8 queries[] = { 8, 8, 8, 0, 0, 13, 14, 17, 18, 9 };

	memset(shape, 0, sizeof(*shape));
	packet_random(packet, random);
	packet->hook = PICK(hooks, random);
	packet->src = shape->src;
	packet->dst = shape->dst;
	if (chance(random, 12))
		error_make(shape, flows, random);
	else if (packet->hook == HOOK_OUT)
		out_make(shape, flows, random);
	else if (packet->hook == HOOK_IN)
		in_make(shape, flows, random);
	else
		lan_make(shape, flows, random);
	if (packet->proto == NAT_PROTO_TCP && !packet->flags)
		tcp_random(packet, random);
	if (packet->proto == NAT_PROTO_TCP && packet->flags & SYN && chance(random, 60))
		tcp_options_random(shape, random);
	if (packet->proto == NAT_PROTO_ICMP && !packet->quote && chance(random, 15))
		packet->icmp = MESSAGE(PICK(queries, random), 0);
	if (chance(random, 6))
		options_random(shape, random);
	if (chance(random, 4))
		packet->padding = random_below(random, 64);
}
