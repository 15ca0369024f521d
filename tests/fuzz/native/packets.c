// SPDX-License-Identifier: GPL-2.0-only
/*
 * packets.c - the pipelines of TC, compiled for this machine: a fuzzer that sees which branches
 * it has reached, and sanitizers that see every read outside a packet.
 *
 * The input is a sequence of packets: an octet that says how (WAY_*), two of length, and then the
 * packet from its IPv4 header on. They meet one gateway after the other; judge.c says what must be
 * true, as in the run of the real programs.
 */
#include "ctx_native.h"

#include "nat_tc.bpf.c"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "judge.h"
#include "wire.h"

#define LINK_HLEN 14
#define PACKETS_MAX 16
#define POOL htonl(0xcb007101) /* 203.0.113.1 */

/* Of a packet's first octet. */
enum {
	WAY_HOOK = 3,	/* OUT, IN, LAN; 3: no packet, time passes */
	WAY_REPAIR = 4, /* make its checksums right */
	WAY_SHORT = 8,	/* nothing but the link layer header is linear */
	WAY_REPLY = 16, /* not the packet, but the answer to the last one that went out */
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const enum fate fates[NAT_REASON_MAX] = {
#define X(verdict, id, name, meaning, source) [NAT_REASON_##id] = FATE_##verdict,
	NAT_REASONS(X)
#undef X
};

static const struct gateway gateway = { .pool = { 0 } };
static struct gateway its;
static struct flows flows;
static struct frame reply;

#define MAP(map, most)                                                                             \
	native_map_add(&(map), sizeof(*(map).type) / sizeof(int), sizeof(*(map).key),              \
		       sizeof(*(map).value), most)

static void maps_make(void)
{
	MAP(bindings_fwd, 64);
	MAP(bindings_rev, 64);
	MAP(sessions, 64);
	MAP(permits, 64);
	MAP(replies, 64);
	MAP(hosts, 64);
	MAP(fragments, 64);
	MAP(early, 64);
	MAP(held_syns, 64);
	MAP(sent_ids, NAT_SENT_IDS);
	MAP(ports, 3);
	MAP(externals, 4);
	MAP(pool, 1);
	MAP(internal_nets, 4);
	MAP(excluded_nets, 4);
	MAP(settings, 1);
	MAP(usage, 1);
	MAP(ids, 1 << NAT_IDS_BITS);
	MAP(counters, NAT_REASON_MAX);
	MAP(lanes, 1);
}

/* What attach would do. @choice: settings that decide which way a packet takes */
static void gateway_make(__u8 choice)
{
	const struct nat_external external = { .flags = NAT_EXTERNAL_LOCAL };
	struct nat_settings *set = settings_get();
	const struct nat_prefix all = { 0 };
	struct nat_pool pooled = { .count = 1, .addr = { POOL } };
	const __be32 addr = POOL;
	const __u32 one = 1;

	static const __u32 values[NAT_SETTING_MAX] = {
#define X(id, name, unit, dflt, floor, max, live, meaning, source) [NAT_SETTING_##id] = dflt,
		NAT_SETTINGS(X)
#undef X
	};

	memcpy(set->value, values, sizeof(values));
	set->value[NAT_SETTING_MAX_SESSIONS] = 40;
	set->value[NAT_SETTING_FILTERING_UDP] = set->value[NAT_SETTING_FILTERING_TCP] = choice % 3;
	set->value[NAT_SETTING_MAPPING] = choice >> 2 & 1;
	set->value[NAT_SETTING_CLAMP_MSS] = choice >> 3 & 1;
	bpf_map_update_elem(&externals, &addr, &external, BPF_ANY);
	bpf_map_update_elem(&internal_nets, &all, &one, BPF_ANY);
	memcpy(bpf_map_lookup_elem(&pool, &ONLY), &pooled, sizeof(pooled));
	its = gateway;
	its.pool[0] = POOL;
	flows_clear(&flows);
	flows_filtering(&flows, NAT_PROTO_TCP, choice % 3);
	flows_filtering(&flows, NAT_PROTO_UDP, choice % 3);
	reply.len = 0;
}

/* Which counter moved? */
static void fate_read(struct passage *passage, const __u64 *before, int verdict)
{
	const __u64 *after = bpf_map_lookup_elem(&counters, &ONLY);
	int counted = 0;

	passage->fate = FATE_LEFT;
	for (int i = 0; i < NAT_REASON_MAX; i++) {
		if (after[i] == before[i])
			continue;
		counted += after[i] - before[i];
		passage->reason = i;
		passage->fate = fates[i];
	}
	CHECK(counted <= 1);
	CHECK_EQ(passage->fate == FATE_DROPPED, verdict == NAT_TC_SHOT);
}

static void packet_send(struct passage *passage, bool is_short)
{
	static int (*const programs[])(struct native_packet *) = { nat_tc_wan_out, nat_tc_wan_in,
								   nat_tc_lan_in };
	struct frame *in = &passage->in;
	struct native_packet packet = { .rest = in->bytes,
					.len = in->len,
					.linear = is_short ? LINK_HLEN : in->len,
					.ifindex = 1 };
	struct nat_usage *used = usage_get(), before = *used;
	__u64 counted[NAT_REASON_MAX];
	int verdict;

	memcpy(counted, bpf_map_lookup_elem(&counters, &ONLY), sizeof(counted));
	packet.bytes = malloc(packet.linear);
	memcpy(packet.bytes, in->bytes, packet.linear);
	verdict = programs[passage->hook](&packet);
	passage->out = *in;
	memcpy(passage->out.bytes, packet.bytes, packet.linear);
	free(packet.bytes);
	passage->bindings = (int)(used->bindings - before.bindings);
	passage->sessions = (int)(used->sessions - before.sessions);
	fate_read(passage, counted, verdict);
	judge(&its, &flows, passage);
}

/* Read one packet, and send it. Return: octets of input that are left */
static size_t packet_take(const unsigned char *data, size_t size)
{
	static struct passage passage;
	__u8 way = data[0];
	size_t len = data[1] << 8 | data[2];

	data += 3;
	size -= 3;
	if (len > size)
		len = size;
	if (len > FRAME_MAX - LINK_HLEN)
		len = FRAME_MAX - LINK_HLEN;
	if ((way & WAY_HOOK) == WAY_HOOK) {
		native_age(len);
		return size;
	}
	passage = (struct passage){ .hook = way & WAY_HOOK };
	if (way & WAY_REPLY && reply.len) {
		passage.in = reply;
	} else {
		memcpy(passage.in.bytes + LINK_HLEN, data, len);
		passage.in.l3 = LINK_HLEN;
		passage.in.len = LINK_HLEN + len;
		if (way & WAY_REPAIR)
			wire_repair(&passage.in, true);
	}
	packet_send(&passage, way & WAY_SHORT);
	if (passage.hook == HOOK_OUT && passage.fate == FATE_TRANSLATED) {
		reply = passage.out;
		if (!wire_reverse(&reply))
			reply.len = 0;
	}
	return size - len;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static bool is_ready;

	if (!size)
		return 0;
	if (!is_ready)
		maps_make();
	is_ready = true;
	native_begin();
	gateway_make(data[0]);
	data++;
	size--;
	for (int i = 0; i < PACKETS_MAX && size > 3; i++) {
		size_t left = packet_take(data, size);

		data += size - left;
		size = left;
	}
	return 0;
}
