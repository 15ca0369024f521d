// SPDX-License-Identifier: GPL-2.0-only
/*
 * selftest.c - do programs that are loaded, but not attached yet, translate as they should?
 *
 * How it works
 *
 * The kernel runs a program on a packet of ours (BPF_PROG_TEST_RUN) and gives back verdict
 * and packet. The gateway is a small one, written into the maps before the first row and
 * wiped out behind the last: the programs are bound to their maps for life, so on the maps
 * of a gateway at work nothing can be tried without spoiling something. An expected packet
 * is built from scratch, with its checksums, and compared octet by octet.
 *
 * Nothing here may depend on the machine. No address is private, so no route is asked for; no
 * socket has the ports; what hairpinning does after its look at the destination depends on
 * routes, so it is only seen to leave alone what is not its business. Where there is no link
 * layer header a test run takes octets 12 and 13 for the Ethernet type all the same: all that
 * comes in has a source in 8.0.0.0/16, which reads as IPv4. The control programs are left out:
 * they walk through whole tables, which takes longer than all of this (docs/decisions/0021).
 */
#include "selftest.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "loader.h"
#include "nets.h"
#include "wipe.h"

#define VERDICT_XDP_DROP 1
#define VERDICT_XDP_PASS 2
#define VERDICT_TC_SHOT 2
#define VERDICT_TC_NEXT 0xffffffff

/** enum end - Who is who; INTERNAL and EXTERNAL have a port that no socket has */
enum end {
	INTERNAL,
	EXTERNAL,
	REMOTE,
	STRANGER, /* to whom nobody has sent */
	OTHER,	  /* an address that is not the gateway's */
	END_MAX,
};

static const struct {
	const char *addr;
	__u16 port;
} ends[END_MAX] = {
	[INTERNAL] = { "8.0.0.2", 0 },	   [EXTERNAL] = { "203.0.113.1", 0 },
	[REMOTE] = { "8.0.1.9", 53 },	   [STRANGER] = { "8.0.1.10", 53 },
	[OTHER] = { "203.0.113.2", 5353 },
};

/** enum fate - What is to become of a packet */
enum fate {
	FATE_BECOMES,
	FATE_LEFT, /* goes on as it came */
	FATE_DROPPED,
};

#define BECOMES(from, to) .fate = FATE_BECOMES, .new_src = from, .new_dst = to
#define LEFT .fate = FATE_LEFT
#define DROPPED .fate = FATE_DROPPED

/**
 * struct step - One packet, and what is to become of it
 * @hook:  Whose program sees it; the row is skipped where that is not loaded
 * @flags: enum frame_flag; 0: a UDP datagram
 * @new_src, @new_dst: With FATE_BECOMES
 */
struct step {
	const char *what;
	enum hook hook;
	__u8 flags;
	enum end src, dst;
	enum fate fate;
	enum end new_src, new_dst;
};

/* clang-format off */
static const struct step steps[] = {
	{ "the first datagram of a flow", HOOK_WAN_OUT, 0,
	  INTERNAL, REMOTE, BECOMES(EXTERNAL, REMOTE) },
	{ "its answer", HOOK_XDP_WAN_IN, 0, REMOTE, EXTERNAL, BECOMES(REMOTE, INTERNAL) },
	{ "its answer", HOOK_WAN_IN, 0, REMOTE, EXTERNAL, BECOMES(REMOTE, INTERNAL) },
	{ "a stranger's datagram", HOOK_XDP_WAN_IN, 0, STRANGER, EXTERNAL, LEFT },
	{ "a stranger's datagram", HOOK_WAN_IN, 0, STRANGER, EXTERNAL, DROPPED },
	{ "a datagram for others", HOOK_XDP_WAN_IN, 0, REMOTE, OTHER, LEFT },
	{ "a datagram for others", HOOK_WAN_IN, 0, REMOTE, OTHER, LEFT },
	{ "a datagram for others", HOOK_LAN_IN, 0, INTERNAL, OTHER, LEFT },
	{ "a datagram from no interface with a lane", HOOK_LANE_XDP, 0, INTERNAL, REMOTE, LEFT },
	{ "a datagram from no interface with a lane", HOOK_LANE_TC, 0, INTERNAL, REMOTE, LEFT },
	{ "the first segment of a flow", HOOK_WAN_OUT, FRAME_SYN,
	  INTERNAL, REMOTE, BECOMES(EXTERNAL, REMOTE) },
	{ "its answer", HOOK_XDP_WAN_IN, FRAME_SYN | FRAME_ACK,
	  REMOTE, EXTERNAL, BECOMES(REMOTE, INTERNAL) },
	{ "its answer", HOOK_WAN_IN, FRAME_SYN | FRAME_ACK,
	  REMOTE, EXTERNAL, BECOMES(REMOTE, INTERNAL) },
	{ "the second segment", HOOK_WAN_OUT, FRAME_ACK,
	  INTERNAL, REMOTE, BECOMES(EXTERNAL, REMOTE) },
};
/* clang-format on */

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/**
 * struct test - One run
 * @gw:   The maps, nothing else
 * @port: Of no local socket, network order: [0] UDP, [1] TCP
 * @why:  See selftest()
 */
struct test {
	const struct nat_bpf *skel;
	struct gateway gw;
	int header_len;
	__be16 port[2];
	char *why;
};

/* ---- the gateway ----------------------------------------------------------------------- */

static int unused_port(int type, __be16 *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int err = 0, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		err = -errno;
	close(fd);
	*port = addr.sin_port;
	return err;
}

static int prepare(struct test *test)
{
	static const struct nat_prefix everything = { .len = 0 };
	struct nat_external external = { .index = 0 };
	struct nat_pool pool = { .count = 1, .addr = { inet_addr(ends[EXTERNAL].addr) } };
	struct nat_settings settings = { {
#define X(id, name, unit, dflt, floor, max, live, meaning, source) [NAT_SETTING_##id] = dflt,
		NAT_SETTINGS(X)
#undef X
	} };
	const struct gateway *gw = &test->gw;
	__u32 only = 0;
	int err;

	settings.value[NAT_SETTING_MAX_SESSIONS] = SELFTEST_SESSIONS;
	settings.value[NAT_SETTING_CLAMP_MSS] = NAT_CLAMP_OFF; /* depends on the device's MTU */
	if (bpf_map_update_elem(gw->fd[GATEWAY_settings], &only, &settings, BPF_ANY) ||
	    bpf_map_update_elem(gw->fd[GATEWAY_externals], &pool.addr[0], &external, BPF_ANY) ||
	    bpf_map_update_elem(gw->fd[GATEWAY_pool], &only, &pool, BPF_ANY))
		return -errno;
	err = nets_write(gw, GATEWAY_internal_nets, &everything, 1);
	if (!err)
		err = unused_port(SOCK_DGRAM, &test->port[0]);
	if (!err)
		err = unused_port(SOCK_STREAM, &test->port[1]);
	return err;
}

/* ---- packets --------------------------------------------------------------------------- */

static int header_len_of(const struct test *test, enum hook hook, bool bare)
{
	if (hook < HOOK_WAN_MAX)
		return test->header_len;
	return bare ? 0 : ETHER_HDR_LEN;
}

static size_t build(const struct test *test, const struct step *step, enum end from, enum end to,
		    int header_len, __u8 *frame)
{
	struct nat_endpoint endpoint[2] = {};
	const enum end who[2] = { from, to };

	for (int i = 0; i < 2; i++) {
		endpoint[i].addr = inet_addr(ends[who[i]].addr);
		endpoint[i].port =
			ends[who[i]].port ? htons(ends[who[i]].port) : test->port[!!step->flags];
		endpoint[i].proto = step->flags ? NAT_PROTO_TCP : NAT_PROTO_UDP;
	}
	return frame_build(frame, header_len, &endpoint[0], &endpoint[1], step->flags);
}

static const char *verdict_text(bool is_xdp, __u32 verdict)
{
	if (verdict == (is_xdp ? VERDICT_XDP_DROP : VERDICT_TC_SHOT))
		return "dropped";
	return verdict == (is_xdp ? VERDICT_XDP_PASS : VERDICT_TC_NEXT) ? "passed on" :
									  "sent elsewhere";
}

static int judge(const struct test *test, const struct step *step, bool bare, const char *verdict,
		 const __u8 *seen, size_t seen_len)
{
	const char *wanted = step->fate == FATE_DROPPED ? "dropped" : "passed on";
	int header_len = header_len_of(test, step->hook, bare);
	char text[2][FRAME_TEXT_MAX];
	__u8 expected[FRAME_MAX];
	size_t len, at = 0;

	len = step->fate == FATE_BECOMES ?
		      build(test, step, step->new_src, step->new_dst, header_len, expected) :
		      build(test, step, step->src, step->dst, header_len, expected);
	if (strcmp(verdict, wanted)) {
		snprintf(test->why, SELFTEST_WHY_MAX, "%s: %s is %s, expected to be %s",
			 hook_program(step->hook, bare), step->what, verdict, wanted);
		return -EBADMSG;
	}
	while (at < len && at < seen_len && seen[at] == expected[at])
		at++;
	if (step->fate == FATE_DROPPED || (at == len && at == seen_len))
		return 0;
	snprintf(test->why, SELFTEST_WHY_MAX,
		 "%s: %s becomes \"%s\", expected \"%s\", different from octet %zu on",
		 hook_program(step->hook, bare), step->what,
		 frame_text(text[0], seen, seen_len, header_len),
		 frame_text(text[1], expected, len, header_len), at);
	return -EBADMSG;
}

static int run(const struct test *test, const struct step *step, bool bare)
{
	int fd = loader_program_fd(test->skel, step->hook, bare);
	__u8 frame[FRAME_MAX], seen[2 * FRAME_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_out = seen,
		    .data_size_out = sizeof(seen), .repeat = 1);

	if (fd < 0)
		return 0;
	opts.data_size_in = build(test, step, step->src, step->dst,
				  header_len_of(test, step->hook, bare), frame);
	if (bpf_prog_test_run_opts(fd, &opts)) {
		int err = -errno;

		snprintf(test->why, SELFTEST_WHY_MAX, "%s: %s: cannot be run: %s",
			 hook_program(step->hook, bare), step->what, strerror(-err));
		return err;
	}
	return judge(test, step, bare, verdict_text(hook_is_xdp(step->hook), opts.retval), seen,
		     opts.data_size_out);
}

static int run_all(const struct test *test)
{
	int err = 0;

	for (size_t i = 0; !err && i < STEPS; i++) {
		err = run(test, &steps[i], false);
		if (!err && hook_has_bare(steps[i].hook))
			err = run(test, &steps[i], true);
	}
	return err;
}

int selftest(const struct nat_bpf *skel, int header_len, char *why)
{
	struct test test = { .skel = skel, .header_len = header_len, .why = why };
	int err;

	loader_borrow(skel, &test.gw);
	err = prepare(&test);
	if (err) {
		snprintf(why, SELFTEST_WHY_MAX, "cannot be prepared: %s", strerror(-err));
		return err;
	}
	err = run_all(&test);
	if (err)
		return err;
	err = wipe(&test.gw);
	if (err)
		snprintf(why, SELFTEST_WHY_MAX, "cannot wipe out its traces: %s", strerror(-err));
	return err;
}
