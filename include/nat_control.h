/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_control.h - arguments of the programs that natctl runs (BPF_PROG_TYPE_SYSCALL).
 */
#ifndef NAT_CONTROL_H
#define NAT_CONTROL_H

#include "nat_endpoint.h"

/**
 * struct nat_reap_args - In and out of `nat_reap`
 * @small:    In: only the small tables, `early` and `held_syns`, whose times are seconds
 * @waiting:  Out: entries that are left in those
 * @next:     Out: earliest deadline still ahead, NAT_TICK_NEVER if there is none
 * @sessions, @bindings, @permits, @hosts: Out: entries deleted
 * @busy:     Out: entries that could not be deleted this time and will be next time
 */
struct nat_reap_args {
	__u32 small;
	__u32 waiting;
	__u32 next;
	__u32 sessions;
	__u32 bindings;
	__u32 permits;
	__u32 hosts;
	__u32 busy;
};

/**
 * struct nat_flush_args - In and out of `nat_flush`: which dynamic entries to end
 * @internal, @external: Zero address, port or protocol matches any
 * @remote:   Likewise
 * @state:    enum nat_state, or 0 for any
 * @idle:     Ticks; sessions idle for less are kept; 0 for any
 * @sessions, @bindings: Out: entries that were alive and are not any more
 *
 * Bindings and permits are ended too when nothing but @internal and @external restricts them.
 */
struct nat_flush_args {
	struct nat_endpoint internal;
	struct nat_endpoint external;
	struct nat_remote remote;
	__u32 state;
	__u32 idle;
	__u32 sessions;
	__u32 bindings;
};

#endif /* NAT_CONTROL_H */
