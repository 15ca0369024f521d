// SPDX-License-Identifier: GPL-2.0-only
/* counters.c - how many packets left the data path for which reason. */
#include "counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "reasons.h"

int counters_read(const struct gateway *gw, uint64_t packets[NAT_REASON_MAX])
{
	int cpus = libbpf_num_possible_cpus();
	int err = 0;
	__u64 *values;

	if (cpus < 0)
		return cpus;
	values = calloc(cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (__u32 reason = 0; reason < NAT_REASON_MAX && !err; reason++) {
		packets[reason] = 0;
		if (bpf_map_lookup_elem(gw->fd[GATEWAY_counters], &reason, values))
			err = -errno;
		for (int cpu = 0; cpu < cpus && !err; cpu++)
			packets[reason] += values[cpu];
	}
	free(values);
	return err;
}

uint64_t counters_total(const uint64_t packets[NAT_REASON_MAX], enum nat_verdict_kind kind)
{
	uint64_t total = 0;

	for (int reason = 0; reason < NAT_REASON_MAX; reason++)
		if (reasons[reason].kind == kind)
			total += packets[reason];
	return total;
}
