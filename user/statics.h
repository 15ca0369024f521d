/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * statics.h - static bindings (port forwards): a rule in words, and putting it into force.
 */
#ifndef STATICS_H
#define STATICS_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway.h"

/**
 * struct static_rule - PROTO PORT[-PORT] [ADDR[:PORT[-PORT]]] [from CIDR] [address ADDR]
 * @protos:   Bit p: protocol p of enum nat_proto
 * @external: An address of the pool, network order; 0: the first one
 * @first, @last: External ports, host order
 * @internal, @to: The server's address, and its port for @first; 0 if a rule to delete
 *	      does not say
 * @from:     Who may use it; 0.0.0.0/0: anybody
 */
struct static_rule {
	__u64 protos;
	__be32 external;
	__u16 first, last;
	__be32 internal;
	__u16 to;
	struct nat_prefix from;
};

/**
 * static_parse() - Words to a rule
 * @words:     PROTO PORT [TARGET], then pairs "from CIDR", "address ADDR"; ends with NULL
 * @is_target: The target must be there
 * @why:       On failure what is wrong, in the words of a message
 *
 * Return: false if anything is wrong
 */
bool static_parse(struct static_rule *rule, char *const *words, bool is_target, char *why,
		  size_t why_len);

/**
 * static_add() - Put a rule into force: all of it or nothing
 * @force: Even where a socket of this machine has the port
 *
 * Where the port is coming free, waits some seconds for it. Prints its message. Under the lock.
 *
 * Return: bindings made, 0 if all were there already; negative if one could not be
 */
int static_add(const struct gateway *gw, const struct static_rule *rule, bool force);

/**
 * static_del() - Take a rule out of force
 * @sessions: Counts those that ended with it
 *
 * A rule that names its target is only taken out where that is what is bound. Prints its
 * message. Under the lock.
 *
 * Return: bindings ended, 0 if there were none; negative on failure
 */
int static_del(const struct gateway *gw, const struct static_rule *rule, __u32 *sessions);

/**
 * statics_follow() - Give static bindings whose address has left the pool another one
 *
 * That which has taken its place, or else the first.
 *
 * Return: 0; -EAGAIN if some have to stay where they are, their port being taken there;
 * another -errno
 */
int statics_follow(const struct gateway *gw, const struct nat_pool *pool);

#endif /* STATICS_H */
