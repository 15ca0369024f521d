/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * statics.h - static bindings (port forwards): rules in words, and what they mean in the tables.
 *
 * A rule may mean many bindings (a range, two protocols): it is expanded to rows, one for each,
 * and rows are put into force or taken out, all of them or none.
 */
#ifndef STATICS_H
#define STATICS_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway.h"
#include "rows.h"

/**
 * struct static_rule - PROTO PORT[-PORT] [ADDR[:PORT[-PORT]]] [from CIDR] [address ADDR] [force]
 * @protos:   Bit p: protocol p of enum nat_proto
 * @external: An address of the pool, network order; 0: the first one
 * @first, @last: External ports, host order
 * @internal, @to: The server's address, and its port for @first; 0 if a rule to delete
 *	      does not say
 * @from:     Who may use it; 0.0.0.0/0: anybody
 * @force:    Even where a socket of this machine has the port
 * @file, @line: Of a configuration file, for messages; 0: nowhere
 */
struct static_rule {
	__u64 protos;
	__be32 external;
	__u16 first, last;
	__be32 internal;
	__u16 to;
	struct nat_prefix from;
	bool force;
	const char *file;
	unsigned int line;
};

/**
 * static_parse() - Words to a rule
 * @words:     PROTO PORT [TARGET], then "from CIDR", "address ADDR", "force"; ends with NULL
 * @is_target: The target must be there
 * @why:       On failure what is wrong, in the words of a message
 *
 * Return: false if anything is wrong
 */
bool static_parse(struct static_rule *rule, char *const *words, bool is_target, char *why,
		  size_t why_len);

/**
 * struct static_row - One static binding; @external, with zero padding, is the key
 * @address: Index of its address in the pool
 * @file, @line: Of its rule
 */
struct static_row {
	struct nat_endpoint external;
	struct nat_endpoint internal;
	struct nat_prefix from;
	__u16 address;
	bool force;
	const char *file;
	unsigned int line;
};

/**
 * static_expand() - What a rule means, with the addresses that there are now
 * @rows: Added to; unsorted
 *
 * Prints its message. Return: 0 or negative
 */
int static_expand(const struct gateway *gw, const struct static_rule *rule, struct rows *rows);

/** struct statics_done - What was changed, rows of struct static_row; zero at first */
struct statics_done {
	struct rows added, removed;
	__u32 sessions; /* that ended with @removed */
};

/**
 * statics_change() - Take rows out of force, then put others into force
 * @del:  Which are not there are left out; one with an internal endpoint is only taken out where
 *	  that is what is bound
 * @add:  Likewise. Where a port is coming free, it is waited for, some seconds
 * @done: Filled; to be freed
 *
 * All or nothing, but for the sessions that ended. Prints its message. Under the lock.
 *
 * Return: 0 or negative
 */
int statics_change(const struct gateway *gw, const struct rows *del, const struct rows *add,
		   struct statics_done *done);

/** statics_undo() - Back, as well as it goes */
void statics_undo(const struct gateway *gw, const struct statics_done *done);

/** statics_tell() - A line for each of them */
void statics_tell(const struct gateway *gw, const struct statics_done *done);

void statics_free(struct statics_done *done);

/**
 * statics_want() - Put rules into force
 * @is_all: Whatever else is in force is taken out
 * @done:   As statics_change()
 *
 * Return: as statics_change()
 */
int statics_want(const struct gateway *gw, const struct static_rule *rules, unsigned int count,
		 bool is_all, struct statics_done *done);

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
