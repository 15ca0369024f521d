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

enum nat_forward_op {
	NAT_FORWARD_ADD,  /* bind @external to @internal */
	NAT_FORWARD_DEL,  /* end the static binding of @external */
	NAT_FORWARD_CUT,  /* end the sessions of all static bindings that have been ended */
	NAT_FORWARD_MOVE, /* give all static bindings of the address of @external to @new_addr */
};

enum nat_forward_result {
	NAT_FORWARD_DONE,
	NAT_FORWARD_THERE,  /* ADD: just that binding exists already */
	NAT_FORWARD_TAKEN,  /* ADD: somebody else has it; @internal, @kind and @from say who */
	NAT_FORWARD_BUSY,   /* ADD: it is coming free: sweep, and try again */
	NAT_FORWARD_FULL,   /* ADD: a table is full */
	NAT_FORWARD_ABSENT, /* DEL: there is no such static binding */
};

/**
 * struct nat_forward_args - In and out of `nat_forward`, which makes and ends static bindings
 * @op:       In: enum nat_forward_op
 * @result:   Out: enum nat_forward_result
 * @external: In: TCP or UDP. MOVE: only @addr
 * @internal: In: of ADD. Out: of DEL
 * @from:     In: of ADD: the network whose hosts may use it, @from_len bits. Out: of DEL
 * @address:  In: index of the address in the pool; MOVE: of @new_addr
 * @kind:     Out: of TAKEN, enum nat_entry_kind
 * @new_addr: In: of MOVE
 * @count:    Out: CUT: sessions ended; MOVE: bindings that could not go, their port being taken
 */
struct nat_forward_args {
	__u32 op;
	__u32 result;
	struct nat_endpoint external;
	struct nat_endpoint internal;
	__be32 from;
	__u8 from_len;
	__u8 kind;
	__u16 address;
	__be32 new_addr;
	__u32 count;
};

#endif /* NAT_CONTROL_H */
