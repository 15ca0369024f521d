// SPDX-License-Identifier: GPL-2.0-only
/* reasons.c - the rows of NAT_REASONS, for those who print them. */
#include "reasons.h"

const struct reason reasons[NAT_REASON_MAX] = {
#define X(verdict, id, name, meaning, source) { NAT_KIND_##verdict, name, meaning, source },
	NAT_REASONS(X)
#undef X
};

const char *const reason_verdicts[] = {
	[NAT_KIND_TRANSLATED] = "translated",
	[NAT_KIND_PASSED] = "passed",
	[NAT_KIND_DROPPED] = "dropped",
};
