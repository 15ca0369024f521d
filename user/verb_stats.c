// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_stats.c - `natctl stats`: packets by what became of them, and why.
 *
 * Counters only ever go up: what happened between two moments is the difference of two
 * calls. A reason's row comes from include/nat_reasons.h and from nowhere else.
 */
#include <string.h>

#include "args.h"
#include "cmd.h"
#include "counters.h"
#include "gateway.h"
#include "msg.h"
#include "out.h"
#include "reasons.h"

static void print_reason(struct out *out, const struct reason *reason, uint64_t packets,
			 bool explain)
{
	out_object_begin(out, reason->name);
	out_text(out, "  %-18s %12llu\n", reason->name, (unsigned long long)packets);
	out_word(out, "verdict", NULL, reason_verdicts[reason->kind]);
	out_number(out, "packets", NULL, packets);
	if (explain) {
		out_word(out, "meaning", "      ", reason->meaning);
		out_word(out, "source", " [", reason->source);
		out_text(out, "]\n");
	}
	out_object_end(out);
}

/* Return: how many rows it printed */
static int print_group(struct out *out, enum nat_verdict_kind kind, const uint64_t *packets,
		       bool all, bool explain)
{
	uint64_t total = counters_total(packets, kind);
	int rows = 0;

	if (total || all)
		out_text(out, "%-20s %12llu\n", reason_verdicts[kind], (unsigned long long)total);
	for (int i = 0; i < NAT_REASON_MAX; i++) {
		if (reasons[i].kind != kind || (!packets[i] && !all && !out->json))
			continue;
		print_reason(out, &reasons[i], packets[i], explain);
		rows++;
	}
	return rows;
}

static void print_stats(const struct gateway *gw, const uint64_t *packets, bool all, bool explain)
{
	struct out out;
	int rows = 0;

	out_open(&out, stdout, global.json);
	out_object_begin(&out, NULL);
	out_word(&out, "interface", NULL, gw->name);
	out_object_begin(&out, "reasons");
	for (int kind = NAT_KIND_TRANSLATED; kind <= NAT_KIND_DROPPED; kind++)
		rows += print_group(&out, (enum nat_verdict_kind)kind, packets, all, explain);
	if (!rows)
		out_text(&out, "(none)\n");
	out_close(&out);
}

int stats_main(int argc, char **argv)
{
	uint64_t packets[NAT_REASON_MAX];
	bool all = false, explain = false;
	const struct arg_option options[] = {
		{ .name = "--all", .flag = &all },
		{ .name = "--explain", .flag = &explain },
		{ .name = NULL },
	};
	struct gateway gw;
	int code, err;

	argc = args_interface(argv, options);
	if (argc < 0)
		return EXIT_MISUSED;
	code = gateway_open(&gw, argv[1]);
	if (code)
		return code;
	err = counters_read(&gw, packets);
	if (err) {
		msg_error(gw.name, "cannot read the counters: %s", strerror(-err));
		code = EXIT_FAILED;
	} else {
		print_stats(&gw, packets, all, explain);
	}
	gateway_close(&gw);
	return code;
}
