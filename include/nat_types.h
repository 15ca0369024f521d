/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_types.h - the integer types and header structs that every other file stands on.
 *
 * The headers of include/ are compiled three times: by clang for BPF, by the C
 * compiler for natctl, and by the unit tests. Only the source of the kernel's
 * types differs between them, and this is the only place that knows.
 *
 * vmlinux.h brings structs and enums but no macros, so the few protocol
 * constants that the data plane needs are written here, with their source.
 */
#ifndef NAT_TYPES_H
#define NAT_TYPES_H

#ifdef __bpf__

/* We read packets and UAPI contexts only, whose layout never changes: no
 * relocations against the running kernel, so a kernel without BTF will do. */
#define BPF_NO_PRESERVE_ACCESS_INDEX
#include "../vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define __maybe_unused __attribute__((unused))

/* The verifier walks through a static function at every call of it, through a global one
 * once, with whatever arguments its types allow: such a function cannot rely on its callers
 * and tests every pointer. Weak, because more than one object may have it. */
#define VERIFIED_ONCE __weak __noinline

#define nat_htons(x) bpf_htons(x)
#define nat_ntohs(x) bpf_ntohs(x)
#define nat_htonl(x) bpf_htonl(x)
#define nat_ntohl(x) bpf_ntohl(x)

#else

#include <arpa/inet.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define VERIFIED_ONCE static inline

#define nat_htons(x) htons(x)
#define nat_ntohs(x) ntohs(x)
#define nat_htonl(x) htonl(x)
#define nat_ntohl(x) ntohl(x)

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#endif /* __bpf__ */

#define NAT_NSEC_PER_SEC 1000000000ULL

/* IANA protocol numbers, named as in the RFCs rather than IPPROTO_*, which is an
 * enum in vmlinux.h and a mixture of both in the C library. */
enum nat_proto {
	NAT_PROTO_ICMP = 1,
	NAT_PROTO_IPIP = 4,
	NAT_PROTO_TCP = 6,
	NAT_PROTO_UDP = 17,
	NAT_PROTO_IPV6 = 41,
	NAT_PROTO_GRE = 47,
	NAT_PROTO_ESP = 50,
	NAT_PROTO_L2TP = 115,
	NAT_PROTO_SCTP = 132,
	NAT_PROTO_UDPLITE = 136,
};

/**
 * enum nat_carriage - What of a protocol is translated
 * @NAT_CARRIES_NOTHING: it does not cross the gateway. Among these: what signs its addresses
 *		  (AH), what belongs to one link (routing protocols, IGMP)
 * @NAT_CARRIES_PORTS:   address and port, or query id of ICMP: flows can be told apart
 * @NAT_CARRIES_ADDRESS: the address only, so one internal host at a time can speak it to a
 *		  remote. Their checksums, if any, do not cover the addresses; UDP-Lite's does,
 *		  and lies where UDP's does
 */
enum nat_carriage {
	NAT_CARRIES_NOTHING,
	NAT_CARRIES_PORTS,
	NAT_CARRIES_ADDRESS,
};

static const __u8 nat_carriage[256] = {
	[NAT_PROTO_TCP] = NAT_CARRIES_PORTS,	[NAT_PROTO_UDP] = NAT_CARRIES_PORTS,
	[NAT_PROTO_ICMP] = NAT_CARRIES_PORTS,	[NAT_PROTO_GRE] = NAT_CARRIES_ADDRESS,
	[NAT_PROTO_ESP] = NAT_CARRIES_ADDRESS,	[NAT_PROTO_SCTP] = NAT_CARRIES_ADDRESS,
	[NAT_PROTO_IPIP] = NAT_CARRIES_ADDRESS, [NAT_PROTO_IPV6] = NAT_CARRIES_ADDRESS,
	[NAT_PROTO_L2TP] = NAT_CARRIES_ADDRESS, [NAT_PROTO_UDPLITE] = NAT_CARRIES_ADDRESS,
};

/** nat_has_ports() - Are flows of this protocol told apart by ports, or query ids? */
static __always_inline bool nat_has_ports(__u8 proto)
{
	return nat_carriage[proto] == NAT_CARRIES_PORTS;
}

/** nat_has_address_only() - Is only the address of this protocol translated? */
static __always_inline bool nat_has_address_only(__u8 proto)
{
	return nat_carriage[proto] == NAT_CARRIES_ADDRESS;
}

#endif /* NAT_TYPES_H */
