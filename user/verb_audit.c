// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_audit.c - `natctl audit`: believe what every pass finds, and print it.
 *
 * How it works: the first pass that finds nothing ends the audit. Otherwise the findings
 * of each pass are kept only if the one before had them too, and after PASSES of them
 * what is left has been wrong for about a second, which is a thousand times longer
 * than any state in between lasts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "args.h"
#include "audit.h"
#include "cmd.h"
#include "msg.h"
#include "out.h"
#include "value.h"

#define PASSES 6
#define PAUSE_NS 200000000L

static const struct rule {
	const char *name;
	const char *meaning;
} rules[AUDIT_RULE_MAX] = {
#define X(id, name, meaning) { name, meaning },
	AUDIT_RULES(X)
#undef X
};

static struct rows findings_rows(void)
{
	return (struct rows){ .row_size = sizeof(struct audit_finding),
			      .key_size = AUDIT_IDENTITY };
}

/* Keep of @latest what @earlier has too; both are sorted. */
static void keep_common(struct rows *latest, const struct rows *earlier)
{
	size_t kept = 0;

	for (size_t i = 0; i < latest->count; i++)
		if (rows_find(earlier, rows_at(latest, i)))
			memmove(rows_at(latest, kept++), rows_at(latest, i), latest->row_size);
	latest->count = kept;
}

/* Return: 0 or -errno; @findings holds what has stayed. */
static int audit(const struct gateway *gw, struct rows *findings, struct audit_totals *totals)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int err = audit_pass(gw, findings, totals);

	for (int i = 1; i < PASSES && !err && findings->count; i++) {
		struct rows latest = findings_rows();

		nanosleep(&pause, NULL);
		err = audit_pass(gw, &latest, totals);
		keep_common(&latest, findings);
		rows_free(findings);
		*findings = latest;
	}
	return err;
}

static void print_place(struct out *out, const char *key, const struct nat_endpoint *place)
{
	if (!out->json && place->addr && !place->port)
		out_addr(out, key, " ", place->addr);
	else if (place->addr || place->port)
		out_endpoint(out, key, " ", place->addr, place->port);
	else
		out_word(out, key, NULL, NULL);
}

static void print_finding(struct out *out, const char *ifname, const struct audit_finding *finding)
{
	const struct rule *rule = &rules[finding->rule];

	out_object_begin(out, NULL);
	out_text(out, "%s: ", ifname);
	out_word(out, "rule", "", rule->name);
	out_word(out, "proto", finding->where.proto ? " " : NULL,
		 value_proto_text(finding->where.proto));
	print_place(out, "endpoint", &finding->where);
	print_place(out, "peer", &finding->peer);
	out_word(out, "meaning", ": ", rule->meaning);
	if (finding->found != finding->expected) {
		out_number(out, "found", " (found ", finding->found);
		out_number(out, "expected", ", expected ", finding->expected);
		out_text(out, ")");
	}
	out_text(out, "\n");
	out_object_end(out);
}

static void print_all(const struct gateway *gw, const struct rows *findings,
		      const struct audit_totals *totals)
{
	bool is_clean = !findings->count;
	struct out out;

	out_open(&out, stdout, global.json);
	out_object_begin(&out, NULL);
	out_word(&out, "interface", is_clean ? "" : NULL, gw->name);
	out_text(&out, is_clean ? ": clean" : "");
	out_bool(&out, "clean", NULL, is_clean);
	out_number(&out, "bindings", is_clean ? ": bindings " : NULL, totals->bindings);
	out_number(&out, "sessions", is_clean ? ", sessions " : NULL, totals->sessions);
	out_number(&out, "permits", is_clean ? ", permits " : NULL, totals->permits);
	out_number(&out, "hosts", is_clean ? ", hosts " : NULL, totals->hosts);
	out_number(&out, "claims", is_clean ? ", claims " : NULL, totals->claims);
	out_text(&out, is_clean ? "\n" : "");
	out_list_begin(&out, "violations");
	for (size_t i = 0; i < findings->count; i++)
		print_finding(&out, gw->name, rows_at(findings, i));
	out_close(&out);
}

int audit_main(int argc, char **argv)
{
	struct rows findings = findings_rows();
	struct audit_totals totals;
	struct gateway gw;
	int code, err;

	argc = args_interface(argv, NULL);
	if (argc < 0)
		return EXIT_MISUSED;
	code = gateway_open(&gw, argv[1]);
	if (code)
		return code;
	err = audit(&gw, &findings, &totals);
	if (err) {
		msg_error(gw.name, "cannot audit: %s", strerror(-err));
		code = EXIT_FAILED;
	} else {
		print_all(&gw, &findings, &totals);
		code = findings.count ? EXIT_FAILED : EXIT_DONE;
	}
	rows_free(&findings);
	gateway_close(&gw);
	return code;
}
