/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_control.bpf.c - the programs that end state, nat_reap and nat_flush, and nat_forward, which
 * makes, ends and moves static bindings.
 *
 * State is changed by BPF programs only, so that a process killed between two system
 * calls cannot leave half a change behind: natctl asks for a sweep or a flush with one
 * call, which the kernel carries through.
 *
 * How reaping works
 *
 *	sessions   past deadline + grace  -> DELETING -> delete, binding counts one less
 *	permits    past deadline + grace, or without a binding -> DELETING -> delete
 *	bindings   no session left        -> RESTING until the port's rest time is over
 *	           RESTING, past deadline -> DELETING -> delete forward, then reverse
 *	                                     entry, then give the claim back
 *	orphans    reverse entries whose maker lost the race for the forward one, or whose
 *	           binding has moved to another address, and has kept the claim
 *	hosts      no binding left, past deadline + grace -> DELETING -> delete
 *	replies    no session left, past deadline + grace -> DELETING -> delete
 *	fragments  past deadline + grace -> DELETING -> delete
 *	held SYNs  past deadline -> answered, RESTING; then as the others
 *
 * Each step is one compare-and-swap from the word that was judged: an entry that a packet
 * has revived meanwhile is not touched. The claim goes last, so a claimed bit always has
 * a reverse entry that says why. A delete may fail with -EBUSY; the entry stays DELETING
 * and the next sweep tries again.
 *
 * A freed TCP port may be had at once: its session was followed to its end. A UDP port or
 * query id rests, because somebody may still be answering to it (RFC 6888 REQ-8), and so
 * does a TCP port that lost a session in the middle.
 *
 * How flushing works: deadlines are set to the past, nothing else. Expired means absent, and
 * the reaper does the rest in its own time.
 */
#include "claims.h"
#include "find.h"
#include "flush.h"
#include "forward.h"
#include "nat_timeout.h"
#include "reap.h"
#include "reap_small.h"

/* What the sweep under way has done; there is one at a time. Not on the stack, where the verifier
 * would follow every value that is written. */
static struct nat_reap_args done;

/* No binding has gone since permits were last looked at: then each of them has one. */
static bool permits_are_bound;

/** reap_was_cut() - Did a TCP session end by time or by order, and not by its own FINs or RST? */
static __always_inline bool reap_was_cut(const struct nat_external_key *flow, __u64 life)
{
	enum nat_state state = life_state(life);

	return flow->external.proto == NAT_PROTO_TCP &&
	       (state == NAT_STATE_ESTABLISHED || state == NAT_STATE_FIN_OUT ||
		state == NAT_STATE_FIN_IN);
}

static long reap_session(struct bpf_map *map, struct nat_external_key *flow,
			 struct nat_session *session, struct sweep *sweep)
{
	struct nat_binding *binding = session_binding(session, flow);
	__u64 old = life_read(&session->life);
	bool cut = reap_was_cut(flow, old);
	struct nat_usage *used;

	if (!reap_begin(sweep, &session->life, old) || !reap_end(sweep, map, flow))
		return 0;
	sweep->args->sessions++;
	used = usage_get();
	if (used)
		__sync_fetch_and_add(&used->sessions, -1);
	if (binding) {
		binding->cut |= cut;
		life_unhold(&binding->life, sweep->now);
	}
	return 0;
}

static long reap_permit(struct bpf_map *map, struct nat_permit_key *key, struct nat_permit *permit,
			struct sweep *sweep)
{
	struct nat_external_key binding = { .external = key->external };
	__u64 old = life_read(&permit->life);

	/* Its binding has gone: so will it, a sweep later. */
	if (!sweep->permits_are_bound && !life_is_past(old, sweep->now) &&
	    !bpf_map_lookup_elem(&bindings_rev, &binding) &&
	    life_swap(&permit->life, old, life_with_deadline(old, sweep->now)))
		old = life_read(&permit->life);
	if (reap_begin(sweep, &permit->life, old) && reap_end(sweep, map, key))
		sweep->args->permits++;
	return 0;
}

/** reap_reverse() - Delete a reverse entry and give its claim back, if it has one */
static __always_inline void reap_reverse(struct sweep *sweep, const struct nat_endpoint *external,
					 const struct nat_binding_rev *rev)
{
	__u32 index = claim_set_index(rev->address, external->proto);
	struct nat_claims *claims = bpf_map_lookup_elem(&ports, &index);
	bool has_claim = nat_has_ports(external->proto) && life_low(rev->life) != NAT_REV_MOVED;
	struct nat_external_key key;

	binding_rev_key(&key, external, rev->remote.addr);
	permits_are_bound = false;
	/* @external may lie in the element that has gone. */
	if (reap_end(sweep, &bindings_rev, &key) && claims && has_claim)
		claim_release(claims, bpf_ntohs(key.external.port));
}

/** reap_is_over() - Has a binding lost its last session, or its deadline, for good? */
static __always_inline bool reap_is_over(const struct nat_binding *binding, __u64 life, __u32 now)
{
	if (life_low(life) || life_deadline(life) == NAT_TICK_NEVER)
		return false;
	return binding->kind != NAT_HOST || life_is_past(life, now);
}

/** reap_rest() - Put a binding that is over to rest. Return: true if it need not, or does already
 */
static __always_inline bool reap_rest(struct sweep *sweep, struct nat_binding *binding, __u64 old)
{
	__u32 until = sweep->now + sweep->rest;

	if (life_state(old) != NAT_STATE_LIVE)
		return true;
	/* The grace will do; also for an address that is not ours any more. */
	if ((binding->external.proto == NAT_PROTO_TCP && !binding->cut) ||
	    binding->kind != NAT_DYNAMIC || binding_is_stale(binding))
		until = sweep->now;
	if (life_swap(&binding->life, old, life_make(NAT_STATE_RESTING, until, 0)) &&
	    until < sweep->args->next)
		sweep->args->next = until;
	return false;
}

static long reap_binding(struct bpf_map *map, struct nat_internal_key *key,
			 struct nat_binding *binding, struct sweep *sweep)
{
	struct nat_endpoint external = binding->external;
	__u64 old = life_read(&binding->life);
	struct nat_external_key rev_key;
	struct nat_binding_rev *rev;
	struct nat_usage *used;
	struct nat_host *host;
	__u64 rev_life;

	if (life_state(old) == NAT_STATE_LIVE && !reap_is_over(binding, old, sweep->now)) {
		if (life_deadline(old) < sweep->args->next)
			sweep->args->next = life_deadline(old);
		return 0;
	}
	if (!reap_rest(sweep, binding, old) || !reap_begin(sweep, &binding->life, old))
		return 0;

	/* From here on the reverse entry is an orphan, whether we get to its end or not. */
	binding_rev_key(&rev_key, &external, key->remote.addr);
	rev = bpf_map_lookup_elem(&bindings_rev, &rev_key);
	if (rev) {
		rev_life = life_read(&rev->life);
		life_swap(&rev->life, rev_life,
			  life_make(NAT_STATE_DELETING, sweep->now, life_low(rev_life)));
	}
	host = binding->kind == NAT_DYNAMIC ? bpf_map_lookup_elem(&hosts, &key->internal.addr) :
					      NULL;
	if (!reap_end(sweep, map, key))
		return 0;
	sweep->args->bindings++;
	used = usage_get();
	if (used)
		__sync_fetch_and_add(&used->bindings, -1);
	if (host)
		life_unhold(&host->life, sweep->now);
	if (rev)
		reap_reverse(sweep, &external, rev);
	return 0;
}

static long reap_orphan(struct bpf_map *map, struct nat_external_key *key,
			struct nat_binding_rev *rev, struct sweep *sweep)
{
	__u64 old = life_read(&rev->life);
	struct nat_internal_key mirror;
	struct nat_binding *binding;

	if (life_deadline(old) == NAT_TICK_NEVER)
		return 0;
	/* Sessions of the address that was left find their binding by it: they go first. */
	if (life_low(old) == NAT_REV_MOVED &&
	    sweep->now - life_deadline(old) < 2 * NAT_GRACE_TICKS) {
		if (sweep->now < sweep->args->next)
			sweep->args->next = sweep->now;
		return 0;
	}
	/* Marked by the reaper, whose delete of the mirror failed: first the mirror. */
	mirror.internal = rev->internal;
	mirror.remote = rev->remote;
	binding = bpf_map_lookup_elem(&bindings_fwd, &mirror);
	if (binding && binding->external.port == key->external.port &&
	    binding->external.addr == key->external.addr)
		return 0;
	if (reap_begin(sweep, &rev->life, old))
		reap_reverse(sweep, &key->external, rev);
	return 0;
}

static long reap_fragment(struct bpf_map *map, struct nat_fragment_key *key,
			  struct nat_fragment *note, struct sweep *sweep)
{
	if (reap_begin(sweep, &note->life, life_read(&note->life)))
		reap_end(sweep, map, key);
	return 0;
}

/* Without its session it is over; a sweep later, and if there is none by then either. */
static long reap_reply(struct bpf_map *map, struct nat_internal_key *key, struct nat_reply *reply,
		       struct sweep *sweep)
{
	struct nat_external_key flow = { .external = reply->external, .remote = key->remote };
	__u64 old = life_read(&reply->life);
	bool is_needed = bpf_map_lookup_elem(&sessions, &flow);
	__u32 deadline = is_needed ? NAT_TICK_NEVER : sweep->now;

	if (is_needed == life_is_past(old, sweep->now) && life_state(old) == NAT_STATE_LIVE) {
		life_swap(&reply->life, old, life_with_deadline(old, deadline));
		old = life_read(&reply->life);
	}
	if (!is_needed && reap_begin(sweep, &reply->life, old))
		reap_end(sweep, map, key);
	return 0;
}

static long reap_host(struct bpf_map *map, __be32 *addr, struct nat_host *host, struct sweep *sweep)
{
	__u64 old = life_read(&host->life);

	if (life_low(old))
		return 0;
	if (reap_begin(sweep, &host->life, old) && reap_end(sweep, map, addr))
		sweep->args->hosts++;
	return 0;
}

static __always_inline void reap_small(struct sweep *sweep)
{
	bpf_for_each_map_elem(&early, reap_early, sweep, 0);
	bpf_for_each_map_elem(&held_syns, reap_held, sweep, 0);
}

/** reap_large() - Sessions first: they are what keeps bindings, and those are what keeps hosts */
static __always_inline void reap_large(struct sweep *sweep)
{
	bpf_for_each_map_elem(&fragments, reap_fragment, sweep, 0);
	/* Only the tables below say when the next sweep is due. */
	sweep->args->next = NAT_TICK_NEVER;
	bpf_for_each_map_elem(&sessions, reap_session, sweep, 0);
	bpf_for_each_map_elem(&replies, reap_reply, sweep, 0);
	sweep->permits_are_bound = permits_are_bound;
	permits_are_bound = true;
	bpf_for_each_map_elem(&permits, reap_permit, sweep, 0);
	bpf_for_each_map_elem(&bindings_fwd, reap_binding, sweep, 0);
	bpf_for_each_map_elem(&bindings_rev, reap_orphan, sweep, 0);
	bpf_for_each_map_elem(&hosts, reap_host, sweep, 0);
}

/**
 * nat_reap() - One sweep over all tables, or the small ones
 *
 * DELETING tells packets to stay away, and not another sweep: whoever deletes by key must be
 * alone. If another one is under way, this one leaves everything to it and says that it was busy.
 */
SEC("syscall")
int nat_reap(struct nat_reap_args *args)
{
	struct sweep sweep = { .args = &done, .now = control_now() };
	const struct nat_settings *set = settings_get();
	struct nat_usage *used = usage_get();

	if (!set || !used)
		return -1;
	if (__sync_val_compare_and_swap(&used->reaping, 0, 1)) {
		*args = (struct nat_reap_args){ .next = sweep.now, .busy = 1 };
		return 0;
	}
	done = (struct nat_reap_args){ .next = NAT_TICK_NEVER };
	sweep.rest = ticks_from_seconds(set->value[NAT_SETTING_REST]);
	reap_small(&sweep);
	if (!args->small)
		reap_large(&sweep);
	*args = done;
	__sync_val_compare_and_swap(&used->reaping, 1, 0);
	return 0;
}

/**
 * nat_flush() - End the dynamic entries that match
 *
 * A binding has no remote and no state of its own, so a filter on those leaves it to end
 * with its last session.
 */
SEC("syscall")
int nat_flush(struct nat_flush_args *args)
{
	struct flush flush = { .args = *args, .now = control_now() };

	flush.keep_bindings = args->remote.addr || args->remote.port || args->state || args->idle;
	flush.args.sessions = flush.args.bindings = 0;
	/* Bindings first: a packet that opens a session meanwhile finds its binding ended, or has
	 * its session ended too. */
	bpf_for_each_map_elem(&bindings_fwd, flush_binding, &flush, 0);
	bpf_for_each_map_elem(&sessions, flush_session, &flush, 0);
	bpf_for_each_map_elem(&permits, flush_permit, &flush, 0);
	*args = flush.args;
	return 0;
}

/** nat_forward() - One move of static bindings (forward.h) */
SEC("syscall")
int nat_forward(struct nat_forward_args *args)
{
	struct forward forward = { .args = *args, .now = control_now() };

	forward.args.count = 0;
	if (args->op == NAT_FORWARD_ADD) {
		forward.args.result = forward_add(&forward.args, forward.now);
	} else if (args->op == NAT_FORWARD_DEL) {
		forward.args.result = forward_del(&forward);
	} else if (args->op == NAT_FORWARD_CUT) {
		bpf_for_each_map_elem(&sessions, forward_cut, &forward, 0);
		/* Or the compiler makes one call of two, of which 6.1 does not know the map. */
		asm volatile("" ::: "memory");
	} else {
		bpf_for_each_map_elem(&bindings_fwd, forward_move, &forward, 0);
	}
	*args = forward.args;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
