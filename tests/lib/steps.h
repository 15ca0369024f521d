/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * steps.h - a case of tests/prog: packets, and what the gateway makes of each.
 *
 *	static const struct row rows[] = {
 *		{ "second remote, same external port", "4787-1", STEPS(
 *			{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"),
 *			  BECOMES("203.0.113.1:5000", "198.51.100.9:53") },
 *			{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:53"),
 *			  BECOMES("203.0.113.1:5000", "198.51.100.10:53") }) },
 *	};
 *	ROWS(rows)
 *
 * Where state is needed first, it is made by sending the packets that make it: nothing
 * writes map entries behind the programs' back. AGE() lets time pass.
 *
 * What is checked of every packet, said or not:
 *   - the verdict
 *   - all octets: the output equals a packet built from scratch with the addresses and
 *     ports that BECOMES() names and everything else as it came in, checksums included;
 *     without BECOMES() nothing at all may have changed
 *   - the requests: that the keeper is asked what ASKS() says, and no more
 *   - the counters: exactly one reason moved, by one; none for IGNORED
 *   - an external port given as a letter has the class and parity of the internal one
 *     (unless .any_parity is set)
 * and at the end of every case that the maps do not contradict each other (invariants.h).
 *
 * A case with an inbound packet runs twice, once as `...-xdp`: XDP first and TC on what
 * it passes, as the kernel does; once as `...-tc`: TC alone. The expectations are the
 * same. What XDP has translated, TC must let pass unchanged and uncounted.
 */
#ifndef STEPS_H
#define STEPS_H

#include "check.h"
#include "packet.h"
#include "world.h"

/** enum lane - Which program must have finished an inbound packet; only looked at with XDP */
enum lane {
	LANE_ANY,
	LANE_XDP,
	LANE_TC,
};

/** enum step_kind - What a step does */
enum step_kind {
	STEP_END,
	STEP_BECOMES, /* the packet is translated */
	STEP_PASSES,  /* ... goes on as it came, and is counted */
	STEP_IGNORED, /* ... goes on as it came, and is not */
	STEP_DROPPED,
	STEP_AGE,     /* @number seconds pass */
	STEP_REAP,    /* the keeper sweeps */
	STEP_SET,     /* `natctl set` @setting to @number */
	STEP_STATE,   /* a session's state must be @number; none or expired is NAT_STATE_NONE */
	STEP_TABLES,  /* there must be @number bindings and @number2 sessions alive */
	STEP_ENTRIES, /* ... in the maps, dead ones included */
	STEP_CLAIMED, /* whether the port of @src is claimed must be @number */
};

/**
 * struct step - One packet, or one thing that happens between packets
 * @in:       The packet
 * @src, @dst: Its addresses and ports afterwards, as in struct packet
 * @quote_src, @quote_dst: Those of the packet it quotes, if it is an ICMP error
 * @reason:   enum nat_reason that must have been counted
 * @asks:     ASKS(kind): what the keeper must have been asked to do; without it, nothing
 * @answer:   ANSWERED(type, code): of the ICMP error that it is to send about this packet
 * @quote_id: The IP id in the quote afterwards, if another
 * @tcp_options: NEW_TCP_OPTIONS(octets): those afterwards, as many octets as there were;
 *	      without it, those that it came with
 * @is_sent:  GOES(from, to): it becomes so, and goes past the stack
 * @id:       NEW_ID(number): the IP id afterwards; without it, the one that it came with
 */
struct step {
	struct packet in;
	enum step_kind kind;
	const char *src, *dst;
	const char *quote_src, *quote_dst;
	enum nat_reason reason;
	__u32 id, quote_id;
	__u32 asks, answer;
	const char *tcp_options;
	enum lane lane;
	bool any_parity;
	bool is_sent;
	enum nat_setting setting;
	__u8 proto;
	__u32 number, number2;
};

/* clang-format off */
#define OUT(protocol, from, to, ...) \
	.in = PACKET(HOOK_OUT, protocol, from, to __VA_OPT__(,) __VA_ARGS__)
#define IN(protocol, from, to, ...) \
	.in = PACKET(HOOK_IN, protocol, from, to __VA_OPT__(,) __VA_ARGS__)

#define LAN(protocol, from, to, ...) \
	.in = PACKET(HOOK_LAN, protocol, from, to __VA_OPT__(,) __VA_ARGS__)

#define FORWARD(protocol, from, to, ...) \
	.in = PACKET(HOOK_LANE, protocol, from, to __VA_OPT__(,) __VA_ARGS__)

#define BECOMES(from, to) .kind = STEP_BECOMES, .src = from, .dst = to
#define GOES(from, to) BECOMES(from, to), .is_sent = true
#define BECOMES_QUOTING(from, to, quoted_from, quoted_to) \
	BECOMES(from, to), .quote_src = quoted_from, .quote_dst = quoted_to
#define PASSES(why)  .kind = STEP_PASSES, .reason = NAT_REASON_##why
#define DROPPED(why) .kind = STEP_DROPPED, .reason = NAT_REASON_##why
#define IGNORED      .kind = STEP_IGNORED
#define NEW_ID(number) .id = ID(number)
#define ASKS(what) .asks = NAT_REQUEST_##what + 1
#define HELD  DROPPED(SYN_HELD), ASKS(SYN)
#define EARLY DROPPED(FRAGMENT_EARLY), ASKS(HOLD)
#define ANSWERED(type, code) ASKS(ERROR), .answer = MESSAGE(type, code)
#define NEW_TCP_OPTIONS(octets) .tcp_options = octets

#define AGE(seconds)          .kind = STEP_AGE, .number = seconds
#define REAP                  .kind = STEP_REAP
#define NOW_SET(id, value)    .kind = STEP_SET, .setting = NAT_SETTING_##id, .number = value
#define SESSION(protocol, external, remote, state) \
	.kind = STEP_STATE, .proto = NAT_PROTO_##protocol, .src = external, .dst = remote, \
	.number = NAT_STATE_##state
#define TABLES(bindings, sessions)  .kind = STEP_TABLES, .number = bindings, .number2 = sessions
#define ENTRIES(bindings, sessions) .kind = STEP_ENTRIES, .number = bindings, .number2 = sessions
#define CLAIMED(protocol, external) \
	.kind = STEP_CLAIMED, .proto = NAT_PROTO_##protocol, .src = external, .number = true
#define FREE(protocol, external) \
	.kind = STEP_CLAIMED, .proto = NAT_PROTO_##protocol, .src = external, .number = false
/* clang-format on */

/** enum ingress - Which programs an inbound packet meets */
enum ingress {
	INGRESS_BOTH, /* two cases */
	INGRESS_XDP,
	INGRESS_TC,
};

/**
 * struct row - One case
 * @name:    A sentence about behaviour
 * @req:     The requirement it proves, by its id
 * @steps:   STEPS(...)
 * @world:   How the gateway is set up
 * @ingress: Where only one of the two can be tested
 */
struct row {
	const char *name;
	const char *req;
	const struct step *steps;
	struct world world;
	enum ingress ingress;
};

#define STEPS(...)                                                                                 \
	.steps = (const struct step[])                                                             \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			.kind = STEP_END                                                           \
		}                                                                                  \
	}

/** rows_add() - Register rows as cases; use ROWS() */
void rows_add(const char *file, const struct row *rows, size_t count);

#define ROWS(table)                                                                                \
	__attribute__((constructor)) static void add_##table(void)                                 \
	{                                                                                          \
		rows_add(__FILE__, table, sizeof(table) / sizeof(*(table)));                       \
	}

/**
 * PROG_TEST() - A case in code, where a row does not do; runs under both ingress modes
 *
 * It begins with world_make(), and then calls step().
 */
#define PROG_TEST(id)                                                                              \
	static void prog_##id(void);                                                               \
	__attribute__((constructor)) static void add_##id(void)                                    \
	{                                                                                          \
		prog_add(__FILE__, #id, prog_##id, true);                                          \
	}                                                                                          \
	static void prog_##id(void)

/** PROG_TEST_OUT() - The same for a case without inbound packets: once is enough */
#define PROG_TEST_OUT(id)                                                                          \
	static void prog_##id(void);                                                               \
	__attribute__((constructor)) static void add_##id(void)                                    \
	{                                                                                          \
		prog_add(__FILE__, #id, prog_##id, false);                                         \
	}                                                                                          \
	static void prog_##id(void)

/** prog_add() - Register a case in code; use PROG_TEST() */
void prog_add(const char *file, const char *title, void (*run)(void), bool has_inbound);

/** step_run() - Do one step and check it */
void step_run(const struct step *step);

/** step() - The same, written in place: step(OUT(...), BECOMES(...)) */
#define step(...) step_run(&(const struct step){ __VA_ARGS__ })

/** step_named_port() - What @letter stands for in this case, host order */
__u16 step_named_port(char letter);

/** step_forget() - Unbind every letter; for loops */
void step_forget(void);

#endif /* STEPS_H */
