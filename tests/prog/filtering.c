// SPDX-License-Identifier: GPL-2.0-only
/*
 * filtering.c - which remotes may send to a binding (RFC 4787 section 5), and what they
 * may do to its life.
 *
 * The internal host 10.0.0.2:5000 has spoken to 198.51.100.9:7, for which its binding was
 * made: that address is permitted as long as the binding lives. Every other one needs a
 * permit of its own.
 */
#include "steps.h"
#include "table.h"

#define SPOKEN                                                                                     \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),                                       \
			BECOMES("203.0.113.1:5000", "198.51.100.9:7")                              \
	}
#define SPOKEN_TCP                                                                                 \
	{                                                                                          \
		OUT(TCP, "10.0.0.2:5000", "198.51.100.9:7", .flags = SYN),                         \
			BECOMES("203.0.113.1:5000", "198.51.100.9:7")                              \
	}
#define SPEAK_TO(remote)                                                                           \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:5000", remote), BECOMES("203.0.113.1:5000", remote)             \
	}
#define UDP_FROM(remote) IN(UDP, remote, "203.0.113.1:5000")
#define SYN_FROM(remote) IN(TCP, remote, "203.0.113.1:5000", .flags = SYN)
#define REACHES(remote) BECOMES(remote, "10.0.0.2:5000")

/* clang-format off */
static const struct row modes[] = {
	{ "address: any port of an address spoken to", "4787-8", STEPS(
		SPOKEN,
		{ UDP_FROM("198.51.100.9:99"), REACHES("198.51.100.9:99") },
		{ UDP_FROM("198.51.100.10:7"), DROPPED(FILTERED) }) },
	{ "address and port: exactly the endpoint spoken to", "4787-8a", STEPS(
		SPOKEN,
		{ UDP_FROM("198.51.100.9:7"), REACHES("198.51.100.9:7") },
		{ UDP_FROM("198.51.100.9:99"), DROPPED(FILTERED) },
		{ UDP_FROM("198.51.100.10:7"), DROPPED(FILTERED) }),
	  .world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_ADDRESS_PORT) } } },
	{ "independent: anybody", "4787-8a", STEPS(
		SPOKEN,
		{ UDP_FROM("198.51.100.9:99"), REACHES("198.51.100.9:99") },
		{ UDP_FROM("198.51.100.10:7"), REACHES("198.51.100.10:7") }),
	  .world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } } },
	{ "tcp address: any port of an address spoken to", "5382-3", STEPS(
		SPOKEN_TCP,
		{ SYN_FROM("198.51.100.9:99"), REACHES("198.51.100.9:99") },
		{ SESSION(TCP, "203.0.113.1:5000", "198.51.100.9:99", OPENING_IN) },
		{ SYN_FROM("198.51.100.10:7"), HELD }) },
	{ "tcp address and port: exactly the endpoint spoken to", "5382-3a", STEPS(
		SPOKEN_TCP,
		{ SYN_FROM("198.51.100.9:99"), HELD },
		{ SYN_FROM("198.51.100.9:7"), REACHES("198.51.100.9:7") }),
	  .world = { .set = { SET(FILTERING_TCP, NAT_FILTERING_ADDRESS_PORT) } } },
	{ "tcp independent: anybody", "5382-3a", STEPS(
		SPOKEN_TCP,
		{ SYN_FROM("198.51.100.10:7"), REACHES("198.51.100.10:7") }),
	  .world = { .set = { SET(FILTERING_TCP, NAT_FILTERING_INDEPENDENT) } } },
	{ "udp and tcp are filtered apart", "5382-3b", STEPS(
		SPOKEN,
		SPOKEN_TCP,
		{ UDP_FROM("198.51.100.10:7"), REACHES("198.51.100.10:7") },
		{ SYN_FROM("198.51.100.10:7"), HELD }),
	  .world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } } },
	{ "a binding of one protocol lets no other in", "7857-6", STEPS(
		SPOKEN,
		{ SYN_FROM("198.51.100.9:7"), HELD },
		{ IN(ICMP, "198.51.100.9", "203.0.113.1:5000"), PASSES(HOST_IN) }) },
	{ "an echo reply from somebody else is refused", "5508-1b", STEPS(
		{ OUT(ICMP, "10.0.0.2:77", "198.51.100.9"),
		  BECOMES("203.0.113.1:77", "198.51.100.9") },
		{ IN(ICMP, "198.51.100.10", "203.0.113.1:77"), DROPPED(FILTERED) }) },
	{ "changed while it runs, obeyed by the next packet", "4787-8a", STEPS(
		SPOKEN,
		{ UDP_FROM("198.51.100.10:7"), DROPPED(FILTERED) },
		{ NOW_SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) },
		{ UDP_FROM("198.51.100.10:7"), REACHES("198.51.100.10:7") }) },
	{ "the other host of the same port is not opened by it", "4787-8", STEPS(
		SPOKEN,
		{ OUT(UDP, "10.0.0.3:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:x", "198.51.100.10:7") },
		{ IN(UDP, "198.51.100.9:7", "203.0.113.1:x"), DROPPED(FILTERED) },
		{ UDP_FROM("198.51.100.10:7"), DROPPED(FILTERED) }) },
};
/* clang-format on */
ROWS(modes)

/* clang-format off */
static const struct row life[] = {
	{ "inbound packets do not refresh a udp binding", "4787-6a", STEPS(
		SPOKEN,
		{ AGE(200) },
		{ UDP_FROM("198.51.100.9:7"), REACHES("198.51.100.9:7") },
		{ UDP_FROM("198.51.100.9:99"), REACHES("198.51.100.9:99") },
		{ AGE(101) },
		{ UDP_FROM("198.51.100.9:7"), PASSES(HOST_IN) },
		{ UDP_FROM("198.51.100.9:99"), PASSES(HOST_IN) },
		{ TABLES(0, 0) }) },
	{ "outbound packets do", "4787-6", STEPS(
		SPOKEN,
		{ AGE(200) },
		SPOKEN,
		{ AGE(200) },
		{ UDP_FROM("198.51.100.9:7"), REACHES("198.51.100.9:7") }) },
	{ "inbound packets do too, if the operator says so, but no refused ones", "4787-6a", STEPS(
		SPOKEN,
		{ AGE(200) },
		{ UDP_FROM("198.51.100.9:7"), REACHES("198.51.100.9:7") },
		{ AGE(200) },
		{ UDP_FROM("198.51.100.9:7"), REACHES("198.51.100.9:7") },
		{ AGE(200) },
		{ UDP_FROM("198.51.100.10:7"), DROPPED(FILTERED) },
		{ AGE(101) },
		{ TABLES(0, 0) }),
	  .world = { .set = { SET(INBOUND_REFRESH, 1) } } },
	{ "refused packets refresh nothing", "7857-7", STEPS(
		SPOKEN,
		{ AGE(200) },
		{ UDP_FROM("198.51.100.10:7"), DROPPED(FILTERED) },
		{ AGE(101) },
		{ TABLES(0, 0) }) },
	{ "a stranger's session does not outlive the binding", "7857-7", STEPS(
		SPOKEN,
		{ AGE(290) },
		{ UDP_FROM("198.51.100.10:7"), REACHES("198.51.100.10:7") },
		{ AGE(11) },
		{ TABLES(0, 0) }),
	  .world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } } },
	{ "refused tcp does not refresh", "7857-7b", STEPS(
		SPOKEN_TCP,
		{ AGE(200) },
		{ SYN_FROM("198.51.100.10:7"), HELD },
		{ AGE(41) },
		{ TABLES(0, 0) }) },
	{ "a permit lives as long as its latest session", "4787-8", STEPS(
		SPOKEN,
		SPEAK_TO("198.51.100.10:7"),
		{ AGE(200) },
		SPEAK_TO("198.51.100.11:7"),
		{ UDP_FROM("198.51.100.10:99"), REACHES("198.51.100.10:99") },
		{ AGE(101) },
		{ UDP_FROM("198.51.100.10:98"), DROPPED(FILTERED) },
		{ UDP_FROM("198.51.100.11:99"), REACHES("198.51.100.11:99") }) },
	{ "a packet to any port of its address renews a permit", "4787-8", STEPS(
		SPOKEN,
		SPEAK_TO("198.51.100.10:7"),
		{ AGE(200) },
		SPEAK_TO("198.51.100.10:8"),
		{ AGE(200) },
		{ UDP_FROM("198.51.100.10:99"), REACHES("198.51.100.10:99") },
		{ AGE(101) },
		{ TABLES(0, 0) }) },
	{ "the first address is permitted as long as the binding lives", "4787-8", STEPS(
		SPOKEN,
		{ AGE(200) },
		SPEAK_TO("198.51.100.10:7"),
		{ AGE(200) },
		{ SESSION(UDP, "203.0.113.1:5000", "198.51.100.9:7", NONE) },
		{ UDP_FROM("198.51.100.9:99"), REACHES("198.51.100.9:99") },
		{ AGE(101) },
		{ UDP_FROM("198.51.100.9:98"), PASSES(HOST_IN) }) },
	{ "a binding that is made again forgets whom it was made for", "4787-8", STEPS(
		SPOKEN,
		{ AGE(301) },
		SPEAK_TO("198.51.100.10:7"),
		{ UDP_FROM("198.51.100.9:7"), DROPPED(FILTERED) },
		{ UDP_FROM("198.51.100.10:99"), REACHES("198.51.100.10:99") }) },
	{ "also while its port rests", "4787-8", STEPS(
		SPOKEN,
		{ AGE(303) }, { REAP }, { ENTRIES(1, 0) },
		SPEAK_TO("198.51.100.10:7"),
		{ UDP_FROM("198.51.100.9:7"), DROPPED(FILTERED) }) },
};
/* clang-format on */
ROWS(life)

/* Most bindings speak to one address, and need no entry for it. */
PROG_TEST(only_further_addresses_take_a_permit)
{
	world_make(NULL);
	step_run(&(struct step)SPOKEN);
	step_run(&(struct step)SPEAK_TO("198.51.100.9:8"));
	CHECK_EQ(table_entries(world_skel()->maps.permits, false), 0);
	step_run(&(struct step)SPEAK_TO("198.51.100.10:7"));
	step_run(&(struct step)SPEAK_TO("198.51.100.10:8"));
	CHECK_EQ(table_entries(world_skel()->maps.permits, false), 1);
	/* A stranger that is let in is not permitted by it. */
	world_set(NAT_SETTING_FILTERING_UDP, NAT_FILTERING_INDEPENDENT);
	step(UDP_FROM("198.51.100.11:7"), REACHES("198.51.100.11:7"));
	CHECK_EQ(table_entries(world_skel()->maps.permits, false), 1);
}

/*
 * A permit may be left over when its binding has gone: its session was closed, and the
 * deadline of a permit is not taken back. Whoever has the port next does not inherit it,
 * and may be given one of his own.
 */
PROG_TEST(a_permit_belongs_to_one_binding)
{
	world_make(NULL);
	step_run(&(struct step)SPOKEN_TCP);
	step(OUT(TCP, "10.0.0.2:5000", "198.51.100.10:7", .flags = SYN, .seq = 1),
	     BECOMES("203.0.113.1:5000", "198.51.100.10:7"));
	step(IN(TCP, "198.51.100.10:7", "203.0.113.1:5000", .flags = SYN | ACK, .seq = 1, .ack = 2),
	     BECOMES("198.51.100.10:7", "10.0.0.2:5000"));
	step(OUT(TCP, "10.0.0.2:5000", "198.51.100.10:7", .flags = RST | ACK, .seq = 2, .ack = 2),
	     BECOMES("203.0.113.1:5000", "198.51.100.10:7"));
	step(AGE(243));
	step(REAP);
	step(AGE(3));
	step(REAP);
	step(FREE(TCP, "203.0.113.1:5000"));
	CHECK_EQ(table_entries(world_skel()->maps.permits, true), 1);

	step(OUT(TCP, "10.0.0.3:5000", "198.51.100.11:7", .flags = SYN),
	     BECOMES("203.0.113.1:5000", "198.51.100.11:7"));
	step(SYN_FROM("198.51.100.10:9"), HELD);
	step(OUT(TCP, "10.0.0.3:5000", "198.51.100.10:7", .flags = SYN),
	     BECOMES("203.0.113.1:5000", "198.51.100.10:7"));
	step(SYN_FROM("198.51.100.10:9"), BECOMES("198.51.100.10:9", "10.0.0.3:5000"));
}
