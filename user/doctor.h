/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor.h - what a gateway needs of this machine, and does not get along with. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "gateway.h"

/** enum doctor_severity - How bad it is */
enum doctor_severity {
	DOCTOR_GOOD,	/* nothing was found */
	DOCTOR_NOTE,	/* to be known */
	DOCTOR_PROBLEM, /* something does not work, or not as promised */
};

/** enum doctor_part - Which rows of the table */
enum doctor_part {
	DOCTOR_MACHINE, /* that ask about no interface */
	DOCTOR_GATEWAY, /* all others */
	DOCTOR_ATTACH,	/* those of them that attach has not seen to itself */
};

/**
 * struct doctor_finding - What a check has found, or that it has found nothing
 * @check:  Its name in the table
 * @text:   What was found; of DOCTOR_GOOD: what is as it should be
 * @remedy: What to do about it, commands in quotes; NULL with DOCTOR_GOOD
 */
struct doctor_finding {
	const char *check;
	enum doctor_severity severity;
	const char *text;
	const char *remedy;
};

typedef void (*doctor_fn)(const struct doctor_finding *finding, void *data);

/**
 * doctor_check() - Run the checks of a part; nothing is changed
 * @gw:    The gateway that is asked about: @name, @ifindex and @dir are filled. It may be yet to
 *	   come. With DOCTOR_MACHINE it is not looked at
 * @state: As gateway_find() says
 * @fn:    Is called for each finding, and for each check that has none
 *
 * What cannot be looked at is passed over. No lock is needed: what another natctl does at the same
 * time may be seen half done. It may take a while, for which nobody should have to wait.
 */
void doctor_check(const struct gateway *gw, enum gateway_state state, enum doctor_part part,
		  doctor_fn fn, void *data);

/** doctor_say() - DOCTOR_ATTACH, a line on standard error for each finding */
void doctor_say(const struct gateway *gw, enum gateway_state state);

/** struct doctor_info - A row of the table, for the manual */
struct doctor_info {
	const char *name;
	const char *good;
};

/** doctor_info() - The row of that number; its name is NULL behind the last */
struct doctor_info doctor_info(unsigned int row);

#endif /* DOCTOR_H */
