/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_reasons.h - one table: every way in which a packet can leave the translator.
 *
 * From it come the enum that the data plane counts by, the map `counters`,
 * `natctl stats` and its --explain, the metrics and the manual; a test fails when
 * no case in tests/prog reaches a row.
 *
 * Columns: verdict (TRANSLATED, PASSED, DROPPED), identifier, name in every
 * output, what it means and what to do about it, source.
 *
 * Rows are only ever added at the end of their block: numbers are not part of
 * any interface, names are.
 */
#ifndef NAT_REASONS_H
#define NAT_REASONS_H

/* clang-format off */
#define NAT_REASONS(X)                                                                             \
 X(TRANSLATED, TRANSLATED_OUT,    "translated-out",                                                \
   "outbound packet, source rewritten to the external endpoint", "RFC 3022 section 4.1")           \
 X(TRANSLATED, TRANSLATED_IN,     "translated-in",                                                 \
   "inbound packet, destination rewritten to the internal endpoint", "RFC 3022 section 4.1")       \
 X(TRANSLATED, ICMP_ERROR_OUT,    "icmp-error-out",                                                \
   "ICMP error about an inbound packet, translated with the packet it quotes", "RFC 5508 REQ-5")   \
 X(TRANSLATED, ICMP_ERROR_IN,     "icmp-error-in",                                                 \
   "ICMP error about an outbound packet, translated with the packet it quotes", "RFC 5508 REQ-4")  \
 X(TRANSLATED, HAIRPIN,           "hairpin",                                                       \
   "from an internal host to another by its external endpoint: both ends rewritten", "RFC 4787 REQ-9") \
 X(TRANSLATED, ICMP_ERROR_HAIRPIN, "icmp-error-hairpin",                                           \
   "ICMP error from an internal host about such a packet", "RFC 5508 REQ-7")                       \
 X(TRANSLATED, LANE_OUT,          "lane-out",                                                      \
   "as translated-out, and sent on past the stack (--fast)", "own choice")                    \
 X(TRANSLATED, LANE_IN,           "lane-in",                                                       \
   "as translated-in, and sent on past the stack (--fast)", "own choice")                     \
 X(PASSED, NOT_IPV4,              "not-ipv4",                                                      \
   "not IPv4 (ARP, IPv6): left to the host", "own choice")                                         \
 X(PASSED, TAGGED,                "vlan-tagged",                                                   \
   "belongs to a VLAN on top of this interface; attach the VLAN interface to translate it", "own choice") \
 X(PASSED, EXCLUDED,              "excluded",                                                      \
   "destination is in --exclude: sent untranslated", "RFC 6888 REQ-6")                             \
 X(PASSED, NOT_INTERNAL,          "not-internal",                                                  \
   "public source that is not in --internal: routed untranslated", "RFC 3022 section 5.1")         \
 X(PASSED, HOST_OUT,              "host-out",                                                      \
   "the gateway's own packet, sent as it is", "RFC 3022 section 2.2")                              \
 X(PASSED, HOST_IN,               "host-in",                                                       \
   "for the gateway itself: no binding claims this endpoint", "RFC 3022 section 2.2")              \
 X(PASSED, HOST_FRAGMENT,         "host-fragment",                                                 \
   "fragment to or from the gateway itself, left to the host", "own choice")                       \
 X(DROPPED, TRUNCATED,            "truncated",                                                     \
   "the packet ends before its headers do", "RFC 1812 section 5.2.2")                              \
 X(DROPPED, IP_HEADER,            "ip-header",                                                     \
   "the IPv4 header contradicts itself (version, header length, total length)", "RFC 1812 section 5.2.2") \
 X(DROPPED, IP_OPTION,            "ip-option",                                                     \
   "outbound packet of an internal host with record route, timestamp or source route: would tell its address", "RFC 3022 section 4.6, RFC 5508 section 7.3") \
 X(DROPPED, IP_CHECKSUM,          "ip-checksum",                                                   \
   "the IPv4 header checksum is wrong", "RFC 1812 section 5.2.2")                                  \
 X(DROPPED, L4_HEADER,            "l4-header",                                                     \
   "the TCP or UDP header contradicts itself (data offset, length)", "RFC 9293 section 3.1, RFC 768") \
 X(DROPPED, PORT_ZERO,            "port-zero",                                                     \
   "port 0 cannot be translated", "RFC 4787 section 4.2.1")                                        \
 X(DROPPED, TCP_FLAGS,            "tcp-flags",                                                     \
   "impossible TCP flags (SYN with FIN or RST)", "RFC 9293 section 3.10")                          \
 X(DROPPED, PROTOCOL,             "protocol",                                                      \
   "a protocol that cannot be translated; never sent with a private source", "RFC 3022 section 2.2") \
 X(DROPPED, FRAGMENT,             "fragment",                                                      \
   "fragment whose first part has not been seen, or that could rewrite a header", "RFC 4787 REQ-14, RFC 3128") \
 X(DROPPED, MULTICAST,            "multicast",                                                     \
   "multicast from an internal host is not forwarded", "RFC 5135 REQ-6, REQ-7")                    \
 X(DROPPED, MARTIAN,              "martian",                                                       \
   "source or destination that no router forwards (loopback, 0/8, broadcast, class E)", "RFC 1812 section 5.3.7") \
 X(DROPPED, SOURCE,               "private-source",                                                \
   "private source that is not in --internal: would leak; add it, or drop it at its origin", "RFC 3022 section 5.1") \
 X(DROPPED, NO_ADDRESS,           "no-address",                                                    \
   "no external address is usable, it is away, or the flow's has just been lost; the next packets will get another", "own choice")              \
 X(DROPPED, TCP_NO_SYN,           "tcp-no-syn",                                                    \
   "TCP segment that belongs to no session and does not open one; the host must reconnect", "RFC 2663 section 2.5") \
 X(DROPPED, FILTERED,             "filtered",                                                      \
   "inbound packet from a remote to which this binding has not sent (see --filtering)", "RFC 4787 REQ-8") \
 X(DROPPED, NO_BINDING,           "no-binding",                                                    \
   "inbound packet to a pool address on which nothing is bound", "RFC 3022 section 6.2")           \
 X(DROPPED, ICMP_TYPE,            "icmp-type",                                                     \
   "ICMP message that a NAT does not carry", "RFC 5508 REQ-10, REQ-11")                            \
 X(DROPPED, ICMP_NO_SESSION,      "icmp-no-session",                                               \
   "ICMP error about a packet of no session", "RFC 5508 REQ-4, REQ-5")                             \
 X(DROPPED, ICMP_QUOTE,           "icmp-quote",                                                    \
   "ICMP error whose quoted packet is damaged, too short, or not what it was sent about", "RFC 5508 REQ-3") \
 X(DROPPED, ICMP_CHECKSUM,        "icmp-checksum",                                                 \
   "ICMP error whose checksum is wrong", "RFC 5508 REQ-3")                                         \
 X(DROPPED, PORTS_EXHAUSTED,      "ports-exhausted",                                               \
   "no external port is free; add an --address, widen --ports or shorten timeouts", "RFC 6888 REQ-11") \
 X(DROPPED, HOST_LIMIT,           "host-limit",                                                    \
   "this internal host holds as many bindings as per-host allows", "RFC 6888 REQ-4")               \
 X(DROPPED, SESSION_LIMIT,        "session-limit",                                                 \
   "as many sessions as max-sessions allows exist", "RFC 6888 REQ-11")                             \
 X(DROPPED, TABLE_FULL,           "table-full",                                                    \
   "the kernel refused to insert an entry: a table is full or memory is short", "RFC 6888 REQ-11") \
 X(DROPPED, LOCAL_SOCKET,         "local-socket",                                                  \
   "a connection of the gateway itself uses this very external and remote endpoint", "own choice")  \
 X(DROPPED, BUSY,                 "busy",                                                          \
   "the entry was being deleted or changed at this moment; the next packet will do", "own choice") \
 X(DROPPED, WRITE,                "write-failed",                                                  \
   "the kernel did not let the packet be changed", "own choice")                                   \
 X(DROPPED, SPOOFED,              "spoofed-source",                                                \
   "packet whose source cannot be where it comes from; from inside: no route leads back to it", "RFC 1812 section 5.3.8") \
 X(DROPPED, HOST_RATE,            "host-rate",                                                     \
   "this internal host makes bindings faster than host-rate allows", "RFC 6888 REQ-4")            \
 X(DROPPED, BINDING_LIMIT,        "binding-limit",                                                 \
   "this binding has as many sessions as per-binding allows", "RFC 6888 REQ-5")                   \
 X(DROPPED, AMBIGUOUS,            "ambiguous",                                                     \
   "it could not be told from another flow: two hosts and one remote without ports, or one remote through two forwards to one server", "RFC 3022 section 2.2") \
 X(DROPPED, SYN_HELD,             "syn-held",                                                      \
   "unsolicited SYN: silence for syn-hold seconds, then one ICMP error", "RFC 5382 REQ-4")         \
 X(DROPPED, FRAGMENT_EARLY,       "fragment-early",                                                \
   "fragment that came before its first one: kept, and sent on when that has come", "RFC 4787 REQ-14") \
 X(DROPPED, TTL,                  "ttl",                                                           \
   "hairpinned packet whose time to live has run out; its sender is told", "RFC 1812 section 5.3.1") \
 X(DROPPED, TOO_BIG,              "too-big",                                                       \
   "hairpinned packet that does not fit the link to its destination; its sender is told", "RFC 4787 REQ-13") \
 X(DROPPED, NO_ROUTE,             "no-route",                                                      \
   "hairpinned packet to an internal host that no route leads to", "own choice")
/* clang-format on */

enum nat_verdict_kind {
	NAT_KIND_TRANSLATED,
	NAT_KIND_PASSED,
	NAT_KIND_DROPPED,
};

enum nat_reason {
#define X(verdict, id, name, meaning, source) NAT_REASON_##id,
	NAT_REASONS(X)
#undef X
	NAT_REASON_MAX,
};

#endif /* NAT_REASONS_H */
