// SPDX-License-Identifier: GPL-2.0-only
/*
 * forward.c - static bindings: made, used from both sides, ended, moved (bpf/forward.h).
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "sockets.h"
#include "steps.h"
#include "table.h"

#define WEB "10.0.0.2:80"
#define AT "203.0.113.1:8080"
#define AT_TOO "203.0.113.1:8081"
#define MOVED "203.0.113.2:8080"
#define CLIENT "198.51.100.9:4000"
#define OTHER "198.51.100.10:4000"

static struct nat_endpoint endpoint(const char *text, __u8 proto)
{
	struct nat_endpoint endpoint;

	endpoint_parse(text, NULL, &endpoint);
	endpoint.proto = proto;
	return endpoint;
}

static struct nat_forward_args order(enum nat_forward_op op, __u8 proto, const char *external,
				     const char *internal)
{
	struct nat_forward_args args = { .op = op, .external = endpoint(external, proto) };

	if (internal)
		args.internal = endpoint(internal, proto);
	return args;
}

static __u32 add(__u8 proto, const char *external, const char *internal)
{
	struct nat_forward_args args = order(NAT_FORWARD_ADD, proto, external, internal);

	return world_forward(&args);
}

static __u32 add_from(const char *external, const char *internal, const char *from, int len)
{
	struct nat_forward_args args = order(NAT_FORWARD_ADD, NAT_PROTO_TCP, external, internal);

	args.from = inet_addr(from);
	args.from_len = (__u8)len;
	return world_forward(&args);
}

/* Return: sessions that ended */
static __u32 del(__u8 proto, const char *external)
{
	struct nat_forward_args args = order(NAT_FORWARD_DEL, proto, external, NULL);
	struct nat_forward_args cut = { .op = NAT_FORWARD_CUT };

	CHECK_EQ(world_forward(&args), NAT_FORWARD_DONE);
	world_forward(&cut);
	return cut.count;
}

/* Return: bindings that could not be moved */
static __u32 move(const char *from, const char *to, __u16 index)
{
	struct nat_forward_args args = { .op = NAT_FORWARD_MOVE,
					 .external.addr = inet_addr(from),
					 .new_addr = inet_addr(to),
					 .address = index };

	world_forward(&args);
	return args.count;
}

static void connection(const char *client, const char *at)
{
	step(IN(TCP, client, at, .flags = SYN, .seq = 100), BECOMES(client, WEB));
	step(OUT(TCP, WEB, client, .flags = SYN | ACK, .seq = 500, .ack = 101),
	     BECOMES(at, client));
	step(IN(TCP, client, at, .seq = 101, .ack = 501), BECOMES(client, WEB));
	step(SESSION(TCP, at, client, ESTABLISHED));
}

/* R18: 3022-2.2e; whatever the filtering */
PROG_TEST(a_remote_reaches_the_host_and_gets_its_answer)
{
	world_make(NULL);
	CHECK_EQ(add(NAT_PROTO_TCP, AT, WEB), NAT_FORWARD_DONE);
	step(CLAIMED(TCP, AT));
	connection(CLIENT, AT);
	connection(OTHER, AT);
	step(TABLES(1, 2));
}

PROG_TEST(filtering_address_port_does_not_keep_anybody_out)
{
	static const struct world world = { .set = { SET(FILTERING_TCP,
							 NAT_FILTERING_ADDRESS_PORT) } };

	world_make(&world);
	add(NAT_PROTO_TCP, AT, WEB);
	connection(CLIENT, AT);
}

PROG_TEST_OUT(what_the_host_begins_leaves_by_the_port_too)
{
	world_make(NULL);
	add(NAT_PROTO_TCP, AT, WEB);
	step(OUT(TCP, WEB, CLIENT, .flags = SYN), BECOMES(AT, CLIENT));
	step(OUT(UDP, WEB, CLIENT), BECOMES("203.0.113.1:80", CLIENT));
}

PROG_TEST(only_those_that_it_is_for)
{
	world_make(NULL);
	CHECK_EQ(add_from(AT, WEB, "198.51.100.8", 31), NAT_FORWARD_DONE);
	connection(CLIENT, AT);
	step(IN(TCP, OTHER, AT, .flags = SYN), HELD);
	CHECK_EQ(add_from(AT, WEB, "198.51.100.8", 31), NAT_FORWARD_THERE);
	CHECK_EQ(add_from(AT, WEB, "198.51.100.10", 32), NAT_FORWARD_TAKEN);
}

PROG_TEST(it_goes_before_a_socket_that_waits_for_anybody)
{
	world_make(NULL);
	socket_listen(SOCK_STREAM, 22);
	add(NAT_PROTO_TCP, "203.0.113.1:22", WEB);
	connection(CLIENT, "203.0.113.1:22");
}

PROG_TEST(it_does_not_go_before_a_socket_that_is_connected)
{
	world_make(NULL);
	socket_connect(SOCK_STREAM, "203.0.113.1:22", OTHER);
	add(NAT_PROTO_TCP, "203.0.113.1:22", WEB);
	connection(CLIENT, "203.0.113.1:22");
	step(IN(TCP, OTHER, "203.0.113.1:22", .flags = SYN | ACK), PASSES(HOST_IN));
}

PROG_TEST(two_ports_lead_to_one_server)
{
	world_make(NULL);
	CHECK_EQ(add(NAT_PROTO_TCP, AT, WEB), NAT_FORWARD_DONE);
	CHECK_EQ(add(NAT_PROTO_TCP, AT_TOO, WEB), NAT_FORWARD_DONE);
	connection(CLIENT, AT);
	connection(OTHER, AT_TOO);
	connection("198.51.100.10:4001", AT_TOO);
	step(TABLES(2, 3));
	CHECK_EQ(del(NAT_PROTO_TCP, AT_TOO), 2);
	step(TABLES(1, 1));
	step(AGE(3));
	step(REAP);
	step(AGE(3));
	step(REAP);
	step(ENTRIES(1, 1));
	step(FREE(TCP, AT_TOO));
}

/* To the server they would be one connection. */
PROG_TEST(one_client_port_cannot_come_by_both)
{
	world_make(NULL);
	add(NAT_PROTO_TCP, AT, WEB);
	add(NAT_PROTO_TCP, AT_TOO, WEB);
	connection(CLIENT, AT);
	step(IN(TCP, CLIENT, AT_TOO, .flags = SYN), DROPPED(AMBIGUOUS));
	connection(OTHER, AT_TOO);
	step(IN(TCP, OTHER, AT, .flags = SYN), DROPPED(AMBIGUOUS));
	step(TABLES(2, 2));
}

PROG_TEST(with_dependent_mapping)
{
	static const struct world world = { .set = { SET(MAPPING, NAT_MAPPING_DEPENDENT) } };

	world_make(&world);
	CHECK_EQ(add(NAT_PROTO_TCP, AT, WEB), NAT_FORWARD_DONE);
	connection(CLIENT, AT);
	connection(OTHER, AT);
}

PROG_TEST(beside_the_hosts_own_binding)
{
	world_make(NULL);
	step(OUT(TCP, WEB, CLIENT, .flags = SYN), BECOMES("203.0.113.1:80", CLIENT));
	CHECK_EQ(add(NAT_PROTO_TCP, AT, WEB), NAT_FORWARD_DONE);
	connection(OTHER, AT);
	step(IN(TCP, CLIENT, AT, .flags = SYN), DROPPED(AMBIGUOUS));
	step(OUT(TCP, WEB, "198.51.100.11:5", .flags = SYN),
	     BECOMES("203.0.113.1:80", "198.51.100.11:5"));
	step(TABLES(2, 3));
}

PROG_TEST(a_dynamic_binding_becomes_static)
{
	world_make(NULL);
	step(OUT(TCP, "10.0.0.2:8080", CLIENT, .flags = SYN), BECOMES(AT, CLIENT));
	CHECK_EQ(add(NAT_PROTO_TCP, AT, "10.0.0.2:8080"), NAT_FORWARD_DONE);
	step(IN(TCP, OTHER, AT, .flags = SYN), BECOMES(OTHER, "10.0.0.2:8080"));
	step(AGE(100000));
	step(REAP);
	step(ENTRIES(1, 0));
	step(CLAIMED(TCP, AT));
	step(IN(TCP, OTHER, AT, .flags = SYN), BECOMES(OTHER, "10.0.0.2:8080"));
}

/* Also what had begun before it was a forward. */
PROG_TEST_OUT(all_its_sessions_end_with_it)
{
	world_make(NULL);
	step(OUT(TCP, "10.0.0.2:8080", CLIENT, .flags = SYN), BECOMES(AT, CLIENT));
	CHECK_EQ(add(NAT_PROTO_TCP, AT, "10.0.0.2:8080"), NAT_FORWARD_DONE);
	CHECK_EQ(del(NAT_PROTO_TCP, AT), 1);
	step(TABLES(0, 0));
}

PROG_TEST_OUT(a_port_of_somebody_else_is_refused)
{
	struct nat_forward_args args = order(NAT_FORWARD_ADD, NAT_PROTO_TCP, AT, WEB);

	world_make(NULL);
	step(OUT(TCP, "10.0.0.3:8080", CLIENT, .flags = SYN), BECOMES(AT, CLIENT));
	CHECK_EQ(world_forward(&args), NAT_FORWARD_TAKEN);
	CHECK_EQ(args.kind, NAT_DYNAMIC);
	CHECK_EQ(args.internal.addr, inet_addr("10.0.0.3"));
	step(TABLES(1, 1));
}

PROG_TEST_OUT(a_resting_port_comes_free_at_once)
{
	world_make(NULL);
	step(OUT(UDP, "10.0.0.3:8080", CLIENT), BECOMES(AT, CLIENT));
	step(AGE(400));
	step(REAP);
	step(ENTRIES(1, 0));
	CHECK_EQ(add(NAT_PROTO_UDP, AT, WEB), NAT_FORWARD_BUSY);
	step(AGE(3));
	step(REAP);
	CHECK_EQ(add(NAT_PROTO_UDP, AT, WEB), NAT_FORWARD_DONE);
}

PROG_TEST(taken_back_its_sessions_end_and_nobody_gets_in)
{
	static const struct world world = { .set = { SET(UNSOLICITED_SYN, NAT_SYN_PASS) } };

	world_make(&world);
	add(NAT_PROTO_TCP, AT, WEB);
	connection(CLIENT, AT);
	CHECK_EQ(del(NAT_PROTO_TCP, AT), 1);
	step(TABLES(0, 0));
	step(IN(TCP, OTHER, AT, .flags = SYN), PASSES(HOST_IN));
	step(OUT(TCP, WEB, CLIENT, .seq = 501, .ack = 101), DROPPED(TCP_NO_SYN));
	step(OUT(TCP, WEB, OTHER, .flags = SYN), DROPPED(BUSY));
	step(AGE(3));
	step(REAP);
	step(AGE(3));
	step(REAP);
	step(ENTRIES(0, 0));
	step(FREE(TCP, AT));
	step(OUT(TCP, WEB, OTHER, .flags = SYN), BECOMES("203.0.113.1:80", OTHER));
}

/* Between the order and the pass over the sessions: what is ended stays ended. */
PROG_TEST(a_packet_of_its_session_does_not_bring_it_back)
{
	struct nat_forward_args end = order(NAT_FORWARD_DEL, NAT_PROTO_TCP, AT, NULL);
	static const struct world world = { .set = { SET(UNSOLICITED_SYN, NAT_SYN_PASS) } };

	world_make(&world);
	add(NAT_PROTO_TCP, AT, WEB);
	connection(CLIENT, AT);
	CHECK_EQ(world_forward(&end), NAT_FORWARD_DONE);
	CHECK_EQ(end.internal.addr, inet_addr("10.0.0.2"));
	step(AGE(1));
	step(IN(TCP, CLIENT, AT, .seq = 101, .ack = 501), BECOMES(CLIENT, WEB));
	step(TABLES(0, 1));
	step(IN(TCP, OTHER, AT, .flags = SYN), PASSES(HOST_IN));
	CHECK_EQ(world_forward(&end), NAT_FORWARD_ABSENT);
	end.op = NAT_FORWARD_CUT;
	world_forward(&end);
	CHECK_EQ(end.count, 1);
	step(TABLES(0, 0));
}

PROG_TEST(the_same_port_again_where_another_has_moved_away)
{
	world_make(NULL);
	add(NAT_PROTO_TCP, AT_TOO, WEB);
	add(NAT_PROTO_TCP, AT, WEB);
	CHECK_EQ(move("203.0.113.1", "203.0.113.2", 0), 0);
	step(AGE(6));
	step(REAP);
	CHECK_EQ(move("203.0.113.2", "203.0.113.3", 1), 0);
	step(AGE(6));
	step(REAP);
	CHECK_EQ(add(NAT_PROTO_TCP, AT, WEB), NAT_FORWARD_DONE);
}

PROG_TEST(taken_back_and_given_again)
{
	world_make(NULL);
	add(NAT_PROTO_TCP, AT, WEB);
	del(NAT_PROTO_TCP, AT);
	CHECK_EQ(add(NAT_PROTO_TCP, AT, WEB), NAT_FORWARD_DONE);
	connection(CLIENT, AT);
	del(NAT_PROTO_TCP, AT);
	CHECK_EQ(add(NAT_PROTO_TCP, AT, "10.0.0.3:80"), NAT_FORWARD_BUSY);
}

PROG_TEST_OUT(a_flush_leaves_it)
{
	struct nat_flush_args all = {};

	world_make(NULL);
	add(NAT_PROTO_TCP, AT, WEB);
	step(OUT(TCP, WEB, CLIENT, .flags = SYN), BECOMES(AT, CLIENT));
	world_flush(&all);
	CHECK_EQ(all.sessions, 1);
	CHECK_EQ(all.bindings, 0);
	step(TABLES(1, 0));
}

PROG_TEST_OUT(absent_it_cannot_be_taken_back)
{
	struct nat_forward_args args = order(NAT_FORWARD_DEL, NAT_PROTO_TCP, AT, NULL);

	world_make(NULL);
	CHECK_EQ(world_forward(&args), NAT_FORWARD_ABSENT);
	step(OUT(TCP, "10.0.0.3:8080", CLIENT, .flags = SYN), BECOMES(AT, CLIENT));
	CHECK_EQ(world_forward(&args), NAT_FORWARD_ABSENT);
}

PROG_TEST(more_sessions_than_a_binding_may_have)
{
	static const struct world world = { .set = { SET(PER_BINDING, 1) } };

	world_make(&world);
	add(NAT_PROTO_TCP, AT, WEB);
	connection(CLIENT, AT);
	connection(OTHER, AT);
}

/* The other address takes over index 0: what pool.c does when an address is replaced. */
PROG_TEST(it_moves_to_the_address_that_replaces_its_own)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2" } };

	world_make(&world);
	add(NAT_PROTO_TCP, AT, WEB);
	add(NAT_PROTO_TCP, AT_TOO, WEB);
	connection(CLIENT, AT);
	CHECK_EQ(move("203.0.113.1", "203.0.113.2", 1), 0);
	connection(OTHER, MOVED);
	connection("198.51.100.10:4001", "203.0.113.2:8081");
	step(OUT(TCP, WEB, "198.51.100.11:5", .flags = SYN), BECOMES(MOVED, "198.51.100.11:5"));
	/* What pool.c does next. */
	world_flush(&(struct nat_flush_args){ .external.addr = inet_addr("203.0.113.1") });
	step(AGE(3));
	step(REAP);
	step(ENTRIES(2, 3));
	step(FREE(TCP, AT));
}

PROG_TEST(it_moves_and_moves_back_at_once)
{
	static const struct world world = { .pool = { "203.0.113.1" } };

	/* The address is another, its index the same. */
	world_make(&world);
	add(NAT_PROTO_TCP, AT, WEB);
	CHECK_EQ(move("203.0.113.1", "203.0.113.2", 0), 0);
	CHECK_EQ(move("203.0.113.2", "203.0.113.1", 0), 0);
	connection(CLIENT, AT);
	step(AGE(3));
	step(REAP);
	connection(OTHER, AT);
	step(CLAIMED(TCP, AT));
}

PROG_TEST_OUT(a_port_that_is_taken_there_stays_behind)
{
	static const struct world world = { .pool = { "203.0.113.1", "203.0.113.2" } };

	world_make(&world);
	add(NAT_PROTO_TCP, AT, WEB);
	CHECK_EQ(move("203.0.113.1", "203.0.113.2", 1), 0);
	CHECK_EQ(add(NAT_PROTO_TCP, AT, "10.0.0.3:80"), NAT_FORWARD_BUSY);
	step(AGE(3));
	step(REAP);
	CHECK_EQ(add(NAT_PROTO_TCP, AT, "10.0.0.3:80"), NAT_FORWARD_DONE);
	CHECK_EQ(move("203.0.113.1", "203.0.113.2", 1), 1);
}

PROG_TEST(from_inside_by_the_external_address)
{
	world_make(NULL);
	add(NAT_PROTO_TCP, AT, WEB);
	step(LAN(TCP, "10.0.0.3:7000", AT, .flags = SYN), BECOMES("203.0.113.1:7000", WEB));
}
