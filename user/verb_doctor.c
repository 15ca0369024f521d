// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_doctor.c - `natctl doctor [IF]`: what is not as a gateway needs it, and what to do.
 *
 * How it works: without IF every gateway that there is, in whatever state, is looked at, and where
 * there is none the interface that the default route leads by, which attach would be given.
 */
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cmd.h"
#include "doctor.h"
#include "msg.h"
#include "out.h"
#include "routes.h"

const char doctor_details[] =
	"Looks for what a gateway at IF needs and for what gets in its way, attached or\n"
	"not yet, and changes nothing. Without IF: every gateway, or the interface that\n"
	"the default route leads by. A line a check: ok, note (to be known) or problem,\n"
	"and behind -> what to do about it. -q leaves out what is ok. attach says those\n"
	"that come from others.\n"
	"\n"
	"Exit status: 0 no problem (there may be notes), 1 a problem.\n"
	"\n"
	"Examples:\n"
	"  natctl doctor\n"
	"  natctl doctor -q eth1 || echo not yet\n"
	"  natctl doctor -j | jq '.[] | select(.severity == \"problem\")'\n";

/**
 * struct visit - One run of the verb
 * @has_begun: The machine has been looked at
 * @ifname:    What is being looked at, or NULL: the machine
 */
struct visit {
	struct out out;
	bool has_begun;
	const char *ifname;
	unsigned int problems;
};

static const char *const severity_names[] = {
	[DOCTOR_GOOD] = "ok",
	[DOCTOR_NOTE] = "note",
	[DOCTOR_PROBLEM] = "problem",
};

static void print_finding(const struct doctor_finding *finding, void *data)
{
	struct visit *visit = data;
	struct out *out = &visit->out;

	visit->problems += finding->severity == DOCTOR_PROBLEM;
	if (global.quiet && finding->severity == DOCTOR_GOOD)
		return;
	out_row_begin(out);
	out_text(out, "%-8s %s%s", severity_names[finding->severity],
		 visit->ifname ? visit->ifname : "", visit->ifname ? ": " : "");
	out_word(out, "interface", NULL, visit->ifname);
	out_word(out, "check", "", finding->check);
	out_word(out, "severity", NULL, severity_names[finding->severity]);
	out_word(out, "text", ": ", finding->text);
	out_word(out, "remedy", finding->remedy ? "\n         -> " : NULL, finding->remedy);
	out_row_end(out);
}

/* Comes first, but not before it is known that there is something to look at. */
static void visit_machine(struct visit *visit)
{
	struct gateway none;

	if (visit->has_begun)
		return;
	visit->has_begun = true;
	gateway_init(&none);
	out_list_begin(&visit->out, NULL);
	doctor_check(&none, GATEWAY_ABSENT, DOCTOR_MACHINE, print_finding, visit);
}

static int visit_gateway(struct visit *visit, const char *bpffs, const char *ifname)
{
	enum gateway_state state = GATEWAY_ABSENT;
	struct gateway gw;
	int err = 0;

	gateway_init(&gw);
	if (*bpffs)
		err = gateway_find(&gw, bpffs, ifname, &state);
	/* What may not be opened can be judged as one that is yet to come. */
	if (!*bpffs || err) {
		strcpy(gw.name, ifname);
		gw.ifindex = if_nametoindex(ifname);
	}
	if (!gw.ifindex && state == GATEWAY_ABSENT) {
		msg_error(ifname, "no such interface (see \"ip link\")");
		return EXIT_FAILED;
	}
	visit_machine(visit);
	visit->ifname = gw.name;
	doctor_check(&gw, state, DOCTOR_GATEWAY, print_finding, visit);
	gateway_close(&gw);
	return EXIT_DONE;
}

/* The one that attach would be given. */
static int visit_way_out(struct visit *visit, const char *bpffs)
{
	struct routes *routes = calloc(1, sizeof(*routes));
	char name[IF_NAMESIZE];
	bool found = routes && !routes_read(routes) && if_indextoname(routes_main(routes, 0), name);

	free(routes);
	if (found)
		return visit_gateway(visit, bpffs, name);
	visit_machine(visit);
	msg_note("doctor", "no interface is attached, and no default route leads out by one "
			   "(name it: \"natctl doctor IF\")");
	return EXIT_DONE;
}

static int visit_all(struct visit *visit, const char *bpffs)
{
	struct gateway_name *names = NULL;
	int count = *bpffs ? gateway_names(bpffs, &names) : 0, code = EXIT_DONE;

	for (int i = 0; i < count; i++)
		if (visit_gateway(visit, bpffs, names[i].text))
			code = EXIT_FAILED;
	free(names);
	return count > 0 ? code : visit_way_out(visit, bpffs);
}

int doctor_main(int argc, char **argv)
{
	struct visit visit = {};
	char bpffs[PATH_MAX];
	int code;

	argc = args_interface(argv, NULL);
	if (argc < 0)
		return EXIT_MISUSED;
	if (argc && (!*argv[1] || strlen(argv[1]) >= IF_NAMESIZE)) {
		msg_error("doctor", "\"%s\" cannot be an interface (see \"ip link\")", argv[1]);
		return EXIT_MISUSED;
	}
	if (gateway_bpffs(bpffs, false))
		*bpffs = '\0';
	out_open(&visit.out, stdout, global.json);
	code = argc ? visit_gateway(&visit, bpffs, argv[1]) : visit_all(&visit, bpffs);
	out_close(&visit.out);
	return visit.problems ? EXIT_FAILED : code;
}
