// SPDX-License-Identifier: GPL-2.0-only
/* wrong.bpf.c - the TC programs, which leave the checksums of TCP and IPv4 as they were. */
#include "csum.h"
#define csum_apply(check, delta) ((void)(delta), (check))
#include "nat_tc.bpf.c"
