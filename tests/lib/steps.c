// SPDX-License-Identifier: GPL-2.0-only
/*
 * steps.c - send a packet through the real programs and compare with what a step expects.
 */
#include "steps.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "invariants.h"
#include "table.h"

#define TC_PASS_OK 0
#define TC_PASS_NEXT (-1)
#define TC_DROP 2
#define TC_REDIRECT 7
#define XDP_DROPPED 1
#define LINK_HLEN 14
#define XDP_PASSED 2
#define XDP_REDIRECTED 4
#define MACS 12

/* Of the case that runs. */
static enum ingress ingress;
static struct names names;
static int number;

static const char *const reason_names[NAT_REASON_MAX] = {
#define X(verdict, id, name, meaning, source) [NAT_REASON_##id] = name,
	NAT_REASONS(X)
#undef X
};

__u16 step_named_port(char letter)
{
	CHECK(names.bound[letter - 'a']);
	return ntohs(names.port[letter - 'a']);
}

void step_forget(void)
{
	memset(&names, 0, sizeof(names));
}

/* ---- through the programs --------------------------------------------------------------- */

/** struct outcome - What became of a packet */
struct outcome {
	bool dropped;
	bool redirected;
	enum lane lane;
	struct frame frame;
	int counted[NAT_REASON_MAX];
};

static bool tc_dropped(int verdict)
{
	if (verdict == TC_DROP)
		return true;
	if (verdict != TC_PASS_OK && verdict != TC_PASS_NEXT && verdict != TC_REDIRECT)
		check_fail(__FILE__, __LINE__, "TC returned %d", verdict);
	return false;
}

static bool frames_equal(const struct frame *a, const struct frame *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static int counted_sum(const __u64 *before)
{
	__u64 after[NAT_REASON_MAX];
	int sum = 0;

	table_counts(world_skel()->maps.counters, after);
	for (int i = 0; i < NAT_REASON_MAX; i++)
		sum += after[i] - before[i];
	return sum;
}

/* What is sent to a driver has a new link layer header: that of the loopback, which is empty. */
static int xdp_run(enum program program, const struct packet *packet, const struct frame *in,
		   struct frame *out, struct outcome *outcome)
{
	static const __u8 empty[MACS];
	int verdict = world_run(program, packet, in, out);

	outcome->redirected = verdict == XDP_REDIRECTED;
	if (outcome->redirected) {
		CHECK(!memcmp(out->bytes, empty, MACS));
		memcpy(out->bytes, in->bytes, MACS);
	} else if (verdict != XDP_DROPPED && verdict != XDP_PASSED) {
		check_fail(__FILE__, __LINE__, "XDP returned %d", verdict);
	}
	return verdict;
}

static void tc_run(enum program program, const struct packet *packet, const struct frame *in,
		   struct outcome *outcome)
{
	int verdict = world_run(program, packet, in, &outcome->frame);

	outcome->dropped = tc_dropped(verdict);
	outcome->redirected = verdict == TC_REDIRECT;
}

/* Both programs of the lane are there; what XDP passes is as it came. */
static void run_lane(const struct packet *packet, const struct frame *in, struct outcome *outcome)
{
	if (ingress != INGRESS_TC) {
		if (xdp_run(PROGRAM_XDP_LANE, packet, in, &outcome->frame, outcome) != XDP_PASSED)
			return;
		if (!frames_equal(in, &outcome->frame))
			check_fail(__FILE__, __LINE__, "XDP passed a packet that it had changed");
	}
	tc_run(PROGRAM_TC_LANE, packet, in, outcome);
}

/* XDP first; what it passes goes up to TC, as it is by then. */
static void run_inbound(const struct packet *packet, const struct frame *in, const __u64 *before,
			struct outcome *outcome)
{
	struct frame from_xdp = *in;
	int verdict, counted;

	if (ingress != INGRESS_TC) {
		verdict = xdp_run(PROGRAM_XDP_IN, packet, in, &from_xdp, outcome);
		counted = counted_sum(before);
		if (!frames_equal(in, &from_xdp) && !counted)
			check_fail(__FILE__, __LINE__, "XDP changed a packet without counting it");
		if (counted || verdict == XDP_DROPPED) {
			outcome->lane = LANE_XDP;
			outcome->frame = from_xdp;
			outcome->dropped = verdict == XDP_DROPPED;
		}
		if (outcome->dropped || outcome->redirected)
			return;
	}
	tc_run(PROGRAM_TC_IN, packet, &from_xdp, outcome);
	if (outcome->lane != LANE_XDP) {
		outcome->lane = LANE_TC;
		return;
	}
	if (outcome->dropped)
		check_fail(__FILE__, __LINE__, "TC dropped what XDP had finished");
	if (!frames_equal(&from_xdp, &outcome->frame))
		check_fail(__FILE__, __LINE__, "TC changed what XDP had finished");
}

/* The neighbour layer wants a link layer header to take off: there must be one now. */
static void take_off_link(struct frame *frame)
{
	frame->len -= LINK_HLEN;
	memmove(frame->bytes, frame->bytes + LINK_HLEN, frame->len);
}

static void run_packet(const struct packet *packet, const struct frame *in, struct outcome *outcome)
{
	__u64 before[NAT_REASON_MAX], after[NAT_REASON_MAX];

	memset(outcome, 0, sizeof(*outcome));
	table_counts(world_skel()->maps.counters, before);
	if (packet->hook == HOOK_IN)
		run_inbound(packet, in, before, outcome);
	else if (packet->hook == HOOK_LANE)
		run_lane(packet, in, outcome);
	else
		tc_run(packet->hook == HOOK_OUT ? PROGRAM_TC_OUT : PROGRAM_TC_LAN, packet, in,
		       outcome);
	if (outcome->redirected && packet->no_link)
		take_off_link(&outcome->frame);
	table_counts(world_skel()->maps.counters, after);
	for (int i = 0; i < NAT_REASON_MAX; i++)
		outcome->counted[i] = after[i] - before[i];
}

/* ---- against the expectation ------------------------------------------------------------ */

static const char *counted_text(const struct outcome *outcome)
{
	static char text[256];
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < NAT_REASON_MAX && len < sizeof(text); i++)
		if (outcome->counted[i])
			len += snprintf(text + len, sizeof(text) - len, "%s%s x%d", len ? ", " : "",
					reason_names[i], outcome->counted[i]);
	return text[0] ? text : "nothing";
}

static enum nat_reason expected_reason(const struct step *step)
{
	static const enum nat_reason translated[2][4] = {
		{ [HOOK_OUT] = NAT_REASON_TRANSLATED_OUT,
		  [HOOK_IN] = NAT_REASON_TRANSLATED_IN,
		  [HOOK_LAN] = NAT_REASON_HAIRPIN },
		{ [HOOK_OUT] = NAT_REASON_ICMP_ERROR_OUT,
		  [HOOK_IN] = NAT_REASON_ICMP_ERROR_IN,
		  [HOOK_LAN] = NAT_REASON_ICMP_ERROR_HAIRPIN },
	};

	if (step->kind != STEP_BECOMES)
		return step->reason;
	if (step->is_sent)
		return step->in.hook == HOOK_IN ? NAT_REASON_LANE_IN : NAT_REASON_LANE_OUT;
	return translated[packet_is_error(&step->in)][step->in.hook];
}

static bool is_sent(const struct step *step)
{
	return step->kind == STEP_BECOMES && (step->is_sent || step->in.hook == HOOK_LAN);
}

static void check_verdict(const struct step *step, const struct outcome *outcome)
{
	bool dropped = step->kind == STEP_DROPPED;
	enum nat_reason reason = expected_reason(step);

	if (outcome->dropped != dropped)
		check_fail(__FILE__, __LINE__, "verdict is %s, expected %s; counted: %s",
			   outcome->dropped ? "drop" : "pass", dropped ? "drop" : "pass",
			   counted_text(outcome));
	if (outcome->redirected != is_sent(step))
		check_fail(__FILE__, __LINE__, "%s sent past the stack",
			   outcome->redirected ? "is" : "is not");
	for (int i = 0; i < NAT_REASON_MAX; i++)
		if (outcome->counted[i] != (step->kind != STEP_IGNORED && i == (int)reason))
			check_fail(__FILE__, __LINE__, "counted is %s, expected %s",
				   counted_text(outcome),
				   step->kind == STEP_IGNORED ? "nothing" : reason_names[reason]);
	if (step->lane != LANE_ANY && step->in.hook == HOOK_IN && ingress == INGRESS_XDP &&
	    outcome->lane != step->lane)
		check_fail(__FILE__, __LINE__, "finished by %s, expected %s",
			   outcome->lane == LANE_XDP ? "XDP" : "TC",
			   step->lane == LANE_XDP ? "XDP" : "TC");
}

/* Class (4787-3a) and parity (4787-4) of a port that the gateway chose. */
static void check_choice(const struct step *step, __be16 chosen)
{
	struct nat_endpoint internal;

	endpoint_parse(step->in.src, &names, &internal);
	if (step->in.proto == NAT_PROTO_ICMP)
		return;
	check_note("step %d: port %u for %u", number, ntohs(chosen), ntohs(internal.port));
	CHECK_EQ(ntohs(chosen) < 1024, ntohs(internal.port) < 1024);
	if (!step->any_parity)
		CHECK_EQ(ntohs(chosen) % 2, ntohs(internal.port) % 2);
	check_note("step %d", number);
}

/* A letter that stands for nothing yet takes what is in the packet. */
static void learn_port(const struct step *step, const char *text, const struct frame *frame)
{
	size_t at = frame->l4 + (step->in.proto == NAT_PROTO_ICMP ? 4 : 0);
	struct nat_endpoint endpoint;
	char letter = endpoint_parse(text, &names, &endpoint);
	__be16 port;

	if (!letter)
		return;
	memcpy(&port, frame->bytes + at, sizeof(port));
	if (!names_bind(&names, letter, port))
		check_fail(__FILE__, __LINE__, "port %u is given to two", ntohs(port));
	check_choice(step, port);
}

static void check_octets(const struct step *step, const struct frame *in,
			 const struct outcome *outcome)
{
	static char text[4096];
	struct packet packet = step->in, quote;
	struct frame expected;

	if (step->kind != STEP_BECOMES) {
		if (frame_diff(&outcome->frame, in, text, sizeof(text)))
			check_fail(__FILE__, __LINE__, "changed, but not translated:%s", text);
		return;
	}
	learn_port(step, step->src, &outcome->frame);
	packet.src = step->src;
	packet.dst = step->dst;
	packet.id = step->id ?: packet.id;
	if (is_sent(step))
		packet.ttl = (packet.ttl ?: 64) - 1; /* forwarded right here */
	packet.tcp_options = step->tcp_options ?: packet.tcp_options;
	if (packet.csum == CSUM_UNFINISHED) {
		packet.csum = CSUM_OFF_BY;
		packet.csum_error = in->csum_error;
	}
	if (packet.quote) {
		quote = *packet.quote;
		quote.src = step->quote_src;
		quote.dst = step->quote_dst;
		quote.id = step->quote_id ?: quote.id;
		packet.quote = &quote;
	}
	packet_build(&packet, &names, &expected);
	if (frame_diff(&outcome->frame, &expected, text, sizeof(text)))
		check_fail(__FILE__, __LINE__, "wrong octets:%s", text);
}

static void check_state(const struct step *step)
{
	struct nat_external_key key = { 0 };
	struct nat_session session;
	struct nat_endpoint remote;
	enum nat_state state = NAT_STATE_NONE;

	endpoint_parse(step->src, &names, &key.external);
	endpoint_parse(step->dst, &names, &remote);
	key.external.proto = step->proto;
	key.remote.addr = remote.addr;
	key.remote.port = remote.port;
	if (table_lookup(world_skel()->maps.sessions, &key, &session) &&
	    life_is_usable(session.life, table_now()))
		state = life_state(session.life);
	CHECK_EQ(state, step->number);
}

static void check_tables(const struct step *step)
{
	bool usable = step->kind == STEP_TABLES;

	CHECK_EQ(table_entries(world_skel()->maps.bindings_fwd, usable), step->number);
	CHECK_EQ(table_entries(world_skel()->maps.sessions, usable), step->number2);
}

/* What the keeper is asked to do; of an answer also what it is about. */
static void check_requests(const struct step *step, const struct frame *in)
{
	static struct nat_request request;
	int asked = world_requests(&request, 1);

	CHECK_EQ(asked, !!step->asks);
	if (!asked)
		return;
	CHECK_EQ(request.kind, step->asks - 1);
	/* What is kept goes on from here, so it has been forwarded. */
	if (request.kind == NAT_REQUEST_HOLD)
		CHECK_EQ(request.packet[8], in->bytes[in->l3 + 8] - (step->in.hook != HOOK_OUT));
	if (request.kind == NAT_REQUEST_ERROR) {
		CHECK_EQ(MESSAGE(request.type, request.code), step->answer);
		CHECK(request.len >= 28 && request.len <= in->len - in->l3);
		CHECK(!memcmp(request.packet, in->bytes + in->l3, request.len));
	}
}

static void check_packet(const struct step *step)
{
	struct outcome outcome;
	struct frame in;

	packet_build(&step->in, &names, &in);
	run_packet(&step->in, &in, &outcome);
	check_verdict(step, &outcome);
	check_requests(step, &in);
	if (step->kind != STEP_DROPPED)
		check_octets(step, &in, &outcome);
}

void step_run(const struct step *step)
{
	struct nat_endpoint endpoint;

	check_note("step %d", ++number);
	switch (step->kind) {
	case STEP_AGE:
		return world_age(ticks_from_seconds(step->number));
	case STEP_REAP:
		world_reap();
		return;
	case STEP_SET:
		return world_set(step->setting, step->number);
	case STEP_STATE:
		return check_state(step);
	case STEP_TABLES:
	case STEP_ENTRIES:
		return check_tables(step);
	case STEP_CLAIMED:
		endpoint_parse(step->src, &names, &endpoint);
		CHECK_EQ(world_is_claimed(step->proto, ntohs(endpoint.port)), step->number);
		return;
	default:
		return check_packet(step);
	}
}

/* ---- cases ------------------------------------------------------------------------------ */

/** struct prog_case - A row or a function under one ingress mode */
struct prog_case {
	struct check_case test;
	char title[120];
	const struct row *row;
	void (*run)(void);
	enum ingress ingress;
};

static void case_run(const void *data)
{
	const struct prog_case *this = data;

	ingress = this->ingress;
	number = 0;
	step_forget();
	if (this->row) {
		world_make(&this->row->world);
		for (const struct step *step = this->row->steps; step->kind != STEP_END; step++)
			step_run(step);
	} else {
		this->run();
	}
	invariants_check();
}

static void case_add(const char *file, const char *title, const struct row *row, void (*run)(void),
		     enum ingress mode, bool names_mode)
{
	static const char *const modes[] = { "", " xdp", " tc" };
	struct prog_case *this = calloc(1, sizeof(*this));

	snprintf(this->title, sizeof(this->title), "%s%s", title, names_mode ? modes[mode] : "");
	this->row = row;
	this->run = run;
	this->ingress = mode;
	this->test = (struct check_case){
		.file = file, .title = this->title, .run = case_run, .data = this
	};
	check_add(&this->test);
}

static bool has_inbound(const struct row *row)
{
	for (const struct step *step = row->steps; step->kind != STEP_END; step++)
		if (step->in.src && (step->in.hook == HOOK_IN || step->in.hook == HOOK_LANE))
			return true;
	return false;
}

void rows_add(const char *file, const struct row *rows, size_t count)
{
	for (const struct row *row = rows; row < rows + count; row++) {
		bool inbound = has_inbound(row);

		if (row->ingress != INGRESS_TC)
			case_add(file, row->name, row, NULL, INGRESS_XDP, inbound);
		if (row->ingress == INGRESS_TC || (inbound && row->ingress == INGRESS_BOTH))
			case_add(file, row->name, row, NULL, INGRESS_TC, inbound);
	}
}

void prog_add(const char *file, const char *title, void (*run)(void), bool has_inbound)
{
	case_add(file, title, NULL, run, INGRESS_XDP, has_inbound);
	if (has_inbound)
		case_add(file, title, NULL, run, INGRESS_TC, true);
}
