/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * request.h - ask the keeper for what a BPF program cannot do (nat_request.h).
 *
 * A request is begun, filled in and submitted, or discarded. Nobody waits for it: if the ring
 * is full, what was asked for is not done.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "pkt.h"

struct nat_ctx; /* nat_control.bpf.c, which has no packets, only begins requests */

/** request_begin() - Return: one without a packet, to be filled in; NULL: the ring is full */
static __always_inline struct nat_request *request_begin(__u32 kind, __u32 now)
{
	struct nat_request *request = bpf_ringbuf_reserve(&requests, sizeof(*request), 0);

	if (!request)
		return NULL;
	request->kind = kind;
	request->at = now;
	request->len = 0;
	return request;
}

/**
 * request_copy() - Copy the packet into a request
 * @most: Octets, at most NAT_REQUEST_PACKET
 *
 * Return: false if it could not be read
 */
static __always_inline bool request_copy(struct nat_ctx *ctx, const struct pkt *pkt,
					 struct nat_request *request, __u32 most)
{
	__u32 len = pkt->total_len < most ? pkt->total_len : most;

	/* The verifier of 6.1 wants to see the bounds, and that it is not 0. */
	asm volatile("" : "+r"(len));
	len = ((len - 1) & 2047) + 1;
	if (len > NAT_REQUEST_PACKET)
		len = NAT_REQUEST_PACKET;
	request->len = len;
	return !bpf_skb_load_bytes(ctx, pkt->l3, request->packet, len);
}

#endif /* REQUEST_H */
