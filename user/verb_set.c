// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_set.c - `natctl set` and `natctl show-settings`: the live settings of a gateway.
 *
 * How it works: all assignments are read and judged before anything is written, first
 * by themselves (name, value, floor), then against the gateway (the session table has
 * a size). They are written in one update of the only entry of `settings`, under the
 * lock, because that entry holds what somebody else may be changing too.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "args.h"
#include "cmd.h"
#include "gateway.h"
#include "lock.h"
#include "msg.h"
#include "out.h"
#include "remake.h"
#include "value.h"

#define VERB_SET "set"

static const __u32 ONLY = 0; /* the key of every map of one entry */

/** struct changes - What a command line asks for */
struct changes {
	struct nat_settings to;
	bool given[NAT_SETTING_MAX];
};

/* ---- reading ------------------------------------------------------------------------------ */

#define X(id, name, ...) +sizeof(", " name)
#define NAMES_BYTES (0 NAT_SETTINGS(X))

static void say_unknown_key(const char *word)
{
	char list[NAMES_BYTES] = "";

	for (int i = 0; i < NAT_SETTING_MAX; i++)
		if (value_settings[i].live)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
				 *list ? ", " : "", value_settings[i].name);
	msg_error(VERB_SET, "no such setting: \"%s\" (one of %s)", word, list);
}

#undef X

/* Which option of attach stands for a setting that only attach changes. */
static const char *attach_option(enum nat_setting setting)
{
	return setting == NAT_SETTING_MAPPING ? "--mapping WORD" : "--ports LO-HI";
}

static bool read_change(struct changes *changes, char *word, const char *ifname, bool force)
{
	char *text = strchr(word, '=');
	const struct value_setting_info *info;
	enum nat_setting setting;
	char expects[64];
	uint32_t value;

	if (!text) {
		msg_error(VERB_SET, "not KEY=VALUE: \"%s\"", word);
		return false;
	}
	*text++ = '\0';
	if (!value_setting_find(word, &setting)) {
		say_unknown_key(word);
		return false;
	}
	info = &value_settings[setting];
	if (!info->live) {
		msg_error(VERB_SET, "%s cannot change while traffic flows (natctl attach %s %s)",
			  word, ifname, attach_option(setting));
		return false;
	}
	if (changes->given[setting]) {
		msg_error(VERB_SET, "%s is given twice", word);
		return false;
	}
	if (!value_setting(setting, text, &value)) {
		value_setting_expects(setting, expects, sizeof(expects));
		msg_error(VERB_SET, "%s: not valid: \"%s\" (%s)", word, text, expects);
		return false;
	}
	if (value < info->floor && !force) {
		msg_error(VERB_SET, "%s: %u is below the floor of %u: %s (--force accepts it)",
			  word, value, info->floor, info->source);
		return false;
	}
	changes->to.value[setting] = value;
	changes->given[setting] = true;
	return true;
}

/* ---- writing ------------------------------------------------------------------------------ */

static bool fits(const struct gateway *gw, const struct changes *changes)
{
	uint32_t wanted = changes->to.value[NAT_SETTING_MAX_SESSIONS];

	if (!changes->given[NAT_SETTING_MAX_SESSIONS] || wanted <= gw->marker.max_sessions)
		return true;
	msg_error(gw->name,
		  "max-sessions: %u is more than the table holds: %u (\"natctl attach %s "
		  "--max-sessions %u --force\" makes new tables, which ends all sessions: %u now)",
		  wanted, gw->marker.max_sessions, gw->name, wanted, remake_cost(gw));
	return false;
}

static int write_changes(const struct gateway *gw, const struct changes *changes)
{
	struct nat_settings settings;

	if (bpf_map_lookup_elem(gw->fd[GATEWAY_settings], &ONLY, &settings))
		return -errno;
	for (int i = 0; i < NAT_SETTING_MAX; i++)
		if (changes->given[i])
			settings.value[i] = changes->to.value[i];
	return bpf_map_update_elem(gw->fd[GATEWAY_settings], &ONLY, &settings, BPF_ANY) ? -errno :
											  0;
}

static int apply_to(const struct gateway *gw, const struct changes *changes)
{
	int err;

	if (!fits(gw, changes))
		return EXIT_FAILED;
	err = write_changes(gw, changes);
	if (!err)
		return EXIT_DONE;
	msg_error(gw->name, "cannot write the settings: %s", strerror(-err));
	return EXIT_FAILED;
}

/* Under the lock of attach and detach: the first writes settings too, the second ends them. */
static int apply(const char *ifname, const struct changes *changes)
{
	char bpffs[PATH_MAX];
	struct gateway gw;
	struct lock lock;
	int err, code;

	if (gateway_bpffs(bpffs, false))
		return gateway_open(&gw, ifname); /* says that nothing is attached */
	err = lock_take(&lock, bpffs);
	if (err) {
		msg_error(ifname, "cannot lock the gateway: %s", lock_strerror(err));
		return EXIT_FAILED;
	}
	code = gateway_open(&gw, ifname);
	if (!code) {
		code = apply_to(&gw, changes);
		gateway_close(&gw);
	}
	lock_release(&lock);
	return code;
}

int set_main(int argc, char **argv)
{
	struct changes changes = {};
	bool force = false;
	const struct arg_option options[] = {
		{ .name = "--force", .flag = &force },
		{ .name = NULL },
	};

	argc = args_take(argv, options);
	if (argc < 0)
		return EXIT_MISUSED;
	if (argc < 2 || strchr(argv[1], '=')) {
		msg_error(VERB_SET, "which %s? (natctl set IF KEY=VALUE...)",
			  argc && !strchr(argv[1], '=') ? "settings" : "interface");
		return EXIT_MISUSED;
	}
	for (char **word = argv + 2; *word; word++)
		if (!read_change(&changes, *word, argv[1], force))
			return EXIT_MISUSED;
	return apply(argv[1], &changes);
}

/* ---- show-settings ------------------------------------------------------------------------ */

/* A setting's value as JSON has it: a number where it is one, else the word. */
static void print_value(struct out *out, const char *key, enum nat_setting setting, uint32_t value)
{
	char text[OUT_TEXT_MAX];

	value_setting_text(setting, value, text);
	if (value_setting_is_number(setting, value))
		out_number(out, key, NULL, value);
	else
		out_word(out, key, NULL, text);
}

static void print_setting(struct out *out, const struct gateway *gw, enum nat_setting setting,
			  uint32_t value)
{
	const struct value_setting_info *info = &value_settings[setting];
	bool from_ram = setting == NAT_SETTING_MAX_SESSIONS;
	char text[OUT_TEXT_MAX], dflt[OUT_TEXT_MAX];

	value_setting_text(setting, value, text);
	value_setting_text(setting, info->dflt, dflt);
	out_row_begin(out);
	out_word(out, "interface", NULL, gw->name);
	out_word(out, "name", NULL, info->name);
	out_text(out, "%-16s %-13s %-13s %-9s", info->name, text, from_ram ? "from RAM" : dflt,
		 value_setting_unit(setting));
	print_value(out, "value", setting, value);
	if (from_ram)
		out_word(out, "default", NULL, NULL);
	else
		print_value(out, "default", setting, info->dflt);
	out_word(out, "unit", NULL, value_setting_unit(setting));
	out_bool(out, "live", NULL, info->live);
	out_word(out, "meaning", NULL, info->meaning);
	out_word(out, "source", " ", info->source);
	out_row_end(out);
}

int show_settings_main(int argc, char **argv)
{
	struct nat_settings settings;
	struct gateway gw;
	struct out out;
	int code;

	argc = args_interface(argv, NULL);
	if (argc < 0)
		return EXIT_MISUSED;
	code = gateway_open(&gw, argv[1]);
	if (code)
		return code;
	if (gateway_settings(&gw, &settings)) {
		code = EXIT_FAILED;
	} else {
		out_open(&out, stdout, global.json);
		out_list_begin(&out, NULL);
		out_text(&out, "%-16s %-13s %-13s %-9s %s\n", "NAME", "VALUE", "DEFAULT", "UNIT",
			 "SOURCE");
		for (int i = 0; i < NAT_SETTING_MAX; i++)
			print_setting(&out, &gw, (enum nat_setting)i, settings.value[i]);
		out_close(&out);
	}
	gateway_close(&gw);
	return code;
}
