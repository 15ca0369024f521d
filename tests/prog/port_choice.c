// SPDX-License-Identifier: GPL-2.0-only
/*
 * port_choice.c - how a port is drawn when the source's own cannot be had (RFC 6056): not to
 * be guessed, from all that there is, and without a favourite.
 *
 * Every host sends from one port; the first keeps it, and all the others have to draw. The
 * bounds of what is random are so wide that a right generator fails them about once in ten
 * million runs.
 */
#include <stdio.h>

#include "steps.h"
#include "table.h"

#define REMOTE "198.51.100.9:7"
#define HOSTS 1000 /* WORLD_TABLE_SIZE holds them */
#define FIRST_PORT 1024
#define PORTS 64512

/* The first packet of a flow. Return: false if it was dropped */
static bool send_first(__u8 proto, int host, int port, struct frame *out)
{
	struct packet packet = { .hook = HOOK_OUT, .proto = proto, .dst = REMOTE, .flags = SYN };
	struct frame in;
	char src[32];

	snprintf(src, sizeof(src), "10.0.%d.%d:%d", host / 250, host % 250 + 1, port);
	packet.src = src;
	packet_build(&packet, NULL, &in);
	return world_run(PROGRAM_TC_OUT, &packet, &in, out) != 2;
}

/* Return: the external UDP port, -1 if the datagram was dropped */
static int port_given(int host, int port)
{
	struct frame out;

	if (!send_first(NAT_PROTO_UDP, host, port, &out))
		return -1;
	return out.bytes[out.l4] << 8 | out.bytes[out.l4 + 1];
}

/* ---- the distribution ------------------------------------------------------------------- */

#define ROUNDS 10
#define DRAWS (ROUNDS * (HOSTS - 1))
#define BUCKETS 64

static int drawn[DRAWS];

static void draw_all(int source)
{
	int count = 0;

	for (int round = 0; round < ROUNDS; round++) {
		world_make(NULL);
		CHECK_EQ(port_given(0, source), source);
		for (int host = 1; host < HOSTS; host++) {
			int port = port_given(host, source);

			check_note("round %d, host %d, port %d", round, host, port);
			CHECK(port >= FIRST_PORT && port % 2 == source % 2);
			drawn[count++] = port;
		}
	}
	check_note("%d ports drawn", DRAWS);
}

/* Against the mean of 63 for 64 buckets, 140 is seven standard deviations away. */
static void check_even_spread(void)
{
	const double expected = (double)DRAWS / BUCKETS;
	int bucket[BUCKETS] = { 0 };
	double chi = 0;

	for (int i = 0; i < DRAWS; i++)
		bucket[(drawn[i] - FIRST_PORT) * BUCKETS / PORTS]++;
	for (int i = 0; i < BUCKETS; i++)
		chi += (bucket[i] - expected) * (bucket[i] - expected) / expected;
	check_note("chi-square %.1f of %d draws", chi, DRAWS);
	CHECK(chi < 140);
	CHECK(chi > 20);
}

/* No port says anything about the next: the correlation of neighbours is near 0. */
static void check_no_sequence(void)
{
	double mean = 0, variance = 0, shared = 0, r;
	int steps[2] = { 0 };

	for (int i = 0; i < DRAWS; i++)
		mean += (double)drawn[i] / DRAWS;
	for (int i = 0; i < DRAWS; i++)
		variance += (drawn[i] - mean) * (drawn[i] - mean);
	for (int i = 1; i < DRAWS; i++) {
		int apart = drawn[i] - drawn[i - 1];

		shared += (drawn[i] - mean) * (drawn[i - 1] - mean);
		steps[apart > 0] += apart == 2 || apart == -2;
	}
	r = shared / variance;
	check_note("correlation %.4f", r);
	CHECK(r * r * DRAWS < 30);
	/* Neighbouring ports in a row: 0.3 of either kind are expected. */
	check_note("%d steps up, %d down", steps[1], steps[0]);
	CHECK(steps[0] + steps[1] < 12);
}

/* 6056-4a, 6056-4c: within the half that parity leaves, for even and for odd sources. */
PROG_TEST_OUT(ten_thousand_draws_are_spread_evenly_in_no_order)
{
	draw_all(1024);
	check_even_spread();
	check_no_sequence();
	draw_all(1025);
	check_even_spread();
	check_no_sequence();
}

/* 6056-3.4: the same hosts in the same order, and nothing is repeated. */
PROG_TEST_OUT(two_starts_give_different_ports)
{
	static int first[HOSTS];
	int same = 0;

	world_make(NULL);
	for (int host = 0; host < HOSTS; host++)
		first[host] = port_given(host, 5000);
	world_make(NULL);
	for (int host = 0; host < HOSTS; host++)
		same += port_given(host, 5000) == first[host];
	/* The first host keeps its port both times. */
	check_note("%d of %d the same", same, HOSTS);
	CHECK(same < 10);
}

/* ---- gaps ------------------------------------------------------------------------------- */

static const __u64 of_parity[2] = { 0x5555555555555555, 0xaaaaaaaaaaaaaaaa };

/* What natctl does with ports that are not to be given: host bits, and hints of full words. */
static void exclude_ports(__u8 proto, int first, int last)
{
	static struct nat_claims claims;
	__u32 index = claim_set_index(0, proto);

	CHECK(table_lookup(world_skel()->maps.ports, &index, &claims));
	for (int port = first; port <= last; port++)
		claims.host[port / 64] |= 1ULL << (port % 64);
	for (int word = 0; word < NAT_PORT_WORDS; word++)
		for (int parity = 0; parity < 2; parity++)
			if (!(~claims.host[word] & of_parity[parity]))
				claims.full[parity][word / 64] |= 1ULL << (word % 64);
	table_write(world_skel()->maps.ports, &index, &claims);
}

/*
 * 6056-5: behind a gap of 48,001 ports; a linear probe would find the first port behind it
 * three times in four. The word of 64 ports that holds the end of the gap has 47 left.
 */
PROG_TEST_OUT(the_port_behind_a_gap_is_no_favourite)
{
	int behind = 0, word = 0, above = 0;

	for (int i = 0; i < 300; i++) {
		int port;

		world_make(NULL);
		exclude_ports(NAT_PROTO_UDP, 2000, 50000);
		port = port_given(1, 3001);
		check_note("draw %d is %d", i, port);
		CHECK((port >= 1024 && port < 2000) || port > 50000);
		behind += port == 50001;
		word += port >= 50001 && port < 50048;
		above += port > 50000;
	}
	/* Expected are 0.04, 0.9 and 282. */
	check_note("%d times 50001, %d in its word, %d above the gap", behind, word, above);
	CHECK(behind <= 2);
	CHECK(word <= 12);
	CHECK(above > 240);
}

/* 6056-search: of all the ports there are, the only one that is free, wherever it is. */
PROG_TEST_OUT(the_last_port_of_all_is_found)
{
	static const int last[] = { 1024, 1087, 1088, 33333, 65534, 65535 };

	for (size_t i = 0; i < sizeof(last) / sizeof(*last); i++) {
		world_make(NULL);
		exclude_ports(NAT_PROTO_UDP, 0, last[i] - 1);
		if (last[i] < 65535)
			exclude_ports(NAT_PROTO_UDP, last[i] + 1, 65535);
		check_note("the last port is %d", last[i]);
		CHECK_EQ(port_given(1, 5000), last[i]);
		CHECK_EQ(port_given(2, 5000), -1);
		CHECK_EQ(port_given(1, 5000), last[i]);
	}
}

/* 5508-1c: ids are a space of their own, of 65,536, and then there are no more. */
PROG_TEST(the_last_id_of_all_is_found)
{
	world_make(NULL);
	exclude_ports(NAT_PROTO_ICMP, 1, 65535);
	step(OUT(ICMP, "10.0.0.2:4660", "198.51.100.9"), BECOMES("203.0.113.1:0", "198.51.100.9"));
	step(OUT(ICMP, "10.0.0.3:4660", "198.51.100.9"), DROPPED(PORTS_EXHAUSTED), ANSWERED(3, 1));
	step(IN(ICMP, "198.51.100.9", "203.0.113.1:0"), BECOMES("198.51.100.9", "10.0.0.2:4660"));
	step(OUT(UDP, "10.0.0.3:4660", REMOTE), BECOMES("203.0.113.1:4660", REMOTE));
	step(TABLES(2, 2));
}

/* 4787-2, 7857-4c: of a pool, a host has one address for whatever it sends. */
PROG_TEST_OUT(one_address_for_every_protocol)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2",
						      "203.0.113.3" } };
	static const __u8 protos[] = { NAT_PROTO_UDP, NAT_PROTO_TCP, NAT_PROTO_ICMP };
	int hosts[4] = { 0 };

	world_make(&world);
	for (int host = 0; host < 30; host++) {
		int address = 0;

		for (int i = 0; i < 9; i++) {
			struct frame out;

			/* Each protocol is the first of some hosts. */
			CHECK(send_first(protos[(host + i) % 3], host, 5000 + i, &out));
			check_note("host %d, flow %d", host, i);
			address = address ?: out.bytes[out.l3 + 15];
			CHECK_EQ(out.bytes[out.l3 + 15], address);
		}
		CHECK(address >= 1 && address <= 3);
		hosts[address]++;
	}
	for (int i = 1; i <= 3; i++)
		CHECK(hosts[i] > 0);
}

/* 4787-4: even to even, odd to odd, also when every port has to be drawn. */
PROG_TEST_OUT(parity_is_kept_by_every_draw)
{
	world_make(NULL);
	for (int i = 0; i < 200; i++) {
		int source = 5000 + i % 2, port = port_given(i, source);

		check_note("port %d for %d", port, source);
		CHECK(port >= 0 && port % 2 == source % 2);
	}
}

/* ---- near exhaustion -------------------------------------------------------------------- */

#define HOST "10.9.0.1:5000"

/*
 * 4787-11: a host that comes when 95 of 100 ports are taken, all by others on the same port,
 * is served like the first: one endpoint for all remotes, and the same filter.
 */
PROG_TEST(mapping_and_filtering_do_not_change_with_load)
{
	static const struct world world = { .set = { SET(PORT_FIRST, 40000),
						     SET(PORT_LAST, 40099) } };
	static const char *const remotes[] = { "198.51.100.9:7", "198.51.100.9:8",
					       "198.51.100.10:7", "198.51.100.11:9" };

	for (int others = 0; others <= 95; others += 95) {
		world_make(&world);
		step_forget();
		for (int host = 0; host < others; host++)
			CHECK(port_given(host, 5000) >= 40000);
		check_note("%d ports are taken", others);
		for (size_t i = 0; i < 4; i++)
			step(OUT(UDP, HOST, remotes[i]), BECOMES("203.0.113.1:x", remotes[i]),
			     .any_parity = true);
		step(IN(UDP, "198.51.100.9:99", "203.0.113.1:x"), BECOMES("198.51.100.9:99", HOST));
		step(IN(UDP, "198.51.100.12:7", "203.0.113.1:x"), DROPPED(FILTERED));
		step(TABLES(others + 1, others + 5));
	}
}
