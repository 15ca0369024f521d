// SPDX-License-Identifier: GPL-2.0-only
/*
 * address.c - an external address leaves the pool and another takes its place, while
 * packets flow. The order of natctl's steps is that of pool_write() in user/pool.c.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "addresses.h"
#include "sockets.h"
#include "steps.h"

#include "table.h"

#define OLD "203.0.113.1"
#define NEW "203.0.113.2"
#define SERVER "198.51.100.9:7"
#define FLOW OUT(UDP, "10.0.0.2:5000", SERVER)

static void close_sockets(void *data)
{
	(void)data;
	sockets_close();
}

/* Whoever goes on sending keeps its port: the address that comes takes over the claims. */
PROG_TEST(a_flow_goes_on_from_the_new_address_at_once)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	address_add(NEW);
	step(AGE(1));
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	address_forget(OLD);
	address_flush(OLD);
	step(FLOW, BECOMES(NEW ":5000", SERVER));
	step(IN(UDP, SERVER, NEW ":5000"), BECOMES(SERVER, "10.0.0.2:5000"));
	step(IN(UDP, SERVER, OLD ":5000"), IGNORED);
	step(ENTRIES(1, 2));
	for (int i = 0; i < 3; i++) {
		step(AGE(3));
		step(REAP);
		step(FLOW, BECOMES(NEW ":5000", SERVER));
		step(CLAIMED(UDP, NEW ":5000"));
	}
	step(IN(UDP, SERVER, NEW ":5000"), BECOMES(SERVER, "10.0.0.2:5000"));
	step(ENTRIES(1, 1));
	/* The claim goes with the last of them. */
	step(AGE(301));
	for (int i = 0; i < 2; i++) {
		step(REAP);
		step(AGE(130));
	}
	step(REAP);
	step(ENTRIES(0, 0));
	step(FREE(UDP, NEW ":5000"));
}

/* Who was spoken to from the old address may not answer to the new one. */
PROG_TEST(the_new_address_permits_whom_it_has_spoken_to)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.10:7"), BECOMES(OLD ":5000", "198.51.100.10:7"));
	address_replace(OLD, NEW);
	step(OUT(UDP, "10.0.0.2:5000", "198.51.100.11:7"), BECOMES(NEW ":5000", "198.51.100.11:7"));
	step(IN(UDP, SERVER, NEW ":5000"), DROPPED(FILTERED));
	step(IN(UDP, "198.51.100.10:8", NEW ":5000"), DROPPED(FILTERED));
	step(IN(UDP, "198.51.100.11:8", NEW ":5000"), BECOMES("198.51.100.11:8", "10.0.0.2:5000"));
	step(FLOW, BECOMES(NEW ":5000", SERVER));
	step(IN(UDP, "198.51.100.9:8", NEW ":5000"), BECOMES("198.51.100.9:8", "10.0.0.2:5000"));
}

/* PPP re-dials: away and back, before anything has been reaped. */
PROG_TEST(a_flow_goes_on_when_the_old_address_takes_the_place_of_the_new)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	for (int i = 0; i < 3; i++) {
		address_replace(OLD, NEW);
		step(FLOW, BECOMES(NEW ":5000", SERVER));
		step(AGE(1));
		address_replace(NEW, OLD);
		step(FLOW, BECOMES(OLD ":5000", SERVER));
		step(IN(UDP, SERVER, OLD ":5000"), BECOMES(SERVER, "10.0.0.2:5000"));
	}
	step(AGE(3));
	step(REAP);
	step(AGE(3));
	step(REAP);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	step(ENTRIES(1, 1));
	step(CLAIMED(UDP, OLD ":5000"));
}

/* A port that moves is nobody else's, and there is no second claim of it. */
PROG_TEST_OUT(two_hosts_with_one_port_move_with_the_ports_that_they_have)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	step(OUT(UDP, "10.0.0.3:5000", SERVER), BECOMES(OLD ":x", SERVER));
	address_replace(OLD, NEW);
	step(OUT(UDP, "10.0.0.3:5000", SERVER), BECOMES(NEW ":x", SERVER));
	step(FLOW, BECOMES(NEW ":5000", SERVER));
	step(OUT(UDP, "10.0.0.4:5000", SERVER), BECOMES(NEW ":y", SERVER));
	step(ENTRIES(3, 5));
}

/* What of a datagram has been sent from the old address is lost with it. */
PROG_TEST_OUT(a_later_fragment_does_not_leave_from_the_old_address)
{
	world_make(NULL);
	step(OUT(UDP, "10.0.0.2:5000", SERVER, .fragment = FIRST_FRAGMENT, .len = 16),
	     BECOMES(OLD ":5000", SERVER), NEW_ID(0x9e37));
	step(OUT(UDP, "10.0.0.2", "198.51.100.9", .fragment = LATER_FRAGMENT(3), .len = 24),
	     BECOMES(OLD, "198.51.100.9"), NEW_ID(0x9e37));
	address_replace(OLD, NEW);
	step(OUT(UDP, "10.0.0.2", "198.51.100.9", .fragment = LATER_FRAGMENT(6), .len = 24),
	     DROPPED(FRAGMENT_EARLY), ASKS(HOLD));
}

/* An internal host had the address; its binding counts no session that is not made. */
PROG_TEST_OUT(the_new_address_was_an_internal_host_s)
{
	world_make(NULL);
	step(OUT(GRE, NEW, "198.51.100.9"), BECOMES(OLD, "198.51.100.9"));
	address_replace(OLD, NEW);
	step(OUT(GRE, NEW, "198.51.100.9"), PASSES(HOST_OUT));
}

PROG_TEST(a_tunnel_moves_to_the_new_address)
{
	world_make(NULL);
	step(OUT(GRE, "10.0.0.2", "198.51.100.9"), BECOMES(OLD, "198.51.100.9"));
	address_replace(OLD, NEW);
	step(OUT(GRE, "10.0.0.2", "198.51.100.9"), BECOMES(NEW, "198.51.100.9"));
	step(IN(GRE, "198.51.100.9", NEW), BECOMES("198.51.100.9", "10.0.0.2"));
	step(OUT(GRE, "10.0.0.3", "198.51.100.9"), DROPPED(AMBIGUOUS), ANSWERED(3, 1));
}

/* A connection cannot move, its server knows it by its address; the next one can. */
PROG_TEST_OUT(a_new_connection_from_the_same_port_uses_the_new_address)
{
	world_make(NULL);
	step(OUT(TCP, "10.0.0.2:5000", SERVER, .flags = SYN), BECOMES(OLD ":5000", SERVER));
	address_replace(OLD, NEW);
	step(OUT(TCP, "10.0.0.2:5000", SERVER, .flags = ACK), DROPPED(TCP_NO_SYN));
	step(OUT(TCP, "10.0.0.2:5000", SERVER, .flags = SYN), BECOMES(NEW ":5000", SERVER));
}

/* The port is a service's where the flow would go: it gets another, once the old one is over. */
PROG_TEST_OUT(a_flow_does_not_move_onto_a_local_socket)
{
	world_make(&(struct world){ .pool = { NEW } });
	step(FLOW, BECOMES(NEW ":5000", SERVER));
	socket_listen(SOCK_DGRAM, 5000);
	check_defer(close_sockets, NULL);
	address_replace(NEW, OLD);
	step(FLOW, DROPPED(LOCAL_SOCKET));
	for (int i = 0; i < 2; i++) {
		step(AGE(3));
		step(REAP);
	}
	step(FLOW, BECOMES(OLD ":x", SERVER));
	CHECK(step_named_port('x') != 5000);
}

/* A host that sends all the time does not keep the address alive. */
PROG_TEST_OUT(nothing_is_sent_from_an_address_that_has_left_without_another)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	address_forget(OLD);
	address_flush(OLD);
	for (int i = 0; i < 3; i++) {
		step(FLOW, DROPPED(NO_ADDRESS));
		step(AGE(1));
		step(REAP);
	}
	address_add(NEW);
	step(FLOW, BECOMES(NEW ":5000", SERVER));
}

/* natctl was killed before it could flush: packets get there by themselves. */
PROG_TEST_OUT(a_flow_moves_though_nobody_flushed_it)
{
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	address_add(NEW);
	address_forget(OLD);
	step(AGE(1));
	step(FLOW, DROPPED(NO_ADDRESS));
	step(FLOW, BECOMES(NEW ":5000", SERVER));
}

PROG_TEST(flows_wait_for_an_address_that_is_away)
{
	world_make(&(struct world){ .outside = "203.0.113.5", .exclude = "192.0.2.0/24" });
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	address_away(OLD, true);
	for (int i = 0; i < 3; i++) {
		step(FLOW, DROPPED(NO_ADDRESS));
		step(IN(UDP, SERVER, OLD ":5000"), DROPPED(NO_ADDRESS));
		step(AGE(1));
		step(REAP);
	}
	step(OUT(UDP, "10.0.0.3:5000", SERVER), DROPPED(NO_ADDRESS));
	step(OUT(UDP, OLD ":68", SERVER), DROPPED(NO_ADDRESS));
	step(ENTRIES(1, 1));
	/* What does not leave from it is as always: above all who asks for an address. */
	step(OUT(UDP, "0.0.0.0:68", "255.255.255.255:67"), PASSES(HOST_OUT));
	step(OUT(UDP, "203.0.113.5:68", SERVER), PASSES(HOST_OUT));
	step(OUT(UDP, "10.0.0.3:5000", "192.0.2.1:7"), PASSES(EXCLUDED));
	step(IN(UDP, SERVER, "203.0.113.5:68"), IGNORED);
	address_away(OLD, false);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	step(IN(UDP, SERVER, OLD ":5000"), BECOMES(SERVER, "10.0.0.2:5000"));
	step(ENTRIES(1, 1));
}

PROG_TEST_OUT(nobody_is_reached_at_an_address_that_is_away)
{
	world_make(&(struct world){ .set = { SET(FILTERING_UDP, NAT_FILTERING_INDEPENDENT) } });
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	step(LAN(UDP, "10.0.0.3:6000", OLD ":5000"), BECOMES(OLD ":6000", "10.0.0.2:5000"));
	address_away(OLD, true);
	step(LAN(UDP, "10.0.0.3:6000", OLD ":5000"), DROPPED(NO_ADDRESS));
}

/*
 * The address gets another index, as when a pool loses its first: the ports of its bindings are
 * claimed where it was, and free where it is. Whoever claims one of those cannot have it, and
 * gives it back.
 */
PROG_TEST_OUT(an_address_with_another_index_costs_no_port)
{
	const struct nat_external external = { .index = 1, .flags = NAT_EXTERNAL_LOCAL };
	struct nat_pool pool = { .count = 2 };
	struct nat_endpoint endpoint;
	__u32 tick = ticks_from_seconds(3);
	struct nat_claims *claims = calloc(1, sizeof(*claims));
	__u32 set = claim_set_index(1, NAT_PROTO_UDP);

	check_defer(free, claims);
	world_make(NULL);
	step(FLOW, BECOMES(OLD ":5000", SERVER));
	address_add(NEW);
	endpoint_parse(OLD, NULL, &endpoint);
	table_write(world_skel()->maps.externals, &endpoint.addr, &external);
	pool.addr[1] = endpoint.addr;
	endpoint_parse(NEW, NULL, &endpoint);
	pool.addr[0] = endpoint.addr;
	table_write(world_skel()->maps.pool, &(__u32){ 0 }, &pool);
	address_flush(OLD);

	/* Its host gets the emptier address: that one. */
	step(OUT(UDP, "10.0.0.3:5000", SERVER), DROPPED(BUSY));
	CHECK(table_lookup(world_skel()->maps.ports, &set, claims));
	CHECK_EQ(claims->used, 0);
	/* Three graces later the old binding has gone. */
	for (int i = 0; i < 3; i++) {
		world_age(tick);
		world_reap();
	}
	step(OUT(UDP, "10.0.0.3:5000", SERVER), BECOMES(OLD ":5000", SERVER));
}
