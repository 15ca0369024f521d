// SPDX-License-Identifier: GPL-2.0-only
/* traffic.c - the packets of the stress program, made once, and what has become of one. */
#include "traffic.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

#define L3 14
#define L4 (L3 + 20)

static struct traffic out[TRAFFIC_MAX][HOSTS][SOURCES][REMOTES];
static struct traffic in[TRAFFIC_MAX][REMOTES][OWNERS_ADDRESSES][GENERATIONS][PORTS];

static const struct {
	__u8 proto;
	__u16 flags;
} kinds[TRAFFIC_MAX] = {
	[TRAFFIC_UDP] = { NAT_PROTO_UDP, 0 },	[TRAFFIC_ICMP] = { NAT_PROTO_ICMP, 0 },
	[TRAFFIC_SYN] = { NAT_PROTO_TCP, SYN }, [TRAFFIC_ACK] = { NAT_PROTO_TCP, ACK },
	[TRAFFIC_FIN] = { NAT_PROTO_TCP, FIN }, [TRAFFIC_RST] = { NAT_PROTO_TCP, RST },
	[TRAFFIC_GRE] = { NAT_PROTO_GRE, 0 },
};

static void build(struct traffic *made, enum traffic_kind kind, enum hook hook, const char *src,
		  const char *dst)
{
	const struct packet packet = { .hook = hook,
				       .proto = kinds[kind].proto,
				       .src = src,
				       .dst = dst,
				       .flags = kinds[kind].flags };
	struct frame frame;

	packet_build(&packet, NULL, &frame);
	CHECK(frame.len <= sizeof(made->bytes));
	memcpy(made->bytes, frame.bytes, frame.len);
	made->len = frame.len;
	made->proto = packet.proto;
}

/* "ADDR:PORT", or what the protocol has of it: @port 0 is none. */
static const char *endpoint(char *text, size_t size, __be32 addr, __u32 port)
{
	snprintf(text, size, port ? "%s:%u" : "%s", inet_ntoa((struct in_addr){ addr }), port);
	return text;
}

__be32 traffic_external(__u32 address, __u32 generation)
{
	return htonl(0xcb007101 + address + 16 * generation); /* 203.0.113.1 */
}

struct nat_endpoint traffic_internal(__u8 proto, __u32 host, __u32 source)
{
	struct nat_endpoint internal = { .addr = htonl(0x0a000002 + host), .proto = proto };

	/* Some of a host's ports are another's, too. */
	if (source < SOURCES)
		internal.port = htons(FIRST_PORT + (host * SOURCES / 2 + source) % PORTS);
	return internal;
}

static __be32 remote_addr(__u32 remote)
{
	return htonl(0xc6336409 + remote / 2); /* 198.51.100.9 */
}

static __u32 remote_port(__u8 proto, __u32 remote)
{
	return proto == NAT_PROTO_TCP || proto == NAT_PROTO_UDP ? 7 + remote % 2 : 0;
}

void traffic_make(void)
{
	char from[32], to[32];

	for (__u32 kind = 0; kind < TRAFFIC_MAX; kind++)
		for (__u32 remote = 0; remote < REMOTES; remote++) {
			__u8 proto = kinds[kind].proto;
			const char *there = endpoint(to, sizeof(to), remote_addr(remote),
						     remote_port(proto, remote));

			for (__u32 i = 0; i < HOSTS * SOURCES; i++) {
				struct nat_endpoint own =
					traffic_internal(proto, i / SOURCES, i % SOURCES);

				endpoint(from, sizeof(from), own.addr,
					 nat_has_ports(proto) ? ntohs(own.port) : 0);
				build(&out[kind][i / SOURCES][i % SOURCES][remote], kind, HOOK_OUT,
				      from, there);
			}
			for (__u32 i = 0; i < OWNERS_ADDRESSES * GENERATIONS * PORTS; i++) {
				__u32 port = i % PORTS, address = i / PORTS % OWNERS_ADDRESSES;
				__u32 generation = i / PORTS / OWNERS_ADDRESSES;

				endpoint(from, sizeof(from), traffic_external(address, generation),
					 nat_has_ports(proto) ? FIRST_PORT + port : 0);
				build(&in[kind][remote][address][generation][port], kind, HOOK_IN,
				      there, from);
			}
		}
}

const struct traffic *traffic_out(enum traffic_kind kind, __u32 host, __u32 source, __u32 remote)
{
	return &out[kind][host][source][remote];
}

const struct traffic *traffic_in(enum traffic_kind kind, __u32 remote, __u32 address,
				 __u32 generation, __u32 port)
{
	return &in[kind][remote][address][generation][port];
}

/* The source, or the destination, of a packet. */
static struct nat_endpoint endpoint_of(const unsigned char *bytes, bool is_src)
{
	struct nat_endpoint found = { .proto = bytes[L3 + 9] };

	memcpy(&found.addr, bytes + L3 + (is_src ? 12 : 16), sizeof(found.addr));
	if (found.proto == NAT_PROTO_ICMP)
		memcpy(&found.port, bytes + L4 + 4, sizeof(found.port));
	else
		memcpy(&found.port, bytes + L4 + (is_src ? 0 : 2), sizeof(found.port));
	return found;
}

bool traffic_used(const unsigned char *before, const unsigned char *after, bool is_out,
		  struct owners_use *use)
{
	struct nat_endpoint was = endpoint_of(before, is_out), is = endpoint_of(after, is_out);
	__u32 above;

	if (!nat_has_ports(was.proto) || was.addr == is.addr)
		return false;
	use->internal = is_out ? was : is;
	use->external = is_out ? is : was;
	above = ntohl(use->external.addr) - ntohl(traffic_external(0, 0));
	use->address = above % 16;
	return above < 16 * GENERATIONS && use->address < OWNERS_ADDRESSES;
}
