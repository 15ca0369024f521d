// SPDX-License-Identifier: GPL-2.0-only
/*
 * flush.c - nat_flush: what a person asked to end is absent at once, and deleted later.
 */
#include <arpa/inet.h>

#include "steps.h"

#define SERVER "198.51.100.9:7"

/* Two hosts, three flows, one of them TCP. */
static void make_flows(void)
{
	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER));
	step(OUT(TCP, "10.0.0.2:6000", SERVER, .flags = SYN), BECOMES("203.0.113.1:6000", SERVER));
	step(OUT(UDP, "10.0.0.3:7000", "198.51.100.10:7"),
	     BECOMES("203.0.113.1:7000", "198.51.100.10:7"));
	step(TABLES(3, 3));
}

static struct nat_flush_args flush(struct nat_flush_args args)
{
	world_flush(&args);
	return args;
}

static struct nat_endpoint endpoint(const char *text, __u8 proto)
{
	struct nat_endpoint endpoint;

	endpoint_parse(text, NULL, &endpoint);
	endpoint.proto = proto;
	return endpoint;
}

PROG_TEST(everything)
{
	struct nat_flush_args done;

	make_flows();
	done = flush((struct nat_flush_args){ 0 });
	CHECK_EQ(done.sessions, 3);
	CHECK_EQ(done.bindings, 3);
	step(TABLES(0, 0));
	step(ENTRIES(3, 3));
	step(IN(UDP, SERVER, "203.0.113.1:5000"), PASSES(HOST_IN));
	CHECK_EQ(flush((struct nat_flush_args){ 0 }).sessions, 0);
	/* The same host begins anew, with the same port. */
	step(OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER));
}

PROG_TEST_OUT(what_was_flushed_is_reaped_and_its_port_rests)
{
	make_flows();
	flush((struct nat_flush_args){ 0 });
	step(AGE(3));
	step(REAP);
	step(ENTRIES(3, 0));
	step(CLAIMED(UDP, "203.0.113.1:5000"));
	step(AGE(123));
	step(REAP);
	step(ENTRIES(0, 0));
	step(FREE(UDP, "203.0.113.1:5000"));
}

PROG_TEST_OUT(one_host)
{
	struct nat_flush_args done;

	make_flows();
	done = flush((struct nat_flush_args){ .internal = endpoint("10.0.0.2", 0) });
	CHECK_EQ(done.sessions, 2);
	CHECK_EQ(done.bindings, 2);
	step(TABLES(1, 1));
	step(SESSION(UDP, "203.0.113.1:7000", "198.51.100.10:7", LIVE));
}

PROG_TEST_OUT(one_internal_endpoint)
{
	make_flows();
	CHECK_EQ(
		flush((struct nat_flush_args){ .internal = endpoint("10.0.0.2:6000", 0) }).sessions,
		1);
	step(TABLES(2, 2));
}

PROG_TEST_OUT(one_protocol)
{
	make_flows();
	CHECK_EQ(flush((struct nat_flush_args){ .external = { .proto = NAT_PROTO_UDP } }).sessions,
		 2);
	step(TABLES(1, 1));
	step(SESSION(TCP, "203.0.113.1:6000", SERVER, OPENING_OUT));
}

PROG_TEST_OUT(one_external_port)
{
	make_flows();
	CHECK_EQ(flush((struct nat_flush_args){ .external = { .port = htons(7000) } }).bindings, 1);
	step(TABLES(2, 2));
}

PROG_TEST_OUT(one_remote_leaves_the_bindings)
{
	struct nat_flush_args done;

	make_flows();
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"),
	     BECOMES("203.0.113.1:5000", "198.51.100.10:7"));
	done = flush(
		(struct nat_flush_args){ .remote = { .addr = endpoint("198.51.100.9", 0).addr } });
	CHECK_EQ(done.sessions, 2);
	CHECK_EQ(done.bindings, 0);
	step(SESSION(UDP, "203.0.113.1:5000", SERVER, NONE));
	step(SESSION(UDP, "203.0.113.1:5000", "198.51.100.10:7", LIVE));
	step(AGE(3));
	step(REAP);
	/* Without a session the binding of 6000 is over; the other has one left. */
	step(OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER));
}

PROG_TEST_OUT(one_state)
{
	make_flows();
	CHECK_EQ(flush((struct nat_flush_args){ .state = NAT_STATE_OPENING_OUT }).sessions, 1);
	step(SESSION(TCP, "203.0.113.1:6000", SERVER, NONE));
	step(SESSION(UDP, "203.0.113.1:5000", SERVER, LIVE));
}

PROG_TEST_OUT(only_what_has_been_idle)
{
	make_flows();
	step(AGE(100));
	step(OUT(UDP, "10.0.0.2:5000", SERVER), BECOMES("203.0.113.1:5000", SERVER));
	CHECK_EQ(flush((struct nat_flush_args){ .idle = ticks_from_seconds(60) }).sessions, 2);
	step(SESSION(UDP, "203.0.113.1:5000", SERVER, LIVE));
	CHECK_EQ(flush((struct nat_flush_args){ .idle = ticks_from_seconds(60) }).sessions, 0);
}

PROG_TEST_OUT(what_matches_nothing_ends_nothing)
{
	make_flows();
	CHECK_EQ(flush((struct nat_flush_args){ .internal = endpoint("10.0.0.99", 0) }).sessions,
		 0);
	CHECK_EQ(flush((struct nat_flush_args){ .state = NAT_STATE_CLOSING }).sessions, 0);
	step(TABLES(3, 3));
}

PROG_TEST_OUT(the_gateways_own_port_is_bound_again_by_its_next_packet)
{
	world_make(NULL);
	step(OUT(UDP, "203.0.113.1:40000", SERVER), PASSES(HOST_OUT));
	CHECK_EQ(flush((struct nat_flush_args){ 0 }).bindings, 1);
	step(TABLES(0, 0));
	step(OUT(UDP, "203.0.113.1:40000", SERVER), PASSES(HOST_OUT));
	step(TABLES(1, 0));
	step(CLAIMED(UDP, "203.0.113.1:40000"));
}

/* 6888-8: an established connection was cut off in the middle; its peer still sends. */
PROG_TEST(a_flushed_tcp_ports_next_owner_is_not_its_peers_prey)
{
	world_make(NULL);
	step(OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN, .seq = 1),
	     BECOMES("203.0.113.1:5000", "198.51.100.9:80"));
	step(IN(TCP, "198.51.100.9:80", "203.0.113.1:5000", .flags = SYN | ACK, .seq = 1, .ack = 2),
	     BECOMES("198.51.100.9:80", "10.0.0.2:5000"));
	flush((struct nat_flush_args){ 0 });
	step(AGE(3));
	step(REAP);
	step(AGE(3));
	step(REAP);
	step(CLAIMED(TCP, "203.0.113.1:5000"));
	step(OUT(TCP, "10.0.0.3:5000", "198.51.100.9:80", .flags = SYN),
	     BECOMES("203.0.113.1:x", "198.51.100.9:80"));
}

/* A permit was given by the host that was flushed, not by who has its port now. */
PROG_TEST(a_flushed_hosts_permits_do_not_serve_the_next_owner)
{
	make_flows();
	flush((struct nat_flush_args){ .internal = endpoint("10.0.0.2", 0) });
	for (int i = 0; i < 3; i++) {
		step(AGE(62));
		step(REAP);
	}
	step(FREE(TCP, "203.0.113.1:6000"));
	step(OUT(TCP, "10.0.0.3:6000", "198.51.100.10:80", .flags = SYN),
	     BECOMES("203.0.113.1:6000", "198.51.100.10:80"));
	step(IN(TCP, SERVER, "203.0.113.1:6000", .flags = SYN), DROPPED(FILTERED));
}
