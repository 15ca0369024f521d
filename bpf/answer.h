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
#include "icmp.h"
#include "request.h"

#define ANSWER_QUOTE 548 /* octets, so that the error has no more than 576 (RFC 1812 4.3.2.3) */

/** answer() - Ask for an ICMP error to the sender of @pkt. Return: 0 */
VERIFIED_ONCE int answer(struct nat_ctx *ctx, const struct pkt *pkt, __u32 type, __u32 code,
			 __u32 mtu)
{
	const struct nat_settings *set = settings_get();
	struct nat_request *request;

	if (!pkt || !set || pkt->offset || pkt->icmp == PKT_ICMP_ERROR ||
	    !budget_take(set, pkt->now, 1))
		return 0;
	request = request_begin(NAT_REQUEST_ERROR, pkt->now);
	if (!request)
		return 0;
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
