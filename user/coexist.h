/* SPDX-License-Identifier: GPL-2.0-only */
/* coexist.h - what else on this machine touches the packets of a gateway, and what to do. */
#ifndef COEXIST_H
#define COEXIST_H

#include "gateway.h"

/** enum coexist_severity - How bad it is */
enum coexist_severity {
	COEXIST_NOTE,  /* to be known */
	COEXIST_ERROR, /* something does not work, or not as promised */
};

/** struct coexist_finding - @text says what was found, @remedy what to do about it */
struct coexist_finding {
	const char *check; /* its name in the table */
	enum coexist_severity severity;
	const char *text;
	const char *remedy;
};

typedef void (*coexist_fn)(const struct coexist_finding *finding, void *data);

/**
 * coexist_check() - Run every check of the table; nothing is changed
 * @gw: The gateway that is asked about: @name, @ifindex and @dir are filled. It may be yet to come
 *
 * What cannot be looked at is passed over. No lock is needed: what another natctl does at the same
 * time may be seen half done. It may take a while, for which nobody should have to wait.
 */
void coexist_check(const struct gateway *gw, coexist_fn fn, void *data);

/** coexist_say() - The same, a line on standard error for each finding */
void coexist_say(const struct gateway *gw);

#endif /* COEXIST_H */
