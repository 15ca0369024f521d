// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach.c - make a gateway, all or nothing.
 *
 * How it works
 *
 *	load -> self-test -> pin -> marker -> maps -> forwards -> egress hook -> ingress hooks
 *	     -> internal interfaces: hairpin, forwarding -> keeper
 *
 * The verifier speaks first, then the programs show that they translate (selftest.c), both
 * before anything can be seen from outside. The marker is written next, with layout 0, and
 * every step that teardown() could not find out for itself is recorded there before it is
 * taken: whether attach fails or is killed, the same table undoes it. Egress comes before
 * ingress and both before forwarding, so that nothing leaves untranslated meanwhile. The
 * layout number, last, makes it a gateway.
 */
#include "attach.h"

#include <errno.h>
#include <string.h>

#include "cmd.h"
#include "configure.h"
#include "hooks.h"
#include "internal.h"
#include "keeper.h"
#include "loader.h"
#include "msg.h"
#include "pinned.h"
#include "selftest.h"
#include "teardown.h"

static int load(const struct attach *attach, const struct load_plan *plan, struct nat_bpf **skel)
{
	int err = loader_load(skel, plan);

	if (!err)
		return 0;
	if (err == -ENOMEM && plan->max_sessions > SELFTEST_SESSIONS)
		msg_error(attach->netif.name,
			  "cannot load the programs: %s (try a smaller "
			  "--max-sessions)",
			  strerror(-err));
	else
		msg_error(attach->netif.name,
			  "cannot load the programs: the kernel refuses them: %s (-v shows what it "
			  "says)",
			  strerror(-err));
	return err;
}

/* On maps of their own: those of a gateway at work are not to be spoilt. */
static int load_tested(const struct attach *attach, const struct load_plan *plan,
		       struct nat_bpf **skel)
{
	char why[SELFTEST_WHY_MAX];
	int err = load(attach, plan, skel);

	if (err)
		return err;
	err = selftest(*skel, plan->header_len, why);
	if (!err)
		return 0;
	msg_error(attach->netif.name,
		  "self-test: %s (nothing was changed; this natctl is not to "
		  "be used here)",
		  why);
	loader_unload(*skel);
	return err;
}

static __u32 most(__u32 left, __u32 right)
{
	return left > right ? left : right;
}

static void plan_sizes(const struct attach *attach, bool upgrade, struct load_plan *plan)
{
	const struct options *options = attach->options;
	const struct gateway *gw = &attach->gw;
	__u32 wanted = options->given[NAT_SETTING_MAX_SESSIONS] ?
			       options->value[NAT_SETTING_MAX_SESSIONS] :
			       0;

	plan->addresses = options->pool.count;
	if (attach->remake) {
		plan->max_sessions = most(wanted, gw->marker.max_sessions);
		plan->addresses = most(options->pool.count, loader_addresses(gw));
	} else if (upgrade) {
		plan->max_sessions = SELFTEST_SESSIONS;
	} else {
		plan->max_sessions = wanted ? wanted : loader_max_sessions();
	}
}

int attach_load(const struct attach *attach, bool upgrade, struct nat_bpf **skel)
{
	struct load_plan plan = {
		.header_len = attach->header_len,
		.xdp = attach->xdp,
		.fast = attach->fast,
	};
	int err = internal_programs(&attach->gw, &attach->lan, plan.lan);

	if (err) {
		msg_error(attach->netif.name, "cannot list the interfaces: %s", strerror(-err));
		return err;
	}
	plan_sizes(attach, upgrade, &plan);
	err = load_tested(attach, &plan, skel);
	if (err || !upgrade || attach->remake)
		return err;
	loader_unload(*skel);
	plan.adopt = &attach->gw;
	return load(attach, &plan, skel);
}

int attach_reopen(struct attach *attach)
{
	char bpffs[PATH_MAX], dir[PATH_MAX];
	enum gateway_state state;
	int err;

	strcpy(dir, attach->gw.dir);
	gateway_close(&attach->gw);
	err = gateway_bpffs(bpffs, false);
	if (!err)
		err = gateway_find(&attach->gw, bpffs, attach->netif.name, &state);
	strcpy(attach->gw.dir, dir); /* what is to be undone is there, found or not */
	attach->gw.ifindex = attach->netif.ifindex; /* whatever its name is by now */
	if (err)
		msg_error(attach->netif.name, "cannot open what was pinned: %s", strerror(-err));
	return err;
}

static int pin(struct attach *attach, const struct nat_bpf *skel)
{
	int err = pinned_make(skel, attach->gw.dir);

	if (err) {
		msg_error(attach->netif.name, "cannot pin under %s: %s", attach->gw.dir,
			  strerror(-err));
		return err;
	}
	err = attach_reopen(attach);
	if (err)
		pinned_remove(attach->gw.dir);
	return err;
}

static int write_marker(struct attach *attach, const struct nat_bpf *skel)
{
	attach->gw.marker = (struct nat_marker){
		.ifindex = attach->netif.ifindex,
		.netns_cookie = gateway_netns_cookie(),
		.max_sessions = loader_sessions(skel),
		.no_sysctl = attach->options->no_sysctl,
		.fast = attach->fast,
	};
	internal_choose(&attach->gw, &attach->lan);
	return gateway_marker_write(&attach->gw);
}

/* With --ingress auto a driver that cannot do it decides for TC, whatever its reason. */
static int attach_xdp(struct attach *attach, int prog_fd)
{
	struct gateway *gw = &attach->gw;
	int err = hook_attach(HOOK_XDP_WAN_IN, gw, gw->ifindex, prog_fd, NULL);

	if (!err || attach->options->ingress == OPTIONS_INGRESS_XDP || err == -EBUSY)
		return err;
	attach->xdp = false;
	attach->why_tc = err == -EOPNOTSUPP ? "the driver has no native XDP" : strerror(-err);
	return 0;
}

static int attach_hooks(struct attach *attach, const struct nat_bpf *skel)
{
	static const char *const where[HOOK_WAN_MAX] = { "tc egress", "tc ingress", "native XDP" };
	struct gateway *gw = &attach->gw;
	bool clsact = false;
	int err;

	gw->marker.clsact = hooks_may_make_clsact(gw, gw->ifindex);
	err = gateway_marker_write(gw);
	if (err)
		msg_error(gw->name, "cannot write the marker: %s", strerror(-err));
	for (enum hook hook = 0; !err && hook < HOOK_WAN_MAX; hook++) {
		int prog_fd = loader_program_fd(skel, hook, false);

		if (hook == HOOK_XDP_WAN_IN)
			err = attach->xdp ? attach_xdp(attach, prog_fd) : 0;
		else
			err = hook_attach(hook, gw, gw->ifindex, prog_fd, &clsact);
		gw->marker.clsact = clsact;
		if (!err)
			err = gateway_marker_write(gw);
		if (err)
			msg_error(gw->name, "cannot attach %s to %s: %s%s",
				  hook_program(hook, false), where[hook], strerror(-err),
				  hook == HOOK_XDP_WAN_IN ? " (try --ingress tc)" : "");
	}
	gw->marker.ingress = attach->xdp ? NAT_INGRESS_XDP : NAT_INGRESS_TC;
	if (!err)
		err = gateway_marker_write(gw);
	return err;
}

int attach_keeper(struct attach *attach)
{
	struct gateway *gw = &attach->gw;
	int err;

	gw->marker.layout = NAT_LAYOUT_VERSION;
	if (attach->options->foreground) {
		err = keeper_open(gw);
		if (!err)
			err = keeper_name_self(gw);
	} else {
		err = keeper_start(gw);
	}
	if (err)
		msg_error(gw->name, "cannot start the keeper: %s", strerror(-err));
	return err;
}

bool attach_is_taken(const struct attach *attach)
{
	char why[HOOK_WHY_MAX];

	for (enum hook hook = 0; hook < HOOK_WAN_MAX; hook++) {
		if (hook == HOOK_XDP_WAN_IN && !attach->xdp)
			continue;
		if (!hook_is_taken(hook, &attach->gw, attach->netif.ifindex, why))
			continue;
		msg_error(attach->netif.name, "%s", why);
		return true;
	}
	return false;
}

int attach_forwards(const struct attach *attach, struct statics_done *done)
{
	const struct options_forwards *forwards = &attach->options->forwards;

	return statics_want(&attach->gw, forwards->rule, forwards->count, false, done);
}

/* All that follows the pins. */
static int install(struct attach *attach, const struct nat_bpf *skel)
{
	struct statics_done forwards = {};
	int err = write_marker(attach, skel);

	if (err)
		msg_error(attach->netif.name, "cannot write the marker: %s", strerror(-err));
	else
		err = configure(&attach->gw, attach->options, true);
	if (!err)
		err = attach_forwards(attach, &forwards);
	if (!err)
		err = attach_hooks(attach, skel);
	if (!err)
		err = internal_follow(&attach->gw);
	if (!err)
		err = attach_keeper(attach);
	statics_free(&forwards);
	return err;
}

int attach_fresh(struct attach *attach)
{
	struct nat_bpf *skel;
	bool is_pinned;
	int err;

	if (attach_is_taken(attach) || attach_load(attach, false, &skel))
		return EXIT_FAILED;
	err = pin(attach, skel);
	is_pinned = !err;
	if (!err)
		err = install(attach, skel);
	/* First, as undoing takes descriptors, and these may be the last that there are. */
	loader_unload(skel);
	if (err && is_pinned)
		teardown(&attach->gw, GATEWAY_UNFINISHED);
	return err ? EXIT_FAILED : EXIT_DONE;
}
