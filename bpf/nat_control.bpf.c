/* SPDX-License-Identifier: GPL-2.0-only */
#include "maps.h"
SEC("syscall") int nat_reap(struct nat_reap_args *args) { args->next = NAT_TICK_NEVER; return 0; }
SEC("syscall") int nat_flush(struct nat_flush_args *args) { args->sessions = 0; return 0; }
char LICENSE[] SEC("license") = "GPL";
