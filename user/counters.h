/* SPDX-License-Identifier: GPL-2.0-only */
/* counters.h - how many packets left the data path for which reason. */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdint.h>

#include "gateway.h"

/** counters_read() - Sum over the CPUs; @packets by enum nat_reason. Return: 0 or -errno */
int counters_read(const struct gateway *gw, uint64_t packets[NAT_REASON_MAX]);

/** counters_total() - Of all reasons with one verdict */
uint64_t counters_total(const uint64_t packets[NAT_REASON_MAX], enum nat_verdict_kind kind);

#endif /* COUNTERS_H */
