// SPDX-License-Identifier: GPL-2.0-only
/*
 * verbs_describe.c - `natctl help -j`: every table that a person can meet, for programs.
 *
 * scripts/manual makes the manual and the completions of it, so that none of them is a second list.
 */
#include <stdio.h>

#include "cmd.h"
#include "doctor.h"
#include "metrics.h"
#include "options.h"
#include "out.h"
#include "reasons.h"
#include "value.h"

static void describe_verbs(struct out *out)
{
	out_list_begin(out, "verbs");
	for (const struct verb *verb = verbs; verb->name; verb++) {
		out_object_begin(out, NULL);
		out_word(out, "name", NULL, verb->name);
		out_word(out, "usage", NULL, verb->usage);
		out_word(out, "summary", NULL, verb->summary);
		out_word(out, "details", NULL, verb->details);
		out_bool(out, "json", NULL, verb->json);
		out_bool(out, "settings", NULL, verb->settings);
		out_object_end(out);
	}
	out_list_end(out);
	out_list_begin(out, "global_options");
	for (const struct global_option *option = global_options; option->word; option++) {
		char letter[3] = { '-', option->letter };

		out_object_begin(out, NULL);
		out_word(out, "letter", NULL, option->letter ? letter : NULL);
		out_word(out, "word", NULL, option->word);
		out_word(out, "argument", NULL, option->name);
		out_word(out, "text", NULL, option->text);
		out_object_end(out);
	}
	out_list_end(out);
	out_list_begin(out, "exit_codes");
	for (int code = 0; exit_codes[code]; code++)
		out_word(out, NULL, NULL, exit_codes[code]);
	out_list_end(out);
}

static void describe_options(struct out *out)
{
	struct options_info info;

	out_list_begin(out, "attach_options");
	for (unsigned int i = 0; (info = options_info(i)).name; i++) {
		out_object_begin(out, NULL);
		out_word(out, "name", NULL, info.name);
		out_word(out, "expects", NULL, info.expects);
		out_bool(out, "in_file", NULL, !info.is_typed);
		out_object_end(out);
	}
	out_list_end(out);
}

static void describe_settings(struct out *out)
{
	out_list_begin(out, "settings");
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++) {
		const struct value_setting_info *info = &value_settings[i];
		char dflt[OUT_TEXT_MAX], expects[64];

		value_setting_text(i, info->dflt, dflt);
		value_setting_expects(i, expects, sizeof(expects));
		out_object_begin(out, NULL);
		out_word(out, "name", NULL, info->name);
		out_word(out, "meaning", NULL, info->meaning);
		out_word(out, "expects", NULL, expects);
		out_word(out, "default", NULL, i == NAT_SETTING_MAX_SESSIONS ? "from RAM" : dflt);
		out_number(out, "floor", NULL, info->floor);
		out_bool(out, "live", NULL, info->live);
		out_word(out, "source", NULL, info->source);
		out_object_end(out);
	}
	out_list_end(out);
}

static void describe_words(struct out *out)
{
	out_list_begin(out, "protocols");
	for (int proto = 0; proto < 256; proto++)
		if (value_proto_text(proto))
			out_word(out, NULL, NULL, value_proto_text(proto));
	out_list_end(out);
	out_list_begin(out, "states");
	for (enum nat_state state = NAT_STATE_LIVE; state < NAT_STATE_MAX; state++)
		if (state != NAT_STATE_DELETING)
			out_word(out, NULL, NULL, value_state_text(state));
	out_list_end(out);
}

static void describe_reasons(struct out *out)
{
	out_list_begin(out, "reasons");
	for (int i = 0; i < NAT_REASON_MAX; i++) {
		out_object_begin(out, NULL);
		out_word(out, "name", NULL, reasons[i].name);
		out_word(out, "verdict", NULL, reason_verdicts[reasons[i].kind]);
		out_word(out, "meaning", NULL, reasons[i].meaning);
		out_word(out, "source", NULL, reasons[i].source);
		out_object_end(out);
	}
	out_list_end(out);
}

static void describe_checks(struct out *out)
{
	struct doctor_info check;
	struct metrics_info metric;

	out_list_begin(out, "checks");
	for (unsigned int i = 0; (check = doctor_info(i)).name; i++) {
		out_object_begin(out, NULL);
		out_word(out, "name", NULL, check.name);
		out_word(out, "good", NULL, check.good);
		out_object_end(out);
	}
	out_list_end(out);
	out_list_begin(out, "metrics");
	for (unsigned int i = 0; (metric = metrics_info(i)).name; i++) {
		out_object_begin(out, NULL);
		out_word(out, "name", NULL, metric.name);
		out_word(out, "type", NULL, metric.type);
		out_word(out, "help", NULL, metric.help);
		out_object_end(out);
	}
	out_list_end(out);
}

void verbs_describe(void)
{
	struct out out;

	out_open(&out, stdout, true);
	out_object_begin(&out, NULL);
	out_word(&out, "version", NULL, NATCTL_VERSION);
	describe_verbs(&out);
	describe_options(&out);
	describe_settings(&out);
	describe_words(&out);
	describe_reasons(&out);
	describe_checks(&out);
	out_close(&out);
}
