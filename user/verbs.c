// SPDX-License-Identifier: GPL-2.0-only
/*
 * verbs.c - the table of verbs, with the text that explains each.
 *
 * The texts are laid out by hand for 80 columns: `natctl help VERB` prints them as
 * they stand. Settings are not repeated here; a verb that takes them says so in its
 * row and the help prints the table of include/nat_settings.h. Some texts stand beside
 * what they are about, in verb_*.c.
 */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "msg.h"

#define FILTER_DETAILS                                                                             \
	"FILTER words, combined with and:\n"                                                       \
	"  proto tcp|udp|icmp|gre|esp|..  internal 10.0.0.5[:PORT]\n"                              \
	"  external [ADDR]:40000         remote 198.51.100.9[:443]\n"                              \
	"  state established             'idle>60'   seconds; in quotes, the shell takes\n"        \
	"                                            > for itself\n"                               \
	"  For icmp, PORT is the query id; its remote side has none.\n"                            \
	"  States: active (udp, icmp), opening-out, opening-in, established, fin-out,\n"           \
	"  fin-in, closing, reset.\n"

#define CONFIG_DETAILS                                                                             \
	"A file has one option a line, without dashes; repeat those that may be repeated.\n"       \
	"What stands behind a # is a comment. It belongs to root, and nobody else may\n"           \
	"write to it. --force, --foreground, --dry-run and --config have no place in it:\n"        \
	"  ports 40000-49999\n"                                                                    \
	"  internal 192.168.0.0/16\n"                                                              \
	"  timeout udp=120             # seconds\n"                                                \
	"  set host-rate=1000\n"                                                                   \
	"  forward tcp 8080 192.168.99.1:80   words as of \"natctl forward add\"\n"

static const char attach_details[] =
	"Options:\n"
	"  --ingress auto|xdp|tc     where inbound packets are translated: XDP where the\n"
	"                            driver runs it natively, else TC (auto)\n"
	"  --lan auto|none|IF        internal interfaces, whose hosts reach each other\n"
	"                            by their external endpoints, and for which\n"
	"                            forwarding is enabled; repeat for more. none: no\n"
	"                            interface but IF is touched (auto: every other one\n"
	"                            that has an IPv4 address, now or later)\n"
	"  --address auto|ADDR|ADDR/LEN|A-B\n"
	"                            external addresses; repeat for more. auto follows\n"
	"                            the primary IPv4 address of IF (auto)\n"
	"  --ports LO-HI             external ports to give away (1024-65535)\n"
	"  --internal CIDR           translate only these sources; repeat for more (any)\n"
	"  --exclude CIDR            destinations never translated; repeat for more\n"
	"                            (none)\n"
	"  --mapping independent|dependent\n"
	"                            RFC 4787 section 4 (independent)\n"
	"  --filtering independent|address|address-port\n"
	"                            RFC 4787 section 5; udp=WORD,tcp=WORD sets them\n"
	"                            apart (address)\n"
	"  --max-sessions N          size of the session table (from RAM); where there\n"
	"                            is a smaller one, --force is needed\n"
	"  --per-host N              bindings one internal host may hold (4096)\n"
	"  --timeout NAME=SECONDS,...\n"
	"                            idle times, names as listed below\n"
	"  --clamp-mss auto|N|off    lower the MSS in TCP SYNs, to N octets at most;\n"
	"                            auto: to what fits IF while its MTU is below 1500\n"
	"                            (auto)\n"
	"  --set NAME=VALUE,...      any setting that natctl set can change\n"
	"  --force                   accept timeouts below what the RFCs demand; make\n"
	"                            new tables where those there are too small, which\n"
	"                            ends all sessions\n"
	"  --fast                    established sessions go past the stack: netfilter\n"
	"                            sees what begins and ends, not what is between\n"
	"  --no-fast                 ends that\n"
	"  --no-sysctl               do not enable forwarding, on no interface; until\n"
	"                            detach\n"
	"  --config FILE|none        read options from FILE (/etc/natctl/IF.conf, if it\n"
	"                            is there; with -n NAME,\n"
	"                            /etc/netns/NAME/natctl/IF.conf)\n"
	"  --foreground              the keeper stays in the foreground\n"
	"  --dry-run                 check and load everything, attach nothing\n"
	"\n" CONFIG_DETAILS "\n"
	"Options of the command line win over the file: setting by setting, and a list of\n"
	"--lan, --address, --internal or --exclude replaces the file's.\n"
	"\n"
	"On an interface that is attached already, the programs are replaced without\n"
	"losing a session; options that are given replace the old ones, the others keep\n"
	"their value. Those of the file count as given. natctl reload follows the file\n"
	"without replacing programs.\n"
	"\n"
	"Examples:\n"
	"  natctl attach eth1\n"
	"  natctl attach eth1 --internal 192.168.0.0/16 --ports 20000-60000\n"
	"  natctl attach ppp0 --timeout udp=120,icmp=60\n";

static const char reload_details[] =
	"Reads the configuration file of IF and changes what differs from what is in\n"
	"force; what is not in the file goes back to its default. Programs stay, and so\n"
	"do all sessions but those on an address that leaves, or with another mapping.\n"
	"Prints a line for each change. After an error nothing has changed.\n"
	"\n"
	"Options:\n"
	"  --config FILE|none        instead of /etc/natctl/IF.conf; none: all defaults\n"
	"  --force                   accept timeouts below what the RFCs demand\n"
	"\n" CONFIG_DETAILS "\n"
	"Only attach changes the ingress hook, and only attach --force makes room for\n"
	"more sessions or addresses: reload says so and changes nothing.\n"
	"\n"
	"Examples:\n"
	"  natctl reload eth1\n"
	"  natctl attach eth1 --dry-run && natctl reload eth1\n";

static const char sessions_details[] =
	"Options:\n"
	"  --sort KEY                internal, external, remote; expires, the soonest\n"
	"                            first; idle, bytes, packets, the largest first.\n"
	"                            Holds the whole list in memory\n"
	"  --count                   print only how many there are\n"
	"\n"
	"Without --sort, up to 1000 sessions are in order of protocol, internal and\n"
	"remote endpoint; more are printed as they are found, in constant memory.\n"
	"\n" FILTER_DETAILS "\n"
	"Examples:\n"
	"  natctl sessions\n"
	"  natctl sessions eth1 proto tcp internal 10.0.0.5 state established\n"
	"  natctl sessions --sort bytes | head\n"
	"  natctl sessions -j remote :443 'idle>60'\n";

static const char bindings_details[] =
	"FILTER words, combined with and:\n"
	"  proto tcp|udp|icmp|gre|esp|..  internal 10.0.0.5[:PORT]\n"
	"  external [ADDR]:40000         state active|resting\n"
	"\n"
	"A resting binding has no session: its external port is kept for its internal\n"
	"endpoint for a while, and from other hosts.\n"
	"\n"
	"Examples:\n"
	"  natctl bindings\n"
	"  natctl bindings eth1 external :40000\n";

static const char stats_details[] =
	"Options:\n"
	"  --all                     reasons that never happened too\n"
	"  --explain                 what each reason means, what to do, where it comes\n"
	"                            from\n"
	"\n"
	"Examples:\n"
	"  natctl stats\n"
	"  natctl stats eth1 --all --explain\n";

static const char set_details[] =
	"Changes live settings; either all that are named or, after an error, none.\n"
	"Timeouts apply to a session from its next packet on.\n"
	"\n"
	"Options:\n"
	"  --force                   accept values below what the RFCs demand\n"
	"\n"
	"Examples:\n"
	"  natctl set eth1 udp=120\n"
	"  natctl set eth1 per-host=500 filtering-udp=address-port\n";

static const char flush_details[] =
	"Ends dynamic state: what matches is absent from the next packet on and is\n"
	"deleted by the keeper within seconds. A filter on more than proto, internal and\n"
	"external ends sessions only; their bindings stay.\n"
	"\n" FILTER_DETAILS "\n"
	"Examples:\n"
	"  natctl flush eth1\n"
	"  natctl flush eth1 internal 10.0.0.5\n";

static const char forward_details[] =
	"natctl forward add IF tcp|udp|tcp,udp PORT[-PORT] ADDR[:PORT[-PORT]] [OPTION]...\n"
	"natctl forward del IF tcp|udp|tcp,udp PORT[-PORT] [ADDR[:PORT[-PORT]]]\n"
	"natctl forward list [IF]\n"
	"\n"
	"Whatever comes to that port of the external address goes to that internal host,\n"
	"from outside and, with an internal interface, from inside too; what the host\n"
	"itself sends from there leaves by that port. A forward lasts until it is\n"
	"deleted or IF is detached: attach keeps it, and it follows the external\n"
	"address.\n"
	"\n"
	"Options of add:\n"
	"  --from CIDR               only these hosts may use it, by their external\n"
	"                            addresses (everybody)\n"
	"  --address ADDR            which of several external addresses (the first); of\n"
	"                            del too\n"
	"  --force                   even if a socket of this machine listens there\n"
	"\n"
	"del ends the sessions that go through it. A port that was given back a moment\n"
	"ago comes free within seconds; add waits for it.\n"
	"\n"
	"Examples:\n"
	"  natctl forward add eth1 tcp 8080 192.168.99.1:80\n"
	"  natctl forward add eth1 udp 10000-10100 192.168.99.7 --from 198.51.100.0/24\n"
	"  natctl forward del eth1 tcp 8080\n"
	"  natctl forward list -j\n";

static const char audit_details[] =
	"Checks that the tables agree with each other: bindings mirror, claimed ports\n"
	"have a binding and bindings their port, counts count, nothing outlives its\n"
	"deadline. Traffic may run; what is reported was seen in every pass. Exit 1 when\n"
	"something is.\n";

const struct verb verbs[] = {
	{ .name = "attach",
	  .usage = "IF [OPTION]...",
	  .summary = "make this box a NAT gateway on IF",
	  .details = attach_details,
	  .settings = true,
	  .changes = true,
	  .run = attach_main },
	{ .name = "reload",
	  .usage = "IF [OPTION]...",
	  .summary = "follow the configuration file of IF",
	  .changes = true,
	  .details = reload_details,
	  .settings = true,
	  .run = reload_main },
	{ .name = "detach",
	  .usage = "IF",
	  .summary = "undo exactly what attach did",
	  .changes = true,
	  .run = detach_main },
	{ .name = "status",
	  .usage = "[IF]",
	  .summary = "address, hooks, sessions, ports in use, drops, health",
	  .json = true,
	  .run = status_main },
	{ .name = "sessions",
	  .usage = "[IF] [FILTER] [--sort KEY] [--count]",
	  .summary = "one line per session",
	  .details = sessions_details,
	  .json = true,
	  .run = sessions_main },
	{ .name = "bindings",
	  .usage = "[IF] [FILTER]",
	  .summary = "one line per binding",
	  .details = bindings_details,
	  .json = true,
	  .run = bindings_main },
	{ .name = "who",
	  .usage = "ADDR[:PORT] [proto PROTO]",
	  .summary = "who is behind an external endpoint",
	  .details = who_details,
	  .json = true,
	  .run = who_main },
	{ .name = "stats",
	  .usage = "[IF] [--all] [--explain]",
	  .summary = "packets by what became of them, and why",
	  .details = stats_details,
	  .json = true,
	  .run = stats_main },
	{ .name = "set",
	  .usage = "IF KEY=VALUE... [--force]",
	  .summary = "change live settings",
	  .details = set_details,
	  .settings = true,
	  .changes = true,
	  .run = set_main },
	{ .name = "show-settings",
	  .usage = "[IF]",
	  .summary = "settings with value, default, unit and source",
	  .json = true,
	  .settings = true,
	  .run = show_settings_main },
	{ .name = "forward",
	  .usage = "add|del|list IF ...",
	  .summary = "static bindings: ports that lead to an internal host",
	  .details = forward_details,
	  .json = true,
	  .changes = true,
	  .reads = "list",
	  .run = forward_main },
	{ .name = "flush",
	  .usage = "IF [FILTER]",
	  .summary = "end dynamic sessions and bindings",
	  .details = flush_details,
	  .changes = true,
	  .run = flush_main },
	{ .name = "audit",
	  .usage = "[IF]",
	  .summary = "check the invariants of the live tables",
	  .details = audit_details,
	  .json = true,
	  .run = audit_main },
	{ .name = "doctor",
	  .usage = "[IF]",
	  .summary = "what a gateway needs, and what gets in its way",
	  .details = doctor_details,
	  .json = true,
	  .run = doctor_main },
	{ .name = "metrics",
	  .usage = "[--listen ADDR:PORT|unix:PATH]",
	  .summary = "all gateways in numbers, for Prometheus",
	  .details = metrics_details,
	  .run = metrics_main },
	{ .name = "help",
	  .usage = "[VERB]",
	  .summary = "this list, or all about one verb",
	  .details = "With -j: the tables of which help, manual and completions are made.\n",
	  .json = true,
	  .run = help_main },
	{ .name = "version",
	  .usage = "",
	  .summary = "the version of natctl",
	  .json = true,
	  .run = version_main },
	{ .name = NULL },
};

const struct verb *verb_find(const char *name)
{
	char list[256] = "";

	for (const struct verb *verb = verbs; verb->name; verb++)
		if (!strcmp(name, verb->name))
			return verb;
	for (const struct verb *verb = verbs; verb->name; verb++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 verb == verbs ? "" : ", ", verb->name);
	msg_error(NULL, "no such verb: \"%s\" (one of %s)", name, list);
	return NULL;
}
