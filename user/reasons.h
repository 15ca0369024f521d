/* SPDX-License-Identifier: GPL-2.0-only */
/* reasons.h - the rows of NAT_REASONS, for those who print them. */
#ifndef REASONS_H
#define REASONS_H

#include "nat_abi.h"

/** struct reason - A row, by enum nat_reason */
struct reason {
	enum nat_verdict_kind kind;
	const char *name;
	const char *meaning;
	const char *source;
};

extern const struct reason reasons[NAT_REASON_MAX];

/* By enum nat_verdict_kind. */
extern const char *const reason_verdicts[];

#endif /* REASONS_H */
