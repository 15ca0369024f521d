// SPDX-License-Identifier: GPL-2.0-only
/*
 * metrics.c - the page that Prometheus reads, from what was read of the gateways.
 *
 * How it works: one row a metric, with the function that prints a gateway's samples of it. Names
 * and labels are an interface: what is there stays. No label names an internal host or a remote,
 * so that the number of samples depends on the configuration and not on the traffic.
 */
#include "metrics.h"

#include <inttypes.h>
#include <string.h>

#include "out.h"
#include "reasons.h"
#include "value.h"

/** struct page - What a row prints to: @name is its metric, @view the gateway of the moment */
struct page {
	FILE *file;
	const char *name;
	const struct metrics_view *view;
};

/* ---- samples ----------------------------------------------------------------------------- */

/* Inside quotes a backslash, a quote and a newline are written with a backslash. */
static void print_label(FILE *file, const char *key, const char *value)
{
	fprintf(file, "%s=\"", key);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', file);
		if (*value == '\n')
			fputs("\\n", file);
		else
			fputc(*value, file);
	}
	fputc('"', file);
}

/* @labels: key, value, ..., NULL */
static void print_sample(struct page *page, uint64_t value, const char *const *labels)
{
	fprintf(page->file, "%s{", page->name);
	for (int i = 0; labels[i]; i += 2) {
		if (i)
			fputc(',', page->file);
		print_label(page->file, labels[i], labels[i + 1]);
	}
	fprintf(page->file, "} %" PRIu64 "\n", value);
}

/* Keys and values behind ifname. */
#define SAMPLE(page, value, ...)                                                                   \
	print_sample(page, value,                                                                  \
		     (const char *const[]){ "ifname", (page)->view->name, ##__VA_ARGS__, NULL })

/* ---- the gateway -------------------------------------------------------------------------- */

static void up(struct page *page)
{
	SAMPLE(page, page->view->is_up);
}

static void keeper_up(struct page *page)
{
	SAMPLE(page, page->view->is_keeper_alive);
}

static void attach_info(struct page *page)
{
	static const struct {
		const char *hook;
		const char *mode[HOOK_CLSACT + 1];
	} hooks[HOOK_WAN_MAX] = {
		[HOOK_WAN_OUT] = { "tc_egress", { NULL, "tcx", "clsact" } },
		[HOOK_WAN_IN] = { "tc_ingress", { NULL, "tcx", "clsact" } },
		[HOOK_XDP_WAN_IN] = { "xdp", { NULL, "native", NULL } },
	};

	for (int i = 0; i < HOOK_WAN_MAX; i++) {
		const struct metrics_hook *hook = &page->view->hooks[i];

		if (hook->way != HOOK_ABSENT)
			SAMPLE(page, 1, "hook", hooks[i].hook, "mode", hooks[i].mode[hook->way],
			       "driver", page->view->driver, "prog_tag", hook->tag);
	}
}

static void address_info(struct page *page)
{
	char addr[OUT_TEXT_MAX];

	for (__u32 i = 0; i < page->view->pool.count && !page->view->pool.is_away; i++)
		SAMPLE(page, 1, "address", out_addr_text(addr, page->view->pool.addr[i]));
}

/* ---- state -------------------------------------------------------------------------------- */

/* What is there all the time is there with 0, too, or rules would have gaps to deal with. */
static bool is_usual(int proto, enum nat_state state)
{
	if (proto == NAT_PROTO_TCP)
		return state >= NAT_STATE_OPENING_OUT;
	return (proto == NAT_PROTO_UDP || proto == NAT_PROTO_ICMP) && state == NAT_STATE_LIVE;
}

static void sessions(struct page *page)
{
	for (int proto = 0; proto < 256; proto++)
		for (int state = 0; state < NAT_STATE_MAX && value_proto_text(proto); state++)
			if (page->view->sessions[proto][state] || is_usual(proto, state))
				SAMPLE(page, page->view->sessions[proto][state], "proto",
				       value_proto_text(proto), "state", value_state_text(state));
}

static void sessions_limit(struct page *page)
{
	SAMPLE(page, page->view->settings.value[NAT_SETTING_MAX_SESSIONS]);
}

static void bindings(struct page *page)
{
	SAMPLE(page, page->view->usage.bindings);
}

static void forwards(struct page *page)
{
	SAMPLE(page, page->view->usage.forwards);
}

static void subscribers(struct page *page)
{
	SAMPLE(page, page->view->hosts);
}

static const char *const claim_protos[NAT_CLAIMS_MAX] = {
	[NAT_CLAIMS_TCP] = "tcp",
	[NAT_CLAIMS_UDP] = "udp",
	[NAT_CLAIMS_ICMP] = "icmp",
};

static void ports(struct page *page, bool capacity)
{
	char addr[OUT_TEXT_MAX];

	for (__u32 i = 0; i < page->view->pool.count; i++)
		for (int set = 0; set < NAT_CLAIMS_MAX; set++) {
			const struct ports_usage *usage = &page->view->ports[i][set];

			SAMPLE(page, capacity ? usage->capacity : usage->in_use, "address",
			       out_addr_text(addr, page->view->pool.addr[i]), "proto",
			       claim_protos[set]);
		}
}

static void ports_in_use(struct page *page)
{
	ports(page, false);
}

static void ports_capacity(struct page *page)
{
	ports(page, true);
}

/* Those whose number of entries is known without a walk, or was found on one. */
static void map_entries(struct page *page)
{
	SAMPLE(page, page->view->usage.sessions, "map", "sessions");
	SAMPLE(page, page->view->usage.bindings, "map", "bindings_fwd");
	SAMPLE(page, page->view->host_rows, "map", "hosts");
}

static void map_max_entries(struct page *page)
{
	for (int i = 0; i < GATEWAY_MAP_MAX; i++)
		SAMPLE(page, page->view->room[i], "map", gateway_map_names[i]);
}

/* ---- packets ------------------------------------------------------------------------------ */

static void packets(struct page *page)
{
	for (int kind = NAT_KIND_TRANSLATED; kind <= NAT_KIND_DROPPED; kind++) {
		uint64_t total = 0;

		for (int i = 0; i < NAT_REASON_MAX; i++)
			total += (int)reasons[i].kind == kind ? page->view->packets[i] : 0;
		SAMPLE(page, total, "verdict", reason_verdicts[kind]);
	}
}

static void of_kind(struct page *page, enum nat_verdict_kind kind)
{
	for (int i = 0; i < NAT_REASON_MAX; i++)
		if (reasons[i].kind == kind)
			SAMPLE(page, page->view->packets[i], "reason", reasons[i].name);
}

static void drops(struct page *page)
{
	of_kind(page, NAT_KIND_DROPPED);
}

static void passed(struct page *page)
{
	of_kind(page, NAT_KIND_PASSED);
}

/** struct share - A reason under another name, in a metric of its own */
struct share {
	enum nat_reason reason;
	const char *word;
};

static void shares(struct page *page, const char *key, const struct share *share, size_t count)
{
	for (size_t i = 0; i < count; i++)
		SAMPLE(page, page->view->packets[share[i].reason], key, share[i].word);
}

#define SHARES(page, key, table) shares(page, key, table, sizeof(table) / sizeof((table)[0]))

/* With the ICMP errors of that direction. The lane is that of --fast. */
static void translated(struct page *page)
{
	static const struct {
		const char *direction;
		const char *path;
		enum nat_reason packets;
		enum nat_reason errors; /* or the same */
	} table[] = {
		{ "out", "stack", NAT_REASON_TRANSLATED_OUT, NAT_REASON_ICMP_ERROR_OUT },
		{ "in", "stack", NAT_REASON_TRANSLATED_IN, NAT_REASON_ICMP_ERROR_IN },
		{ "hairpin", "stack", NAT_REASON_HAIRPIN, NAT_REASON_ICMP_ERROR_HAIRPIN },
		{ "out", "lane", NAT_REASON_LANE_OUT, NAT_REASON_LANE_OUT },
		{ "in", "lane", NAT_REASON_LANE_IN, NAT_REASON_LANE_IN },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint64_t total = page->view->packets[table[i].packets];

		if (table[i].errors != table[i].packets)
			total += page->view->packets[table[i].errors];
		SAMPLE(page, total, "direction", table[i].direction, "path", table[i].path);
	}
}

static void port_failures(struct page *page)
{
	static const struct share table[] = {
		{ NAT_REASON_PORTS_EXHAUSTED, "exhausted" },
		{ NAT_REASON_NO_ADDRESS, "no_address" },
	};

	SHARES(page, "reason", table);
}

static void limit_hits(struct page *page)
{
	static const struct share table[] = {
		{ NAT_REASON_HOST_LIMIT, "bindings" },
		{ NAT_REASON_HOST_RATE, "rate" },
		{ NAT_REASON_BINDING_LIMIT, "sessions_of_binding" },
	};

	SHARES(page, "kind", table);
}

static void sessions_refused(struct page *page)
{
	static const struct share table[] = {
		{ NAT_REASON_SESSION_LIMIT, "limit" },
		{ NAT_REASON_TABLE_FULL, "table_full" },
	};

	SHARES(page, "reason", table);
}

static void icmp_errors(struct page *page)
{
	static const struct share table[] = {
		{ NAT_REASON_ICMP_ERROR_OUT, "translated_out" },
		{ NAT_REASON_ICMP_ERROR_IN, "translated_in" },
		{ NAT_REASON_ICMP_ERROR_HAIRPIN, "translated_hairpin" },
		{ NAT_REASON_ICMP_NO_SESSION, "no_session" },
		{ NAT_REASON_ICMP_QUOTE, "bad_quote" },
		{ NAT_REASON_ICMP_CHECKSUM, "bad_checksum" },
	};

	SHARES(page, "result", table);
}

static void fragments(struct page *page)
{
	static const struct share table[] = {
		{ NAT_REASON_FRAGMENT, "no_first" },
		{ NAT_REASON_FRAGMENT_EARLY, "held" },
		{ NAT_REASON_HOST_FRAGMENT, "host" },
	};

	SHARES(page, "result", table);
}

/* ---- the table ---------------------------------------------------------------------------- */

#define GAUGE "gauge"
#define COUNTER "counter"

/* @is_state: Is known only of a gateway that could be read */
static const struct metric {
	const char *name;
	const char *type;
	const char *help;
	void (*print)(struct page *page);
	bool is_state;
} rows[] = {
	{ "natctl_up", GAUGE, "1 if the gateway is attached with all its programs, else 0.", up,
	  false },
	{ "natctl_keeper_up", GAUGE, "1 if the keeper of the gateway is alive, else 0.", keeper_up,
	  true },
	{ "natctl_attach_info", GAUGE, "Each packet program: where, how, and which.", attach_info,
	  true },
	{ "natctl_external_address_info", GAUGE,
	  "Each external address that can be used; none while it is away.", address_info, true },
	{ "natctl_sessions", GAUGE, "Sessions that are alive, by protocol and state.", sessions,
	  true },
	{ "natctl_sessions_limit", GAUGE, "Sessions that may exist at once.", sessions_limit,
	  true },
	{ "natctl_sessions_refused_total", COUNTER,
	  "Packets that could not open a session for want of room.", sessions_refused, true },
	{ "natctl_bindings", GAUGE, "Bindings, resting ones included.", bindings, true },
	{ "natctl_forwards", GAUGE, "Static bindings (port forwards).", forwards, true },
	{ "natctl_subscribers", GAUGE, "Internal hosts that hold a binding.", subscribers, true },
	{ "natctl_subscriber_limit_hits_total", COUNTER,
	  "Packets refused because an internal host, or a binding, has as much as it may.",
	  limit_hits, true },
	{ "natctl_ports_in_use", GAUGE, "External ports, or ICMP ids, that are claimed.",
	  ports_in_use, true },
	{ "natctl_ports_capacity", GAUGE, "External ports, or ICMP ids, that could be claimed.",
	  ports_capacity, true },
	{ "natctl_port_alloc_failures_total", COUNTER,
	  "Packets that could not get an external port.", port_failures, true },
	{ "natctl_packets_total", COUNTER, "Packets by what became of them.", packets, true },
	{ "natctl_translated_packets_total", COUNTER,
	  "Translated packets, ICMP errors included, by direction and way.", translated, true },
	{ "natctl_drops_total", COUNTER, "Dropped packets by reason, as in natctl stats.", drops,
	  true },
	{ "natctl_passed_to_stack_total", COUNTER,
	  "Packets left as they are by reason, as in natctl stats.", passed, true },
	{ "natctl_icmp_errors_total", COUNTER, "ICMP errors by what became of them.", icmp_errors,
	  true },
	{ "natctl_fragments_total", COUNTER,
	  "Fragments that were not translated like their first one, by what became of them.",
	  fragments, true },
	{ "natctl_map_entries", GAUGE, "Entries of a table, expired ones included.", map_entries,
	  true },
	{ "natctl_map_max_entries", GAUGE, "Entries that a table can hold.", map_max_entries,
	  true },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

#define BUILD_INFO "natctl_build_info"
#define BUILD_INFO_HELP "The version of the natctl that says this."

static void print_head(FILE *file, const struct metrics_info *info)
{
	fprintf(file, "# HELP %s %s\n# TYPE %s %s\n", info->name, info->help, info->name,
		info->type);
}

void metrics_print(FILE *file, const struct metrics *metrics)
{
	struct metrics_info info = metrics_info(0);

	print_head(file, &info);
	fprintf(file, BUILD_INFO "{version=\"" NATCTL_VERSION "\"} 1\n");
	for (unsigned int i = 0; i < ROWS && metrics->count; i++) {
		struct page page = { .file = file, .name = rows[i].name };

		info = metrics_info(i + 1);
		print_head(file, &info);
		for (int k = 0; k < metrics->count; k++) {
			page.view = &metrics->views[k];
			if (page.view->is_known || !rows[i].is_state)
				rows[i].print(&page);
		}
	}
}

struct metrics_info metrics_info(unsigned int row)
{
	if (!row)
		return (struct metrics_info){ BUILD_INFO, GAUGE, BUILD_INFO_HELP };
	if (row > ROWS)
		return (struct metrics_info){};
	return (struct metrics_info){ rows[row - 1].name, rows[row - 1].type, rows[row - 1].help };
}
