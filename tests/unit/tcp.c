// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcp.c - the TCP state machine of bpf/tcp.h: every event in every state.
 *
 * The expected table is written from the requirements, not from the code: one block a
 * state, one row an event and its direction, each with the demand that it follows.
 */
#include "check.h"
#include "tcp.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define RESTART false
#define KEEP true

struct transition {
	const char *req;
	enum nat_state from;
	enum nat_direction dir;
	enum tcp_event event;
	enum nat_state to;
	bool keeps_timer;
};

#define T(req, from, dir, event, to, timer)                                                        \
	{                                                                                          \
		req, NAT_STATE_##from, NAT_##dir, TCP_EVENT_##event, NAT_STATE_##to, timer         \
	}

/* clang-format off */
static const struct transition transitions[] = {
	/* SYN from inside only: waits for a SYN from outside, with or without ACK. */
	T("5382-5b",     OPENING_OUT, OUT, SYN,    OPENING_OUT, RESTART),
	T("5382-5d",     OPENING_OUT, OUT, SYNACK, OPENING_OUT, KEEP),
	T("5382-5d",     OPENING_OUT, OUT, FIN,    OPENING_OUT, KEEP),
	T("7857-2.2b",   OPENING_OUT, OUT, RST,    OPENING_OUT, KEEP),
	T("5382-5d",     OPENING_OUT, OUT, DATA,   OPENING_OUT, KEEP),
	T("5382-2a",     OPENING_OUT, IN,  SYN,    ESTABLISHED, RESTART),
	T("5382-2",      OPENING_OUT, IN,  SYNACK, ESTABLISHED, RESTART),
	T("5382-9.oow",  OPENING_OUT, IN,  FIN,    OPENING_OUT, KEEP),
	T("7857-2.2b",   OPENING_OUT, IN,  RST,    OPENING_OUT, KEEP),
	T("5382-5d",     OPENING_OUT, IN,  DATA,   OPENING_OUT, KEEP),

	/* SYN from outside only. A stranger's repetition does not hold it open. */
	T("5382-2",      OPENING_IN,  OUT, SYN,    ESTABLISHED, RESTART),
	T("5382-2",      OPENING_IN,  OUT, SYNACK, ESTABLISHED, RESTART),
	T("5382-5d",     OPENING_IN,  OUT, FIN,    OPENING_IN,  KEEP),
	T("7857-7.1c",   OPENING_IN,  OUT, RST,    OPENING_IN,  KEEP),
	T("5382-5d",     OPENING_IN,  OUT, DATA,   OPENING_IN,  KEEP),
	T("7857-7b",     OPENING_IN,  IN,  SYN,    OPENING_IN,  KEEP),
	T("7857-7b",     OPENING_IN,  IN,  SYNACK, OPENING_IN,  KEEP),
	T("5382-5d",     OPENING_IN,  IN,  FIN,    OPENING_IN,  KEEP),
	T("7857-2.2b",   OPENING_IN,  IN,  RST,    OPENING_IN,  KEEP),
	T("5382-5d",     OPENING_IN,  IN,  DATA,   OPENING_IN,  KEEP),

	/* Open: any segment restarts the timer; FIN and RST lead on. */
	T("7857-2a",     ESTABLISHED, OUT, SYN,    ESTABLISHED, RESTART),
	T("5382-2a",     ESTABLISHED, OUT, SYNACK, ESTABLISHED, RESTART),
	T("5382-5d",     ESTABLISHED, OUT, FIN,    FIN_OUT,     RESTART),
	T("7857-2.2b",   ESTABLISHED, OUT, RST,    RESET,       RESTART),
	T("7857-2a",     ESTABLISHED, OUT, DATA,   ESTABLISHED, RESTART),
	T("7857-2a",     ESTABLISHED, IN,  SYN,    ESTABLISHED, RESTART),
	T("5382-2a",     ESTABLISHED, IN,  SYNACK, ESTABLISHED, RESTART),
	T("5382-5d",     ESTABLISHED, IN,  FIN,    FIN_IN,      RESTART),
	T("7857-2.2b",   ESTABLISHED, IN,  RST,    RESET,       RESTART),
	T("7857-2a",     ESTABLISHED, IN,  DATA,   ESTABLISHED, RESTART),

	/* Half closed is established, for as long as it likes. */
	T("5382-5d",     FIN_OUT,     OUT, SYN,    FIN_OUT,     RESTART),
	T("5382-5d",     FIN_OUT,     OUT, SYNACK, FIN_OUT,     RESTART),
	T("2663-2.6a",   FIN_OUT,     OUT, FIN,    FIN_OUT,     RESTART),
	T("7857-2.2b",   FIN_OUT,     OUT, RST,    RESET,       RESTART),
	T("5382-5d",     FIN_OUT,     OUT, DATA,   FIN_OUT,     RESTART),
	T("5382-5d",     FIN_OUT,     IN,  SYN,    FIN_OUT,     RESTART),
	T("5382-5d",     FIN_OUT,     IN,  SYNACK, FIN_OUT,     RESTART),
	T("5382-5d",     FIN_OUT,     IN,  FIN,    CLOSING,     RESTART),
	T("7857-2.2b",   FIN_OUT,     IN,  RST,    RESET,       RESTART),
	T("5382-5d",     FIN_OUT,     IN,  DATA,   FIN_OUT,     RESTART),

	T("5382-5d",     FIN_IN,      OUT, SYN,    FIN_IN,      RESTART),
	T("5382-5d",     FIN_IN,      OUT, SYNACK, FIN_IN,      RESTART),
	T("5382-5d",     FIN_IN,      OUT, FIN,    CLOSING,     RESTART),
	T("7857-2.2b",   FIN_IN,      OUT, RST,    RESET,       RESTART),
	T("5382-5d",     FIN_IN,      OUT, DATA,   FIN_IN,      RESTART),
	T("5382-5d",     FIN_IN,      IN,  SYN,    FIN_IN,      RESTART),
	T("5382-5d",     FIN_IN,      IN,  SYNACK, FIN_IN,      RESTART),
	T("2663-2.6a",   FIN_IN,      IN,  FIN,    FIN_IN,      RESTART),
	T("7857-2.2b",   FIN_IN,      IN,  RST,    RESET,       RESTART),
	T("5382-5d",     FIN_IN,      IN,  DATA,   FIN_IN,      RESTART),

	/* Both FINs seen: the last ACKs pass, the timer runs out, a SYN begins anew. */
	T("5382-reopen", CLOSING,     OUT, SYN,    OPENING_OUT, RESTART),
	T("5382-5e",     CLOSING,     OUT, SYNACK, CLOSING,     KEEP),
	T("5382-5e",     CLOSING,     OUT, FIN,    CLOSING,     KEEP),
	T("5382-5e",     CLOSING,     OUT, RST,    CLOSING,     KEEP),
	T("5382-5e",     CLOSING,     OUT, DATA,   CLOSING,     KEEP),
	T("5382-reopen", CLOSING,     IN,  SYN,    OPENING_IN,  RESTART),
	T("5382-5e",     CLOSING,     IN,  SYNACK, CLOSING,     KEEP),
	T("5382-5e",     CLOSING,     IN,  FIN,    CLOSING,     KEEP),
	T("5382-5e",     CLOSING,     IN,  RST,    CLOSING,     KEEP),
	T("5382-5e",     CLOSING,     IN,  DATA,   CLOSING,     KEEP),

	/* After a RST: anything but a RST shows that the connection lives. */
	T("5382-reopen", RESET,       OUT, SYN,    OPENING_OUT, RESTART),
	T("7857-2.2b",   RESET,       OUT, SYNACK, ESTABLISHED, RESTART),
	T("7857-2.2b",   RESET,       OUT, FIN,    ESTABLISHED, RESTART),
	T("7857-2.2b",   RESET,       OUT, RST,    RESET,       KEEP),
	T("7857-2.2b",   RESET,       OUT, DATA,   ESTABLISHED, RESTART),
	T("7857-2.2c",   RESET,       IN,  SYN,    RESET,       KEEP),
	T("7857-2.2b",   RESET,       IN,  SYNACK, ESTABLISHED, RESTART),
	T("7857-2.2b",   RESET,       IN,  FIN,    ESTABLISHED, RESTART),
	T("7857-2.2b",   RESET,       IN,  RST,    RESET,       KEEP),
	T("7857-2.2b",   RESET,       IN,  DATA,   ESTABLISHED, RESTART),
};
/* clang-format on */

TEST(every_event_in_every_state)
{
	for (size_t i = 0; i < ARRAY_SIZE(transitions); i++) {
		const struct transition *row = &transitions[i];
		__u8 next = tcp_next(row->from, row->dir, row->event);

		check_note("%s, state %d, direction %d, event %d", row->req, row->from, row->dir,
			   row->event);
		CHECK_EQ(next & ~TCP_KEEP_TIMER, row->to);
		CHECK_EQ(!!(next & TCP_KEEP_TIMER), row->keeps_timer);
	}
}

TEST(the_expected_table_has_every_cell_once)
{
	int seen[NAT_STATE_MAX][2][TCP_EVENT_MAX] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(transitions); i++)
		seen[transitions[i].from][transitions[i].dir][transitions[i].event]++;
	for (int state = NAT_STATE_OPENING_OUT; state < NAT_STATE_MAX; state++) {
		for (int cell = 0; cell < 2 * TCP_EVENT_MAX; cell++) {
			check_note("state %d, cell %d", state, cell);
			CHECK_EQ(seen[state][cell / TCP_EVENT_MAX][cell % TCP_EVENT_MAX], 1);
		}
	}
}

/* The table answers 0 for what it does not know; the caller must be able to tell. */
TEST(states_that_are_not_tcps_lead_nowhere)
{
	CHECK_EQ(tcp_next(NAT_STATE_LIVE, NAT_OUT, TCP_EVENT_SYN), NAT_STATE_NONE);
	CHECK_EQ(tcp_next(NAT_STATE_DELETING, NAT_IN, TCP_EVENT_DATA), NAT_STATE_NONE);
}

TEST(flags_are_read_in_the_order_rst_syn_fin)
{
	CHECK_EQ(tcp_event(TCP_RST | TCP_ACK), TCP_EVENT_RST);
	CHECK_EQ(tcp_event(TCP_RST | TCP_SYN | TCP_FIN), TCP_EVENT_RST);
	CHECK_EQ(tcp_event(TCP_SYN), TCP_EVENT_SYN);
	CHECK_EQ(tcp_event(TCP_SYN | TCP_ACK), TCP_EVENT_SYNACK);
	CHECK_EQ(tcp_event(TCP_FIN | TCP_ACK), TCP_EVENT_FIN);
	CHECK_EQ(tcp_event(TCP_ACK), TCP_EVENT_DATA);
	CHECK_EQ(tcp_event(0), TCP_EVENT_DATA);
	CHECK_EQ(tcp_event(0xc0 | TCP_SYN), TCP_EVENT_SYN); /* ECN setup */
}

TEST(syn_excludes_fin_and_rst)
{
	CHECK(tcp_flags_are_valid(TCP_SYN));
	CHECK(tcp_flags_are_valid(TCP_SYN | TCP_ACK));
	CHECK(tcp_flags_are_valid(TCP_FIN | TCP_RST));
	CHECK(!tcp_flags_are_valid(TCP_SYN | TCP_FIN));
	CHECK(!tcp_flags_are_valid(TCP_SYN | TCP_RST | TCP_ACK));
}

/* ---- sequence numbers (7857-2.2c, 5382-9.oow) ------------------------------------------- */

struct plausibility {
	const char *what;
	__u32 seq;	 /* of the FIN or RST */
	__u32 other_ack; /* what the other side has acknowledged */
	__u32 own_end;	 /* up to where its own side has sent */
	bool known, expected;
};

static const struct plausibility plausibilities[] = {
	{ "exactly at the acknowledged edge", 1000, 1000, 1000, true, true },
	{ "between acknowledged and sent", 1500, 1000, 2000, true, true },
	{ "at the end of what was sent", 2000, 1000, 2000, true, true },
	{ "64 KiB beyond what was sent: the rest was lost", 2000 + 65536, 1000, 2000, true, true },
	{ "further beyond", 2000 + 65537, 1000, 2000, true, false },
	{ "beyond, across the wrap", 0xfff0, 0xffffff00, 0xfffffff0, true, true },
	{ "further beyond, across the wrap", 0xfff1, 0xffffff00, 0xfffffff0, true, false },
	{ "one before what was acknowledged", 999, 1000, 2000, true, false },
	{ "blind guess half the space away", 1000 + 0x80000000U, 1000, 2000, true, false },
	{ "across the wrap of the sequence space", 0x10, 0xfffffff0, 0x20, true, true },
	{ "picked up in the middle: believed", 0x7fffffff, 1000, 2000, false, true },
};

TEST(only_a_fin_or_rst_of_the_connection_counts)
{
	for (size_t i = 0; i < ARRAY_SIZE(plausibilities); i++) {
		const struct plausibility *row = &plausibilities[i];
		struct tcp_segment segment = { .seq = row->seq, .len = 0, .flags = TCP_RST };
		struct nat_flow own = { .seq_end = row->own_end };
		struct nat_flow other = { .ack = row->other_ack };

		check_note("%s", row->what);
		CHECK_EQ(tcp_is_plausible(&segment, &own, &other, row->known), row->expected);
	}
}

TEST(first_segment_of_a_direction_is_believed)
{
	struct tcp_segment segment = { .seq = 5000, .ack = 77, .len = 10, .flags = TCP_ACK };
	struct nat_flow own = { 0 }, other = { 0 };

	tcp_learn(&segment, &own, &other, false, false);
	CHECK_EQ(own.seq_end, 5010);
	CHECK_EQ(own.ack, 77);
}

TEST(a_retransmission_takes_nothing_back)
{
	struct tcp_segment segment = { .seq = 4000, .ack = 50, .len = 10, .flags = TCP_ACK };
	struct nat_flow own = { .seq_end = 5010, .ack = 77 }, other = { .seq_end = 100 };

	tcp_learn(&segment, &own, &other, true, true);
	CHECK_EQ(own.seq_end, 5010);
	CHECK_EQ(own.ack, 77);
}

TEST(a_gap_is_learnt_from_and_a_jump_of_16_mib_is_not)
{
	const __u32 jump = 16 << 20;
	struct tcp_segment segment = { .seq = 5010 + jump - 1, .len = 1, .flags = 0 };
	struct nat_flow own = { .seq_end = 5010 }, other = { 0 };

	tcp_learn(&segment, &own, &other, true, false);
	CHECK_EQ(own.seq_end, 5010);
	segment.seq--;
	tcp_learn(&segment, &own, &other, true, false);
	CHECK_EQ(own.seq_end, 5010 + jump - 1);
}

TEST(an_ack_of_what_was_never_sent_is_not_learnt)
{
	struct tcp_segment segment = { .seq = 5010, .ack = 101, .len = 0, .flags = TCP_ACK };
	struct nat_flow own = { .seq_end = 5010, .ack = 77 }, other = { .seq_end = 100 };

	tcp_learn(&segment, &own, &other, true, true);
	CHECK_EQ(own.ack, 77);
	segment.ack = 100;
	tcp_learn(&segment, &own, &other, true, true);
	CHECK_EQ(own.ack, 100);
}

TEST(learning_crosses_the_wrap_of_the_sequence_space)
{
	struct tcp_segment segment = { .seq = 0xfffffffa, .len = 10, .flags = 0 };
	struct nat_flow own = { .seq_end = 0xfffffffa }, other = { 0 };

	tcp_learn(&segment, &own, &other, true, false);
	CHECK_EQ(own.seq_end, 4);
}
