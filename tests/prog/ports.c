// SPDX-License-Identifier: GPL-2.0-only
/*
 * ports.c - which external port a binding gets: kept, else random in its class and parity;
 * never two for one, and a refusal when there is none.
 *
 * Class and parity of every port given as a letter are checked by the runner.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "sockets.h"
#include "steps.h"
#include "table.h"

#define SMALL_RANGE .set = { SET(PORT_FIRST, 40000), SET(PORT_LAST, 40099) }
#define REMOTE "198.51.100.9:7"

/* clang-format off */
static const struct row rows[] = {
	{ "the port is kept when it is free", "6056-4b", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:5000", REMOTE) },
		{ OUT(UDP, "10.0.0.2:5001", REMOTE), BECOMES("203.0.113.1:5001", REMOTE) },
		{ OUT(UDP, "10.0.0.2:65535", REMOTE), BECOMES("203.0.113.1:65535", REMOTE) },
		{ OUT(UDP, "10.0.0.2:1024", REMOTE), BECOMES("203.0.113.1:1024", REMOTE) },
		{ OUT(UDP, "10.0.0.2:300", REMOTE), BECOMES("203.0.113.1:300", REMOTE) }) },
	{ "two hosts with one port get two", "4787-3", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:5000", REMOTE) },
		{ OUT(UDP, "10.0.0.3:5000", REMOTE), BECOMES("203.0.113.1:x", REMOTE) },
		{ OUT(UDP, "10.0.0.4:5000", REMOTE), BECOMES("203.0.113.1:y", REMOTE) },
		{ OUT(UDP, "10.0.0.3:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:x", "198.51.100.10:7") },
		{ TABLES(3, 4) }) },
	{ "also towards different remotes", "4787-3", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:5000", REMOTE) },
		{ OUT(UDP, "10.0.0.3:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:x", "198.51.100.10:7") },
		{ CLAIMED(UDP, "203.0.113.1:x") }) },
	{ "two clients, one source port, one server", "5382-7", STEPS(
		{ OUT(TCP, "10.0.0.2:5001", "198.51.100.9:80", .flags = SYN),
		  BECOMES("203.0.113.1:5001", "198.51.100.9:80") },
		{ OUT(TCP, "10.0.0.3:5001", "198.51.100.9:80", .flags = SYN),
		  BECOMES("203.0.113.1:x", "198.51.100.9:80") },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:x", .flags = SYN | ACK, .ack = 1),
		  BECOMES("198.51.100.9:80", "10.0.0.3:5001") },
		{ IN(TCP, "198.51.100.9:80", "203.0.113.1:5001", .flags = SYN | ACK, .ack = 1),
		  BECOMES("198.51.100.9:80", "10.0.0.2:5001") }) },
	{ "protocols have port spaces of their own", "7857-5", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:5000", REMOTE) },
		{ OUT(TCP, "10.0.0.3:5000", REMOTE, .flags = SYN),
		  BECOMES("203.0.113.1:5000", REMOTE) },
		{ OUT(ICMP, "10.0.0.4:5000", "198.51.100.9"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9") },
		{ CLAIMED(UDP, "203.0.113.1:5000") }, { CLAIMED(TCP, "203.0.113.1:5000") },
		{ CLAIMED(ICMP, "203.0.113.1:5000") },
		{ FREE(UDP, "203.0.113.1:5001") }, { FREE(TCP, "203.0.113.1:5002") }) },
	{ "a port below 1024 stays below 1024", "4787-3a", STEPS(
		{ OUT(UDP, "10.0.0.2:700", REMOTE), BECOMES("203.0.113.1:700", REMOTE) },
		{ OUT(UDP, "10.0.0.3:700", REMOTE), BECOMES("203.0.113.1:x", REMOTE) },
		{ OUT(UDP, "10.0.0.4:701", REMOTE), BECOMES("203.0.113.1:701", REMOTE) },
		{ OUT(UDP, "10.0.0.5:701", REMOTE), BECOMES("203.0.113.1:y", REMOTE) }) },
	{ "the range does not bind ports below 1024", "4787-3a", STEPS(
		{ OUT(UDP, "10.0.0.2:700", REMOTE), BECOMES("203.0.113.1:700", REMOTE) },
		{ OUT(UDP, "10.0.0.3:700", REMOTE), BECOMES("203.0.113.1:x", REMOTE) }),
	  .world = { SMALL_RANGE } },
	{ "a port outside the range is not kept", "6056-3.2b", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:x", REMOTE) },
		{ OUT(UDP, "10.0.0.2:40100", REMOTE), BECOMES("203.0.113.1:y", REMOTE) },
		{ OUT(UDP, "10.0.0.2:39999", REMOTE), BECOMES("203.0.113.1:z", REMOTE) },
		{ OUT(UDP, "10.0.0.3:40099", REMOTE), BECOMES("203.0.113.1:w", REMOTE) }),
	  .world = { SMALL_RANGE } },
	{ "a mapping that depends on the remote", "4787-1", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:5000", REMOTE) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
		  BECOMES("203.0.113.1:x", "198.51.100.10:7") },
		{ IN(UDP, REMOTE, "203.0.113.1:5000"), BECOMES(REMOTE, "10.0.0.2:5000") },
		{ IN(UDP, "198.51.100.10:7", "203.0.113.1:x"),
		  BECOMES("198.51.100.10:7", "10.0.0.2:5000") },
		{ OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:5000", REMOTE) },
		{ TABLES(2, 2) }),
	  .world = { .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT) } } },
};
/* clang-format on */
ROWS(rows)

static const char *host_text(char *text, size_t size, int host, int port)
{
	snprintf(text, size, "10.0.%d.%d:%d", host / 250, host % 250 + 1, port);
	return text;
}

/* --ports 40000-40099: 100 are served, the next is refused, the 100 keep working. */
PROG_TEST(the_101st_of_100_is_refused_and_the_100_live_on)
{
	static const struct world world = { SMALL_RANGE };
	char internal[32], external[100][32];

	world_make(&world);
	for (int i = 0; i < 100; i++) {
		host_text(internal, sizeof(internal), i, 5000);
		step_forget();
		step(OUT(UDP, internal, REMOTE), BECOMES("203.0.113.1:x", REMOTE),
		     .any_parity = true);
		CHECK(step_named_port('x') >= 40000 && step_named_port('x') <= 40099);
		snprintf(external[i], sizeof(*external), "203.0.113.1:%u", step_named_port('x'));
	}
	for (int i = 100; i < 110; i++)
		step(OUT(UDP, host_text(internal, sizeof(internal), i, 5000), REMOTE),
		     DROPPED(PORTS_EXHAUSTED), ANSWERED(3, 1));
	for (int i = 0; i < 100; i++) {
		host_text(internal, sizeof(internal), i, 5000);
		step(OUT(UDP, internal, REMOTE), BECOMES(external[i], REMOTE));
		step(IN(UDP, REMOTE, external[i]), BECOMES(REMOTE, internal));
	}
	step(TABLES(100, 100));
	/* Another protocol is not out of ports. */
	step(OUT(TCP, "10.0.0.1:40000", REMOTE, .flags = SYN),
	     BECOMES("203.0.113.1:40000", REMOTE));
}

/* 4787-4: parity is kept until there is no port of it left, and only then gives way. */
PROG_TEST_OUT(parity_gives_way_only_before_refusal)
{
	static const struct world world = { SMALL_RANGE };
	char internal[32];
	int even = 0;

	world_make(&world);
	for (int i = 0; i < 100; i++) {
		step_forget();
		step(OUT(UDP, host_text(internal, sizeof(internal), i, 5000), REMOTE),
		     BECOMES("203.0.113.1:x", REMOTE), .any_parity = true);
		even += step_named_port('x') % 2 == 0;
		check_note("host %d", i);
		CHECK_EQ(even, i < 50 ? i + 1 : 50);
	}
}

/* 7857-8: with parity off, both halves are drawn from. */
PROG_TEST_OUT(parity_can_be_switched_off)
{
	static const struct world world = { .set = { SET(PARITY, 0), SET(PORT_FIRST, 40000),
						     SET(PORT_LAST, 49999) } };
	char internal[32];
	int even = 0;

	world_make(&world);
	for (int i = 0; i < 200; i++) {
		step_forget();
		step(OUT(UDP, host_text(internal, sizeof(internal), i, 5000), REMOTE),
		     BECOMES("203.0.113.1:x", REMOTE), .any_parity = true);
		even += step_named_port('x') % 2 == 0;
	}
	/* 100 are expected; seven standard deviations are 50. */
	CHECK(even > 50 && even < 150);
}

/* 6056-4a: drawn ports are spread, and neither ascend nor descend. */
PROG_TEST_OUT(drawn_ports_are_random)
{
	int quarter[4] = { 0 }, ascending = 0, previous = 0;
	char internal[32];

	world_make(NULL);
	for (int i = 0; i < 400; i++) {
		step_forget();
		step(OUT(UDP, host_text(internal, sizeof(internal), i, 1024), REMOTE),
		     BECOMES("203.0.113.1:x", REMOTE));
		quarter[(step_named_port('x') - 1024) * 4 / 64512]++;
		ascending += step_named_port('x') > previous;
		previous = step_named_port('x');
	}
	/* 100 and 200 are expected; these bounds are more than five standard deviations away. */
	for (int i = 0; i < 4; i++)
		CHECK(quarter[i] > 50 && quarter[i] < 150);
	CHECK(ascending > 140 && ascending < 260);
}

/* Send a packet of 10.0.0.@host. Return: the index of its external address, -1 if refused. */
static int address_given(__u8 proto, int host, int port)
{
	struct packet packet = { .hook = HOOK_OUT, .proto = proto, .dst = REMOTE, .flags = SYN };
	struct nat_internal_key key = { .internal.proto = proto };
	struct nat_binding binding;
	struct frame in, out;
	char src[32];

	snprintf(src, sizeof(src), "10.0.0.%d:%d", host, port);
	packet.src = src;
	packet_build(&packet, NULL, &in);
	if (world_run(PROGRAM_TC_OUT, &packet, &in, &out) == 2)
		return -1;
	key.internal.addr = htonl(0x0a000000 + host);
	key.internal.port = htons(port);
	CHECK(table_lookup(world_skel()->maps.bindings_fwd, &key, &binding));
	return binding.address;
}

/*
 * 4787-2, 6888-2: all bindings of a host use one address, and a new host gets the emptiest.
 * All hosts open the same number of flows, so every address gets the same number of hosts.
 */
PROG_TEST_OUT(a_host_is_paired_with_one_address_the_emptiest)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2",
						      "203.0.113.3" } };
	int used[3] = { 0 };

	world_make(&world);
	for (int host = 2; host < 62; host++) {
		int address = address_given(NAT_PROTO_UDP, host, 5000);

		check_note("host %d, address %d", host, address);
		CHECK(address >= 0 && address < 3);
		for (int i = 1; i < 6; i++)
			CHECK_EQ(address_given(i % 2 ? NAT_PROTO_TCP : NAT_PROTO_UDP, host,
					       5000 + i),
				 address);
		used[address]++;
	}
	for (int i = 0; i < 3; i++)
		CHECK_EQ(used[i], 20);
}

/* It is ports that count, not hosts: of the protocol that the first packet is of. */
PROG_TEST_OUT(one_greedy_host_has_its_address_for_itself)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2" } };
	int greedy;

	world_make(&world);
	greedy = address_given(NAT_PROTO_UDP, 2, 5000);
	for (int i = 1; i < 20; i++)
		CHECK_EQ(address_given(NAT_PROTO_UDP, 2, 5000 + i), greedy);
	for (int host = 3; host < 22; host++)
		CHECK_EQ(address_given(NAT_PROTO_UDP, host, 6000), !greedy);
	CHECK_EQ(address_given(NAT_PROTO_TCP, 22, 6000) + address_given(NAT_PROTO_TCP, 23, 6000),
		 1);
}

/* 7857-4a: out of ports on its address, a host is refused, not moved. */
PROG_TEST_OUT(a_paired_host_is_not_moved_to_another_address)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2" },
					    .set = { SET(PORT_FIRST, 40000),
						     SET(PORT_LAST, 40003) } };
	int address;

	world_make(&world);
	address = address_given(NAT_PROTO_UDP, 2, 5000);
	CHECK(address >= 0);
	for (int i = 1; i < 4; i++)
		CHECK_EQ(address_given(NAT_PROTO_UDP, 2, 5000 + i), address);
	step(OUT(UDP, "10.0.0.2:5004", REMOTE), DROPPED(PORTS_EXHAUSTED), ANSWERED(3, 1));
	step(TABLES(4, 4));
	/* Whoever comes next is paired with the other. */
	CHECK_EQ(address_given(NAT_PROTO_UDP, 3, 5000), !address);
}

/* The pool has shrunk: a host that was paired with the address that left gets another. */
PROG_TEST_OUT(a_host_whose_address_left_the_pool_is_paired_anew)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2" } };
	struct nat_endpoint stays;
	struct nat_pool pool = { .count = 1 };

	world_make(&world);
	CHECK_EQ(address_given(NAT_PROTO_UDP, 2, 5000) + address_given(NAT_PROTO_UDP, 3, 5000), 1);
	endpoint_parse("203.0.113.1", NULL, &stays);
	pool.addr[0] = stays.addr;
	table_write(world_skel()->maps.pool, &(__u32){ 0 }, &pool);
	for (int host = 2; host < 4; host++)
		CHECK_EQ(address_given(NAT_PROTO_UDP, host, 6000 + host), 0);
}

/* 6056-3.2b, without waiting for natctl to note the socket in the host bits. */
PROG_TEST(a_local_sockets_port_is_never_given_away)
{
	world_make(NULL);
	socket_listen(SOCK_DGRAM, 5000);
	socket_listen(SOCK_STREAM, 6000);
	step(OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:x", REMOTE));
	CHECK(step_named_port('x') != 5000);
	step(OUT(TCP, "10.0.0.2:6000", REMOTE, .flags = SYN), BECOMES("203.0.113.1:y", REMOTE));
	CHECK(step_named_port('y') != 6000);
	step(FREE(UDP, "203.0.113.1:5000"));
	step(FREE(TCP, "203.0.113.1:6000"));
	/* The other protocol's socket does not matter. */
	step(OUT(TCP, "10.0.0.2:5000", REMOTE, .flags = SYN), BECOMES("203.0.113.1:5000", REMOTE));
	/* The listener is reachable. */
	step(IN(TCP, "198.51.100.9:4000", "203.0.113.1:6000", .flags = SYN), PASSES(HOST_IN));
}

/* A listener that came after the binding: new remotes are its own, the session lives on. */
PROG_TEST(a_later_listener_gets_what_no_session_claims)
{
	world_make(NULL);
	world_set(NAT_SETTING_FILTERING_UDP, NAT_FILTERING_INDEPENDENT);
	step(OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:5000", REMOTE));
	socket_listen(SOCK_DGRAM, 5000);
	step(IN(UDP, "198.51.100.10:7", "203.0.113.1:5000"), PASSES(HOST_IN));
	step(IN(UDP, REMOTE, "203.0.113.1:5000"), BECOMES(REMOTE, "10.0.0.2:5000"));
}

/* ... a connection from outside too, although the binding is not filtered. */
PROG_TEST(a_later_tcp_listener_gets_what_no_session_claims)
{
	world_make(NULL);
	world_set(NAT_SETTING_FILTERING_TCP, NAT_FILTERING_INDEPENDENT);
	step(OUT(TCP, "10.0.0.2:5000", REMOTE, .flags = SYN), BECOMES("203.0.113.1:5000", REMOTE));
	socket_listen(SOCK_STREAM, 5000);
	step(IN(TCP, "198.51.100.10:7", "203.0.113.1:5000", .flags = SYN), PASSES(HOST_IN));
	step(IN(TCP, REMOTE, "203.0.113.1:5000", .flags = SYN | ACK, .ack = 1),
	     BECOMES(REMOTE, "10.0.0.2:5000"));
	sockets_close();
	step(IN(TCP, "198.51.100.10:7", "203.0.113.1:5000", .flags = SYN),
	     BECOMES("198.51.100.10:7", "10.0.0.2:5000"));
}

/*
 * The gateway's connections own their very endpoints: an internal host's binding with the
 * same external one may not speak to the same remote one. With any other it may.
 */
PROG_TEST(a_binding_does_not_reach_the_remote_of_a_local_connection)
{
	static const struct {
		__u8 proto;
		int type;
	} kinds[] = { { NAT_PROTO_UDP, SOCK_DGRAM }, { NAT_PROTO_TCP, SOCK_STREAM } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct step opens = { OUT(UDP, "10.0.0.2:5000", REMOTE, .flags = SYN),
				      BECOMES("203.0.113.1:5000", REMOTE) };
		struct step other = opens,
			    returns = { IN(UDP, REMOTE, "203.0.113.1:5000"), PASSES(HOST_IN) };
		struct step refused = { OUT(UDP, "10.0.0.2:5000", REMOTE, .flags = SYN),
					DROPPED(LOCAL_SOCKET) };

		other.in.dst = other.dst = "198.51.100.10:7";
		opens.in.proto = other.in.proto = kinds[i].proto;
		refused.in.proto = returns.in.proto = kinds[i].proto;
		world_make(NULL);
		step_run(&other);
		socket_connect(kinds[i].type, "203.0.113.1:5000", REMOTE);
		step_run(&refused);
		step(TABLES(1, 1));
		step_run(&returns);
		step_run(&other);
		other.in.dst = other.dst = "198.51.100.9:8";
		step_run(&other);
		sockets_close();
		step_run(&opens);
		step(TABLES(1, 3));
	}
}

/* A socket that waits for anybody is not connected to that remote. */
PROG_TEST_OUT(a_binding_reaches_new_remotes_beside_a_listener)
{
	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:5000", REMOTE));
	socket_listen(SOCK_DGRAM, 5000);
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.10:7"));
}

/* A new binding is not made on top of a connection either: it gets another port. */
PROG_TEST_OUT(a_local_connections_port_is_not_given_away_towards_its_remote)
{
	world_make(NULL);
	socket_connect(SOCK_DGRAM, "203.0.113.1:5000", REMOTE);
	socket_connect(SOCK_STREAM, "203.0.113.1:6000", REMOTE);
	step(OUT(UDP, "10.0.0.2:5000", REMOTE), BECOMES("203.0.113.1:x", REMOTE));
	CHECK(step_named_port('x') != 5000);
	step(OUT(TCP, "10.0.0.2:6000", REMOTE, .flags = SYN), BECOMES("203.0.113.1:y", REMOTE));
	CHECK(step_named_port('y') != 6000);
	step(FREE(UDP, "203.0.113.1:5000"));
	step(FREE(TCP, "203.0.113.1:6000"));
}
