// SPDX-License-Identifier: GPL-2.0-only
/*
 * judge.c - what must be true of every packet that goes through a program, whatever it is.
 *
 *	what is not translated goes on as it was, or not at all
 *	a translation changes addresses, ports, ids and checksums, and not one octet more
 *	each checksum is as right, or as wrong by as much, as it was
 *	nothing leaves with an address of the inside, not even in what an error quotes
 *	nothing comes in but to whom has sent something out, from whom it may
 *	what cannot be read, and what comes in, makes no binding; errors and fragments change no
 *table
 *
 * The last two by a model (flows.h) that knows no more than what has gone out.
 */
#include "judge.h"

#include <arpa/inet.h>
#include <string.h>

#include "check.h"
#include "wire.h"

#define TCP_HLEN 20
#define FLAG_SYN 0x02

/** struct view - A passage, read */
struct view {
	struct passage *passage;
	const struct gateway *gateway;
	struct wire in, out;
	struct wire quoted, requoted; /* what an error quotes, before and after */
	bool is_error;
};

static bool is_in(__be32 addr, __u32 net, int len)
{
	return (ntohl(addr) ^ net) >> (32 - len) == 0;
}

static bool is_private(__be32 addr)
{
	return is_in(addr, 0x0a000000, 8) || is_in(addr, 0xac100000, 12) ||
	       is_in(addr, 0xc0a80000, 16) || is_in(addr, 0x64400000, 10) ||
	       is_in(addr, 0xa9fe0000, 16);
}

bool judge_is_pool(const struct gateway *gateway, __be32 addr)
{
	for (int i = 0; i < GATEWAY_POOL; i++)
		if (addr && gateway->pool[i] == addr)
			return true;
	return false;
}

/* ---- octets ----------------------------------------------------------------------------- */

/* Let @expected have what came out at @at, a place in the frame that went in. */
static void may_change(struct frame *expected, const struct passage *passage,
		       const unsigned char *at, size_t len)
{
	size_t off = at ? at - passage->in.bytes : 0;

	if (at)
		memcpy(expected->bytes + off, passage->out.bytes + off, len);
}

/* One side of a packet, and the checksums over it. */
static void side_may_change(struct frame *expected, const struct passage *passage,
			    const struct wire *wire, bool source)
{
	may_change(expected, passage, wire->ip + (source ? 12 : 16), 4);
	may_change(expected, passage, wire->ip + 10, 2);
	may_change(expected, passage, wire_port(wire, source), 2);
	may_change(expected, passage, wire_check(wire), 2);
}

/* Of a SYN: the two octets of its MSS, wherever among its options. */
static void mss_may_change(struct frame *expected, const struct view *view)
{
	const struct passage *passage = view->passage;
	const struct wire *in = &view->in;
	size_t len, off, changed = 0;

	if (in->src.proto != NAT_PROTO_TCP || !(in->l4[13] & FLAG_SYN))
		return;
	len = (in->l4[12] >> 4) * 4 - TCP_HLEN;
	off = in->l4 + TCP_HLEN - passage->in.bytes;
	for (size_t i = off; i < off + len; i++)
		changed += passage->in.bytes[i] != passage->out.bytes[i];
	CHECK(changed <= 2);
	may_change(expected, passage, in->l4 + TCP_HLEN, len);
}

static void check_octets(const struct view *view)
{
	const struct passage *passage = view->passage;
	const struct wire *in = &view->in, *quoted = &view->quoted;
	bool goes_out = passage->hook != HOOK_IN, comes_in = passage->hook != HOOK_OUT;
	struct frame expected = passage->in;

	CHECK_EQ(passage->out.len, passage->in.len);
	if (goes_out)
		side_may_change(&expected, passage, in, true);
	if (comes_in)
		side_may_change(&expected, passage, in, false);
	if (goes_out && !in->atomic && !view->is_error)
		may_change(&expected, passage, in->ip + 4, 2);
	if (in->kind == WIRE_LATER)
		may_change(&expected, passage, in->ip + 4, 2);
	if (passage->hook == HOOK_LAN)
		expected.bytes[in->ip + 8 - passage->in.bytes]--;
	if (in->kind == WIRE_PORTS)
		mss_may_change(&expected, view);
	if (view->is_error) {
		if (goes_out)
			side_may_change(&expected, passage, quoted, false);
		if (comes_in) {
			side_may_change(&expected, passage, quoted, true);
			may_change(&expected, passage, quoted->ip + 4, 2);
		}
	}
	for (size_t i = 0; i < expected.len; i++)
		if (expected.bytes[i] != passage->out.bytes[i])
			check_fail(__FILE__, __LINE__, "octet %zu has been changed from %#x to %#x",
				   i - expected.l3, expected.bytes[i], passage->out.bytes[i]);
}

/* ---- checksums -------------------------------------------------------------------------- */

static void check_transport_sum(const struct wire *in, const struct wire *out)
{
	const unsigned char *before = wire_check(in), *after = wire_check(out);
	bool had_none = before && wire_is_optional(in) && !before[0] && !before[1];

	if (!before)
		return;
	CHECK(after);
	if (wire_is_optional(in))
		CHECK_EQ(!after[0] && !after[1], had_none);
	if (!had_none)
		CHECK_EQ(wire_l4_sum(out), wire_l4_sum(in));
}

static void check_sums(const struct view *view)
{
	CHECK_EQ(wire_ip_sum(&view->out), wire_ip_sum(&view->in));
	check_transport_sum(&view->in, &view->out);
	if (!view->is_error)
		return;
	check_note("the quoted packet");
	CHECK_EQ(wire_ip_sum(&view->requoted), wire_ip_sum(&view->quoted));
	if (view->quoted.kind != WIRE_LATER)
		check_transport_sum(&view->quoted, &view->requoted);
	check_note("%s", "");
}

/* ---- who may pass ----------------------------------------------------------------------- */

static struct flow flow_of(struct nat_endpoint internal, struct nat_endpoint external,
			   struct nat_endpoint remote)
{
	return (struct flow){ .internal = internal, .external = external, .remote = remote };
}

/* @whole: the endpoints are known, not only the addresses */
static void check_permitted(const struct flows *flows, struct flow flow, bool whole)
{
	if (whole)
		CHECK(flows_permit(flows, &flow));
	else
		CHECK(flows_has_addresses(flows, &flow));
}

/* What it is about went the other way. */
static void check_error(const struct view *view, const struct flows *flows)
{
	const struct wire *quoted = &view->quoted, *requoted = &view->requoted;
	bool whole = quoted->kind != WIRE_LATER && quoted->kind != WIRE_OTHER;

	if (view->passage->hook != HOOK_IN) {
		CHECK_EQ(view->out.src.addr, requoted->dst.addr);
		CHECK(judge_is_pool(view->gateway, requoted->dst.addr));
		check_permitted(flows, flow_of(quoted->dst, requoted->dst, quoted->src), whole);
	}
	if (view->passage->hook != HOOK_OUT) {
		CHECK_EQ(view->out.dst.addr, requoted->src.addr);
		check_permitted(
			flows,
			flow_of(requoted->src, quoted->src,
				view->passage->hook == HOOK_LAN ? requoted->dst : quoted->dst),
			whole);
	}
}

/* Return: is there room for more flows? */
static bool check_ways(const struct view *view, struct flows *flows)
{
	const struct wire *in = &view->in, *out = &view->out;
	bool whole = in->kind != WIRE_LATER, has_room = true;
	struct flow flow = flow_of(in->src, out->src, in->dst);

	if (view->passage->hook != HOOK_IN) {
		CHECK(judge_is_pool(view->gateway, out->src.addr));
		if (whole)
			has_room = flows_add(flows, &flow);
		else
			check_permitted(flows, flow, false);
	}
	/* What stays as it is stays with the gateway. */
	if (view->passage->hook != HOOK_OUT &&
	    (out->dst.addr != in->dst.addr || out->dst.port != in->dst.port))
		check_permitted(flows, flow_of(out->dst, in->dst, out->src), whole);
	return has_room;
}

/* ---- what is not translated ------------------------------------------------------------- */

/* What leaves as it is must be the gateway's own, excluded, or none of its business. */
static void check_leak(const struct view *view)
{
	const struct gateway *gateway = view->gateway;
	__be32 src = view->in.src.addr, dst = view->in.dst.addr;

	if (!view->in.ip || !src || judge_is_pool(gateway, src) || src == gateway->outside ||
	    (gateway->excludes && is_in(dst, 0xc0000200, 24)))
		return;
	CHECK(gateway->internal && !is_private(src));
}

static void check_fate(const struct passage *passage)
{
	bool changed = passage->in.len != passage->out.len ||
		       memcmp(passage->in.bytes, passage->out.bytes, passage->in.len);

	if (changed && passage->fate != FATE_DROPPED)
		CHECK_EQ(passage->fate, FATE_TRANSLATED);
	if (passage->hook == HOOK_OUT)
		CHECK(passage->fate != FATE_LEFT);
	if (passage->xdp)
		CHECK(passage->fate == FATE_LEFT || passage->fate == FATE_TRANSLATED);
}

static void check_tables(const struct view *view)
{
	const struct passage *passage = view->passage;
	bool is_refused = passage->fate == FATE_DROPPED && passage->hook != HOOK_LAN;

	if (view->in.kind == WIRE_BAD || view->in.kind == WIRE_LATER ||
	    view->in.kind == WIRE_ERROR || view->in.kind == WIRE_OTHER ||
	    passage->hook == HOOK_IN || passage->fate == FATE_LEFT ||
	    (is_refused && passage->reason != NAT_REASON_TABLE_FULL))
		CHECK_EQ(passage->bindings, 0);
	if (view->in.kind == WIRE_BAD || view->in.kind == WIRE_LATER ||
	    view->in.kind == WIRE_ERROR || view->in.kind == WIRE_OTHER || passage->xdp ||
	    is_refused || passage->fate == FATE_LEFT)
		CHECK_EQ(passage->sessions, 0);
	CHECK(passage->bindings >= 0 && passage->bindings <= 1);
	CHECK(passage->sessions >= 0 && passage->sessions <= 2);
}

bool judge(const struct gateway *gateway, struct flows *flows, struct passage *passage)
{
	struct view view = { .passage = passage, .gateway = gateway };

	view.in = wire_read(&passage->in);
	check_fate(passage);
	check_tables(&view);
	if (passage->hook == HOOK_OUT && passage->fate == FATE_PASSED)
		check_leak(&view);
	/* Sent by a hairpin and refused by whom it was for: the way out has been made. */
	if (passage->hook == HOOK_LAN && passage->fate == FATE_DROPPED)
		flows_add(flows, &(struct flow){ .internal = view.in.src, .remote = view.in.dst });
	if (passage->fate != FATE_TRANSLATED)
		return true;
	CHECK(view.in.kind != WIRE_BAD && view.in.kind != WIRE_OTHER);
	if (passage->hook != HOOK_OUT && view.in.kind != WIRE_LATER)
		CHECK_EQ(wire_ip_sum(&view.in), 0);

	view.is_error = view.in.kind == WIRE_ERROR;
	view.out = wire_read(&passage->out);
	CHECK_EQ(view.out.kind, view.in.kind);
	if (view.is_error) {
		view.quoted = wire_quote(&view.in);
		view.requoted = wire_quote(&view.out);
		CHECK(view.quoted.kind != WIRE_BAD && view.requoted.kind == view.quoted.kind);
	}
	check_octets(&view);
	check_sums(&view);
	if (!view.is_error)
		return check_ways(&view, flows);
	check_error(&view, flows);
	return true;
}
