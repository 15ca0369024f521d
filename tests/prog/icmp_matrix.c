// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmp_matrix.c - every ICMP error, about every protocol, quoting any length, every way.
 *
 *	10.0.0.3 ---- gateway 203.0.113.1 ---- 192.0.2.9 (a router) ---- 198.51.100.9
 *
 * 10.0.0.2 is there first and has the ports that 10.0.0.3 uses, so the ports of its flows
 * are changed, and a quote is right only if port, address and all checksums have been put
 * back.
 */
#include <stdio.h>

#include "steps.h"

#define GW "203.0.113.1"
#define HOP "192.0.2.9"
#define SERVER "198.51.100.9"
#define QUOTED_LEN 700

/** struct flow - A flow of 10.0.0.3, by its endpoints; @external is filled when it is opened */
struct flow {
	__u8 proto;
	const char *first, *internal, *remote;
	char external[32];
};

static struct flow flows[] = {
	{ NAT_PROTO_UDP, "10.0.0.2:5000", "10.0.0.3:5000", SERVER ":53", "" },
	{ NAT_PROTO_TCP, "10.0.0.2:5000", "10.0.0.3:5000", SERVER ":80", "" },
	{ NAT_PROTO_ICMP, "10.0.0.2:77", "10.0.0.3:77", SERVER, "" },
};

#define FLOWS (sizeof(flows) / sizeof(*flows))

static const struct {
	__u8 type, codes;
} errors[] = { { 3, 16 }, { 11, 2 }, { 12, 1 } };

#define ERRORS (sizeof(errors) / sizeof(*errors))

/* Octets of transport: 8 is the least that there must be; 0 is all of them. */
static const __u16 lengths[] = { 8, 9, 16, 28, 107, 108, 528, 529, 0 };

#define LENGTHS (sizeof(lengths) / sizeof(*lengths))

static void open_flow(struct flow *flow)
{
	struct step opens = { OUT(UDP, flow->first, flow->remote, .flags = SYN) };

	opens.in.proto = flow->proto;
	opens.kind = STEP_BECOMES;
	opens.src = flow->proto == NAT_PROTO_ICMP ? GW ":77" : GW ":5000";
	opens.dst = flow->remote;
	step_run(&opens);

	step_forget();
	opens.in.src = flow->internal;
	opens.src = GW ":x";
	step_run(&opens);
	snprintf(flow->external, sizeof(flow->external), GW ":%u", step_named_port('x'));
}

/*
 * Both ways, with @base as the quoted packet but for its endpoints; @quoted octets of its
 * transport, and the second word of the message something that must stay.
 */
static void error_both_ways(const struct flow *flow, const struct packet *base, __u8 type,
			    __u8 code, __u16 quoted)
{
	struct packet sent = *base, got = *base;

	sent.proto = got.proto = flow->proto;
	sent.hook = HOOK_OUT;
	sent.src = flow->external;
	sent.dst = flow->remote;
	got.hook = HOOK_IN;
	got.src = flow->remote;
	got.dst = flow->internal;
	step(IN(ICMP, HOP, GW, .icmp = MESSAGE(type, code), .word = 0x00000578, .quote = &sent,
		.quoted = quoted),
	     BECOMES_QUOTING(HOP, "10.0.0.3", flow->internal, flow->remote));
	step(OUT(ICMP, "10.0.0.3", SERVER, .icmp = MESSAGE(type, code), .word = 0x00000578,
		 .quote = &got, .quoted = quoted),
	     BECOMES_QUOTING(GW, SERVER, flow->remote, flow->external));
}

PROG_TEST(every_error_about_every_protocol_at_every_length)
{
	static const struct packet base = { .len = QUOTED_LEN, .seq = 77, .ack = 99, .ttl = 1 };

	for (size_t f = 0; f < FLOWS; f++) {
		world_make(NULL);
		open_flow(&flows[f]);
		for (size_t e = 0; e < ERRORS; e++)
			for (__u8 code = 0; code < errors[e].codes; code++)
				for (size_t i = 0; i < LENGTHS; i++)
					error_both_ways(&flows[f], &base, errors[e].type, code,
							lengths[i]);
		step(TABLES(2, 2));
	}
}

/* 5508-3b: a quoted header of any length, 24 to 60 octets. */
PROG_TEST(options_of_every_length_in_the_quote)
{
	static const char options[] = ROUTER_ALERT NOPS_36;

	for (size_t f = 0; f < FLOWS; f++) {
		world_make(NULL);
		open_flow(&flows[f]);
		for (__u8 len = 4; len <= 40; len += 4) {
			struct packet base = { .len = 100, .options = options, .options_len = len };

			check_note("%d octets of options", len);
			error_both_ways(&flows[f], &base, 11, 0, 8);
			error_both_ways(&flows[f], &base, 3, 4, 0);
		}
	}
}

/* What a gateway must not repair, in quotes of the lengths in which it is quoted whole. */
PROG_TEST(a_wrong_or_missing_checksum_in_the_quote_stays_so)
{
	for (size_t f = 0; f < 2; f++) {
		struct packet base = { .len = 100, .csum = CSUM_WRONG };

		world_make(NULL);
		open_flow(&flows[f]);
		error_both_ways(&flows[f], &base, 3, 3, 28);
		error_both_ways(&flows[f], &base, 3, 3, 0);
		if (flows[f].proto != NAT_PROTO_UDP)
			continue;
		base.csum = CSUM_NONE;
		error_both_ways(&flows[f], &base, 3, 3, 8);
		error_both_ways(&flows[f], &base, 3, 3, 0);
	}
}

/* RFC 4884: what is behind the quoted datagram is carried as it is, whatever was quoted. */
PROG_TEST(extensions_behind_every_protocol)
{
	for (size_t f = 0; f < FLOWS; f++) {
		struct packet sent = PACKET(HOOK_OUT, UDP, NULL, NULL, .len = 300);

		world_make(NULL);
		open_flow(&flows[f]);
		sent.proto = flows[f].proto;
		sent.src = flows[f].external;
		sent.dst = flows[f].remote;
		for (__u8 type = 3; type <= 12; type++) {
			if (type != 3 && type < 11)
				continue;
			/* 32 words are quoted, then an MPLS object with a checksum of its own. */
			step(IN(ICMP, HOP, GW, .icmp = MESSAGE(type, 0), .word = 0x00200000,
				.quote = &sent, .quoted = 108,
				.extension = "\x20\0\x9d\x92\0\x08\1\1\x12\x34\x51\1",
				.extension_len = 12),
			     BECOMES_QUOTING(HOP, "10.0.0.3", flows[f].internal, flows[f].remote));
		}
	}
}

/* From 10.0.0.2 about a packet that 10.0.0.3 has sent to its external endpoint: hairpinned. */
static void hairpinned_error(__u8 proto, __u8 type, __u8 code, __u16 quoted)
{
	struct packet got = PACKET(HOOK_OUT, UDP, GW ":6000", "10.0.0.2:5000", .len = QUOTED_LEN,
				   .seq = 77, .ack = 99, .ttl = 1);

	got.proto = proto;
	step(LAN(ICMP, "10.0.0.2", GW, .icmp = MESSAGE(type, code), .word = 0x00000578,
		 .quote = &got, .quoted = quoted),
	     BECOMES_QUOTING(GW, "10.0.0.3", "10.0.0.3:6000", GW ":5000"));
}

/* E-1, case C. Queries are not hairpinned: those to an external address are the gateway's. */
PROG_TEST_OUT(every_hairpinned_error_at_every_length)
{
	static const __u8 protos[] = { NAT_PROTO_UDP, NAT_PROTO_TCP };
	static const struct world world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT),
						     SET(FILTERING_TCP,
							 NAT_FILTERING_INDEPENDENT) } };

	for (size_t p = 0; p < 2; p++) {
		struct step bound = { OUT(UDP, "10.0.0.2:5000", SERVER ":7", .flags = SYN),
				      BECOMES(GW ":5000", SERVER ":7") };
		struct step hairpin = { LAN(UDP, "10.0.0.3:6000", GW ":5000", .flags = SYN),
					BECOMES(GW ":6000", "10.0.0.2:5000") };

		world_make(&world);
		bound.in.proto = hairpin.in.proto = protos[p];
		step_run(&bound);
		step_run(&hairpin);
		for (size_t e = 0; e < ERRORS; e++)
			for (__u8 code = 0; code < errors[e].codes; code++)
				for (size_t i = 0; i < LENGTHS; i++)
					hairpinned_error(protos[p], errors[e].type, code,
							 lengths[i]);
		step(TABLES(2, 3));
	}
}
