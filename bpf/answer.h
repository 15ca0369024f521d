/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * answer.h - tell the sender of a dropped packet why, by an ICMP error.
 *
 * The keeper sends it (nat_request.h); here it is decided whether one is due, and what it is
 * about is copied. Never about a fragment that is not the first, nor about an ICMP error
 * (RFC 1122 section 3.2.2), nor beyond the budget.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include "budget.h"
#include "parse.h"

#define NAT_ICMP_CODE_HOST 1	    /* host unreachable */
#define NAT_ICMP_CODE_PORT 3	    /* port unreachable */
#define NAT_ICMP_CODE_TOO_BIG 4	    /* fragmentation needed */
#define NAT_ICMP_CODE_PROHIBITED 13 /* communication administratively prohibited */

#define ANSWER_QUOTE 548 /* octets, so that the error has no more than 576 (RFC 1812 4.3.2.3) */

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

/** answer() - Ask for an ICMP error to the sender of @pkt. Return: 0 */
VERIFIED_ONCE int answer(struct nat_ctx *ctx, const struct pkt *pkt, __u32 type, __u32 code,
			 __u32 mtu)
{
	const struct nat_settings *set = settings_get();
	struct nat_request *request;

	if (!pkt || !set || pkt->offset || pkt->icmp == PKT_ICMP_ERROR ||
	    !budget_take(set, pkt->now, 1))
		return 0;
	request = bpf_ringbuf_reserve(&requests, sizeof(*request), 0);
	if (!request)
		return 0;
	request->kind = NAT_REQUEST_ERROR;
	request->at = pkt->now;
	request->type = type;
	request->code = code;
	request->mtu = mtu;
	if (request_copy(ctx, pkt, request, ANSWER_QUOTE))
		bpf_ringbuf_submit(request, 0);
	else
		bpf_ringbuf_discard(request, 0);
	return 0;
}

/** answer_refused() - The answer to a packet that there was no place for (RFC 6888 REQ-11B) */
static __always_inline void answer_refused(struct nat_ctx *ctx, const struct pkt *pkt,
					   const struct nat_settings *set)
{
	__u32 how = set->value[NAT_SETTING_REFUSE_WITH];

	if (how != NAT_REFUSAL_SILENT)
		answer(ctx, pkt, NAT_ICMP_UNREACHABLE,
		       how == NAT_REFUSAL_PROHIBITED ? NAT_ICMP_CODE_PROHIBITED :
						       NAT_ICMP_CODE_HOST,
		       0);
}

#endif /* ANSWER_H */
