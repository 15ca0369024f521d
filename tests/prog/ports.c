// SPDX-License-Identifier: GPL-2.0-only
/*
 * ports.c - which external port a binding gets: kept, else random in its class and parity;
 * never two for one, and a refusal when there is none.
 *
 * Class and parity of every port given as a letter are checked by the runner.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
		     DROPPED(PORTS_EXHAUSTED));
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

/* 4787-2, 6888-2: all bindings of a host use one address; hosts differ. */
PROG_TEST_OUT(a_host_is_paired_with_one_address)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2",
						      "203.0.113.3" } };
	struct nat_binding binding;
	int used[3] = { 0 };

	world_make(&world);
	for (int host = 0; host < 60; host++) {
		struct nat_internal_key key = { .internal = { .addr = htonl(0x0a000002 + host) } };
		int address = -1;

		for (int i = 0; i < 6; i++) {
			struct packet packet = { .hook = HOOK_OUT, .dst = REMOTE, .flags = SYN };
			struct frame in, out;
			char src[32];

			packet.proto = i % 2 ? NAT_PROTO_UDP : NAT_PROTO_TCP;
			snprintf(src, sizeof(src), "10.0.0.%d:%d", 2 + host, 5000 + i);
			packet.src = src;
			packet_build(&packet, NULL, &in);
			world_run(PROGRAM_TC_OUT, &packet, &in, &out);
			key.internal.proto = packet.proto;
			key.internal.port = htons(5000 + i);
			CHECK(table_lookup(world_skel()->maps.bindings_fwd, &key, &binding));
			CHECK(address < 0 || address == binding.address);
			address = binding.address;
		}
		CHECK(address >= 0 && address < 3);
		used[address]++;
	}
	/* 20 are expected of each; 2 are five standard deviations away. */
	CHECK(used[0] > 2 && used[1] > 2 && used[2] > 2);
}

/* 7857-4a: out of ports on its address, a host is refused, not moved. */
PROG_TEST_OUT(a_paired_host_is_not_moved_to_another_address)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2" },
					    .set = { SET(PORT_FIRST, 40000),
						     SET(PORT_LAST, 40003) } };
	struct packet packet = PACKET(HOOK_OUT, UDP, NULL, REMOTE);
	struct frame in, out;
	char src[32];

	world_make(&world);
	for (int i = 0; i < 4; i++) {
		snprintf(src, sizeof(src), "10.0.0.2:%d", 5000 + i);
		packet.src = src;
		packet_build(&packet, NULL, &in);
		CHECK(world_run(PROGRAM_TC_OUT, &packet, &in, &out) != 2);
	}
	step(OUT(UDP, "10.0.0.2:5004", REMOTE), DROPPED(PORTS_EXHAUSTED));
	step(TABLES(4, 4));
}

static void close_socket(void *data)
{
	close(*(int *)data);
}

/* A socket on the gateway, in the private network namespace of this program. */
static void local_socket(int type, __u16 port)
{
	static int fds[4], used;
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	int *fd = &fds[used++ % 4];

	*fd = socket(AF_INET, type, 0);
	CHECK(*fd >= 0);
	check_defer(close_socket, fd);
	CHECK_EQ(bind(*fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	if (type == SOCK_STREAM)
		CHECK_EQ(listen(*fd, 1), 0);
}

/* 6056-3.2b, without waiting for natctl to note the socket in the host bits. */
PROG_TEST(a_local_sockets_port_is_never_given_away)
{
	world_make(NULL);
	local_socket(SOCK_DGRAM, 5000);
	local_socket(SOCK_STREAM, 6000);
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
	local_socket(SOCK_DGRAM, 5000);
	step(IN(UDP, "198.51.100.10:7", "203.0.113.1:5000"), PASSES(HOST_IN));
	step(IN(UDP, REMOTE, "203.0.113.1:5000"), BECOMES(REMOTE, "10.0.0.2:5000"));
}
