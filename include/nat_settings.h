/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_settings.h - one table: every tunable, with unit, default, bounds and source.
 *
 * From it come the values the data plane reads (one __u32 each, in the map
 * `settings`), the words of `natctl set` and of the attach options, their range
 * checks and messages, `natctl show-settings` and the manual. No second list.
 *
 * Columns:
 *   ID       NAT_SETTING_ID, the index into struct nat_settings
 *   name     the word a person types
 *   unit     how the value is written and printed, enum nat_unit
 *   default  the value of a gateway that was told nothing (0 for max-sessions: from RAM)
 *   floor    below this, natctl refuses unless --force is given: what the RFC demands
 *   max      the largest value accepted; for the smallest see enum nat_unit
 *   live     1: `natctl set` changes it while traffic flows; 0: only `natctl attach`
 *   meaning, source
 */
#ifndef NAT_SETTINGS_H
#define NAT_SETTINGS_H

#include "nat_types.h"

/** enum nat_mapping - When two sessions of one internal endpoint share an external one */
enum nat_mapping {
	NAT_MAPPING_INDEPENDENT, /* always: RFC 4787 REQ-1 */
	NAT_MAPPING_DEPENDENT,	 /* only towards the same remote address and port */
};

/** enum nat_filtering - Which remotes may send to a binding (RFC 4787 section 5) */
enum nat_filtering {
	NAT_FILTERING_INDEPENDENT,  /* any */
	NAT_FILTERING_ADDRESS,	    /* any port of an address the binding has sent to */
	NAT_FILTERING_ADDRESS_PORT, /* only the endpoints it has sent to */
};

/** enum nat_refusal - What a host is told whose packet could not get a binding or session */
enum nat_refusal {
	NAT_REFUSAL_SILENT,
	NAT_REFUSAL_UNREACHABLE, /* ICMP host unreachable: a soft error (RFC 6888 REQ-11B) */
	NAT_REFUSAL_PROHIBITED,	 /* ICMP administratively prohibited (RFC 5508 REQ-8) */
};

/** enum nat_syn - What becomes of an inbound SYN for which there is neither binding nor socket */
enum nat_syn {
	NAT_SYN_PASS, /* the host's: it answers with RST, or its own rules forward it */
	NAT_SYN_DROP, /* never answered */
	NAT_SYN_HOLD, /* answered by port unreachable if nobody has called back in time */
};

/** enum nat_clamp - Values of clamp-mss that are no MSS */
enum nat_clamp {
	NAT_CLAMP_OFF,
	NAT_CLAMP_AUTO, /* to what fits the WAN interface, if its MTU is below Ethernet's */
};

/**
 * enum nat_unit - How a setting is written
 * @NAT_UNIT_SECONDS:   whole seconds, 1 or more
 * @NAT_UNIT_COUNT:     a number, 1 or more
 * @NAT_UNIT_PORT:      1 to 65535
 * @NAT_UNIT_MAPPING:   a word of enum nat_mapping
 * @NAT_UNIT_FILTERING: a word of enum nat_filtering
 * @NAT_UNIT_SWITCH:    on or off
 * @NAT_UNIT_REFUSAL:   a word of enum nat_refusal
 * @NAT_UNIT_SYN:       a word of enum nat_syn
 * @NAT_UNIT_MSS:       a word of enum nat_clamp, or octets, 536 or more
 */
enum nat_unit {
	NAT_UNIT_SECONDS,
	NAT_UNIT_COUNT,
	NAT_UNIT_PORT,
	NAT_UNIT_MAPPING,
	NAT_UNIT_FILTERING,
	NAT_UNIT_SWITCH,
	NAT_UNIT_REFUSAL,
	NAT_UNIT_SYN,
	NAT_UNIT_MSS,
};

/* A binding counts its sessions in as many bits as a life word has for it (nat_life.h). */
#define NAT_PER_BINDING_MAX ((1U << 24) - 1)

/* clang-format off */
#define NAT_SETTINGS(X)                                                                            \
 X(MAX_SESSIONS,    "max-sessions",    COUNT,     0,    0, 1U << 22, 1,                             \
   "sessions that may exist at once; more are refused, none is evicted",  "RFC 6888 REQ-11D")       \
 X(PER_HOST,        "per-host",        COUNT,     4096, 1, 1U << 20, 1,                             \
   "bindings that one internal host may hold",                            "RFC 6888 REQ-4")         \
 X(PER_BINDING,     "per-binding",     COUNT,     4096, 1, NAT_PER_BINDING_MAX, 1,                             \
   "sessions that one binding may have, those that strangers open included", "RFC 6888 REQ-5")      \
 X(HOST_RATE,       "host-rate",       COUNT,     500,  1, 1U << 20, 1,                             \
   "bindings a second that one internal host may make, twice as many in a burst", "RFC 6888 REQ-4") \
 X(REFUSE_WITH,     "refuse-with",     REFUSAL,   NAT_REFUSAL_UNREACHABLE, 0, 2, 1,                 \
   "what a host is told whose packet cannot get a binding or session",    "RFC 6888 REQ-11B, RFC 5508 REQ-8") \
 X(ERROR_RATE,      "error-rate",      COUNT,     100,  1, 1U << 20, 1,                             \
   "ICMP errors a second that the gateway sends on behalf of the translator", "RFC 5508 REQ-10F")   \
 X(PORT_FIRST,      "port-first",      PORT,      1024, 0, 65535, 0,                                \
   "lowest external port given to sources of 1024 and above",             "RFC 6056 section 3.2")   \
 X(PORT_LAST,       "port-last",       PORT,      65535, 0, 65535, 0,                               \
   "highest external port given to sources of 1024 and above",            "RFC 6056 section 3.2")   \
 X(MAPPING,         "mapping",         MAPPING,   NAT_MAPPING_INDEPENDENT, 0, 1, 0,                 \
   "whether the external endpoint depends on the remote one",             "RFC 4787 REQ-1")         \
 X(FILTERING_UDP,   "filtering-udp",   FILTERING, NAT_FILTERING_ADDRESS, 0, 2, 1,                   \
   "which remotes may send to a UDP binding",                             "RFC 4787 REQ-8")         \
 X(FILTERING_TCP,   "filtering-tcp",   FILTERING, NAT_FILTERING_ADDRESS, 0, 2, 1,                   \
   "which remotes may connect to a TCP binding",                          "RFC 5382 REQ-3")         \
 X(PARITY,          "parity",          SWITCH,    1, 0, 1, 1,                                       \
   "an even port gets an even external port, an odd one an odd, while there are any", "RFC 4787 REQ-4") \
 X(INBOUND_REFRESH, "inbound-refresh", SWITCH,    0, 0, 1, 1,                                       \
   "whether inbound packets too keep a session without TCP alive",        "RFC 4787 REQ-6A")        \
 X(QUOTE_CHECK,     "quote-check",     SWITCH,    1, 0, 1, 1,                                       \
   "whether an ICMP error with a wrong checksum in the header it quotes is dropped", "RFC 5508 REQ-3A") \
 X(UNSOLICITED_SYN, "unsolicited-syn", SYN,       NAT_SYN_HOLD, 0, 2, 1,                            \
   "what becomes of a SYN to a port of the range that nobody waits for",  "RFC 5382 REQ-4")         \
 X(UDP,             "udp",             SECONDS,   300, 120, 604800, 1,                              \
   "idle time of a UDP session; only outbound packets refresh it",        "RFC 4787 REQ-5, REQ-6")  \
 X(UDP_DNS,         "udp-dns",         SECONDS,   60, 10, 604800, 1,                                \
   "the same for sessions to remote port 53",                             "RFC 4787 REQ-5a")        \
 X(ICMP,            "icmp",            SECONDS,   60, 60, 604800, 1,                                \
   "idle time of an ICMP query session",                                  "RFC 5508 REQ-2")         \
 X(TCP_OPENING,     "tcp-opening",     SECONDS,   240, 10, 604800, 1,                               \
   "idle time of a TCP session with a SYN from one side only",            "RFC 5382 REQ-5, RFC 7857 section 2.1") \
 X(TCP_ESTABLISHED, "tcp-established", SECONDS,   7440, 7440, 4000000, 1,                           \
   "idle time of an open or half-closed TCP session",                     "RFC 5382 REQ-5")         \
 X(TCP_CLOSING,     "tcp-closing",     SECONDS,   240, 240, 604800, 1,                              \
   "how long a TCP session stays after the FINs of both sides",           "RFC 5382 REQ-5")         \
 X(TCP_RESET,       "tcp-reset",       SECONDS,   240, 240, 604800, 1,                              \
   "how long a TCP session waits for traffic after a RST",                "RFC 7857 section 2.2")   \
 X(OTHER,           "other",           SECONDS,   300, 120, 604800, 1,                              \
   "idle time of a session of a protocol without ports (GRE, ESP, SCTP)", "own choice")             \
 X(SYN_HOLD,        "syn-hold",        SECONDS,   6, 6, 60, 1,                                      \
   "how long an unsolicited SYN waits for its own side to call first",    "RFC 5382 REQ-4")         \
 X(EARLY,           "fragment-early",  SECONDS,   2, 2, 30, 1,                                      \
   "how long fragments are kept that came before their first one",        "RFC 6146 section 3.4")   \
 X(FRAGMENT,        "fragment",        SECONDS,   30, 2, 600, 1,                                   \
   "how long the fragments of a datagram may follow its first one",       "RFC 4787 REQ-14, RFC 6146 section 3.4") \
 X(REST,            "rest",            SECONDS,   120, 120, 604800, 1,                              \
   "how long a freed UDP port or ICMP id is kept from other hosts",       "RFC 6888 REQ-8")         \
 X(CLAMP_MSS,       "clamp-mss",       MSS,       NAT_CLAMP_AUTO, 0, 65495, 1,                      \
   "what a TCP SYN's MSS is lowered to; auto: what fits a WAN MTU below 1500", "RFC 9293 section 3.7.1")
/* clang-format on */

enum nat_setting {
#define X(id, name, unit, dflt, floor, max, live, meaning, source) NAT_SETTING_##id,
	NAT_SETTINGS(X)
#undef X
	NAT_SETTING_MAX,
};

/**
 * struct nat_settings - The only entry of the map `settings`
 * @value: one per row of the table above, host byte order
 *
 * Written by natctl, read by every program. A writer replaces whole words; a
 * program that reads two settings while they change may see one old, one new.
 */
struct nat_settings {
	__u32 value[NAT_SETTING_MAX];
};

#endif /* NAT_SETTINGS_H */
