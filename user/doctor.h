/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor.h - what else on this machine touches the packets of a gateway, and what to do. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "gateway.h"

/** enum doctor_severity - How bad it is */
enum doctor_severity {
	DOCTOR_NOTE,	/* to be known */
	DOCTOR_PROBLEM, /* something does not work, or not as promised */
};

/** struct doctor_finding - @text says what was found, @remedy what to do about it */
struct doctor_finding {
	const char *check; /* its name in the table */
	enum doctor_severity severity;
	const char *text;
	const char *remedy;
};

typedef void (*doctor_fn)(const struct doctor_finding *finding, void *data);

/**
 * doctor_check() - Run every check of the table; nothing is changed
 * @gw: The gateway that is asked about: @name, @ifindex and @dir are filled. It may be yet to come
 *
 * What cannot be looked at is passed over. No lock is needed: what another natctl does at the same
 * time may be seen half done. It may take a while, for which nobody should have to wait.
 */
void doctor_check(const struct gateway *gw, doctor_fn fn, void *data);

/** doctor_say() - The same, a line on standard error for each finding */
void doctor_say(const struct gateway *gw);

#endif /* DOCTOR_H */
