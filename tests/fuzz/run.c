// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - a packet through the real programs, judged.
 *
 * How it works: what goes out is answered at once, with the packet that it has become, turned
 * round; what comes of that must be the original packet, turned round. What comes in meets XDP
 * first. If XDP finishes it, the session is put back to what it was, and TC gets the same packet:
 * both must have made the same octets and the same session of it.
 */
#include "run.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "random.h"
#include "table.h"
#include "wire.h"
#include "world.h"

#define LINK_HLEN 14
#define TAG_HLEN 4

enum {
	TC_NEXT = -1,
	XDP_DROPPED = 1,
	XDP_PASSED = 2,
	TC_SHOT = 2,
	TC_REDIRECTED = 7,
};

static const struct {
	enum fate fate;
	const char *name;
} reasons[NAT_REASON_MAX] = {
#define X(verdict, id, name, meaning, source) [NAT_REASON_##id] = { FATE_##verdict, name },
	NAT_REASONS(X)
#undef X
};

/* ---- counters and tables ---------------------------------------------------------------- */

/*
 * Read at every packet: counters and usage are given to the programs as maps that this process
 * can see, since a system call for each would take longer than the packet. Not a copy for each
 * CPU: there is only one that runs packets.
 */
static const __u64 *counters;
static const struct nat_usage *usage;

static void tune(struct nat_bpf *skel)
{
	CHECK_EQ(bpf_map__set_type(skel->maps.counters, BPF_MAP_TYPE_ARRAY), 0);
	CHECK_EQ(bpf_map__set_map_flags(skel->maps.counters, BPF_F_MMAPABLE), 0);
	CHECK_EQ(bpf_map__set_map_flags(skel->maps.usage, BPF_F_MMAPABLE), 0);
}

static const void *map_see(const struct bpf_map *map, size_t size)
{
	const void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);

	CHECK(at != MAP_FAILED);
	return at;
}

void run_prepare(void)
{
	world_tune = tune;
}

void run_begin(struct run *run)
{
	if (!counters) {
		counters = map_see(world_skel()->maps.counters, NAT_REASON_MAX * sizeof(*counters));
		usage = map_see(world_skel()->maps.usage, sizeof(*usage));
	}
	memcpy(run->counted, counters, sizeof(run->counted));
	run->is_full = false;
}

/* ---- one program ------------------------------------------------------------------------ */

void run_tell(const struct passage *passage)
{
	static const char *const hooks[] = { "out", "in", "lan" };
	static const char *const fates[] = { "left", "translated", "passed", "dropped" };

	printf("%s%s\n", hooks[passage->hook], passage->xdp ? " xdp" : "");
	for (int out = 0; out <= (passage->fate == FATE_TRANSLATED); out++) {
		const struct frame *frame = out ? &passage->out : &passage->in;

		printf("  %s ", out ? "->" : "  ");
		for (size_t i = 0; i < frame->len; i++)
			printf("%02x", frame->bytes[i]);
		printf("\n");
	}
	printf("  %s%s%s\n", fates[passage->fate], passage->fate == FATE_LEFT ? "" : ": ",
	       passage->fate == FATE_LEFT ? "" : reasons[passage->reason].name);
}

/* What the counters say, against what the program returned. */
static void fate_read(struct run *run, struct passage *passage, int verdict)
{
	__u64 after[NAT_REASON_MAX];
	bool dropped = verdict == (passage->xdp ? XDP_DROPPED : TC_SHOT);
	int counted = 0;

	memcpy(after, counters, sizeof(after));
	passage->fate = FATE_LEFT;
	for (int i = 0; i < NAT_REASON_MAX; i++) {
		if (after[i] == run->counted[i])
			continue;
		counted += after[i] - run->counted[i];
		passage->reason = i;
		passage->fate = reasons[i].fate;
		run->reasons[i]++;
	}
	memcpy(run->counted, after, sizeof(after));
	CHECK(counted <= 1);
	CHECK_EQ(passage->fate == FATE_DROPPED, dropped);
	if (passage->xdp)
		CHECK(verdict == XDP_DROPPED || verdict == XDP_PASSED);
	else if (passage->hook == HOOK_LAN && passage->fate == FATE_TRANSLATED)
		CHECK_EQ(verdict, TC_REDIRECTED);
	else if (!dropped)
		CHECK(verdict == TC_NEXT || verdict == 0);
}

static void program_run(struct run *run, const struct packet *packet, struct passage *passage)
{
	static const enum program programs[] = { PROGRAM_TC_OUT, PROGRAM_TC_IN, PROGRAM_TC_LAN };
	struct nat_usage before = *usage;
	int verdict = world_run(passage->xdp ? PROGRAM_XDP_IN : programs[passage->hook], packet,
				&passage->in, &passage->out);

	run->executed++;
	passage->bindings = (int)(usage->bindings - before.bindings);
	passage->sessions = (int)(usage->sessions - before.sessions);
	fate_read(run, passage, verdict);
	if (run->tell)
		run_tell(passage);
	run->last = *passage;
	run->is_full |= !judge(&run->gateway, &run->flows, passage);
}

/* ---- inbound: two lanes ----------------------------------------------------------------- */

/* A tag that carries a priority and nothing else: XDP sees it, TC does not. */
static void tag_put(struct frame *frame)
{
	static const unsigned char tag[] = { 0x81, 0, 0xa0, 0 };

	memmove(frame->bytes + LINK_HLEN + 2, frame->bytes + LINK_HLEN - 2, frame->len - 12);
	memcpy(frame->bytes + 12, tag, sizeof(tag));
	frame->len += TAG_HLEN;
	frame->l3 += TAG_HLEN;
}

static void tag_take(struct frame *frame)
{
	memmove(frame->bytes + 12, frame->bytes + 12 + TAG_HLEN, frame->len - 12 - TAG_HLEN);
	frame->len -= TAG_HLEN;
	frame->l3 -= TAG_HLEN;
}

static struct nat_external_key session_key(struct frame *frame)
{
	struct wire wire = wire_read(frame);
	struct nat_external_key key = { .external = wire.dst };

	key.remote.addr = wire.src.addr;
	key.remote.port = wire.src.port;
	return key;
}

static bool session_read(const struct nat_external_key *key, struct nat_session *session)
{
	return table_lookup(world_skel()->maps.sessions, key, session);
}

/* @ticks: that have passed between the two */
static void check_same_session(const struct nat_session *a, const struct nat_session *b,
			       __u32 ticks)
{
	CHECK_EQ(life_state(a->life), life_state(b->life));
	CHECK_EQ(life_low(a->life), life_low(b->life));
	CHECK(life_deadline(b->life) - life_deadline(a->life) <= ticks);
	CHECK_EQ(a->flags, b->flags);
	CHECK_EQ(a->knows_in, b->knows_in);
	CHECK_EQ(a->knows_out, b->knows_out);
	CHECK(!memcmp(&a->in, &b->in, sizeof(a->in)) && !memcmp(&a->out, &b->out, sizeof(a->out)));
}

/* XDP has finished it: what does TC make of the result, and what of the original? */
static void lanes_compare(struct run *run, const struct packet *packet, struct passage *xdp,
			  const struct nat_session *before, __u32 begin, uint64_t *random)
{
	struct nat_external_key key = session_key(&xdp->in);
	struct passage tc = { .hook = HOOK_IN, .in = xdp->out };
	struct nat_session by_xdp, by_tc;

	CHECK(session_read(&key, &by_xdp));
	if (!random_below(random, 8)) {
		program_run(run, packet, &tc);
		CHECK_EQ(tc.fate, FATE_LEFT);
	}
	table_write(world_skel()->maps.sessions, &key, before);
	tc.in = xdp->in;
	program_run(run, packet, &tc);
	CHECK_EQ(tc.fate, FATE_TRANSLATED);
	CHECK_EQ(tc.out.len, xdp->out.len);
	CHECK(!memcmp(tc.out.bytes, xdp->out.bytes, tc.out.len));
	CHECK(session_read(&key, &by_tc));
	check_same_session(&by_xdp, &by_tc, table_now() - begin + 1);
}

/* Return: has it been translated? @out is filled then */
static bool inbound(struct run *run, const struct packet *packet, const struct frame *frame,
		    struct frame *out, uint64_t *random)
{
	struct passage passage = { .hook = HOOK_IN, .xdp = true, .in = *frame };
	struct nat_external_key key = session_key(&passage.in);
	struct nat_session before;
	bool is_tagged = !packet->linear && !random_below(random, 16);
	bool is_known = session_read(&key, &before);
	__u32 begin = table_now();

	if (is_tagged)
		tag_put(&passage.in);
	program_run(run, packet, &passage);
	if (is_tagged) {
		passage.in = *frame;
		tag_take(&passage.out);
	}
	if (passage.fate == FATE_TRANSLATED) {
		CHECK(is_known);
		lanes_compare(run, packet, &passage, &before, begin, random);
	} else {
		passage.xdp = false;
		program_run(run, packet, &passage);
	}
	*out = passage.out;
	return passage.fate == FATE_TRANSLATED;
}

/* ---- outbound, and back ----------------------------------------------------------------- */

/* @a and @b are the same number in one's complement: make them the same octets. */
static void settle(unsigned char *a, const unsigned char *b)
{
	if (a && ((a[0] << 8 | a[1]) - (b[0] << 8 | b[1])) % 0xffff == 0)
		memcpy(a, b, 2);
}

static void answer(struct run *run, const struct passage *passage, uint64_t *random)
{
	const struct packet packet = { .hook = HOOK_IN };
	struct frame wanted = passage->in, back = passage->out, came;
	struct wire want, got;

	if (!wire_reverse(&wanted) || !wire_reverse(&back) || random_below(random, 2))
		return;
	want = wire_read(&wanted);
	/* From an address of ours nothing comes in. */
	if (wire_ip_sum(&want) || judge_is_pool(&run->gateway, want.src.addr))
		return;
	CHECK(inbound(run, &packet, &back, &came, random));
	got = wire_read(&came);
	CHECK_EQ(got.kind, want.kind);
	if (!want.atomic) {
		memcpy(want.ip + 4, got.ip + 4, 2);
		memcpy(want.ip + 10, got.ip + 10, 2);
	}
	if (want.src.proto == NAT_PROTO_TCP && want.kind == WIRE_PORTS)
		memcpy(want.l4 + 16, got.l4 + 16, (want.l4[12] >> 4) * 4 - 16); /* MSS */
	if (wire_check(&want))
		settle(wire_check(&want), wire_check(&got));
	CHECK_EQ(came.len, wanted.len);
	CHECK(!memcmp(came.bytes, wanted.bytes, wanted.len));
}

void run_packet(struct run *run, const struct packet *packet, const struct frame *frame,
		uint64_t *random)
{
	struct passage passage = { .hook = packet->hook, .in = *frame };
	struct frame out;

	run->packets++;
	if (packet->hook == HOOK_IN) {
		inbound(run, packet, frame, &out, random);
		return;
	}
	program_run(run, packet, &passage);
	if (packet->hook == HOOK_OUT && passage.fate == FATE_TRANSLATED)
		answer(run, &passage, random);
}
