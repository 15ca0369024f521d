// SPDX-License-Identifier: GPL-2.0-only
/* verb_detach.c - `natctl detach IF`: undo exactly what attach did. */
#include <errno.h>
#include <string.h>

#include "args.h"
#include "cmd.h"
#include "gateway.h"
#include "lock.h"
#include "machine.h"
#include "msg.h"
#include "out.h"
#include "teardown.h"

static int not_attached(const char *ifname)
{
	msg_error(ifname, "not attached (\"natctl status\" lists what is)");
	return EXIT_NOT_ATTACHED;
}

static int locked(const char *ifname, const char *bpffs)
{
	enum gateway_state state;
	struct gateway gw;
	int err, code;

	err = gateway_find(&gw, bpffs, ifname, &state);
	if (!err && state != GATEWAY_RENAMED) {
		gateway_close(&gw);
		err = gateway_find_settled(&gw, bpffs, ifname, &state);
	}
	if (err) {
		msg_error(ifname, "cannot detach: %s", gateway_strerror(err));
		code = err == -EINVAL ? EXIT_MISUSED : EXIT_FAILED;
	} else if (state == GATEWAY_ABSENT) {
		code = not_attached(ifname);
	} else if (state == GATEWAY_RENAMED) {
		code = gateway_refuse(&gw, state);
	} else {
		code = teardown(&gw, state);
	}
	if (code == EXIT_DONE)
		out_done(ifname, "detached");
	if (code == EXIT_DONE && state == GATEWAY_FOREIGN)
		msg_warn(ifname,
			 "made by another version of natctl: not undone is what it may have "
			 "done to forwarding, qdiscs and filters of internal interfaces, and "
			 "local routes (see \"sysctl -a -r forwarding\", \"tc qdisc\", \"ip "
			 "route show table local proto 78\")");
	gateway_close(&gw);
	return code;
}

int detach_main(int argc, char **argv)
{
	char bpffs[PATH_MAX], dir[PATH_MAX];
	struct lock lock;
	int words, err, code;

	(void)argc;
	words = args_take(argv, NULL);
	if (words < 0)
		return EXIT_MISUSED; /* it has said why */
	if (words != 1) {
		msg_error("detach", "which interface? (\"natctl detach IF\")");
		return EXIT_MISUSED;
	}
	if (!machine_can_attach(argv[1]))
		return EXIT_FAILED;
	if (gateway_bpffs(bpffs, false))
		return not_attached(argv[1]);
	err = gateway_path(bpffs, argv[1], dir);
	if (err) {
		msg_error("detach", "\"%s\" cannot be an interface (see \"ip link\")", argv[1]);
		return EXIT_MISUSED;
	}
	err = lock_take(&lock, bpffs);
	if (err) {
		msg_error(argv[1], "cannot detach: %s", lock_strerror(err));
		return EXIT_FAILED;
	}
	code = locked(argv[1], bpffs);
	lock_release(&lock);
	return code;
}
