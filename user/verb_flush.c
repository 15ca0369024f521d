// SPDX-License-Identifier: GPL-2.0-only
/*
 * verb_flush.c - `natctl flush`: end dynamic sessions and bindings.
 *
 * How it works: the control program nat_flush moves deadlines into the past, and from
 * then on the entries are absent for every packet. Deleting them is the reaper's work;
 * the keeper is woken so that their ports are free soon. Without a keeper the flush is
 * as complete, only the table is not yet smaller.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "filter.h"
#include "gateway.h"
#include "msg.h"
#include "out.h"

#define VERB "flush"

/*
 * By a descriptor: between the look at a pid and the signal the process may end and
 * the pid be somebody else's. A keeper that is gone has nothing to be told.
 */
static void wake_keeper(const struct gateway *gw)
{
	int fd;

	if (!gw->marker.keeper_pid)
		return;
	fd = (int)syscall(SYS_pidfd_open, gw->marker.keeper_pid, 0);
	if (fd < 0)
		return;
	if (gateway_keeper_alive(&gw->marker))
		syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0);
	close(fd);
}

static void print_ended(const struct nat_flush_args *args)
{
	struct out out;

	out_open(&out, stdout, false);
	if (!global.quiet)
		out_text(&out, "ended %u %s and %u %s\n", args->sessions,
			 args->sessions == 1 ? "session" : "sessions", args->bindings,
			 args->bindings == 1 ? "binding" : "bindings");
	out_close(&out);
}

static int flush(const char *ifname, const struct filter *filter)
{
	struct nat_flush_args args;
	struct gateway gw;
	int err, code = gateway_open(&gw, ifname);

	if (code)
		return code;
	filter_to_flush(filter, &args);
	err = gateway_flush(&gw, &args);
	if (err) {
		msg_error(gw.name, "cannot flush: %s%s", strerror(-err),
			  err == -EPERM ? " (run as root)" : "");
		code = EXIT_FAILED;
	} else {
		wake_keeper(&gw);
		print_ended(&args);
	}
	gateway_close(&gw);
	return code;
}

int flush_main(int argc, char **argv)
{
	const char *ifname;
	struct filter filter;
	char why[256];

	(void)argc;
	if (args_take(argv, NULL) < 0)
		return EXIT_MISUSED;
	if (!filter_parse_operands(&ifname, &filter, FILTER_SESSIONS, argv + 1, why, sizeof(why))) {
		msg_error(VERB, "%s", why);
		return EXIT_MISUSED;
	}
	if (!ifname) {
		msg_error(VERB, "which interface? (natctl flush IF [FILTER])");
		return EXIT_MISUSED;
	}
	return flush(ifname, &filter);
}
