// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmp_error.c - ICMP errors and the packets they quote, in both directions (RFC 5508).
 *
 *	10.0.0.2 ---- gateway 203.0.113.1 ---- 192.0.2.9 (a router) ---- 198.51.100.9
 *
 * The expected quote is built like any packet, with all checksums right: that is what its
 * sender sent, or what came to the gateway. A quote cut off is such a packet cut off.
 */
#include <sys/socket.h>

#include "sockets.h"
#include "steps.h"

#define HOP "192.0.2.9"
#define SERVER "198.51.100.9"
#define UDP_OUT OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53")
#define UDP_BECOMES BECOMES("203.0.113.1:5000", "198.51.100.9:53")
#define FLOW                                                                                       \
	{                                                                                          \
		UDP_OUT, UDP_BECOMES                                                               \
	}

/* Of the flow: what a router outside quotes, and what it must become. */
#define SENT(...) QUOTE(UDP, "203.0.113.1:5000", "198.51.100.9:53" __VA_OPT__(, ) __VA_ARGS__)
#define RETURNS BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", "198.51.100.9:53")
#define ERROR(type, code, ...)                                                                     \
	IN(ICMP, HOP, "203.0.113.1", .icmp = MESSAGE(type, code) __VA_OPT__(, ) __VA_ARGS__)

/* The other way round: what somebody inside quotes of the answer. */
#define GOT(...) QUOTE(UDP, "198.51.100.9:53", "10.0.0.2:5000" __VA_OPT__(, ) __VA_ARGS__)
#define LEAVES BECOMES_QUOTING("203.0.113.1", SERVER, "198.51.100.9:53", "203.0.113.1:5000")
#define ERROR_AWAY(from, type, code, ...)                                                          \
	OUT(ICMP, from, SERVER, .icmp = MESSAGE(type, code) __VA_OPT__(, ) __VA_ARGS__)

/* clang-format off */
static const struct row rows[] = {
	{ "port unreachable from outside", "5508-4a", STEPS(
		FLOW, { ERROR(3, 3, .quote = SENT()), RETURNS }) },
	{ "from the server itself", "5508-4c", STEPS(
		FLOW,
		{ IN(ICMP, SERVER, "203.0.113.1", .icmp = MESSAGE(3, 3), .quote = SENT()),
		  BECOMES_QUOTING(SERVER, "10.0.0.2", "10.0.0.2:5000", "198.51.100.9:53") }) },
	{ "from inside", "5508-5a", STEPS(
		FLOW, { ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT()), LEAVES }) },
	{ "from a router inside: its address does not leave", "5508-5c", STEPS(
		FLOW, { ERROR_AWAY("10.0.77.1", 3, 4, .word = 1280, .quote = GOT()), LEAVES }) },
	{ "from the gateway's own stack, about what it has un-translated", "D-icmp-own", STEPS(
		FLOW,
		{ ERROR_AWAY("203.0.113.1", 11, 0, .quote = GOT(.ttl = 1)), LEAVES },
		{ ERROR_AWAY("10.0.0.1", 3, 4, .word = 1280, .quote = GOT()), LEAVES }) },
	{ "eight octets of transport are enough", "E-2", STEPS(
		FLOW,
		{ ERROR(11, 0, .quote = SENT(), .quoted = 8), RETURNS },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(), .quoted = 8), LEAVES }) },
	{ "seven are not", "6146-icmp", STEPS(
		FLOW,
		{ ERROR(11, 0, .quote = SENT(), .quoted = 7), DROPPED(ICMP_QUOTE) },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(), .quoted = 7),
		  DROPPED(ICMP_QUOTE) }) },
	{ "long and odd quotes", "E-2", STEPS(
		FLOW,
		{ ERROR(11, 0, .quote = SENT(.len = 1001)), RETURNS },
		{ ERROR(11, 0, .quote = SENT(.len = 1001), .quoted = 549), RETURNS },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(.len = 1001), .quoted = 99),
		  LEAVES }) },
	{ "options in the quote", "5508-3b", STEPS(
		FLOW,
		{ ERROR(11, 0, .quote = SENT(WITH_OPTIONS(ROUTER_ALERT))),
		  RETURNS },
		{ ERROR(11, 0, .quote = SENT(WITH_OPTIONS(ROUTER_ALERT NOPS_36)), .quoted = 8),
		  RETURNS },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(WITH_OPTIONS(ROUTER_ALERT NOPS_4))),
		  LEAVES }) },
	{ "options in the outer header", "5508-4a", STEPS(
		FLOW,
		{ ERROR(3, 1, .quote = SENT(), WITH_OPTIONS(ROUTER_ALERT)),
		  RETURNS }) },
	{ "extensions behind the quote are not touched", "5508-3d", STEPS(
		FLOW,
		/* RFC 4884: 32 words quoted, then an MPLS object with a checksum of its own. */
		{ ERROR(11, 0, .word = 0x00200000, .quote = SENT(.len = 100),
			.extension = "\x20\0\x9d\x92\0\x08\1\1\x12\x34\x51\1", .extension_len = 12),
		  RETURNS }) },
	{ "octets behind a short quote are not touched", "E-2", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:80") },
		{ ERROR(3, 1, .quote = QUOTE(TCP, "203.0.113.1:5000", "198.51.100.9:80"),
			.quoted = 8, .padding = 20),
		  BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", "198.51.100.9:80") },
		{ ERROR_AWAY("10.0.0.2", 3, 1, .quoted = 8, .padding = 20,
			     .quote = QUOTE(TCP, "198.51.100.9:80", "10.0.0.2:5000")),
		  BECOMES_QUOTING("203.0.113.1", SERVER, "198.51.100.9:80",
				  "203.0.113.1:5000") }) },
	{ "udp without checksum in the quote", "3022-4.1f", STEPS(
		FLOW,
		{ ERROR(3, 3, .quote = SENT(.csum = CSUM_NONE)), RETURNS },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(.csum = CSUM_NONE)), LEAVES }) },
	{ "a wrong transport checksum in the quote is none of our business", "5508-3c", STEPS(
		FLOW,
		{ ERROR(3, 3, .quote = SENT(.csum = CSUM_WRONG)), RETURNS },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(.csum = CSUM_WRONG)), LEAVES }) },
	{ "a wrong icmp checksum is dropped", "5508-3", STEPS(
		FLOW,
		{ ERROR(3, 3, .quote = SENT(), .icmp_csum_wrong = true), DROPPED(ICMP_CHECKSUM) },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(), .icmp_csum_wrong = true),
		  DROPPED(ICMP_CHECKSUM) }) },
	{ "or let through, if the operator says so", "5508-3a", STEPS(
		FLOW,
		{ NOW_SET(QUOTE_CHECK, 0) },
		{ ERROR(3, 3, .quote = SENT(.ip_csum_wrong = true)), RETURNS },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(.ip_csum_wrong = true)), LEAVES }) },
	{ "a wrong ipv4 checksum in the quote is dropped", "5508-3a", STEPS(
		FLOW,
		{ ERROR(3, 3, .quote = SENT(.ip_csum_wrong = true)), DROPPED(ICMP_QUOTE) },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(.ip_csum_wrong = true)),
		  DROPPED(ICMP_QUOTE) }) },
	{ "quotes that are no packets", "6146-icmp", STEPS(
		FLOW,
		{ ERROR(3, 3, .quote = SENT(.pokes = { { 0, 1, 0x65 } })), DROPPED(ICMP_QUOTE) },
		{ ERROR(3, 3, .quote = SENT(.pokes = { { 0, 1, 0x44 } })), DROPPED(ICMP_QUOTE) },
		{ ERROR(3, 3, .quote = SENT(.pokes = { { 0, 1, 0x4f } })), DROPPED(ICMP_QUOTE) },
		{ ERROR(3, 3, .quote = QUOTE(GRE, "203.0.113.1", SERVER, .ip_csum_wrong = true)),
		  DROPPED(ICMP_QUOTE) }) },
	{ "about a tunnel of the gateway: for the gateway", "D-own", STEPS(
		FLOW,
		{ ERROR(3, 4, .word = 1400, .quote = QUOTE(ESP, "203.0.113.1", SERVER)),
		  PASSES(HOST_IN) },
		{ ERROR(3, 3, .quote = QUOTE(GRE, "203.0.113.1", SERVER)), PASSES(HOST_IN) },
		{ ERROR(11, 0, .quote = QUOTE(ESP, "203.0.113.1", SERVER), .quoted = 4),
		  DROPPED(ICMP_QUOTE) },
		{ ERROR(11, 0, .quote = QUOTE(AH, "203.0.113.1", SERVER), .quoted = 4),
		  PASSES(HOST_IN) },
		{ ERROR_AWAY("203.0.113.1", 3, 2, .quote = QUOTE(SCTP, SERVER, "203.0.113.1")),
		  PASSES(HOST_OUT) }) },
	{ "about a tunnel of nobody", "5508-4", STEPS(
		{ ERROR(3, 4, .quote = QUOTE(ESP, "203.0.113.1", SERVER)),
		  DROPPED(ICMP_NO_SESSION) }),
	  .world = { .not_local = true } },
	{ "a tunnel of an internal host is not told of", "5508-5", STEPS(
		{ ERROR_AWAY("10.0.0.2", 3, 2, .quote = QUOTE(ESP, SERVER, "10.0.0.2")),
		  DROPPED(ICMP_NO_SESSION) },
		{ ERROR_AWAY("203.0.113.1", 3, 2, .quote = QUOTE(ESP, SERVER, "10.0.0.2")),
		  DROPPED(ICMP_NO_SESSION) }) },
	{ "a quote that tells the way inside does not leave", "5508-7.3", STEPS(
		FLOW,
		{ ERROR_AWAY("10.0.0.2", 3, 3,
			     .quote = GOT(WITH_OPTIONS("\x83\x07\x04\xc0\x00\x02\x01\x00"))),
		  DROPPED(IP_OPTION) },
		{ ERROR_AWAY("10.0.0.2", 3, 3,
			     .quote = GOT(WITH_OPTIONS("\x07\x07\x08\x0a\x00\x00\x01\x00"))),
		  DROPPED(IP_OPTION) },
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT(WITH_OPTIONS(NOPS_4))), LEAVES },
		{ ERROR(3, 3, .quote = SENT(WITH_OPTIONS("\x07\x07\x08\x0a\x00\x00\x01\x00"))),
		  RETURNS }) },
	{ "an error about an error is dropped", "6146-icmp", STEPS(
		FLOW,
		{ ERROR(3, 3,
		      .quote = QUOTE(ICMP, "203.0.113.1", SERVER, .icmp = MESSAGE(3, 3),
		      .quote = GOT())), DROPPED(ICMP_QUOTE) }) },
	{ "about a later fragment: dropped", "E-7", STEPS(
		FLOW,
		{ ERROR(11, 1, .quote = SENT(.pokes = { { 6, 2, 0x0003 } })),
		DROPPED(ICMP_QUOTE) }) },
	{ "about a first fragment: translated", "E-8", STEPS(
		FLOW, { ERROR(11, 1, .quote = SENT(.pokes = { { 6, 2, 0x2000 } })), RETURNS }) },
	{ "quoted source and outer destination disagree", "E-6", STEPS(
		FLOW,
		{ ERROR(3, 3, .quote = QUOTE(UDP, "203.0.113.2:5000", "198.51.100.9:53")),
		  DROPPED(ICMP_QUOTE) },
		{ ERROR_AWAY("10.0.0.2", 3, 3,
		      .quote = QUOTE(UDP, "198.51.100.10:53", "10.0.0.2:5000")),
		  DROPPED(ICMP_QUOTE) },
		{ ERROR_AWAY("203.0.113.1", 3, 3,
		      .quote = QUOTE(UDP, "198.51.100.10:53", "203.0.113.1:9")),
		  DROPPED(ICMP_QUOTE) }) },
	{ "about no session, to an address without owner", "5508-4", STEPS(
		{ ERROR(3, 3, .quote = SENT()), DROPPED(ICMP_NO_SESSION) } ),
	  .world = { .not_local = true } },
	{ "about no session, to the gateway: perhaps its own", "D-own", STEPS(
		{ ERROR(3, 3, .quote = SENT()), PASSES(HOST_IN) }) },
	{ "about another remote of a binding", "5508-4", STEPS(
		FLOW,
		{ ERROR(3, 3, .quote = QUOTE(UDP, "203.0.113.1:5000", "198.51.100.99:53")),
		  DROPPED(ICMP_NO_SESSION) }) },
	{ "from inside about no session", "5508-5", STEPS(
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT()), DROPPED(ICMP_NO_SESSION) },
		FLOW,
		{ ERROR_AWAY("10.0.0.2", 3, 3,
		      .quote = QUOTE(UDP, "198.51.100.9:99", "10.0.0.2:5000")),
		  DROPPED(ICMP_NO_SESSION) },
		{ ERROR_AWAY("10.0.0.2", 3, 3,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "10.0.0.3:5000")),
		  DROPPED(ICMP_NO_SESSION) }) },
	{ "the gateway's own error about its own affairs", "D-own", STEPS(
		{ OUT(ICMP, "203.0.113.1", SERVER, .icmp = MESSAGE(3, 3),
		      .quote = QUOTE(UDP, "198.51.100.9:53", "203.0.113.1:9")),
		  PASSES(HOST_OUT) }) },
	{ "no internal address leaves in a quote, whoever sends it", "5508-5c", STEPS(
		{ ERROR_AWAY("198.18.0.1", 3, 1,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "192.168.1.5:5000")),
		  DROPPED(ICMP_NO_SESSION) },
		{ ERROR_AWAY("203.0.113.1", 3, 1,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "192.168.1.5:5000")),
		  DROPPED(ICMP_NO_SESSION) },
		{ ERROR_AWAY("192.0.2.200", 3, 1,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "192.168.1.5:5000")),
		  DROPPED(ICMP_NO_SESSION) },
		/* Private, though not internal. */
		{ ERROR_AWAY("203.0.113.1", 3, 1,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "10.0.0.2:5000")),
		  DROPPED(ICMP_NO_SESSION) }),
	  .world = { .internal = "192.168.0.0/16", .outside = "192.0.2.200" } },
	{ "about a public host that is not internal", "3022-5.1", STEPS(
		{ ERROR_AWAY("203.0.113.1", 3, 4,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "198.18.0.5:5000")),
		  PASSES(HOST_OUT) },
		{ ERROR_AWAY("198.18.0.1", 3, 4,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "198.18.0.5:5000")),
		  PASSES(NOT_INTERNAL) },
		{ ERROR_AWAY("192.168.0.1", 3, 4,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "198.18.0.5:5000")),
		  DROPPED(ICMP_NO_SESSION) }),
	  .world = { .internal = "192.168.0.0/16" } },
	{ "to an excluded destination as it is", "6888-6", STEPS(
		{ ERROR_AWAY("10.0.0.2", 3, 3, .quote = GOT()), PASSES(EXCLUDED) }),
	  .world = { .exclude = "198.51.100.0/24" } },
	{ "about the gateway's own affairs, from outside the pool", "D-own", STEPS(
		{ ERROR_AWAY("192.0.2.200", 3, 3,
		      .quote = QUOTE(UDP, "198.51.100.9:53", "192.0.2.200:9")),
		  PASSES(HOST_OUT) }),
	  .world = { .outside = "192.0.2.200" } },
	{ "about a ping of the gateway", "D-own", STEPS(
		{ OUT(ICMP, "203.0.113.1:7", SERVER), PASSES(HOST_OUT) },
		{ ERROR(11, 0, .quote = QUOTE(ICMP, "203.0.113.1:7", SERVER)), PASSES(HOST_IN) },
		{ TABLES(1, 0) }) },
	{ "about a flow of the gateway whose port was changed", "D-own", STEPS(
		FLOW,
		{ OUT(UDP, "203.0.113.1:5000", "198.51.100.9:53"),
		  BECOMES("203.0.113.1:x", "198.51.100.9:53") },
		{ ERROR(3, 3, .quote = QUOTE(UDP, "203.0.113.1:x", "198.51.100.9:53")),
		  BECOMES_QUOTING(HOP, "203.0.113.1", "203.0.113.1:5000", "198.51.100.9:53") }) },
	{ "no error refreshes, shortens or ends anything", "5508-6b", STEPS(
		FLOW,
		{ AGE(50) },
		{ ERROR(3, 3, .quote = SENT()), RETURNS },
		{ ERROR(11, 0, .quote = SENT()), RETURNS },
		{ SESSION(UDP, "203.0.113.1:5000", "198.51.100.9:53", LIVE) },
		{ AGE(10) },
		{ TABLES(0, 0) },
		{ ERROR(3, 3, .quote = SENT()), PASSES(HOST_IN) }) },
	{ "no error ends a tcp session", "5382-10", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:80") },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .ack = 1),
		  BECOMES("198.51.100.9:80", "10.0.0.2:5000") },
		{ ERROR(3, 2, .quote = QUOTE(TCP, "203.0.113.1:5000", "198.51.100.9:80"),
		      .quoted = 8),
		  BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", "198.51.100.9:80") },
		{ SESSION(TCP, "203.0.113.1:5000", "198.51.100.9:80", ESTABLISHED) }) },
	{ "redirect and source quench are not carried", "3022-2.2a", STEPS(
		FLOW,
		{ ERROR(5, 1, .quote = SENT()), PASSES(HOST_IN) },
		{ ERROR(4, 0, .quote = SENT()), PASSES(HOST_IN) },
		{ ERROR_AWAY("10.0.0.2", 5, 1, .quote = GOT()), DROPPED(ICMP_TYPE) },
		{ ERROR_AWAY("10.0.0.2", 4, 0, .quote = GOT()), DROPPED(ICMP_TYPE) }) },
};
/* clang-format on */
ROWS(rows)

/* ---- E-1: all protocols, all types and codes, both directions, short and whole quotes ---- */

/** struct quoted_flow - A flow, and how each side's packets of it are quoted */
struct quoted_flow {
	struct step opens;
	struct packet sent, got; /* as quoted outside, and inside */
	const char *internal, *external, *remote;
};

/* clang-format off */
static const struct quoted_flow flows[] = {
	{ { UDP_OUT, UDP_BECOMES }, PACKET(HOOK_OUT, UDP, NULL, NULL),
	  PACKET(HOOK_IN, UDP, NULL, NULL),
	  "10.0.0.2:5000", "203.0.113.1:5000", "198.51.100.9:53" },
	{ { OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN),
	      BECOMES("203.0.113.1:5000", "198.51.100.9:80") },
	  PACKET(HOOK_OUT, TCP, NULL, NULL, .seq = 5, .len = 99),
	PACKET(HOOK_IN, TCP, NULL, NULL, .seq = 7, .len = 98),
	  "10.0.0.2:5000", "203.0.113.1:5000", "198.51.100.9:80" },
	{ { OUT(ICMP, "10.0.0.2:77", SERVER), BECOMES("203.0.113.1:77", SERVER) },
	  PACKET(HOOK_OUT, ICMP, NULL, NULL), PACKET(HOOK_IN, ICMP, NULL, NULL),
	  "10.0.0.2:77", "203.0.113.1:77", SERVER },
};
/* clang-format on */

static void error_both_ways(const struct quoted_flow *flow, __u8 type, __u8 code, __u16 quoted)
{
	struct packet sent = flow->sent, got = flow->got;

	sent.src = flow->external;
	sent.dst = flow->remote;
	got.src = flow->remote;
	got.dst = flow->internal;
	step(ERROR(type, code, .word = 1400, .quote = &sent, .quoted = quoted),
	     BECOMES_QUOTING(HOP, "10.0.0.2", flow->internal, flow->remote));
	step(ERROR_AWAY("10.0.0.2", type, code, .word = 1400, .quote = &got, .quoted = quoted),
	     BECOMES_QUOTING("203.0.113.1", SERVER, flow->remote, flow->external));
}

PROG_TEST(every_type_code_and_protocol_both_ways)
{
	static const struct {
		__u8 type, codes;
	} errors[] = { { 3, 16 }, { 11, 2 }, { 12, 1 } };

	for (size_t i = 0; i < sizeof(flows) / sizeof(*flows); i++) {
		world_make(NULL);
		step_run(&flows[i].opens);
		for (size_t j = 0; j < sizeof(errors) / sizeof(*errors); j++) {
			for (__u8 code = 0; code < errors[j].codes; code++) {
				error_both_ways(&flows[i], errors[j].type, code, 8);
				error_both_ways(&flows[i], errors[j].type, code, 0);
			}
		}
		step(TABLES(1, 1));
	}
}

/*
 * Every length of a quoted TCP header. Not 17, which is half a checksum: that octet is
 * left as it was, but a packet built anew would have another.
 */
PROG_TEST(tcp_quoted_up_to_any_octet)
{
	world_make(NULL);
	step_run(&flows[1].opens);
	for (__u16 quoted = 8; quoted <= 40; quoted++)
		if (quoted != 17)
			error_both_ways(&flows[1], 3, 1, quoted);
}

/* A flow whose port was changed: quotes are put back to the port of their reader. */
PROG_TEST(quotes_of_a_changed_port)
{
	world_make(NULL);
	step(UDP_OUT, UDP_BECOMES);
	step(OUT(UDP, "10.0.0.3:5000", "198.51.100.9:53"),
	     BECOMES("203.0.113.1:x", "198.51.100.9:53"));
	step(ERROR(3, 3, .quote = QUOTE(UDP, "203.0.113.1:x", "198.51.100.9:53")),
	     BECOMES_QUOTING(HOP, "10.0.0.3", "10.0.0.3:5000", "198.51.100.9:53"));
	step(ERROR_AWAY("10.0.0.3", 3, 3, .quote = QUOTE(UDP, "198.51.100.9:53", "10.0.0.3:5000")),
	     BECOMES_QUOTING("203.0.113.1", SERVER, "198.51.100.9:53", "203.0.113.1:x"));
}

/* A port that an internal host holds too: the error is about who speaks to that remote. */
PROG_TEST(path_mtu_of_the_gateways_connection_beside_an_internal_hosts)
{
	world_make(NULL);
	step_run(&flows[1].opens);
	socket_connect(SOCK_STREAM, "203.0.113.1:5000", "198.51.100.10:80");
	step(OUT(TCP, "203.0.113.1:5000", "198.51.100.10:80"), PASSES(HOST_OUT));
	step(ERROR(3, 4, .word = 1400, .quote = QUOTE(TCP, "203.0.113.1:5000", "198.51.100.10:80")),
	     PASSES(HOST_IN));
	step(ERROR(3, 4, .word = 1400, .quote = QUOTE(TCP, "203.0.113.1:5000", "198.51.100.9:80")),
	     BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", "198.51.100.9:80"));
	step(ERROR(3, 4, .word = 1400, .quote = QUOTE(TCP, "203.0.113.1:5000", "198.51.100.11:80")),
	     DROPPED(ICMP_NO_SESSION));
}
