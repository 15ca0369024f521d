/* SPDX-License-Identifier: GPL-2.0-only */
/* audit.h - the invariants of the tables, checked on a living gateway. */
#ifndef AUDIT_H
#define AUDIT_H

#include "gateway.h"
#include "rows.h"

/* Rules: identifier, name in the output, what a finding means. */
#define AUDIT_RULES(X)                                                                             \
	X(NO_REVERSE, "binding-without-reverse",                                                   \
	  "nothing in bindings_rev leads back to this binding: inbound packets miss it")           \
	X(NO_FORWARD, "reverse-without-binding",                                                   \
	  "bindings_rev names a binding that does not exist or names another endpoint")            \
	X(MIRROR, "mirror-differs",                                                                \
	  "the two entries of a binding differ in kind or address index")                          \
	X(UNCLAIMED, "bound-not-claimed",                                                          \
	  "a bound port is not claimed: it may be given away again")                               \
	X(NOT_BOUND, "claimed-not-bound", "a claimed port has no binding: it is lost")             \
	X(SHARED, "claim-shared", "several bindings stand on one claimed port")                    \
	X(SESSION_ORPHAN, "session-without-binding",                                               \
	  "a session's external endpoint is bound to nothing, or to somebody else")                \
	X(SESSION_LATE, "session-outlives-binding",                                                \
	  "a session is alive and its binding is not: its port could be given away")               \
	X(SESSION_COUNT, "session-count", "a binding does not count the sessions that name it")    \
	X(PERMIT_ORPHAN, "permit-without-binding", "a permit is in force for an unbound endpoint") \
	X(REPLY_ORPHAN, "reply-without-binding",                                                   \
	  "an entry of replies is in force for an unbound endpoint")                               \
	X(HOST_COUNT, "host-count", "a host's record does not count the bindings it holds")        \
	X(USAGE_SESSIONS, "usage-sessions", "the counter of sessions is not their number")         \
	X(USAGE_BINDINGS, "usage-bindings", "the counter of bindings is not their number")         \
	X(NOT_REAPED, "not-reaped",                                                                \
	  "an entry is that many seconds past its deadline and still there; is the keeper alive?")

enum audit_rule {
#define X(id, name, meaning) AUDIT_##id,
	AUDIT_RULES(X)
#undef X
	AUDIT_RULE_MAX,
};

/**
 * struct audit_finding - One violation, as one pass saw it
 * @rule:  enum audit_rule
 * @sign:  Of @found minus @expected: a count that errs now one way, now the other, is
 *	   not wrong but busy
 * @where: The endpoint that names the entry, by its table's key: internal for bindings
 *	   and hosts, external for the others
 * @peer:  The remote endpoint, where the key has one
 *
 * All but the last two fields are the identity of a finding from pass to pass.
 */
struct audit_finding {
	__u8 rule;
	__s8 sign;
	__u16 pad;
	struct nat_endpoint where;
	struct nat_endpoint peer;
	__u32 pad2;
	__u64 found;
	__u64 expected;
};

#define AUDIT_IDENTITY offsetof(struct audit_finding, pad2)

/** struct audit_totals - How much a pass looked at */
struct audit_totals {
	__u64 bindings;
	__u64 sessions;
	__u64 permits;
	__u64 hosts;
	__u64 claims;
};

/**
 * audit_pass() - Check everything once
 * @findings: Rows are struct audit_finding, the key is AUDIT_IDENTITY bytes; sorted on return
 *
 * While traffic flows a pass may see what is about to be true: only a finding that
 * several passes make is one.
 *
 * Return: 0 or -errno
 */
int audit_pass(const struct gateway *gw, struct rows *findings, struct audit_totals *totals);

#endif /* AUDIT_H */
