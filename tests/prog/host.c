// SPDX-License-Identifier: GPL-2.0-only
/*
 * host.c - the gateway's own traffic: told apart from that of internal hosts, never cut.
 *
 * Its TCP and UDP goes as it is and leaves no trace in the tables: what protects a port is
 * the socket that uses it. The exception is a flow between the very endpoints of an internal
 * host's session: that one is bound like an internal host's, with another port. A ping has
 * no socket that could be found, so its id is claimed.
 */
#include <sys/socket.h>

#include "sockets.h"
#include "steps.h"

#define GW "203.0.113.1"
#define SERVER "198.51.100.9"

/* An internal host's flows, as whose the gateway's own must not be taken. */
#define INTERNAL_UDP                                                                               \
	{                                                                                          \
		OUT(UDP, "10.0.0.2:40000", SERVER ":53"), BECOMES(GW ":40000", SERVER ":53")       \
	}
#define INTERNAL_TCP                                                                               \
	{                                                                                          \
		OUT(TCP, "10.0.0.2:40000", SERVER ":80", .flags = SYN, .seq = 1),                  \
			BECOMES(GW ":40000", SERVER ":80")                                         \
	}
#define OWN_UDP OUT(UDP, GW ":40000", SERVER ":53")
#define OWN_TCP(...) OUT(TCP, GW ":40000", SERVER ":80", __VA_ARGS__)
#define OWN_PING OUT(ICMP, GW ":7", SERVER)

/* clang-format off */
static const struct row alone[] = {
	{ "udp goes as it is and leaves no trace", "3022-2.2b", STEPS(
		{ OWN_UDP, PASSES(HOST_OUT) },
		{ ENTRIES(0, 0) }, { FREE(UDP, GW ":40000") },
		{ IN(UDP, SERVER ":53", GW ":40000"), PASSES(HOST_IN) }) },
	{ "so does a tcp connection", "3022-2.2b", STEPS(
		{ OWN_TCP(.flags = SYN, .seq = 1), PASSES(HOST_OUT) },
		{ IN(TCP, SERVER ":80", GW ":40000", .flags = SYN | ACK, .ack = 2),
		  PASSES(HOST_IN) },
		{ OWN_TCP(.seq = 2, .ack = 1, .len = 99), PASSES(HOST_OUT) },
		{ OWN_TCP(.flags = FIN | ACK, .seq = 101, .ack = 1), PASSES(HOST_OUT) },
		{ ENTRIES(0, 0) }, { FREE(TCP, GW ":40000") }) },
	{ "a connection that was open before attach goes on", "D-own", STEPS(
		{ OWN_TCP(.flags = ACK, .seq = 77, .ack = 88), PASSES(HOST_OUT) },
		{ IN(TCP, SERVER ":80", GW ":40000", .flags = ACK, .seq = 88, .ack = 77),
		  PASSES(HOST_IN) },
		{ ENTRIES(0, 0) }) },
	{ "an answer of a server keeps its port", "3022-2.2c", STEPS(
		{ IN(TCP, SERVER ":4000", GW ":22", .flags = SYN), PASSES(HOST_IN) },
		{ OUT(TCP, GW ":22", SERVER ":4000", .flags = SYN | ACK, .ack = 1),
		  PASSES(HOST_OUT) },
		{ IN(TCP, SERVER ":4000", GW ":22", .flags = ACK, .ack = 1), PASSES(HOST_IN) },
		{ IN(TCP, "198.51.100.77:4000", GW ":22", .flags = SYN), PASSES(HOST_IN) }) },
	{ "a udp server has many clients, also with dependent mapping", "D-own", STEPS(
		{ OUT(UDP, GW ":51820", "198.51.100.9:1000"), PASSES(HOST_OUT) },
		{ OUT(UDP, GW ":51820", "198.51.100.10:1000"), PASSES(HOST_OUT) },
		{ ENTRIES(0, 0) }),
	  .world = { .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT) } } },
	{ "is never filtered", "D-own", STEPS(
		{ OWN_UDP, PASSES(HOST_OUT) },
		{ IN(UDP, "198.51.100.77:9", GW ":40000"), PASSES(HOST_IN) }),
	  .world = { .set = { SET(FILTERING_UDP, NAT_FILTERING_ADDRESS_PORT) } } },
	{ "other protocols, broadcast and dhcp pass", "D-own", STEPS(
		{ OUT(AH, GW, SERVER), PASSES(HOST_OUT) },
		{ OUT(IGMP, GW, "224.0.0.22"), PASSES(HOST_OUT) },
		{ OUT(UDP, GW ":138", "203.0.113.255:138"), PASSES(HOST_OUT) },
		{ OUT(UDP, GW ":138", "255.255.255.255:138"), PASSES(HOST_OUT) },
		{ OUT(UDP, "0.0.0.0:68", "255.255.255.255:67"), PASSES(HOST_OUT) },
		{ OUT(ICMP, GW, "198.51.100.9:9", .icmp = MESSAGE(0, 0)), PASSES(HOST_OUT) },
		{ ENTRIES(0, 0) }) },
	{ "from an address that is not in the pool", "D-own", STEPS(
		{ OUT(UDP, "192.0.2.200:5000", SERVER ":53"), PASSES(HOST_OUT) },
		{ OUT(TCP, "192.0.2.200:5000", SERVER ":80"), PASSES(HOST_OUT) },
		{ OUT(ICMP, "192.0.2.200:7", SERVER), PASSES(HOST_OUT) },
		{ ENTRIES(0, 0) }),
	  .world = { .outside = "192.0.2.200" } },
	{ "its resets pass", "D-own", STEPS(
		{ OWN_TCP(.flags = RST), PASSES(HOST_OUT) }, { ENTRIES(0, 0) }) },
	{ "the port range does not bind it", "D-own", STEPS(
		{ OUT(UDP, GW ":1111", SERVER ":53"), PASSES(HOST_OUT) },
		{ OUT(TCP, GW ":22", SERVER ":80", .flags = SYN), PASSES(HOST_OUT) }),
	  .world = { .set = { SET(PORT_FIRST, 40000), SET(PORT_LAST, 40001) } } },
	{ "excluded destinations are excluded for it too", "6888-6", STEPS(
		{ OWN_UDP, PASSES(EXCLUDED) }, { OWN_PING, PASSES(EXCLUDED) }, { TABLES(0, 0) }),
	  .world = { .exclude = "198.51.100.0/24" } },
};
/* clang-format on */
ROWS(alone)

/* clang-format off */
static const struct row beside[] = {
	{ "a flow that an internal host has already gets another port", "3022-2.2b", STEPS(
		INTERNAL_UDP,
		{ OWN_UDP, BECOMES(GW ":x", SERVER ":53") },
		{ IN(UDP, SERVER ":53", GW ":x"), BECOMES(SERVER ":53", GW ":40000"),
		  .lane = LANE_TC },
		{ IN(UDP, SERVER ":53", GW ":40000"), BECOMES(SERVER ":53", "10.0.0.2:40000") },
		{ OWN_UDP, BECOMES(GW ":x", SERVER ":53") }, { TABLES(2, 2) }) },
	{ "likewise for tcp", "3022-2.2b", STEPS(
		INTERNAL_TCP,
		{ OWN_TCP(.flags = SYN), BECOMES(GW ":x", SERVER ":80") },
		{ IN(TCP, SERVER ":80", GW ":x", .flags = SYN | ACK, .ack = 1),
		  BECOMES(SERVER ":80", GW ":40000"), .lane = LANE_TC },
		{ OWN_TCP(.seq = 1, .ack = 1), BECOMES(GW ":x", SERVER ":80") }) },
	{ "the same port to another remote is kept", "3022-2.2b", STEPS(
		INTERNAL_UDP, INTERNAL_TCP,
		{ OUT(UDP, GW ":40000", "198.51.100.77:53"), PASSES(HOST_OUT) },
		{ OUT(UDP, GW ":40000", SERVER ":54"), PASSES(HOST_OUT) },
		{ OUT(TCP, GW ":40000", SERVER ":81", .flags = SYN), PASSES(HOST_OUT) },
		{ TABLES(2, 2) }) },
	{ "also after one flow had to be changed", "3022-2.2b", STEPS(
		INTERNAL_UDP,
		{ OWN_UDP, BECOMES(GW ":x", SERVER ":53") },
		{ OUT(UDP, GW ":40000", "198.51.100.77:53"), PASSES(HOST_OUT) },
		{ TABLES(2, 2) }) },
	{ "tcp in the middle of a connection is not bound", "D-own", STEPS(
		INTERNAL_TCP,
		{ OWN_TCP(.flags = ACK, .seq = 5, .ack = 6), PASSES(HOST_OUT) },
		{ OWN_TCP(.flags = SYN | ACK, .seq = 5, .ack = 6), PASSES(HOST_OUT) },
		{ OWN_TCP(.flags = RST, .seq = 5), PASSES(HOST_OUT) },
		{ TABLES(1, 1) }) },
	{ "a session that has ended is no reason", "D-own", STEPS(
		INTERNAL_UDP, { AGE(60) }, { OWN_UDP, PASSES(HOST_OUT) }, { ENTRIES(1, 1) }) },
	{ "with dependent mapping too", "3022-2.2b", STEPS(
		INTERNAL_UDP,
		{ OWN_UDP, BECOMES(GW ":x", SERVER ":53") },
		{ OUT(UDP, GW ":40000", SERVER ":54"), PASSES(HOST_OUT) },
		{ IN(UDP, SERVER ":53", GW ":x"), BECOMES(SERVER ":53", GW ":40000") }),
	  .world = { .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT) } } },
	{ "without a free port it goes as it is", "D-own", STEPS(
		INTERNAL_UDP,
		{ OUT(UDP, "10.0.0.3:40001", SERVER ":53"), BECOMES(GW ":40001", SERVER ":53") },
		{ OWN_UDP, PASSES(HOST_OUT) }, { TABLES(2, 2) }, { ENTRIES(2, 2) }),
	  .world = { .set = { SET(PORT_FIRST, 40000), SET(PORT_LAST, 40001) } } },
	{ "is not filtered where its port was changed either", "D-own", STEPS(
		INTERNAL_UDP,
		{ OWN_UDP, BECOMES(GW ":x", SERVER ":53") },
		{ IN(UDP, "198.51.100.77:9", GW ":x"), BECOMES("198.51.100.77:9", GW ":40000") }) },
	{ "what strangers open to a changed port counts as a session", "6888-11d", STEPS(
		INTERNAL_UDP,
		{ OWN_UDP, BECOMES(GW ":x", SERVER ":53") },
		{ IN(UDP, "198.51.100.1:9", GW ":x"), BECOMES("198.51.100.1:9", GW ":40000") },
		{ IN(UDP, "198.51.100.2:9", GW ":x"), DROPPED(SESSION_LIMIT) },
		{ TABLES(2, 3) }),
	  .world = { .set = { SET(MAX_SESSIONS, 3) } } },
	{ "is exempt from the limit of sessions", "6888-4", STEPS(
		INTERNAL_UDP,
		{ OWN_UDP, BECOMES(GW ":x", SERVER ":53") },
		{ OUT(UDP, "10.0.0.3:5002", SERVER ":53"), DROPPED(SESSION_LIMIT), ANSWERED(3, 1) }),
	  .world = { .set = { SET(MAX_SESSIONS, 1) } } },
	{ "a changed flow ends like any other", "D-leakports", STEPS(
		INTERNAL_UDP,
		{ OWN_UDP, BECOMES(GW ":x", SERVER ":53") },
		{ AGE(63) }, { REAP }, { AGE(123) }, { REAP },
		{ ENTRIES(0, 0) }, { FREE(UDP, GW ":40000") }, { FREE(UDP, GW ":x") },
		{ OWN_UDP, PASSES(HOST_OUT) }) },
};
/* clang-format on */
ROWS(beside)

/* clang-format off */
static const struct row pings[] = {
	{ "a ping claims its id and has no session", "3022-2.2b", STEPS(
		{ OWN_PING, PASSES(HOST_OUT) },
		{ CLAIMED(ICMP, GW ":7") }, { TABLES(1, 0) },
		{ IN(ICMP, SERVER, GW ":7"), PASSES(HOST_IN) },
		{ OUT(ICMP, GW ":7", "198.51.100.10"), PASSES(HOST_OUT) },
		{ ENTRIES(1, 0) }) },
	{ "an internal host does not get the id it uses", "3022-2.2b", STEPS(
		{ OWN_PING, PASSES(HOST_OUT) },
		{ OUT(ICMP, "10.0.0.2:7", SERVER), BECOMES(GW ":x", SERVER) },
		{ IN(ICMP, SERVER, GW ":7"), PASSES(HOST_IN) },
		{ IN(ICMP, SERVER, GW ":x"), BECOMES(SERVER, "10.0.0.2:7") }) },
	{ "an id that an internal host holds is changed", "3022-2.2b", STEPS(
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.77"), BECOMES(GW ":7", "198.51.100.77") },
		{ OWN_PING, BECOMES(GW ":x", SERVER) },
		{ IN(ICMP, SERVER, GW ":x"), BECOMES(SERVER, GW ":7") },
		{ IN(ICMP, "198.51.100.77", GW ":7"), BECOMES("198.51.100.77", "10.0.0.2:7") }) },
	{ "pinging on keeps the id, a minute's silence does not", "5508-2", STEPS(
		{ OWN_PING, PASSES(HOST_OUT) }, { AGE(40) },
		{ OWN_PING, PASSES(HOST_OUT) }, { AGE(59) }, { TABLES(1, 0) },
		{ IN(ICMP, SERVER, GW ":7"), PASSES(HOST_IN) },
		{ AGE(1) }, { TABLES(0, 0) }) },
	{ "its id does not rest", "6888-8", STEPS(
		{ OWN_PING, PASSES(HOST_OUT) },
		{ AGE(62) }, { REAP }, { CLAIMED(ICMP, GW ":7") }, { AGE(3) }, { REAP },
		{ ENTRIES(0, 0) }, { FREE(ICMP, GW ":7") },
		{ OUT(ICMP, "10.0.0.2:7", SERVER), BECOMES(GW ":7", SERVER) }) },
	{ "its id comes back before it is reaped", "D-expiry", STEPS(
		{ OWN_PING, PASSES(HOST_OUT) }, { AGE(1000) },
		{ OWN_PING, PASSES(HOST_OUT) }, { TABLES(1, 0) }, { ENTRIES(1, 0) }) },
	{ "pings are exempt from both limits", "6888-4", STEPS(
		{ OWN_PING, PASSES(HOST_OUT) },
		{ OUT(ICMP, GW ":8", SERVER), PASSES(HOST_OUT) },
		{ OUT(ICMP, GW ":9", SERVER), PASSES(HOST_OUT) }, { TABLES(3, 0) },
		/* ... and take nothing away from others. */
		INTERNAL_UDP,
		{ OUT(ICMP, GW ":10", SERVER), PASSES(HOST_OUT) }),
	  .world = { .set = { SET(PER_HOST, 1), SET(MAX_SESSIONS, 1) } } },
};
/* clang-format on */
ROWS(pings)

/* 3022-2.2b: a socket protects its port before it has sent anything. */
PROG_TEST(an_internal_host_does_not_get_the_port_of_a_socket)
{
	world_make(NULL);
	socket_connect(SOCK_DGRAM, GW ":40000", SERVER ":53");
	step(OUT(UDP, "10.0.0.2:40000", SERVER ":53"), BECOMES(GW ":x", SERVER ":53"));
	step(OWN_UDP, PASSES(HOST_OUT));
	step(IN(UDP, SERVER ":53", GW ":40000"), PASSES(HOST_IN));
	step(IN(UDP, SERVER ":53", GW ":x"), BECOMES(SERVER ":53", "10.0.0.2:40000"));
	step(TABLES(1, 1));
}

/* A port that an internal host holds: each side gets the answers of its own remotes. */
PROG_TEST(one_port_serves_the_gateway_and_an_internal_host)
{
	world_make(NULL);
	step_run(&(struct step)INTERNAL_UDP);
	step_run(&(struct step)INTERNAL_TCP);
	socket_connect(SOCK_DGRAM, GW ":40000", "198.51.100.77:53");
	socket_connect(SOCK_STREAM, GW ":40000", "198.51.100.77:80");
	step(OUT(UDP, GW ":40000", "198.51.100.77:53"), PASSES(HOST_OUT));
	step(OUT(TCP, GW ":40000", "198.51.100.77:80", .flags = SYN), PASSES(HOST_OUT));
	step(IN(UDP, "198.51.100.77:53", GW ":40000"), PASSES(HOST_IN));
	step(IN(TCP, "198.51.100.77:80", GW ":40000", .flags = SYN | ACK, .ack = 1),
	     PASSES(HOST_IN));
	step(IN(UDP, SERVER ":53", GW ":40000"), BECOMES(SERVER ":53", "10.0.0.2:40000"));
	step(IN(TCP, SERVER ":80", GW ":40000", .flags = SYN | ACK, .ack = 2),
	     BECOMES(SERVER ":80", "10.0.0.2:40000"));
	/* Strangers reach neither: no socket of ours waits for them. */
	step(IN(UDP, "198.51.100.78:53", GW ":40000"), DROPPED(FILTERED));
}
