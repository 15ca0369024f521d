// SPDX-License-Identifier: GPL-2.0-only
/*
 * world.c - the real programs, loaded once, and a fresh gateway for every case.
 *
 * How it works: programs are verified when they are loaded, which takes most of a
 * second, so they are loaded once (for each value of their read-only data: with and without a
 * link header, with the express lane) and every case gets emptied maps instead. Counters are not
 * emptied: coverage is judged by them at the end, and cases look at differences.
 */
#include "world.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "check.h"
#include "sockets.h"
#include "table.h"

/* Of Linux 6.13; older headers lack it, older kernels answer -EINVAL. */
#define TEST_RUN_CHECKSUM_COMPLETE (1U << 2)

#define WORLD_SESSIONS 1000
#define LOOPBACK 1 /* its index, always */

unsigned int world_table_size = WORLD_TABLE_SIZE;
void (*world_tune)(struct nat_bpf *skel);

/** enum variant - What is set before the programs are loaded */
enum variant {
	VARIANT_LINK,
	VARIANT_NO_LINK,
	VARIANT_FAST,
	VARIANT_MAX,
};

static struct nat_bpf *variants[VARIANT_MAX], *skel;
static bool csum_complete_known = true;
static enum nat_lane_exit lane_exit;

struct nat_bpf *world_skel(void)
{
	return skel;
}

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return check_is_verbose() && level <= LIBBPF_WARN ? vfprintf(stderr, fmt, args) : 0;
}

static int load(struct nat_bpf **loaded, enum variant variant)
{
	struct nat_bpf *new;
	int err;

	libbpf_set_print(print_libbpf);
	new = nat_bpf__open();
	if (!new)
		return -errno;
	new->rodata->link_header_len = variant == VARIANT_NO_LINK ? 0 : 14;
	new->rodata->fast = variant == VARIANT_FAST;
	bpf_map__set_max_entries(new->maps.ports, WORLD_POOL_MAX * NAT_CLAIMS_MAX);
	bpf_map__set_max_entries(new->maps.bindings_fwd, world_table_size);
	bpf_map__set_max_entries(new->maps.bindings_rev, world_table_size);
	bpf_map__set_max_entries(new->maps.sessions, world_table_size);
	bpf_map__set_max_entries(new->maps.permits, world_table_size);
	bpf_map__set_max_entries(new->maps.hosts, world_table_size);
	bpf_map__set_max_entries(new->maps.fragments, world_table_size);
	bpf_map__set_max_entries(new->maps.replies, world_table_size);
	bpf_map__set_max_entries(new->maps.early, NAT_EARLY_MAX);
	bpf_map__set_max_entries(new->maps.held_syns, NAT_HELD_MAX);
	if (world_tune)
		world_tune(new);
	err = nat_bpf__load(new);
	if (err)
		nat_bpf__destroy(new);
	else
		*loaded = new;
	return err;
}

static void programs_choose(enum variant variant)
{
	static int errors[VARIANT_MAX]; /* what does not load is not tried again for every case */
	static bool isolated;

	if (!isolated && unshare(CLONE_NEWNET))
		SKIP("a network namespace needs root");
	if (!isolated)
		sockets_prepare();
	isolated = true;
	if (!variants[variant] && !errors[variant])
		errors[variant] = load(&variants[variant], variant);
	if (errors[variant] == -EPERM)
		SKIP("loading BPF programs needs root");
	if (!variants[variant])
		check_fail(__FILE__, __LINE__, "the programs do not load: %s (-v says why)",
			   strerror(-errors[variant]));
	skel = variants[variant];
}

/* ---- what was asked of the keeper -------------------------------------------------------- */

static struct nat_request *requests_room;
static int requests_taken, requests_most;

static int request_take(void *unused, void *data, size_t size)
{
	(void)unused;
	CHECK_EQ(size, sizeof(*requests_room));
	if (requests_taken < requests_most)
		memcpy(&requests_room[requests_taken], data, size);
	requests_taken++;
	return 0;
}

int world_requests(struct nat_request *requests, int most)
{
	static struct ring_buffer *rings[VARIANT_MAX];
	struct ring_buffer **ring = rings;

	while (variants[ring - rings] != skel)
		ring++;

	if (!*ring)
		*ring = ring_buffer__new(bpf_map__fd(skel->maps.requests), request_take, NULL,
					 NULL);
	CHECK(*ring);
	requests_room = requests;
	requests_most = most;
	requests_taken = 0;
	ring_buffer__consume(*ring);
	return requests_taken;
}

/* ---- what attach would do --------------------------------------------------------------- */

void world_set(enum nat_setting setting, __u32 value)
{
	struct nat_settings settings;
	__u32 only = 0;

	CHECK(table_lookup(skel->maps.settings, &only, &settings));
	settings.value[setting] = value;
	table_write(skel->maps.settings, &only, &settings);
}

static void settings_fill(const struct world *world)
{
	struct nat_settings settings = { {
#define X(id, name, unit, dflt, floor, max, live, meaning, source) [NAT_SETTING_##id] = dflt,
		NAT_SETTINGS(X)
#undef X
	} };
	__u32 only = 0;

	settings.value[NAT_SETTING_MAX_SESSIONS] = WORLD_SESSIONS;
	table_write(skel->maps.settings, &only, &settings);
	for (size_t i = 0; i < sizeof(world->set) / sizeof(*world->set) && world->set[i].given; i++)
		world_set(world->set[i].setting, world->set[i].value);
}

/* What natctl does: ports outside the range are not ours to give (user/ports.c). */
static void ports_fill(void)
{
	static struct nat_claims claims;
	struct nat_settings settings;
	__u32 only = 0;

	CHECK(table_lookup(skel->maps.settings, &only, &settings));
	memset(&claims, 0, sizeof(claims));
	for (__u32 port = 1024; port < 65536; port++)
		if (port < settings.value[NAT_SETTING_PORT_FIRST] ||
		    port > settings.value[NAT_SETTING_PORT_LAST])
			claims.host[port / 64] |= 1ULL << (port % 64);
	for (__u32 word = 0; word < NAT_PORT_WORDS; word++)
		if (claims.host[word] == ~0ULL)
			for (int parity = 0; parity < 2; parity++)
				claims.full[parity][word / 64] |= 1ULL << (word % 64);
	for (__u16 address = 0; address < WORLD_POOL_MAX; address++) {
		__u32 tcp = claim_set_index(address, NAT_PROTO_TCP);
		__u32 udp = claim_set_index(address, NAT_PROTO_UDP);

		table_write(skel->maps.ports, &tcp, &claims);
		table_write(skel->maps.ports, &udp, &claims);
	}
}

static void external_add(const char *text, __u16 index, __u16 flags)
{
	struct nat_external external = { .index = index, .flags = flags };
	struct nat_endpoint endpoint;

	endpoint_parse(text, NULL, &endpoint);
	table_write(skel->maps.externals, &endpoint.addr, &external);
}

static void pool_fill(const struct world *world)
{
	struct nat_pool pool = { 0 };
	struct nat_endpoint endpoint;
	__u32 only = 0;

	for (int i = 0; i < WORLD_POOL_MAX; i++) {
		const char *text = world->pool[i] ?: i ? world->pool[i] : "203.0.113.1";

		if (!text || text[0] == '-')
			break;
		endpoint_parse(text, NULL, &endpoint);
		pool.addr[pool.count++] = endpoint.addr;
		external_add(text, i, world->not_local ? 0 : NAT_EXTERNAL_LOCAL);
	}
	table_write(skel->maps.pool, &only, &pool);
	if (world->outside)
		external_add(world->outside, 0, NAT_EXTERNAL_LOCAL | NAT_EXTERNAL_OUTSIDE);
}

static void prefix_add(struct bpf_map *map, const char *text)
{
	struct nat_endpoint endpoint;
	struct nat_prefix prefix;
	char addr[32];
	__u32 one = 1;

	snprintf(addr, sizeof(addr), "%s", text);
	prefix.len = atoi(strchr(text, '/') + 1);
	*strchr(addr, '/') = '\0';
	endpoint_parse(addr, NULL, &endpoint);
	prefix.addr = endpoint.addr;
	table_write(map, &prefix, &one);
}

void world_make(const struct world *world)
{
	static const struct world usual;

	if (!world)
		world = &usual;
	lane_exit = world->lane;
	programs_choose(world->lane    ? VARIANT_FAST :
			world->no_link ? VARIANT_NO_LINK :
					 VARIANT_LINK);
	table_clear(skel->maps.bindings_fwd);
	table_clear(skel->maps.bindings_rev);
	table_clear(skel->maps.sessions);
	table_clear(skel->maps.permits);
	table_clear(skel->maps.hosts);
	table_clear(skel->maps.fragments);
	table_clear(skel->maps.replies);
	table_clear(skel->maps.early);
	table_clear(skel->maps.held_syns);
	table_clear(skel->maps.externals);
	table_clear(skel->maps.internal_nets);
	table_clear(skel->maps.excluded_nets);
	table_zero(skel->maps.ports);
	table_zero(skel->maps.usage);
	table_zero(skel->maps.sent_ids);
	table_zero(skel->maps.ids);
	table_zero(skel->maps.lanes);
	world_requests(NULL, 0);
	settings_fill(world);
	ports_fill();
	pool_fill(world);
	prefix_add(skel->maps.internal_nets, world->internal ?: "0.0.0.0/0");
	if (world->exclude)
		prefix_add(skel->maps.excluded_nets, world->exclude);
	sockets_mtu(world->mtu ?: 1500);
}

/* The only interface that there is stands for both: where packets enter, and where they leave. */
static void lane_open(enum program program)
{
	struct nat_lane lane = { .ifindex = LOOPBACK,
				 .exit = lane_exit,
				 .is_wan = program >= PROGRAM_XDP_LANE };
	__u32 slot = nat_lane_slot(LOOPBACK);

	table_write(skel->maps.lanes, &slot, &lane);
}

/* ---- running ---------------------------------------------------------------------------- */

int world_fd(enum program program)
{
	const struct bpf_program *const programs[] = {
		[PROGRAM_TC_OUT] = skel->progs.nat_tc_wan_out,
		[PROGRAM_TC_IN] = skel->progs.nat_tc_wan_in,
		[PROGRAM_XDP_IN] = skel->progs.nat_xdp_wan_in,
		[PROGRAM_TC_LAN] = skel == variants[VARIANT_NO_LINK] ?
					   skel->progs.nat_tc_lan_l3_in :
					   skel->progs.nat_tc_lan_in,
		[PROGRAM_XDP_LANE] = skel->progs.nat_xdp_lan_in,
		[PROGRAM_TC_LANE] = skel->progs.nat_tc_lane_in,
	};

	return bpf_program__fd(programs[program]);
}

int world_run(enum program program, const struct packet *packet, const struct frame *in,
	      struct frame *out)
{
	struct __sk_buff skb = { .gso_size = packet->gso };
	struct xdp_md xdp = { .data_end = packet->linear };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->bytes, .data_size_in = in->len,
		    .data_out = out->bytes, .data_size_out = sizeof(out->bytes), .repeat = 1);
	bool is_xdp = program == PROGRAM_XDP_IN || program == PROGRAM_XDP_LANE;
	int err;

	*out = *in;
	if (lane_exit)
		lane_open(program);
	if (packet->gso && !is_xdp) {
		opts.ctx_in = &skb;
		opts.ctx_size_in = sizeof(skb);
	}
	if (packet->linear && is_xdp) {
		opts.ctx_in = &xdp;
		opts.ctx_size_in = sizeof(xdp);
	}
	/* Without a link header the test run sums from the wrong octet on. */
	if (!is_xdp && program != PROGRAM_TC_OUT && csum_complete_known && !packet->no_link)
		opts.flags = TEST_RUN_CHECKSUM_COMPLETE;
	err = bpf_prog_test_run_opts(world_fd(program), &opts);
	if (err == -EINVAL && opts.flags) {
		opts.flags = 0;
		opts.data_size_out = sizeof(out->bytes);
		err = bpf_prog_test_run_opts(world_fd(program), &opts);
		csum_complete_known = err;
	}
	if (err == -EBADMSG)
		check_fail(__FILE__, __LINE__, "skb->csum no longer fits the packet");
	if (err == -EINVAL && (packet->linear || in->len < in->l3 + 20))
		SKIP("this kernel does not test-run such a frame");
	CHECK_EQ(err, 0);
	out->len = opts.data_size_out;
	return opts.retval;
}

static void control_run(struct bpf_program *program, void *args, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = size);

	CHECK_EQ(bpf_prog_test_run_opts(bpf_program__fd(program), &opts), 0);
	CHECK_EQ(opts.retval, 0);
}

struct nat_reap_args world_reap(void)
{
	struct nat_reap_args args = { 0 };

	control_run(skel->progs.nat_reap, &args, sizeof(args));
	return args;
}

void world_flush(struct nat_flush_args *args)
{
	control_run(skel->progs.nat_flush, args, sizeof(*args));
}

__u32 world_forward(struct nat_forward_args *args)
{
	control_run(skel->progs.nat_forward, args, sizeof(*args));
	return args->result;
}

static void binding_older(void *value, __u32 ticks)
{
	((struct nat_binding *)value)->created -= ticks;
}

static void session_older(void *value, __u32 ticks)
{
	struct nat_session *session = value;

	session->created -= ticks;
	session->out.lane -= ticks;
	session->in.lane -= ticks;
}

/* The tick of the last refill is in the upper half. */
static void host_older(void *value, __u32 ticks)
{
	((struct nat_host *)value)->bucket -= (__u64)ticks << 32;
}

/* Its generation is the tick at which its binding was created. */
static void permit_older(void *value, __u32 ticks)
{
	struct nat_permit *permit = value;

	permit->life = life_make(life_state(permit->life), life_deadline(permit->life),
				 life_low(permit->life) - ticks);
}

void world_age(__u32 ticks)
{
	table_age(skel->maps.bindings_fwd, ticks, binding_older);
	table_age(skel->maps.bindings_rev, ticks, NULL);
	table_age(skel->maps.sessions, ticks, session_older);
	table_age(skel->maps.permits, ticks, permit_older);
	table_age(skel->maps.hosts, ticks, host_older);
	table_age(skel->maps.fragments, ticks, NULL);
	table_age(skel->maps.replies, ticks, NULL);
	table_age(skel->maps.early, ticks, NULL);
	table_age(skel->maps.held_syns, ticks, NULL);
}

bool world_is_claimed(__u8 proto, __u16 port)
{
	static struct nat_claims claims;
	__u32 index = claim_set_index(0, proto);

	CHECK(table_lookup(skel->maps.ports, &index, &claims));
	return claims.claimed[port / 64] >> (port % 64) & 1;
}

__u64 world_coverage(enum nat_reason reason)
{
	__u64 counts[NAT_REASON_MAX];
	__u64 covered = 0;

	for (int i = 0; i < VARIANT_MAX; i++) {
		struct nat_bpf *loaded = variants[i];

		if (!loaded)
			continue;
		table_counts(loaded->maps.counters, counts);
		covered += counts[reason];
	}
	return covered;
}
