// SPDX-License-Identifier: GPL-2.0-only
/*
 * cases.c - what bench-prog measures: with small and hot tables, and with full ones.
 *
 * The first are the cost of the code, not of cache misses. The second draw one of the flows
 * that exist for each packet, or make new ones while a part of the ports is taken; tables are
 * large enough for a million sessions all the time.
 */
#include "bench.h"

#define KNOWN_REPEAT 200000
#define REFUSED_REPEAT 60000
#define NEW_REPEAT 500 /* few: they fill what is measured */

#define INTERNAL "10.0.0.2:5000"
#define EXTERNAL "203.0.113.1:5000"
#define REMOTE "198.51.100.9:4000"
#define OUTBOUND(proto, ...)                                                                       \
	PACKET(HOOK_OUT, proto, INTERNAL, REMOTE, .len = 22 __VA_OPT__(, ) __VA_ARGS__)
#define INBOUND(proto, ...)                                                                        \
	PACKET(HOOK_IN, proto, REMOTE, EXTERNAL, .len = 22 __VA_OPT__(, ) __VA_ARGS__)
#define FORWARD(proto, ...)                                                                        \
	PACKET(HOOK_LANE, proto, INTERNAL, REMOTE, .len = 22 __VA_OPT__(, ) __VA_ARGS__)
#define FAST .world = { .lane = NAT_LANE_XDP, .set = { SET(CLAMP_MSS, NAT_CLAMP_OFF) } }
#define ICMP_OUT PACKET(HOOK_OUT, ICMP, INTERNAL, "198.51.100.9", .len = 22)
#define NEW(count, of_hosts, of_ports)                                                             \
	.kind = WRAP_NEW, .flows = count, .hosts = of_hosts, .ports = of_ports, .first_port = 2000
#define MANY .set = { SET(MAX_SESSIONS, 1 << 20), SET(PER_HOST, 65536), SET(HOST_RATE, 1 << 20) }

/* clang-format off */
static const struct bench hot[] = {
	{ .name = "known flow out, udp, tc", .reach = 140, .program = PROGRAM_TC_OUT,
	  .opens = { OUTBOUND(UDP) }, .packet = OUTBOUND(UDP),
	  .reason = NAT_REASON_TRANSLATED_OUT, .repeat = KNOWN_REPEAT },
	{ .name = "known flow out, tcp, tc", .reach = 140, .program = PROGRAM_TC_OUT,
	  .opens = { OUTBOUND(TCP, .flags = SYN) }, .packet = OUTBOUND(TCP, .seq = 1),
	  .reason = NAT_REASON_TRANSLATED_OUT, .repeat = KNOWN_REPEAT },
	{ .name = "known flow in, udp, xdp", .reach = 80, .program = PROGRAM_XDP_IN,
	  .opens = { OUTBOUND(UDP) }, .packet = INBOUND(UDP),
	  .reason = NAT_REASON_TRANSLATED_IN, .repeat = KNOWN_REPEAT },
	{ .name = "known flow in, tcp, xdp", .reach = 80, .program = PROGRAM_XDP_IN,
	  .opens = { OUTBOUND(TCP, .flags = SYN), INBOUND(TCP, .flags = SYN | ACK, .ack = 1) },
	  .packet = INBOUND(TCP, .seq = 1, .ack = 1),
	  .reason = NAT_REASON_TRANSLATED_IN, .repeat = KNOWN_REPEAT },
	{ .name = "known flow out, udp, xdp", .reach = 110, .program = PROGRAM_XDP_LANE,
	  .opens = { OUTBOUND(UDP), INBOUND(UDP), FORWARD(UDP) }, .packet = FORWARD(UDP),
	  .reason = NAT_REASON_LANE_OUT, .repeat = KNOWN_REPEAT, FAST },
	{ .name = "known flow out, tcp, xdp", .reach = 110, .program = PROGRAM_XDP_LANE,
	  .opens = { OUTBOUND(TCP, .flags = SYN), INBOUND(TCP, .flags = SYN | ACK, .ack = 1),
		     FORWARD(TCP, .seq = 1, .ack = 1) },
	  .packet = FORWARD(TCP, .seq = 1, .ack = 1),
	  .reason = NAT_REASON_LANE_OUT, .repeat = KNOWN_REPEAT, FAST },
	{ .name = "known flow in, udp, xdp, lane", .program = PROGRAM_XDP_IN,
	  .opens = { OUTBOUND(UDP), INBOUND(UDP), INBOUND(UDP) }, .packet = INBOUND(UDP),
	  .reason = NAT_REASON_LANE_IN, .repeat = KNOWN_REPEAT, FAST },
	{ .name = "known flow out, icmp, tc", .program = PROGRAM_TC_OUT,
	  .opens = { ICMP_OUT }, .packet = ICMP_OUT,
	  .reason = NAT_REASON_TRANSLATED_OUT, .repeat = KNOWN_REPEAT },
	{ .name = "known flow in, icmp, xdp", .program = PROGRAM_XDP_IN,
	  .opens = { ICMP_OUT }, .packet = PACKET(HOOK_IN, ICMP, "198.51.100.9", EXTERNAL, .len = 22),
	  .reason = NAT_REASON_TRANSLATED_IN, .repeat = KNOWN_REPEAT },
	{ .name = "known flow in, tcp, tc", .program = PROGRAM_TC_IN,
	  .opens = { OUTBOUND(TCP, .flags = SYN), INBOUND(TCP, .flags = SYN | ACK, .ack = 1) },
	  .packet = INBOUND(TCP, .seq = 1, .ack = 1),
	  .reason = NAT_REASON_TRANSLATED_IN, .repeat = KNOWN_REPEAT },
	{ .name = "known flow in, udp, tc", .program = PROGRAM_TC_IN,
	  .opens = { OUTBOUND(UDP) }, .packet = INBOUND(UDP),
	  .reason = NAT_REASON_TRANSLATED_IN, .repeat = KNOWN_REPEAT },
	{ .name = "new flow, port kept", .reach = 1000, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_TRANSLATED_OUT,
	  .world = { MANY }, NEW(60000, 1, 60000) },
	{ .name = "new flow, port drawn", .reach = 1000, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), .reason = NAT_REASON_TRANSLATED_OUT,
	  .world = { MANY }, NEW(60250, 250, 241) },
	{ .name = "yardstick: one look-up", .is_yard = true, .program = PROGRAM_XDP_IN,
	  .packet = INBOUND(UDP), .repeat = KNOWN_REPEAT },
	{ .name = "yardstick: three insertions", .is_yard = true, .program = PROGRAM_TC_OUT,
	  .packet = OUTBOUND(UDP), NEW(60000, 1, 60000) },
};
/* clang-format on */

/* ---- full tables --------------------------------------------------------------------------- */

#define PORTS 64512 /* 1024 to 65535 */
#define MOST 1000000

/* More than one address has ports for */
#define POOL .pool = { "203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4" }

/* clang-format off */
#define POPULATION(id, bindings, per_binding)                                                      \
	static const struct population id = {                                                      \
		.flows = bindings, .hosts = 200, .ports = 1009, .first_port = 5000,                \
		.count = bindings, .remotes = per_binding, .sessions = (bindings) * (per_binding), \
		.world = { MANY, POOL } }
#define TAKEN(id, ports_taken, most)                                                               \
	static const struct population id = {                                                      \
		.flows = PORTS, .hosts = 250, .ports = PORTS, .first_port = 1024,                  \
		.count = ports_taken, .remotes = 1, .sessions = ports_taken,                       \
		.world = { .set = { SET(MAX_SESSIONS, most), SET(PER_HOST, 65536),                 \
				    SET(HOST_RATE, 1 << 20) } } }
#define OPEN(percent) (PORTS / 100 * (percent) - NEW_REPEAT / 2)
#define SHUT(percent) (PORTS / 100 * (percent))

POPULATION(one, 1, 1);
POPULATION(thousand, 1000, 1);
POPULATION(ten_thousand, 10000, 1);
POPULATION(hundred_thousand, 100000, 1);
POPULATION(million, 200000, 5);

/* So many of the ports of one address, evenly: around them when flows are new */
TAKEN(open_50, OPEN(50), 1 << 20);
TAKEN(open_90, OPEN(90), 1 << 20);
TAKEN(open_99, OPEN(99), 1 << 20);
TAKEN(all, PORTS, 1 << 20);

/* ... and as many sessions as there may be */
TAKEN(limit_0, 1, 1);
TAKEN(limit_50, SHUT(50), SHUT(50));
TAKEN(limit_90, SHUT(90), SHUT(90));
TAKEN(limit_99, SHUT(99), SHUT(99));

#define DRAWN(text, from, hooked, verdict, tested, limit)                                          \
	{ .name = text, .reach = limit, .population = &from, .program = PROGRAM_##tested,          \
	  .packet = hooked(UDP), .reason = NAT_REASON_TRANSLATED_##verdict,                        \
	  .kind = WRAP_DRAWN, .repeat = KNOWN_REPEAT }
#define KNOWN_AT(text, from, out_limit, in_limit)                                                  \
	DRAWN("known flow out, udp, tc, of " text, from, OUTBOUND, OUT, TC_OUT, out_limit),        \
	DRAWN("known flow in, udp, xdp, of " text, from, INBOUND, IN, XDP_IN, in_limit),           \
	DRAWN("known flow in, udp, tc, of " text, from, INBOUND, IN, TC_IN, 0)
#define CREATED(text, from, limit)                                                                 \
	{ .name = "new flow, " text, .reach = limit, .population = &from,                          \
	  .program = PROGRAM_TC_OUT, .packet = PACKET(HOOK_OUT, UDP, "10.64.0.2:1", REMOTE, .len = 22),       \
	  .reason = NAT_REASON_TRANSLATED_OUT, .repeat = NEW_REPEAT, .spoils = true,               \
	  .kind = WRAP_NEW, .flows = PORTS, .hosts = 250, .ports = PORTS, .first_port = 1024 }
#define REFUSED(text, from, why, limit)                                                            \
	{ .name = "refused flow, " text, .reach = limit, .population = &from,                      \
	  .program = PROGRAM_TC_OUT, .packet = PACKET(HOOK_OUT, UDP, "10.128.0.2:1", REMOTE, .len = 22),      \
	  .reason = NAT_REASON_##why, .repeat = REFUSED_REPEAT,                                    \
	  .kind = WRAP_NEW, .flows = 60000, .hosts = 1, .ports = 60000, .first_port = 2000 }

static const struct bench filled[] = {
	KNOWN_AT("1", one, 140, 80),
	KNOWN_AT("1k", thousand, 0, 0),
	KNOWN_AT("100k", hundred_thousand, 0, 0),
	KNOWN_AT("1M", million, 490, 280),
	CREATED("1M sessions", million, 1600),
	CREATED("100k sessions", hundred_thousand, 0),
	CREATED("10k sessions", ten_thousand, 1000),
	CREATED("0 % of ports", one, 1000),
	CREATED("50 % of ports", open_50, 0),
	CREATED("90 % of ports", open_90, 0),
	CREATED("99 % of ports", open_99, 0),
	REFUSED("session limit, 0 % of ports", limit_0, SESSION_LIMIT, 0),
	REFUSED("session limit, 50 % of ports", limit_50, SESSION_LIMIT, 0),
	REFUSED("session limit, 90 % of ports", limit_90, SESSION_LIMIT, 0),
	REFUSED("session limit, 99 % of ports", limit_99, SESSION_LIMIT, 0),
	REFUSED("100 % of ports", all, PORTS_EXHAUSTED, 500),
};
/* clang-format on */

const struct bench_table table_hot = { hot, sizeof(hot) / sizeof(*hot), 0 };
const struct bench_table table_filled = { filled, sizeof(filled) / sizeof(*filled), 1100000 };
