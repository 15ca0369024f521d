// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor_fast.c - what does not get along with packets that go past the stack (--fast).
 *
 * Connection tracking sees one segment in a few seconds of a connection in the lane, and finds
 * that it is far outside the window that it remembers. It is told not to mind by a sysctl.
 */
#include <stdio.h>

#include "doctor_checks.h"

#define TRACKING "/proc/sys/net/netfilter/"

/* 0 where there is no connection tracking. */
static long read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	long number = 0;

	if (file && fscanf(file, "%ld", &number) != 1)
		number = 0;
	if (file)
		fclose(file);
	return number;
}

void doctor_fast(struct doctor *run)
{
	if (!run->gw->marker.fast || !read_number(TRACKING "nf_conntrack_count") ||
	    read_number(TRACKING "nf_conntrack_tcp_be_liberal"))
		return;
	doctor_found(run,
		     "connection tracking sees few of the segments that go past the stack, and "
		     "takes those for invalid",
		     "\"sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1\"");
}
