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

#define nat_htons(x) bpf_htons(x)
#define nat_ntohs(x) bpf_ntohs(x)
#define nat_htonl(x) bpf_htonl(x)
#define nat_ntohl(x) bpf_ntohl(x)

#else

#include <arpa/inet.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

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
	NAT_PROTO_TCP = 6,
	NAT_PROTO_UDP = 17,
};

#endif /* NAT_TYPES_H */
