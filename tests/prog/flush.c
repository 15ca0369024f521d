// SPDX-License-Identifier: GPL-2.0-only
/*
 * flush.c - nat_flush: what a person asked to end is absent at once, and deleted later.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "steps.h"
#include "table.h"

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

PROG_TEST_OUT(the_id_of_the_gateways_ping_is_claimed_again_by_the_next)
{
	world_make(NULL);
	step(OUT(ICMP, "203.0.113.1:7", "198.51.100.9"), PASSES(HOST_OUT));
	CHECK_EQ(flush((struct nat_flush_args){ 0 }).bindings, 1);
	step(TABLES(0, 0));
	step(OUT(ICMP, "203.0.113.1:7", "198.51.100.9"), PASSES(HOST_OUT));
	step(TABLES(1, 0));
	step(CLAIMED(ICMP, "203.0.113.1:7"));
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
	step(OUT(TCP, "10.0.0.2:6000", "198.51.100.11:7", .flags = SYN),
	     BECOMES("203.0.113.1:6000", "198.51.100.11:7"));
	flush((struct nat_flush_args){ .internal = endpoint("10.0.0.2", 0) });
	for (int i = 0; i < 3; i++) {
		step(AGE(62));
		step(REAP);
	}
	step(FREE(TCP, "203.0.113.1:6000"));
	step(OUT(TCP, "10.0.0.3:6000", "198.51.100.10:80", .flags = SYN),
	     BECOMES("203.0.113.1:6000", "198.51.100.10:80"));
	step(IN(TCP, SERVER, "203.0.113.1:6000", .flags = SYN), HELD);
	step(IN(TCP, "198.51.100.11:7", "203.0.113.1:6000", .flags = SYN), HELD);
}

/* ---- a packet that is on its way while the flush is ----------------------------------------- */

#define RACES 500
#define RACE_SECONDS 10

/** struct sender - A thread that sends one packet over and over */
struct sender {
	struct frame frame;
	enum program program;
	unsigned long sent;
	bool stop;
	pthread_t thread;
};

static void *send_on(void *data)
{
	struct sender *sender = data;
	struct frame out;

	while (!__atomic_load_n(&sender->stop, __ATOMIC_ACQUIRE)) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = sender->frame.bytes,
			    .data_size_in = sender->frame.len, .data_out = out.bytes,
			    .data_size_out = sizeof(out.bytes), .repeat = 1);

		bpf_prog_test_run_opts(world_fd(sender->program), &opts);
		__atomic_add_fetch(&sender->sent, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void sender_stop(void *data)
{
	struct sender *sender = data;

	__atomic_store_n(&sender->stop, true, __ATOMIC_RELEASE);
	pthread_join(sender->thread, NULL);
}

/* Until @count packets have gone through that were begun after this call. */
static void sender_await(const struct sender *sender, int count)
{
	unsigned long goal = __atomic_load_n(&sender->sent, __ATOMIC_ACQUIRE) + count + 1;
	time_t limit = time(NULL) + RACE_SECONDS;

	while (__atomic_load_n(&sender->sent, __ATOMIC_ACQUIRE) < goal) {
		CHECK(time(NULL) < limit);
		sched_yield();
	}
}

static void send_once(enum program program, const struct packet *packet)
{
	struct frame in, out;

	packet_build(packet, NULL, &in);
	world_run(program, packet, &in, &out);
}

/* What has looked at a session before it was flushed does not bring it back afterwards. */
PROG_TEST_OUT(a_packet_on_its_way_does_not_revive_what_is_flushed)
{
	static const struct packet syn = PACKET(HOOK_OUT, TCP, "10.0.0.2:5000", SERVER,
						.flags = SYN, .seq = 100),
				   answer = PACKET(HOOK_IN, TCP, SERVER, "203.0.113.1:5000",
						   .flags = SYN | ACK, .seq = 500, .ack = 101),
				   data = PACKET(HOOK_IN, TCP, SERVER, "203.0.113.1:5000",
						 .seq = 501, .ack = 101);
	static struct sender sender;

	world_make(NULL);
	sender = (struct sender){ .program = PROGRAM_XDP_IN };
	packet_build(&data, NULL, &sender.frame);
	CHECK_EQ(pthread_create(&sender.thread, NULL, send_on, &sender), 0);
	check_defer(sender_stop, &sender);
	for (int i = 0; i < RACES; i++) {
		send_once(PROGRAM_TC_OUT, &syn);
		send_once(PROGRAM_TC_IN, &answer);
		CHECK_EQ(table_entries(world_skel()->maps.sessions, true), 1);
		sender_await(&sender, 1);
		flush((struct nat_flush_args){ 0 });
		sender_await(&sender, 1);
		check_note("flush %d", i);
		CHECK_EQ(table_entries(world_skel()->maps.sessions, true), 0);
	}
}
