// SPDX-License-Identifier: GPL-2.0-only
/*
 * audit.c - the invariants of the tables, checked once.
 *
 * How it works: bindings, hosts and claims are copied (snapshot.c); sessions, permits and
 * replies stream past the copy. The tables change meanwhile, and three things keep that from
 * looking like damage:
 *
 *   order      snapshot.c: an entry that is being made is not half seen
 *   brackets   a count is read before and after what it counts; anything between the
 *              two readings may have been right at the time
 *   passes     the rest is for the caller, who believes only what stays
 *
 * Legal, though it looks odd: an orphan in bindings_rev (deadline in the past, the loser
 * of a race) holds a claim without a binding until it is reaped, or not even that, if its
 * binding has moved to another address, where dead sessions still name it; the gateway's own
 * bindings count no sessions where nothing needs translating, and no host's record
 * counts them, nor what a person made; an entry of `replies` outlives its session until
 * the next sweep, but not its binding, which goes in a later one.
 */
#include "audit.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "age.h"
#include "snapshot.h"
#include "walk.h"

#define SLACK_S 60 /* past rest time: sweeps are seconds apart, a busy one takes a while */

static const __u32 ONLY = 0; /* the key of every map of one entry */

/**
 * struct pass - One pass
 * @late: Ticks past its deadline after which an entry should have gone
 */
struct pass {
	const struct gateway *gw;
	struct rows *findings;
	struct audit_totals *totals;
	struct snapshot copy;
	__u32 now;
	__u32 late;
};

/* ---- findings ----------------------------------------------------------------------------- */

static int find_count(struct pass *pass, enum audit_rule rule, struct nat_endpoint where,
		      const struct nat_remote *peer, __u64 found, __u64 expected)
{
	struct audit_finding finding = {
		.rule = (__u8)rule,
		.sign = (__s8)((found > expected) - (found < expected)),
		.where = where,
		.found = found,
		.expected = expected,
	};

	if (peer)
		finding.peer = (struct nat_endpoint){ .addr = peer->addr, .port = peer->port };
	return rows_add(pass->findings, &finding);
}

static int find(struct pass *pass, enum audit_rule rule, struct nat_endpoint where,
		const struct nat_remote *peer)
{
	return find_count(pass, rule, where, peer, 0, 0);
}

/* A count read before and after counting: is the result possible? */
static bool is_between(__u64 value, __u64 before, __u64 after)
{
	return (value >= before && value <= after) || (value <= before && value >= after);
}

static int check_reaped(struct pass *pass, __u64 life, struct nat_endpoint where,
			const struct nat_remote *peer)
{
	__u32 deadline = life_deadline(life);

	if (deadline == NAT_TICK_NEVER || pass->now < deadline ||
	    pass->now - deadline <= pass->late)
		return 0;
	return find_count(pass, AUDIT_NOT_REAPED, where, peer,
			  seconds_from_ticks(pass->now - deadline), 0);
}

/* ---- rules -------------------------------------------------------------------------------- */

static int check_claim(struct pass *pass, const struct rev_row *rev)
{
	__u32 set = claim_set_index(rev->rev.address, rev->key.external.proto);
	__u32 port = ntohs(rev->key.external.port);
	__u64 bit = 1ULL << (port % 64);

	/* Its place in the table is its claim; or it has none, its binding has taken it along. */
	if (!nat_has_ports(rev->key.external.proto) || life_low(rev->rev.life) == NAT_REV_MOVED)
		return 0;
	if (set >= pass->copy.claim_sets || !(pass->copy.claims[set].claimed[port / 64] & bit))
		return find(pass, AUDIT_UNCLAIMED, rev->key.external, &rev->key.remote);
	if (pass->copy.bound[set][port / 64] & bit)
		return find(pass, AUDIT_SHARED, rev->key.external, &rev->key.remote);
	pass->copy.bound[set][port / 64] |= bit;
	return 0;
}

static int check_rev(struct pass *pass, const struct rev_row *rev)
{
	bool is_orphan = life_is_past(rev->rev.life, pass->now) ||
			 life_state(rev->rev.life) == NAT_STATE_DELETING;
	int err = check_claim(pass, rev);

	if (!err && !is_orphan && !snapshot_mirror(&pass->copy, rev))
		err = find(pass, AUDIT_NO_FORWARD, rev->key.external, &rev->key.remote);
	return err ? err : check_reaped(pass, rev->rev.life, rev->key.external, &rev->key.remote);
}

/* Is the count of a binding, then or now, the number of its sessions? */
static int check_session_count(struct pass *pass, const struct fwd_row *fwd, __u32 sessions)
{
	__u32 before = life_low(fwd->binding.life);
	struct nat_binding again;

	if (sessions == before)
		return 0;
	if (bpf_map_lookup_elem(pass->gw->fd[GATEWAY_bindings_fwd], &fwd->key, &again))
		return 0; /* gone meanwhile */
	if (is_between(sessions, before, life_low(again.life)))
		return 0;
	return find_count(pass, AUDIT_SESSION_COUNT, fwd->key.internal, &fwd->key.remote, before,
			  sessions);
}

static int check_fwd(struct pass *pass, const struct fwd_row *fwd)
{
	const struct rev_row *rev =
		snapshot_rev(&pass->copy, &fwd->binding.external, fwd->key.remote.addr);
	int err;

	if (!rev || snapshot_mirror(&pass->copy, rev) != fwd)
		return find(pass, AUDIT_NO_REVERSE, fwd->key.internal, &fwd->key.remote);
	err = check_session_count(pass, fwd, rev->sessions);
	if (!err &&
	    (rev->rev.kind != fwd->binding.kind || rev->rev.address != fwd->binding.address))
		err = find(pass, AUDIT_MIRROR, fwd->key.internal, &fwd->key.remote);
	return err ? err :
		     check_reaped(pass, fwd->binding.life, fwd->key.internal, &fwd->key.remote);
}

static int check_session(const void *data_key, const void *value, void *data)
{
	const struct nat_external_key *key = data_key;
	const struct nat_session *session = value;
	struct pass *pass = data;
	struct rev_row *rev = snapshot_of_session(&pass->copy, key, session);
	struct fwd_row *fwd = rev ? snapshot_mirror(&pass->copy, rev) : NULL;

	pass->totals->sessions++;
	if (!fwd)
		return find(pass, AUDIT_SESSION_ORPHAN, key->external, &key->remote);
	rev->sessions++;
	if (life_is_usable(session->life, pass->now) &&
	    !life_is_usable(fwd->binding.life, pass->now)) {
		int err = find(pass, AUDIT_SESSION_LATE, key->external, &key->remote);

		if (err)
			return err;
	}
	return check_reaped(pass, session->life, key->external, &key->remote);
}

/* What leans on a binding without being counted by it. */
static int check_leaning(struct pass *pass, enum audit_rule rule, __u64 life,
			 const struct nat_endpoint *external, struct nat_remote remote)
{
	if (life_is_usable(life, pass->now) && !snapshot_rev(&pass->copy, external, remote.addr))
		return find(pass, rule, *external, &remote);
	return check_reaped(pass, life, *external, &remote);
}

static int check_permit(const void *data_key, const void *value, void *data)
{
	const struct nat_permit_key *key = data_key;
	const struct nat_permit *permit = value;
	struct pass *pass = data;

	pass->totals->permits++;
	return check_leaning(pass, AUDIT_PERMIT_ORPHAN, permit->life, &key->external,
			     (struct nat_remote){ .addr = key->remote_addr });
}

static int check_reply(const void *key, const void *value, void *data)
{
	const struct nat_reply *reply = value;

	return check_leaning(data, AUDIT_REPLY_ORPHAN, reply->life, &reply->external,
			     ((const struct nat_internal_key *)key)->remote);
}

static int check_host(struct pass *pass, __be32 addr, __u32 bindings)
{
	struct host_row *row = rows_find(&pass->copy.hosts, &addr);
	struct nat_host again;
	__u32 before = row ? life_low(row->life) : 0, after = 0;

	if (row)
		row->is_seen = true;
	if (bindings == before)
		return 0;
	if (!bpf_map_lookup_elem(pass->gw->fd[GATEWAY_hosts], &addr, &again))
		after = life_low(again.life);
	if (is_between(bindings, before, after))
		return 0;
	return find_count(pass, AUDIT_HOST_COUNT, (struct nat_endpoint){ .addr = addr }, NULL,
			  before, bindings);
}

/* bindings_fwd is sorted by internal address first: the bindings of a host are a run. */
static int check_hosts(struct pass *pass)
{
	size_t i = 0;
	int err = 0;

	while (i < pass->copy.fwd.count && !err) {
		const struct fwd_row *row = rows_at(&pass->copy.fwd, i);
		__be32 addr = row->key.internal.addr;
		__u32 bindings = 0;

		for (; i < pass->copy.fwd.count; i++) {
			row = rows_at(&pass->copy.fwd, i);
			if (row->key.internal.addr != addr)
				break;
			bindings += row->binding.kind == NAT_DYNAMIC;
		}
		err = check_host(pass, addr, bindings);
	}
	for (i = 0; i < pass->copy.hosts.count && !err; i++) {
		const struct host_row *row = rows_at(&pass->copy.hosts, i);

		if (!row->is_seen)
			err = check_host(pass, row->addr, 0);
		/* While it counts something, its deadline says nothing. */
		if (!err && !life_low(row->life))
			err = check_reaped(pass, row->life,
					   (struct nat_endpoint){ .addr = row->addr }, NULL);
	}
	return err;
}

static int check_bound(struct pass *pass, __u32 set, __u32 word)
{
	static const __u8 protos[NAT_CLAIMS_MAX] = {
		[NAT_CLAIMS_TCP] = NAT_PROTO_TCP,
		[NAT_CLAIMS_UDP] = NAT_PROTO_UDP,
		[NAT_CLAIMS_ICMP] = NAT_PROTO_ICMP,
	};
	__u64 claimed = pass->copy.claims[set].claimed[word];
	__u32 address = set / NAT_CLAIMS_MAX;
	int err = 0;

	pass->totals->claims += (__u64)__builtin_popcountll(claimed);
	for (__u64 lost = claimed & ~pass->copy.bound[set][word]; lost && !err; lost &= lost - 1) {
		struct nat_endpoint where = {
			.addr = address < pass->copy.pool.count ? pass->copy.pool.addr[address] : 0,
			.port = htons((__u16)(word * 64 + (__u32)__builtin_ctzll(lost))),
			.proto = protos[set % NAT_CLAIMS_MAX],
		};

		err = find(pass, AUDIT_NOT_BOUND, where, NULL);
	}
	return err;
}

static int check_tables(struct pass *pass)
{
	const int *fd = pass->gw->fd;
	int err;

	err = walk_map(fd[GATEWAY_sessions], check_session, pass);
	if (!err)
		err = walk_map(fd[GATEWAY_permits], check_permit, pass);
	if (!err)
		err = walk_map(fd[GATEWAY_replies], check_reply, pass);
	for (size_t i = 0; i < pass->copy.rev.count && !err; i++)
		err = check_rev(pass, rows_at(&pass->copy.rev, i));
	for (size_t i = 0; i < pass->copy.fwd.count && !err; i++)
		err = check_fwd(pass, rows_at(&pass->copy.fwd, i));
	for (__u32 set = 0; set < pass->copy.claim_sets && !err; set++)
		for (__u32 word = 0; word < NAT_PORT_WORDS && !err; word++)
			err = check_bound(pass, set, word);
	return err ? err : check_hosts(pass);
}

static int check_usage(struct pass *pass, const struct nat_usage *before,
		       const struct nat_usage *after)
{
	const struct nat_endpoint nowhere = {};
	int err = 0;

	if (!is_between(pass->totals->sessions, before->sessions, after->sessions))
		err = find_count(pass, AUDIT_USAGE_SESSIONS, nowhere, NULL, after->sessions,
				 pass->totals->sessions);
	if (!err && !is_between(pass->totals->bindings, before->bindings, after->bindings))
		err = find_count(pass, AUDIT_USAGE_BINDINGS, nowhere, NULL, after->bindings,
				 pass->totals->bindings);
	return err;
}

static int usage_read(const struct pass *pass, struct nat_usage *usage)
{
	return bpf_map_lookup_elem(pass->gw->fd[GATEWAY_usage], &ONLY, usage) ? -errno : 0;
}

int audit_pass(const struct gateway *gw, struct rows *findings, struct audit_totals *totals)
{
	struct pass pass = {
		.gw = gw, .findings = findings, .totals = totals, .now = gateway_now()
	};
	struct nat_usage before, after;
	struct nat_settings settings;
	int err;

	memset(totals, 0, sizeof(*totals));
	err = gateway_settings(gw, &settings);
	if (err)
		return err;
	pass.late = ticks_from_seconds(settings.value[NAT_SETTING_REST] + SLACK_S);
	err = usage_read(&pass, &before);
	if (err)
		return err;
	err = snapshot_take(&pass.copy, gw);
	totals->hosts = pass.copy.hosts.count;
	totals->bindings = pass.copy.fwd.count;
	if (!err)
		err = check_tables(&pass);
	if (!err)
		err = usage_read(&pass, &after);
	if (!err)
		err = check_usage(&pass, &before, &after);
	snapshot_free(&pass.copy);
	rows_sort(findings);
	return err;
}
