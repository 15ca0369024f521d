// SPDX-License-Identifier: GPL-2.0-only
/*
 * reuse.bpf.c - the TC programs, and in the middle what a reaper and another CPU can do meanwhile.
 *
 * admit_outbound() is asked after a packet has found its binding and before it counts on it. In
 * between, here, that binding is deleted and another is entered. It gets the freed element, as the
 * kernel hands out first what came free last.
 */
#include "ctx_tc.h"
#include "parse.h"
#define admit_outbound admit_outbound_itself
#include "admit.h"
#undef admit_outbound

#include "maps.h"

bool armed;
struct nat_internal_key taken, entered;
struct nat_binding entered_binding;

static __always_inline void reuse(void)
{
	struct nat_internal_key key = taken;
	struct nat_binding binding = entered_binding;

	if (!armed)
		return;
	armed = false;
	bpf_map_delete_elem(&bindings_fwd, &key);
	key = entered;
	bpf_map_update_elem(&bindings_fwd, &key, &binding, BPF_NOEXIST);
}

VERIFIED_ONCE int admit_outbound(const struct pkt *pkt, struct admission *ask)
{
	int verdict = admit_outbound_itself(pkt, ask);

	reuse();
	return verdict;
}

#include "nat_tc.bpf.c"
