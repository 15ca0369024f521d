/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * age.h - how long a session has been idle and has left, from the deadline that it stores.
 *
 * Nothing stores when the last packet came: the data plane writes a deadline, now plus
 * the timeout that applies, and the time of the packet is that minus the timeout. If the
 * timeout was changed since, idle time is off by the change until the next packet.
 */
#ifndef AGE_H
#define AGE_H

#include "nat_abi.h"
#include "nat_timeout.h"

/** seconds_from_ticks() - A duration in whole seconds, rounded down */
static inline __u64 seconds_from_ticks(__u32 ticks)
{
	return ((__u64)ticks << NAT_TICK_SHIFT) / NAT_NSEC_PER_SEC;
}

/** session_left() - Ticks until a session expires, 0 if it has */
static inline __u32 session_left(const struct nat_session *session, __u32 now)
{
	__u32 deadline = life_deadline(session->life);

	return deadline > now ? deadline - now : 0;
}

/** session_idle() - Ticks since the packet that set the deadline */
static inline __u32 session_idle(const struct nat_external_key *key,
				 const struct nat_session *session,
				 const struct nat_settings *settings, __u32 now)
{
	enum nat_setting timer =
		nat_timeout(key->external.proto, life_state(session->life), key->remote.port);
	__u32 whole = ticks_from_seconds(settings->value[timer]);
	__u32 left = session_left(session, now);

	return whole > left ? whole - left : 0;
}

#endif /* AGE_H */
