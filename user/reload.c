// SPDX-License-Identifier: GPL-2.0-only
/*
 * reload.c - bring an attached gateway in line with a configuration file.
 *
 * How it works
 *
 *	can it be done -> what differs -> remember -> settings, prefixes, addresses
 *						   -> internal interfaces -> say what changed
 *
 * The file is the whole truth: what it does not say goes back to its default. What is in
 * force is read from the gateway itself, so a second reload finds nothing to change, and
 * what somebody has changed by `natctl set` is put back, too. Only what differs is written.
 * Programs and hooks stay: what needs other ones is refused before anything is changed.
 *
 * Not told by the file and therefore left alone: the ingress hook while the file says auto
 * (which the driver has decided), max-sessions without a line (the table's size), and port
 * forwards as long as the file has none at all.
 */
#include "reload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "configure.h"
#include "hooks.h"
#include "internal.h"
#include "msg.h"
#include "out.h"
#include "remember.h"
#include "value.h"

/* ---- can it be done ---------------------------------------------------------------------- */

static bool check_ingress(const struct attach *attach)
{
	static const char *const names[] = { [NAT_INGRESS_XDP] = "xdp", [NAT_INGRESS_TC] = "tc" };
	const struct options *options = attach->options;
	const struct gateway *gw = &attach->gw;
	enum nat_ingress wanted =
		options->ingress == OPTIONS_INGRESS_XDP ? NAT_INGRESS_XDP : NAT_INGRESS_TC;
	struct options_place place;

	if (options->ingress == OPTIONS_INGRESS_AUTO || wanted == gw->marker.ingress)
		return true;
	options_place(&place, options, options->line[OPTIONS_ONCE_INGRESS], gw->name);
	msg_error(place.object,
		  "ingress %s needs other programs: it is %s now (\"natctl attach %s\" replaces "
		  "them, and no session is lost)",
		  names[wanted], names[gw->marker.ingress], gw->name);
	return false;
}

static bool check_fast(const struct attach *attach)
{
	const struct gateway *gw = &attach->gw;

	if (attach->options->fast == gw->marker.fast)
		return true;
	msg_error(gw->name,
		  "%s needs other programs, and the lane is %s now (\"natctl attach %s --%s\" "
		  "replaces them, and no session is lost)",
		  gw->marker.fast ? "a file without \"fast\"" : "\"fast\"",
		  gw->marker.fast ? "open" : "closed", gw->name,
		  gw->marker.fast ? "no-fast" : "fast");
	return false;
}

/* The hairpin's programs are loaded as far as they were needed at attach. */
static bool check_hairpin(const struct attach *attach)
{
	const struct options_lan *lan = &attach->lan;
	const struct gateway *gw = &attach->gw;
	struct options_place place;
	bool need[2];

	if (internal_programs(gw, lan, need))
		return true; /* what cannot be looked at is told by whoever needs it */
	for (int bare = 0; bare < 2; bare++) {
		char path[PATH_MAX + 32];

		snprintf(path, sizeof(path), "%s/progs/%s", gw->dir,
			 hook_program(HOOK_LAN_IN, bare));
		/* Among interfaces that nobody has named it is a warning, as it is at attach. */
		if (!need[bare] || (bare && lan->mode == NAT_LAN_AUTO) || !access(path, F_OK))
			continue;
		options_place(&place, attach->options, lan->line[0], gw->name);
		msg_error(
			place.object,
			"lan %s needs the program %s, which is not loaded (\"natctl attach %s%s\" "
			"loads it, and no session is lost)",
			lan->count ? lan->names[0] : "auto", hook_program(HOOK_LAN_IN, bare),
			gw->name, lan->count ? "" : " --lan auto");
		return false;
	}
	return true;
}

static bool can_reload(const struct attach *attach, const struct options *now)
{
	const struct options *options = attach->options;

	if (!check_ingress(attach) || !check_fast(attach) || !attach_fits(attach, NULL))
		return false;
	/* One that has lost its address keeps it, but nobody is left without. */
	if (options->address_auto && !now->address_auto && !attach_has_address(attach))
		return false;
	return check_hairpin(attach);
}

/* ---- what differs ------------------------------------------------------------------------ */

/** struct words - A list, as the file would have it */
struct words {
	unsigned int count;
	char text[NAT_POOL_MAX][OUT_TEXT_MAX];
};

_Static_assert(NAT_PREFIXES_MAX <= NAT_POOL_MAX && OPTIONS_LAN_MAX <= NAT_POOL_MAX, "words");

static void address_words(const struct options *options, struct words *words)
{
	words->count = options->address_auto ? 1 : options->pool.count;
	if (options->address_auto)
		strcpy(words->text[0], "auto");
	else
		for (__u32 i = 0; i < words->count; i++)
			out_addr_text(words->text[i], options->pool.addr[i]);
}

static void net_words(const struct options_nets *nets, struct words *words)
{
	char addr[OUT_TEXT_MAX];

	words->count = nets->count;
	for (unsigned int i = 0; i < nets->count; i++)
		snprintf(words->text[i], OUT_TEXT_MAX, "%.20s/%u",
			 out_addr_text(addr, nets->prefix[i].addr), nets->prefix[i].len);
}

static void internal_words(const struct options *options, struct words *words)
{
	net_words(&options->internal, words);
}

static void excluded_words(const struct options *options, struct words *words)
{
	net_words(&options->excluded, words);
}

static void lan_words(const struct options *options, struct words *words)
{
	const struct options_lan *lan = &options->lan;

	words->count = lan->mode == NAT_LAN_LISTED ? lan->count : 1;
	strcpy(words->text[0], lan->mode == NAT_LAN_AUTO ? "auto" : "none");
	for (unsigned int i = 0; i < lan->count; i++)
		strcpy(words->text[i], lan->names[i]);
}

static void no_sysctl_words(const struct options *options, struct words *words)
{
	words->count = 1;
	strcpy(words->text[0], options->no_sysctl ? "on" : "off");
}

/* @given: Where in struct options it says that the list is to be changed */
static const struct list_row {
	const char *name;
	void (*words)(const struct options *options, struct words *words);
	size_t given;
} lists[] = {
	{ "address", address_words, offsetof(struct options, address_given) },
	{ "internal", internal_words, offsetof(struct options, internal.given) },
	{ "exclude", excluded_words, offsetof(struct options, excluded.given) },
	{ "lan", lan_words, offsetof(struct options, lan.given) },
	{ "no-sysctl", no_sysctl_words, offsetof(struct options, no_sysctl_given) },
};

static bool has_word(const struct words *words, const char *text)
{
	for (unsigned int i = 0; i < words->count; i++)
		if (!strcmp(words->text[i], text))
			return true;
	return false;
}

/* Return: how many of @words are not among @others; @say: of which interface, or NULL */
static unsigned int missing(const struct words *words, const struct words *others, const char *name,
			    const char *what, const char *say)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < words->count; i++) {
		if (has_word(others, words->text[i]))
			continue;
		if (say)
			out_done(say, "%s %s: %s", name, words->text[i], what);
		count++;
	}
	return count;
}

static bool compare_list(const struct list_row *row, const struct options *now,
			 const struct options *wanted, const char *say)
{
	static struct words old, new;
	unsigned int count;

	row->words(now, &old);
	row->words(wanted, &new);
	count = missing(&old, &new, row->name, "removed", say);
	return count + missing(&new, &old, row->name, "added", say);
}

static bool compare_setting(enum nat_setting setting, const struct options *now,
			    const struct options *wanted, const char *say)
{
	char old[OUT_TEXT_MAX], new[OUT_TEXT_MAX];

	if (now->value[setting] == wanted->value[setting])
		return false;
	value_setting_text(setting, now->value[setting], old);
	value_setting_text(setting, wanted->value[setting], new);
	if (say)
		out_done(say, "%s: %s -> %s", value_settings[setting].name, old, new);
	return true;
}

/*
 * compare() - What differs, and only that, is given in @wanted
 * @say: Print it, for this interface; or NULL
 *
 * Return: does anything?
 */
static bool compare(const struct options *now, struct options *wanted, const char *say)
{
	bool differs = false;

	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++) {
		wanted->given[i] = compare_setting(i, now, wanted, say);
		differs |= wanted->given[i];
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		bool *given = (bool *)((char *)wanted + lists[i].given);

		*given = compare_list(&lists[i], now, wanted, say);
		differs |= *given;
	}
	return differs;
}

/* ---- from one to the other --------------------------------------------------------------- */

/* What the file does not say, and what the kernel calls what it does say. */
static void fill_up(const struct attach *attach, struct options *wanted)
{
	if (!wanted->given[NAT_SETTING_MAX_SESSIONS])
		wanted->value[NAT_SETTING_MAX_SESSIONS] = attach->gw.marker.max_sessions;
	if (!wanted->internal.given)
		wanted->internal.count = 1; /* the prefix of length 0 */
	wanted->lan = attach->lan;
}

static int apply_interfaces(struct gateway *gw, const struct options *wanted)
{
	int err = 0;

	if (wanted->lan.given)
		internal_choose(gw, &wanted->lan);
	if (wanted->no_sysctl_given)
		gw->marker.no_sysctl = wanted->no_sysctl;
	if (wanted->no_sysctl_given && wanted->no_sysctl) {
		err = internal_unforward(gw);
		if (err)
			msg_error(gw->name, "cannot put forwarding back: %s", strerror(-err));
	}
	if (!err && (wanted->lan.given || wanted->no_sysctl_given))
		return internal_follow(gw);
	err = err ? err : gateway_marker_write(gw);
	return err;
}

static void put_all_back(struct gateway *gw, const struct remembered *before)
{
	int back = put_back(gw, before);

	if (back)
		msg_error(gw->name,
			  "not all is as it was before: %s (\"natctl reload %s\" tries again)",
			  strerror(-back), gw->name);
}

static int apply(struct gateway *gw, const struct options *wanted, const struct remembered *before)
{
	int err = configure(gw, wanted, false);

	if (!err)
		err = apply_interfaces(gw, wanted);
	if (err)
		put_all_back(gw, before);
	return err;
}

/* Last, for it undoes itself. */
static int apply_forwards(const struct gateway *gw, const struct options *wanted,
			  struct statics_done *done)
{
	return statics_want(gw, wanted->forwards.rule, wanted->forwards.count, true, done);
}

static void say(const struct gateway *gw, const struct options *now, struct options *wanted,
		const struct statics_done *forwards)
{
	bool differs = compare(now, wanted, gw->name);

	statics_tell(gw, forwards);
	if (!differs && !forwards->added.count && !forwards->removed.count)
		out_done(gw->name, "nothing to change");
}

int reload(struct attach *attach, struct options *wanted)
{
	static struct remembered before; /* too large for the stack of a careful program */
	static struct options now;
	struct gateway *gw = &attach->gw;
	struct statics_done forwards = {};
	bool differs;
	int err = 0;

	if (remember(gw, &before))
		return EXIT_FAILED;
	now = before.options;
	now.no_sysctl = before.marker.no_sysctl;
	internal_chosen(gw, &now.lan);
	if (!attach_check_internal(attach, &now.lan))
		return EXIT_FAILED;
	fill_up(attach, wanted);
	differs = compare(&now, wanted, NULL);
	if (!can_reload(attach, &now))
		return EXIT_FAILED;
	if (differs)
		err = apply(gw, wanted, &before);
	if (!err && wanted->forwards.given) {
		err = apply_forwards(gw, wanted, &forwards);
		if (err && differs)
			put_all_back(gw, &before);
	}
	if (!err && !global.quiet)
		say(gw, &now, wanted, &forwards);
	statics_free(&forwards);
	return err ? EXIT_FAILED : EXIT_DONE;
}
