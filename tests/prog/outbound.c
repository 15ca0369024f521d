// SPDX-License-Identifier: GPL-2.0-only
/*
 * outbound.c - packets that leave: whose source becomes the external endpoint, and whose not.
 */
#include "steps.h"

/* clang-format off */
static const struct row translated[] = {
	{ "udp source becomes the external address", "3022-4.1a", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") },
		{ SESSION(UDP, "203.0.113.1:5000", "198.51.100.9:7", LIVE) },
		{ TABLES(1, 1) },
		{ CLAIMED(UDP, "203.0.113.1:5000") }) },
	{ "tcp syn becomes an opening session", "3022-4.1d", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN, .seq = 1),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:80") },
		{ SESSION(TCP, "203.0.113.1:5000", "198.51.100.9:80", OPENING_OUT) }) },
	{ "echo request keeps its id", "3022-4.1g", STEPS(
		{ OUT(ICMP, "10.0.0.2:77", "198.51.100.9"),
		  BECOMES("203.0.113.1:77", "198.51.100.9") }) },
	{ "a known flow is translated again", "3022-4.1a", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .len = 900),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") },
		{ TABLES(1, 1) }) },
	{ "second remote, same external port", "4787-1", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:53"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:53") },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:53"),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:53") },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.10:99"),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:99") },
		{ TABLES(1, 3) }) },
	{ "second tcp remote, same external port", "5382-1", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:80") },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.10:80", .flags = SYN),
		  BECOMES("203.0.113.1:5000", "198.51.100.10:80") },
		{ TABLES(1, 2) }) },
	{ "everything but source and checksums stays as it was", "3022-4.1a", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .tos = 0xb9, .ttl = 3, .id = 4711,
		      .len = 333),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN | ECE | CWR,
		      .seq = 0xfffffff0,
		      .tcp_options = "\x02\x04\x05\xb4\x01\x03\x03\x0e", .tcp_options_len = 8,
		      .pokes = { { 6, 2, 0x4000 } }),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:80") }) },
	{ "ip options are carried along", "3022-4.1c", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", WITH_OPTIONS(ROUTER_ALERT)),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:7", .flags = SYN,
		      WITH_OPTIONS(ROUTER_ALERT NOPS_4 NOPS_4)),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") },
		{ OUT(ICMP, "10.0.0.2:5000", "198.51.100.9",
		      WITH_OPTIONS(ROUTER_ALERT NOPS_36)),
		  BECOMES("203.0.113.1:5000", "198.51.100.9") }) },
	{ "options that tell the way inside do not leave", "3022-4.6", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7",
		      WITH_OPTIONS("\x07\x07\x04\x00\x00\x00\x00\x00")),
		  DROPPED(IP_OPTION) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7",
		      WITH_OPTIONS("\x01\x83\x07\x04\xc0\x00\x02\x01")),
		  DROPPED(IP_OPTION) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7",
		      WITH_OPTIONS(ROUTER_ALERT "\x44\x04\x05\x00")),
		  DROPPED(IP_OPTION) },
		{ OUT(ICMP, "10.0.0.2:5000", "198.51.100.9",
		      WITH_OPTIONS("\x89\x07\x04\xc0\x00\x02\x01\x00")),
		  DROPPED(IP_OPTION) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", WITH_OPTIONS("\x94\x00\x00\x00")),
		  DROPPED(IP_OPTION) },
		{ OUT(UDP, "203.0.113.1:5000", "198.51.100.9:7",
		      WITH_OPTIONS("\x07\x07\x04\x00\x00\x00\x00\x00")),
		  PASSES(HOST_OUT) },
		{ TABLES(0, 0) }) },
	{ "an interface without ethernet header", "D-vlan", STEPS(
		/* A test run takes two octets of the source for the ethertype: 8.0 is IPv4. */
		{ OUT(UDP, "8.0.0.2:5000", "198.51.100.9:7", .no_link = true),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") },
		{ OUT(TCP, "8.0.0.2:5000", "198.51.100.9:7", .no_link = true, .flags = SYN),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") }),
	  .world = { .no_link = true } },
	{ "octets behind the packet are left alone", "3022-4.1a", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .len = 1, .padding = 17),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") }) },
	{ "source in internal, destination not excluded", "6888-6", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"),
		  BECOMES("203.0.113.1:5000", "198.51.100.9:7") }),
	  .world = { .internal = "10.0.0.0/24", .exclude = "198.51.100.128/25" } },
};
/* clang-format on */
ROWS(translated)

/* clang-format off */
static const struct row not_translated[] = {
	{ "excluded destination is sent as it is", "6888-6", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.130:7"), PASSES(EXCLUDED) },
		{ TABLES(0, 0) }),
	  .world = { .exclude = "198.51.100.128/25" } },
	{ "public source that is not internal is routed", "3022-5.1", STEPS(
		{ OUT(UDP, "192.0.2.77:5000", "198.51.100.9:7"), PASSES(NOT_INTERNAL) },
		{ TABLES(0, 0) }),
	  .world = { .internal = "10.0.0.0/24" } },
	{ "private source that is not internal never leaves", "D-failclosed", STEPS(
		{ OUT(UDP, "10.0.1.2:5000", "198.51.100.9:7"), DROPPED(SOURCE) },
		{ OUT(TCP, "172.16.0.2:5000", "198.51.100.9:7", .flags = SYN), DROPPED(SOURCE) },
		{ OUT(ICMP, "192.168.1.2:7", "198.51.100.9"), DROPPED(SOURCE) },
		{ OUT(UDP, "100.64.0.2:5000", "198.51.100.9:7"), DROPPED(SOURCE) },
		{ OUT(UDP, "169.254.0.2:5000", "198.51.100.9:7"), DROPPED(SOURCE) },
		{ TABLES(0, 0) }),
	  .world = { .internal = "10.0.0.0/24" } },
	{ "protocols that cannot be translated never leave", "3022-2.2d", STEPS(
		{ OUT(AH, "10.0.0.2", "198.51.100.9"), DROPPED(PROTOCOL) },
		{ OUT(DCCP, "10.0.0.2", "198.51.100.9"), DROPPED(PROTOCOL) },
		{ OUT(IGMP, "10.0.0.2", "198.51.100.9"), DROPPED(PROTOCOL) },
		{ TABLES(0, 0) }) },
	{ "later fragments of internal hosts never leave untranslated", "D-failclosed", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .pokes = { { 6, 2, 0x2003 } }),
		  EARLY },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .pokes = { { 6, 2, 0x2001 } }),
		  EARLY },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .pokes = { { 6, 2, 0x0001 } }),
		  EARLY },
		{ TABLES(0, 0) }) },
	{ "multicast is not forwarded", "5135-6", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "224.0.0.251:5353"), DROPPED(MULTICAST) },
		{ OUT(UDP, "10.0.0.2:5000", "239.1.2.3:7"), DROPPED(MULTICAST) }) },
	{ "what no router forwards is dropped", "1812-bcast", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "255.255.255.255:67"), DROPPED(MARTIAN) },
		{ OUT(UDP, "10.0.0.2:5000", "127.0.0.1:7"), DROPPED(MARTIAN) },
		{ OUT(UDP, "10.0.0.2:5000", "0.1.2.3:7"), DROPPED(MARTIAN) },
		{ OUT(UDP, "10.0.0.2:5000", "241.0.0.1:7"), DROPPED(MARTIAN) },
		{ OUT(UDP, "127.0.0.1:5000", "198.51.100.9:7"), DROPPED(MARTIAN) },
		{ OUT(UDP, "224.0.0.1:5000", "198.51.100.9:7"), DROPPED(MARTIAN) },
		{ OUT(UDP, "250.0.0.1:5000", "198.51.100.9:7"), DROPPED(MARTIAN) },
		{ TABLES(0, 0) }) },
	{ "tcp that opens nothing is dropped", "2663-2.5", STEPS(
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = ACK), DROPPED(TCP_NO_SYN) },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = SYN | ACK),
		  DROPPED(TCP_NO_SYN) },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = RST), DROPPED(TCP_NO_SYN) },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = FIN | ACK),
		  DROPPED(TCP_NO_SYN) },
		{ OUT(TCP, "10.0.0.2:5000", "198.51.100.9:80", .flags = NO_FLAGS),
		  DROPPED(TCP_NO_SYN) },
		{ TABLES(0, 0) }) },
	{ "other protocols of the link are left to the host", "D-own", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .ethertype = 0x0806),
		  PASSES(NOT_IPV4) },
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .ethertype = 0x86dd, .len = 40),
		  PASSES(NOT_IPV4) }) },
	{ "tagged frames belong to the vlan device", "D-vlan", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7", .tag = TAG(5)), PASSES(TAGGED) }) },
	{ "without an external address nothing leaves", "D-addr", STEPS(
		{ OUT(UDP, "10.0.0.2:5000", "198.51.100.9:7"), DROPPED(NO_ADDRESS), ANSWERED(3, 1) },
		{ OUT(ICMP, "10.0.0.2:7", "198.51.100.9"), DROPPED(NO_ADDRESS), ANSWERED(3, 1) },
		{ TABLES(0, 0) }),
	  .world = { .pool = { "-" } } },
};
/* clang-format on */
ROWS(not_translated)
