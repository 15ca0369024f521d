/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inbound.h - the pipeline of a packet that arrives: destination becomes an internal endpoint.
 *
 *	parse           addresses; not ours? leave it                     parse.h
 *	                the rest
 *	icmp error?     translated with what it quotes                    icmp_error.h
 *	session         external + remote endpoint: alive? use it         session.h
 * *	lane            with --fast: may it go past the stack?            lane.h
 *	clamp           the MSS of a SYN, TC only                         mss.h
 *	rewrite         destination := internal endpoint                  rewrite.h
 *
 * XDP goes this way with the sessions that exist. TC goes it with what XDP has left, or
 * with everything where XDP does not run, and knows what follows (inbound_open.h).
 *
 * What XDP has translated reaches TC too, with an internal destination: not ours, not
 * counted again. The gateway's own translated flows would still have an external
 * destination then, and be translated twice; XDP leaves them to TC.
 */
#ifndef INBOUND_H
#define INBOUND_H

#include "parse.h"
#include "rewrite.h"
#include "session.h"

static __always_inline void inbound_flow(struct nat_external_key *flow, const struct pkt *pkt)
{
	*flow = (struct nat_external_key){ .external = pkt->dst };
	flow->remote.addr = pkt->src.addr;
	flow->remote.port = pkt->src.port;
}

#endif /* INBOUND_H */
