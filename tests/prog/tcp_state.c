// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcp_state.c - the TCP state machine walked by real segments, and whose FIN and RST count.
 *
 * 10.0.0.2:5000 talks to 198.51.100.9:80. Every walk names flags, sequence and
 * acknowledgement numbers of each segment; after it, the state that must be there.
 */
#include "steps.h"

#define A(...)                                                                                     \
	{                                                                                          \
		OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", __VA_ARGS__),                         \
			BECOMES("203.0.113.1:5000", "198.51.100.9:80")                             \
	}
#define B(...)                                                                                     \
	{                                                                                          \
		IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", __VA_ARGS__),                       \
			BECOMES("198.51.100.9:80", "10.0.0.2:5000")                                \
	}
#define STATE(state)                                                                               \
	{                                                                                          \
		SESSION(TCP, "203.0.113.1:5000", "198.51.100.9:80", state)                         \
	}

/* A has sent up to 1001, B up to 5001, both acknowledged. */
#define OPEN                                                                                       \
	A(.flags = SYN, .seq = 1000), B(.flags = SYN | ACK, .seq = 5000, .ack = 1001),             \
		A(.flags = ACK, .seq = 1001, .ack = 5001), STATE(ESTABLISHED)

/* clang-format off */
static const struct row walks[] = {
	{ "opened from inside", "5382-2", STEPS(
		A(.flags = SYN, .seq = 1000), STATE(OPENING_OUT),
		B(.flags = SYN | ACK, .seq = 5000, .ack = 1001), STATE(ESTABLISHED),
		A(.flags = ACK, .seq = 1001, .ack = 5001), STATE(ESTABLISHED)) },
	{ "data behind a fin takes it back", "5382-9.oow", STEPS(
		OPEN,
		A(.flags = FIN | ACK, .seq = 1001, .ack = 5001), STATE(FIN_OUT),
		B(.flags = ACK, .seq = 5001, .ack = 1002, .len = 100), STATE(FIN_OUT),
		/* Forged: a little beyond what B has sent. */
		B(.flags = FIN | ACK, .seq = 5301, .ack = 1002), STATE(CLOSING),
		B(.flags = ACK, .seq = 5101, .ack = 1002, .len = 100), STATE(CLOSING),
		B(.flags = ACK, .seq = 5201, .ack = 1002, .len = 200), STATE(FIN_OUT),
		A(.flags = ACK, .seq = 1002, .ack = 5401), STATE(FIN_OUT),
		B(.flags = FIN | ACK, .seq = 5401, .ack = 1002), STATE(CLOSING),
		A(.flags = ACK, .seq = 1002, .ack = 5402), STATE(CLOSING)) },
	{ "simultaneous open", "5382-2a", STEPS(
		A(.flags = SYN, .seq = 1000), STATE(OPENING_OUT),
		B(.flags = SYN, .seq = 5000), STATE(ESTABLISHED),
		A(.flags = SYN | ACK, .seq = 1000, .ack = 5001), STATE(ESTABLISHED),
		B(.flags = SYN | ACK, .seq = 5000, .ack = 1001), STATE(ESTABLISHED)) },
	{ "split handshake", "5382-2", STEPS(
		A(.flags = SYN, .seq = 1000), B(.flags = ACK, .seq = 5000, .ack = 1001),
		STATE(OPENING_OUT),
		B(.flags = SYN, .seq = 5000), STATE(ESTABLISHED),
		A(.flags = SYN | ACK, .seq = 1000, .ack = 5001), STATE(ESTABLISHED)) },
	{ "opened from outside", "5382-2", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:81", .flags = SYN),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:81") },
		B(.flags = SYN, .seq = 5000), STATE(OPENING_IN),
		A(.flags = SYN | ACK, .seq = 1000, .ack = 5001), STATE(ESTABLISHED)) },
	{ "closed from inside", "5382-5d", STEPS(
		OPEN,
		A(.flags = FIN | ACK, .seq = 1001, .ack = 5001), STATE(FIN_OUT),
		B(.flags = ACK, .seq = 5001, .ack = 1002, .len = 400), STATE(FIN_OUT),
		B(.flags = FIN | ACK, .seq = 5401, .ack = 1002), STATE(CLOSING),
		A(.flags = ACK, .seq = 1002, .ack = 5402), STATE(CLOSING)) },
	{ "closed from outside", "5382-5d", STEPS(
		OPEN,
		B(.flags = FIN | ACK, .seq = 5001, .ack = 1001), STATE(FIN_IN),
		A(.flags = ACK, .seq = 1001, .ack = 5002, .len = 9), STATE(FIN_IN),
		A(.flags = FIN | ACK, .seq = 1010, .ack = 5002), STATE(CLOSING)) },
	{ "simultaneous close", "5382-2", STEPS(
		OPEN,
		A(.flags = FIN | ACK, .seq = 1001, .ack = 5001),
		B(.flags = FIN | ACK, .seq = 5001, .ack = 1001), STATE(CLOSING),
		A(.flags = ACK, .seq = 1002, .ack = 5002),
		B(.flags = ACK, .seq = 5002, .ack = 1002), STATE(CLOSING)) },
	{ "a lost last ack can be sent again", "2663-2.6a", STEPS(
		OPEN,
		A(.flags = FIN | ACK, .seq = 1001, .ack = 5001),
		B(.flags = FIN | ACK, .seq = 5001, .ack = 1002),
		{ AGE(200) },
		B(.flags = FIN | ACK, .seq = 5001, .ack = 1002),
		A(.flags = ACK, .seq = 1002, .ack = 5002),
		{ AGE(40) }, STATE(NONE)) },
	{ "reset in the window", "7857-2.2a", STEPS(
		OPEN, B(.flags = RST, .seq = 5001), STATE(RESET)) },
	{ "reset from inside", "7857-2.2a", STEPS(
		OPEN, A(.flags = RST | ACK, .seq = 1001, .ack = 5001), STATE(RESET)) },
	{ "blind reset is forwarded and believed by nobody", "7857-2.2c", STEPS(
		OPEN, B(.flags = RST, .seq = 905001), STATE(ESTABLISHED),
		B(.flags = RST, .seq = 4000), STATE(ESTABLISHED),
		A(.flags = RST, .seq = 77), STATE(ESTABLISHED)) },
	{ "blind fin neither", "5382-9.oow", STEPS(
		OPEN, B(.flags = FIN | ACK, .seq = 905001, .ack = 1001), STATE(ESTABLISHED),
		A(.flags = FIN | ACK, .seq = 77, .ack = 5001), STATE(ESTABLISHED)) },
	{ "a fin behind a gap is believed: it is not sent again", "5382-5d", STEPS(
		OPEN, B(.flags = FIN | ACK, .seq = 5101, .ack = 1001), STATE(FIN_IN),
		B(.flags = ACK, .seq = 5001, .ack = 1001, .len = 100),
		A(.flags = FIN | ACK, .seq = 1001, .ack = 5102), STATE(CLOSING)) },
	{ "a reset behind a gap is believed", "7857-2.2a", STEPS(
		OPEN, B(.flags = RST, .seq = 5101), STATE(RESET)) },
	{ "a fin 64 KiB ahead is believed, further ahead it is not", "7857-2.2c", STEPS(
		OPEN, B(.flags = FIN | ACK, .seq = 5001 + 65537, .ack = 1001),
		STATE(ESTABLISHED),
		A(.flags = FIN | ACK, .seq = 1001 + 65536, .ack = 5001), STATE(FIN_OUT)) },
	{ "a reset 64 KiB ahead is believed, further ahead it is not", "7857-2.2c", STEPS(
		OPEN, B(.flags = RST, .seq = 5001 + 65537), STATE(ESTABLISHED),
		A(.flags = RST, .seq = 1001 + 65537), STATE(ESTABLISHED),
		B(.flags = RST, .seq = 5001 + 65536), STATE(RESET)) },
	{ "a gap of megabytes is caught up with", "6092-32", STEPS(
		OPEN, B(.flags = ACK, .seq = 15000001, .ack = 1001, .len = 100),
		A(.flags = ACK, .seq = 1001, .ack = 15000101),
		B(.flags = ACK, .seq = 15000101, .ack = 1001, .len = 100),
		A(.flags = ACK, .seq = 1001, .ack = 15000201),
		B(.flags = FIN | ACK, .seq = 15000201, .ack = 1001), STATE(FIN_IN)) },
	{ "data after a reset shows that the connection lives", "7857-2.2b", STEPS(
		OPEN, B(.flags = RST, .seq = 5001), STATE(RESET),
		A(.flags = ACK, .seq = 1001, .ack = 5001, .len = 5), STATE(ESTABLISHED)) },
	{ "a reset in answer to a syn ends nothing early", "7857-2.2b", STEPS(
		A(.flags = SYN, .seq = 1000), B(.flags = RST | ACK, .seq = 0, .ack = 1001),
		STATE(OPENING_OUT),
		{ AGE(239) }, STATE(OPENING_OUT), { AGE(1) }, STATE(NONE)) },
	{ "reopened at once after close", "5382-reopen", STEPS(
		OPEN,
		A(.flags = FIN | ACK, .seq = 1001, .ack = 5001),
		B(.flags = FIN | ACK, .seq = 5001, .ack = 1002), STATE(CLOSING),
		A(.flags = SYN, .seq = 90000), STATE(OPENING_OUT),
		B(.flags = SYN | ACK, .seq = 70000, .ack = 90001), STATE(ESTABLISHED),
		/* The old connection's numbers are forgotten: this FIN is in its window. */
		A(.flags = FIN | ACK, .seq = 90001, .ack = 70001), STATE(FIN_OUT),
		{ TABLES(1, 1) }) },
	{ "reopened at once after reset", "5382-reopen", STEPS(
		OPEN, B(.flags = RST, .seq = 5001), STATE(RESET),
		A(.flags = SYN, .seq = 90000), STATE(OPENING_OUT),
		B(.flags = SYN | ACK, .seq = 70000, .ack = 90001), STATE(ESTABLISHED)) },
	{ "keepalive, zero window and urgent data pass", "5382-2", STEPS(
		OPEN, A(.flags = ACK, .seq = 1000, .ack = 5001, .len = 1),
		B(.flags = ACK, .seq = 5001, .ack = 1001, .pokes = { { 34, 2, 0 } }),
		A(.flags = ACK | URG | PSH, .seq = 1001, .ack = 5001, .len = 3,
		    .pokes = { { 38, 2, 2 } }), STATE(ESTABLISHED)) },
	{ "large windows are not judged", "6092-32", STEPS(
		OPEN, A(.flags = ACK, .seq = 1001, .ack = 5001, .len = 1460),
		A(.flags = ACK, .seq = 901001, .ack = 5001, .len = 1460),
		STATE(ESTABLISHED)) },
	{ "a syn in the middle does not disturb", "7857-2a", STEPS(
		OPEN, B(.flags = SYN, .seq = 123456), STATE(ESTABLISHED),
		A(.flags = SYN, .seq = 654321), STATE(ESTABLISHED)) },
	{ "a tuple used again while its old connection seems open", "5382-reopen", STEPS(
		OPEN, A(.flags = SYN, .seq = 3000000100), STATE(ESTABLISHED),
		B(.flags = SYN | ACK, .seq = 1000000500, .ack = 3000000101),
		A(.flags = ACK, .seq = 3000000101, .ack = 1000000501),
		A(.flags = FIN | ACK, .seq = 3000000101, .ack = 1000000501), STATE(FIN_OUT),
		B(.flags = FIN | ACK, .seq = 1000000501, .ack = 3000000102),
		STATE(CLOSING)) },
	{ "a syn from outside makes nothing forgotten", "7857-2.2c", STEPS(
		OPEN, B(.flags = SYN, .seq = 3000000100), STATE(ESTABLISHED),
		B(.flags = RST, .seq = 3000000101), STATE(ESTABLISHED),
		B(.flags = RST, .seq = 5001), STATE(RESET)) },
	{ "a fin from outside while opening counts for nothing", "5382-9.oow", STEPS(
		A(.flags = SYN, .seq = 1000), B(.flags = FIN | ACK, .seq = 1, .ack = 1001),
		STATE(OPENING_OUT)) },
	{ "sequence numbers across the wrap", "7857-2.2c", STEPS(
		A(.flags = SYN, .seq = 0xfffffff0),
		B(.flags = SYN | ACK, .seq = 0xfffffffe, .ack = 0xfffffff1),
		A(.flags = ACK, .seq = 0xfffffff1, .ack = 0xffffffff, .len = 100),
		B(.flags = ACK, .seq = 0xffffffff, .ack = 0x55, .len = 50),
		STATE(ESTABLISHED), A(.flags = RST | ACK, .seq = 0x55, .ack = 0x31),
		STATE(RESET)) },
};
/* clang-format on */
ROWS(walks)

/* Each state keeps its timer: alive one second before, gone at it. */
/* clang-format off */
static const struct row timers[] = {
	{ "opening ends after four minutes", "5382-5b", STEPS(
		A(.flags = SYN, .seq = 1000), { AGE(239) }, STATE(OPENING_OUT), { AGE(1) },
		STATE(NONE)) },
	{ "a repeated syn restarts the opening timer", "5382-5b", STEPS(
		A(.flags = SYN, .seq = 1000), { AGE(200) }, A(.flags = SYN, .seq = 1000),
		{ AGE(200) }, STATE(OPENING_OUT)) },
	{ "opening can be made shorter", "7857-2.1b", STEPS(
		A(.flags = SYN, .seq = 1000), { AGE(9) }, STATE(OPENING_OUT), { AGE(1) },
		STATE(NONE)),
	  .world = { .set = { SET(TCP_OPENING, 10) } } },
	{ "established lives two hours and four minutes", "5382-5a", STEPS(
		OPEN, { AGE(7439) }, STATE(ESTABLISHED), { AGE(1) }, STATE(NONE)) },
	{ "a keepalive from either side renews it", "5382-5a", STEPS(
		OPEN, { AGE(7200) }, B(.flags = ACK, .seq = 5000, .ack = 1001), { AGE(7200) },
		STATE(ESTABLISHED),
		A(.flags = ACK, .seq = 1001, .ack = 5001), { AGE(7200) }, STATE(ESTABLISHED)) },
	{ "half closed is established", "5382-5d", STEPS(
		OPEN, A(.flags = FIN | ACK, .seq = 1001, .ack = 5001), { AGE(7439) },
		STATE(FIN_OUT), { AGE(1) }, STATE(NONE)) },
	{ "closing lives four minutes, whatever else comes", "5382-5b", STEPS(
		OPEN, A(.flags = FIN | ACK, .seq = 1001, .ack = 5001),
		B(.flags = FIN | ACK, .seq = 5001, .ack = 1002),
		{ AGE(150) }, A(.flags = ACK, .seq = 1002, .ack = 5002), { AGE(89) },
		STATE(CLOSING), { AGE(1) }, STATE(NONE)) },
	{ "reset lives four minutes", "7857-2.2b", STEPS(
		OPEN, B(.flags = RST, .seq = 5001), { AGE(239) }, STATE(RESET), { AGE(1) },
		STATE(NONE)) },
	{ "a blind reset does not shorten the timer", "7857-2.2c", STEPS(
		OPEN, B(.flags = RST, .seq = 905001), { AGE(7000) }, STATE(ESTABLISHED)) },
	{ "one closed session leaves the binding to the others", "5382-eim-life", STEPS(
		OPEN,
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.10:80", .flags = SYN, .seq = 1),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:80") },
		{ IN(TCP, "198.51.100.10:80", "203.0.113.1:5000", .flags = SYN | ACK, .seq = 1,
		      .ack = 2), BECOMES("198.51.100.10:80", "10.0.0.2:5000") },
		A(.flags = FIN | ACK, .seq = 1001, .ack = 5001),
		B(.flags = FIN | ACK, .seq = 5001, .ack = 1002),
		{ AGE(300) }, STATE(NONE), { TABLES(1, 1) },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.11:80", .flags = SYN, .seq = 1),
		  BECOMES("203.0.113.1:5000", "198.51.100.11:80") }) },
	{ "a live setting governs the next deadline", "2663-2.6b", STEPS(
		OPEN, { NOW_SET(TCP_ESTABLISHED, 20000) },
		A(.flags = ACK, .seq = 1001, .ack = 5001), { AGE(19999) }, STATE(ESTABLISHED)) },
};
/* clang-format on */
ROWS(timers)

/* 5382-reopen: a thousand times, from one port, to one server, without a stall. */
PROG_TEST(a_thousand_connections_one_after_another)
{
	world_make(NULL);
	for (__u32 i = 0; i < 1000; i++) {
		__u32 a = i * 77777, b = i * 55555;

		step_run(&(struct step)A(.flags = SYN, .seq = a));
		step_run(&(struct step)B(.flags = SYN | ACK, .seq = b, .ack = a + 1));
		step_run(&(struct step)A(.flags = ACK, .seq = a + 1, .ack = b + 1));
		step_run(&(struct step)A(.flags = FIN | ACK, .seq = a + 1, .ack = b + 1));
		step_run(&(struct step)B(.flags = FIN | ACK, .seq = b + 1, .ack = a + 2));
		step_run(&(struct step)STATE(CLOSING));
	}
	step(TABLES(1, 1));
}
