/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port.h - choose and claim the external port of a new binding.
 *
 * Classes (RFC 4787 REQ-3a): a source below 1024 stays below 1024, its own port if that
 * is free, else 512 to 1023; any other gets a port of the configured range, its own if
 * that lies in it. ICMP ids have no classes: all 65,536 serve.
 *
 * A port that a local socket owns is not ours to give. Sockets are natctl's host bits,
 * refreshed every few seconds; a socket younger than that is found by asking the kernel
 * before a claim is used.
 */
#ifndef PORT_H
#define PORT_H

#include "claims.h"
#include "verdict.h"

#define PORT_CLASS_LIMIT 1024
#define PORT_LOW_FIRST 512

/* How often a claimed port may turn out to be a local socket's before we refuse. */
#define PORT_TRIES 4

/** enum port_owner - What a socket of this machine does with an external endpoint */
enum port_owner {
	PORT_FREE,
	PORT_LISTENS,	/* waits there for anybody */
	PORT_CONNECTED, /* is connected from there to that very remote endpoint */
};

/**
 * port_owner() - Ask the kernel for a socket at @external that @remote could reach
 *
 * A function of its own: used in several places, all off the fast path.
 *
 * Return: enum port_owner
 */
VERIFIED_ONCE int port_owner(struct nat_ctx *ctx, const struct nat_endpoint *external,
			     const struct nat_endpoint *remote)
{
	struct bpf_sock_tuple tuple = {};
	enum port_owner owner = PORT_FREE;
	struct bpf_sock *sock = NULL;

	if (!external || !remote)
		return PORT_FREE;
	tuple.ipv4.saddr = remote->addr;
	tuple.ipv4.sport = remote->port;
	tuple.ipv4.daddr = external->addr;
	tuple.ipv4.dport = external->port;
	if (external->proto == NAT_PROTO_TCP)
		sock = bpf_sk_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	else if (external->proto == NAT_PROTO_UDP)
		sock = bpf_sk_lookup_udp(ctx, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (sock) {
		owner = sock->dst_port ? PORT_CONNECTED : PORT_LISTENS;
		bpf_sk_release(sock);
	}
	return owner;
}

/** port_range() - The ports that a source port's class may be given */
static __always_inline struct claim_range port_range(const struct nat_settings *set, __u8 proto,
						     __u32 source)
{
	if (proto == NAT_PROTO_ICMP)
		return (struct claim_range){ 0, 65535 };
	if (source < PORT_CLASS_LIMIT)
		return (struct claim_range){ PORT_LOW_FIRST, PORT_CLASS_LIMIT - 1 };
	return (struct claim_range){ set->value[NAT_SETTING_PORT_FIRST] & 0xffff,
				     set->value[NAT_SETTING_PORT_LAST] & 0xffff };
}

/** port_may_keep() - Does port preservation apply to this source port? */
static __always_inline bool port_may_keep(const struct claim_range *range, __u8 proto, __u32 source)
{
	if (proto != NAT_PROTO_ICMP && source < PORT_CLASS_LIMIT)
		return true;
	return source >= range->first && source <= range->last;
}

/** port_draw() - Claim a port other than the source's; wanted parity first */
static __always_inline __s32 port_draw(struct nat_claims *set, const struct claim_range *range,
				       __u32 parity, bool strict)
{
	__u32 random[2] = { bpf_get_prandom_u32(), bpf_get_prandom_u32() };
	__s32 port;

	if (!strict)
		parity = random[0] & 1;
	port = claim_probe(set, range, parity, (__u64)random[0] << 32 | random[1]);
	if (port != CLAIM_NONE)
		return port;
	return claim_search(set, range, parity, random);
}

/**
 * port_assign() - Claim an external port for a source port
 * @index:  claim_set_index() of the external address and protocol
 * @source: The internal port, host order
 * @keep:   Try the same port first
 *
 * A function of its own, verified once: it is the largest piece of the slow path.
 *
 * Return: The port, host order, or CLAIM_NONE
 */
VERIFIED_ONCE __s32 port_assign(__u32 index, __u32 source, __u32 proto, __u32 keep)
{
	struct nat_claims *claims = bpf_map_lookup_elem(&ports, &index);
	struct nat_settings *set = settings_get();
	struct claim_range range;

	if (!claims || !set)
		return CLAIM_NONE;
	source &= 0xffff;
	range = port_range(set, proto, source);
	if (keep && port_may_keep(&range, proto, source) && claim_port(claims, source, false))
		return source;
	return port_draw(claims, &range, source & 1, set->value[NAT_SETTING_PARITY]);
}

/** port_release() - Give back a claim that was never published */
static __always_inline void port_release(__u32 index, __be16 port)
{
	struct nat_claims *claims = bpf_map_lookup_elem(&ports, &index);

	if (claims)
		claim_release(claims, bpf_ntohs(port));
}

/**
 * port_claim() - Claim an external endpoint for a new binding
 * @external: In: address and protocol; out: the port
 * @source:   The internal port, network order
 *
 * Return: false if none is free
 */
static __always_inline bool port_claim(struct nat_ctx *ctx, __u32 index,
				       struct nat_endpoint *external, __be16 source,
				       const struct nat_endpoint *remote)
{
	__u32 wanted = bpf_ntohs(source);

	for (int i = 0; i < PORT_TRIES; i++) {
		__s32 port = port_assign(index, wanted, external->proto, i == 0);

		if (port == CLAIM_NONE)
			break;
		external->port = bpf_htons(port);
		if (port_owner(ctx, external, remote) == PORT_FREE)
			return true;
		port_release(index, external->port);
	}
	return false;
}

/** port_claim_own() - Claim exactly the id that a ping of our own uses */
static __always_inline bool port_claim_own(__u32 index, __be16 port)
{
	struct nat_claims *claims = bpf_map_lookup_elem(&ports, &index);

	return claims && claim_port(claims, bpf_ntohs(port), true);
}

#endif /* PORT_H */
