/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_timeout.h - which timer governs a session: the one rule that both sides run.
 *
 * The data plane uses it to set deadlines, natctl to tell how long an entry has
 * been idle (timeout minus what is left of it).
 */
#ifndef NAT_TIMEOUT_H
#define NAT_TIMEOUT_H

#include "nat_life.h"
#include "nat_settings.h"

#define NAT_PORT_DNS 53

/**
 * nat_timeout() - The setting that holds the idle time of a session
 * @proto:       enum nat_proto
 * @state:       The session's state; only TCP's matters
 * @remote_port: Network order; tells DNS from other UDP (RFC 4787 REQ-5a: the short
 *		 timer is the session's, never the binding's)
 */
static __always_inline enum nat_setting nat_timeout(__u8 proto, enum nat_state state,
						    __be16 remote_port)
{
	if (proto == NAT_PROTO_UDP)
		return remote_port == nat_htons(NAT_PORT_DNS) ? NAT_SETTING_UDP_DNS :
								NAT_SETTING_UDP;
	if (proto != NAT_PROTO_TCP)
		return proto == NAT_PROTO_ICMP ? NAT_SETTING_ICMP : NAT_SETTING_OTHER;
	switch (state) {
	case NAT_STATE_OPENING_OUT:
	case NAT_STATE_OPENING_IN:
		return NAT_SETTING_TCP_OPENING;
	case NAT_STATE_CLOSING:
		return NAT_SETTING_TCP_CLOSING;
	case NAT_STATE_RESET:
		return NAT_SETTING_TCP_RESET;
	default:
		return NAT_SETTING_TCP_ESTABLISHED;
	}
}

#endif /* NAT_TIMEOUT_H */
