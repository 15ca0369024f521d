// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmp_state.c - what ICMP messages do to bindings and sessions: nothing, at any time.
 *
 * Nor does what an internal host sends because of an inbound packet: an ICMP error, a RST.
 */
#include "random.h"
#include "steps.h"
#include "table.h"

#define GW "203.0.113.1"
#define HOP "192.0.2.9"
#define SERVER "198.51.100.9"

#define A(...)                                                                                     \
	{                                                                                          \
		OUT(TCP, "10.0.0.2:5000", SERVER ":80", __VA_ARGS__),                              \
			BECOMES(GW ":5000", SERVER ":80")                                          \
	}
#define B(...)                                                                                     \
	{                                                                                          \
		IN(TCP, SERVER ":80", GW ":5000", __VA_ARGS__),                                    \
			BECOMES(SERVER ":80", "10.0.0.2:5000")                                     \
	}
#define STATE(state)                                                                               \
	{                                                                                          \
		SESSION(TCP, GW ":5000", SERVER ":80", state)                                      \
	}
#define OPEN A(.flags = SYN, .seq = 1000), B(.flags = SYN | ACK, .seq = 5000, .ack = 1001)

/* One from outside about a segment of A's, one from inside about a segment of B's. */
#define ERROR_TO_A(type, code)                                                                     \
	{                                                                                          \
		IN(ICMP, HOP, GW, .icmp = MESSAGE(type, code), .word = 1400,                       \
		   .quote = QUOTE(TCP, GW ":5000", SERVER ":80", .seq = 1001, .len = 99),          \
		   .quoted = 8),                                                                   \
			BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:5000", SERVER ":80")            \
	}
#define ERROR_TO_B(type, code)                                                                     \
	{                                                                                          \
		OUT(ICMP, "10.0.0.2", SERVER, .icmp = MESSAGE(type, code), .word = 1400,           \
		    .quote = QUOTE(TCP, SERVER ":80", "10.0.0.2:5000", .seq = 5001, .len = 99),    \
		    .quoted = 8),                                                                  \
			BECOMES_QUOTING(GW, SERVER, SERVER ":80", GW ":5000")                      \
	}
#define ERRORS                                                                                     \
	ERROR_TO_A(3, 1), ERROR_TO_A(3, 3), ERROR_TO_A(11, 0), ERROR_TO_B(3, 3), ERROR_TO_B(3, 4), \
		ERROR_TO_B(12, 0)

/* clang-format off */
static const struct row in_every_state[] = {
	{ "while opening from inside", "E-10", STEPS(
		A(.flags = SYN, .seq = 1000), ERRORS, STATE(OPENING_OUT)) },
	{ "while opening from outside", "E-10", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER ":81", .flags = SYN),
		  BECOMES(GW ":5000", SERVER ":81") },
		B(.flags = SYN, .seq = 5000), ERRORS, STATE(OPENING_IN)) },
	{ "while established", "E-10", STEPS(OPEN, ERRORS, STATE(ESTABLISHED)) },
	{ "while half closed from inside", "E-10", STEPS(
		OPEN, A(.flags = FIN | ACK, .seq = 1001, .ack = 5001), ERRORS, STATE(FIN_OUT)) },
	{ "while half closed from outside", "E-10", STEPS(
		OPEN, B(.flags = FIN | ACK, .seq = 5001, .ack = 1001), ERRORS, STATE(FIN_IN)) },
	{ "while closing", "E-10", STEPS(
		OPEN, A(.flags = FIN | ACK, .seq = 1001, .ack = 5001),
		B(.flags = FIN | ACK, .seq = 5001, .ack = 1002),
		{ AGE(239) }, ERRORS, STATE(CLOSING), { AGE(1) }, STATE(NONE)) },
	{ "while reset", "E-10", STEPS(
		OPEN, B(.flags = RST, .seq = 5001),
		{ AGE(239) }, ERRORS, STATE(RESET), { AGE(1) }, STATE(NONE)) },
	{ "and not when the session is over", "E-10", STEPS(
		OPEN, { AGE(7440) },
		{ OUT(ICMP, "10.0.0.2", SERVER, .icmp = MESSAGE(3, 3),
		      .quote = QUOTE(TCP, SERVER ":80", "10.0.0.2:5000")),
		  DROPPED(ICMP_NO_SESSION) },
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(3, 3),
		     .quote = QUOTE(TCP, GW ":5000", SERVER ":80")), PASSES(HOST_IN) }) },
};
/* clang-format on */
ROWS(in_every_state)

#define SPOKEN                                                                                     \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", SERVER ":7"), BECOMES(GW ":5000", SERVER ":7")           \
	}
#define PINGED                                                                                     \
	{                                                                                          \
		OUT(ICMP, "10.0.0.2:77", SERVER), BECOMES(GW ":77", SERVER)                        \
	}

/* clang-format off */
static const struct row timers[] = {
	{ "an error about a query neither refreshes nor ends it", "5508-6", STEPS(
		PINGED, { AGE(50) },
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(3, 1), .quote = QUOTE(ICMP, GW ":77", SERVER)),
		  BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:77", SERVER) },
		{ IN(ICMP, HOP, GW, .icmp = MESSAGE(11, 0), .quote = QUOTE(ICMP, GW ":77", SERVER)),
		  BECOMES_QUOTING(HOP, "10.0.0.2", "10.0.0.2:77", SERVER) },
		{ AGE(9) },
		{ IN(ICMP, SERVER, GW ":77"), BECOMES(SERVER, "10.0.0.2:77") },
		{ AGE(1) }, { TABLES(0, 0) }) },
	{ "an error sent because of an inbound datagram refreshes nothing", "7857-7.1a", STEPS(
		SPOKEN, { AGE(200) },
		{ IN(UDP, SERVER ":99", GW ":5000"), BECOMES(SERVER ":99", "10.0.0.2:5000") },
		{ OUT(ICMP, "10.0.0.2", SERVER, .icmp = MESSAGE(3, 3),
		      .quote = QUOTE(UDP, SERVER ":99", "10.0.0.2:5000")),
		  BECOMES_QUOTING(GW, SERVER, SERVER ":99", GW ":5000") },
		{ AGE(99) }, { TABLES(1, 2) }, { AGE(1) }, { TABLES(0, 0) }) },
	{ "a reset sent because of an inbound syn refreshes nothing", "7857-7.1c", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", SERVER ":81", .flags = SYN),
		  BECOMES(GW ":5000", SERVER ":81") },
		{ AGE(200) },
		B(.flags = SYN, .seq = 5000),
		A(.flags = RST | ACK, .seq = 0, .ack = 5001), STATE(OPENING_IN),
		{ AGE(39) }, { TABLES(1, 2) },
		B(.flags = SYN, .seq = 5000),
		A(.flags = RST | ACK, .seq = 0, .ack = 5001),
		{ AGE(1) }, { TABLES(0, 0) }) },
};
/* clang-format on */
ROWS(timers)

/* ---- every message there can be ------------------------------------------------------------- */

#define FNV_START 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

static __u64 hash_octets(__u64 hash, const unsigned char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * FNV_PRIME;
	return hash;
}

/* A number for all that is in the tables of state; their order does not matter. */
static __u64 state_fingerprint(void)
{
	struct bpf_map *const maps[] = {
		world_skel()->maps.bindings_fwd, world_skel()->maps.bindings_rev,
		world_skel()->maps.sessions,	 world_skel()->maps.permits,
		world_skel()->maps.hosts,	 NULL
	};
	__u64 sum = 0;

	for (int i = 0; maps[i]; i++) {
		unsigned char key[16], value[256] __attribute__((aligned(8)));
		void *previous = NULL;

		while (!bpf_map__get_next_key(maps[i], previous, key, bpf_map__key_size(maps[i]))) {
			__u64 hash = hash_octets(FNV_START, key, bpf_map__key_size(maps[i]));

			CHECK(table_lookup(maps[i], key, value));
			sum += hash_octets(hash, value, bpf_map__value_size(maps[i]));
			previous = key;
		}
	}
	return sum;
}

/* Flows of all protocols with packets both ways. */
static void make_flows(void)
{
	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", SERVER ":53"), BECOMES(GW ":5000", SERVER ":53"));
	step(IN(UDP, SERVER ":53", GW ":5000"), BECOMES(SERVER ":53", "10.0.0.2:5000"));
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.10:53"),
	     BECOMES(GW ":5000", "198.51.100.10:53"));
	step(OUT(TCP, "10.0.0.2:5000", SERVER ":80", .flags = SYN, .seq = 1000),
	     BECOMES(GW ":5000", SERVER ":80"));
	step(IN(TCP, SERVER ":80", GW ":5000", .flags = SYN | ACK, .seq = 5000, .ack = 1001),
	     BECOMES(SERVER ":80", "10.0.0.2:5000"));
	step(OUT(ICMP, "10.0.0.2:77", SERVER), BECOMES(GW ":77", SERVER));
	step(IN(ICMP, SERVER, GW ":77"), BECOMES(SERVER, "10.0.0.2:77"));
	step(TABLES(3, 4));
}

#define QUOTES 3

/* Packets of these flows, as they are quoted outside and inside. */
static const struct packet *const sent[QUOTES] = {
	QUOTE(UDP, GW ":5000", SERVER ":53"),
	QUOTE(TCP, GW ":5000", SERVER ":80", .seq = 1001, .ack = 5001, .len = 9),
	QUOTE(ICMP, GW ":77", SERVER),
};
static const struct packet *const got[QUOTES] = {
	QUOTE(UDP, SERVER ":53", "10.0.0.2:5000"),
	QUOTE(TCP, SERVER ":80", "10.0.0.2:5000", .seq = 5001, .ack = 1001, .len = 9),
	QUOTE(ICMP, SERVER, "10.0.0.2:77", .icmp = MESSAGE(0, 0)),
};

/* Through every program that would see it. Return: the verdict of TC; @out is what it left */
static int send_message(const struct packet *packet, struct frame *out)
{
	struct frame in;

	packet_build(packet, NULL, &in);
	if (packet->hook == HOOK_OUT)
		return world_run(PROGRAM_TC_OUT, packet, &in, out);
	world_run(PROGRAM_XDP_IN, packet, &in, out);
	return world_run(PROGRAM_TC_IN, packet, &in, out);
}

/* A query of an internal host is the one message that has to change something. */
static bool is_request(__u8 type)
{
	return type == 8 || type == 13 || type == 17;
}

/* 4787-12, 5382-10: no type, no code, about whatever it is, in whichever direction. */
PROG_TEST_OUT(no_icmp_message_of_any_kind_changes_any_state)
{
	struct frame out;
	__u64 before;

	make_flows();
	before = state_fingerprint();
	for (int message = 0; message < 256 * 16; message++) {
		__u8 type = message >> 4, code = message & 15;

		/* All codes of those that have some, one of each other. */
		if (code && type != 3 && type != 5 && type != 11 && type != 12)
			continue;
		for (int i = 0; i < QUOTES; i++) {
			struct packet in = PACKET(HOOK_IN, ICMP, HOP, GW, .quote = sent[i],
						  .icmp = MESSAGE(type, code), .word = 0x12340578);
			struct packet away =
				PACKET(HOOK_OUT, ICMP, "10.0.0.2", SERVER, .quote = got[i],
				       .icmp = MESSAGE(type, code), .word = 0x12340578);

			check_note("type %d, code %d, quote %d", type, code, i);
			send_message(&in, &out);
			if (!is_request(type))
				send_message(&away, &out);
			CHECK_EQ(state_fingerprint(), before);
		}
	}
}

static struct poke random_poke(uint64_t *seed, __u16 from, __u16 to)
{
	static const __u8 sizes[] = { 0, 1, 2, 4 };

	return (struct poke){ .at = from + random_below(seed, to - from),
			      .size = sizes[random_below(seed, 4)],
			      .value = random_next(seed) };
}

/*
 * E-9: errors with anything at all in them, right in their checksums, make no state; and what
 * leaves bears no internal address, outside or inside the quote.
 */
PROG_TEST_OUT(ten_thousand_random_errors_change_no_state)
{
	uint64_t seed = RANDOM_SEED;
	struct frame out;
	int left = 0;
	__u64 before;

	make_flows();
	before = state_fingerprint();
	for (int i = 0; i < 10000; i++) {
		static const __u8 types[] = { 3, 11, 12, 4, 5 };
		struct packet quote = i % 2 ? *sent[i % QUOTES] : *got[i % QUOTES];
		struct packet error =
			i % 2 ? (struct packet)PACKET(HOOK_IN, ICMP, HOP, GW) :
				(struct packet)PACKET(HOOK_OUT, ICMP, "10.0.0.2", SERVER);

		check_note("error %d", i);
		quote.pokes[0] = random_poke(&seed, 0, 28);
		error.pokes[0] = random_poke(&seed, 28, 56);
		error.icmp = MESSAGE(types[random_below(&seed, 5)], random_below(&seed, 16));
		error.word = random_next(&seed);
		error.quoted = 1 + random_below(&seed, 60);
		error.quote = &quote;
		if (send_message(&error, &out) != 2 && error.hook == HOOK_OUT) {
			CHECK(out.bytes[out.l3 + 12] != 10);
			CHECK(out.bytes[out.l4 + 8 + 16] != 10);
			left++;
		}
		if (i % 50 == 0)
			CHECK_EQ(state_fingerprint(), before);
	}
	CHECK_EQ(state_fingerprint(), before);
	step(TABLES(3, 4));
	/* Most are damaged; enough are not. */
	CHECK(left > 100);
}
