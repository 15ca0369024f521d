// SPDX-License-Identifier: GPL-2.0-only
/* verb_reload.c - `natctl reload IF`: read the configuration file again, and follow it. */
#include <errno.h>
#include <string.h>

#include "args.h"
#include "cmd.h"
#include "config.h"
#include "lock.h"
#include "machine.h"
#include "msg.h"
#include "reload.h"

static int opened(struct attach *attach, struct options *options)
{
	char name[IF_NAMESIZE];
	int err = if_indextoname(attach->gw.ifindex, name) ? netif_find(name, &attach->netif) :
							     -ENODEV;

	if (!err)
		return reload(attach, options);
	msg_error(attach->gw.name, "cannot look at the interface: %s", strerror(-err));
	return EXIT_FAILED;
}

/* Under the lock of attach and detach, which change the same and end it. */
static int locked(struct options *options)
{
	static struct attach attach;
	char bpffs[PATH_MAX];
	struct lock lock;
	int err, code;

	attach.options = options;
	if (gateway_bpffs(bpffs, false))
		return gateway_open(&attach.gw, options->ifname); /* says that it is not attached */
	err = lock_take(&lock, bpffs);
	if (err) {
		msg_error(options->ifname, "cannot lock the gateway: %s", lock_strerror(err));
		return EXIT_FAILED;
	}
	code = gateway_open(&attach.gw, options->ifname);
	if (!code) {
		code = opened(&attach, options);
		gateway_close(&attach.gw);
	}
	lock_release(&lock);
	return code;
}

int reload_main(int argc, char **argv)
{
	static struct options options; /* too large for the stack of a careful program */
	const char *file = NULL;
	bool force = false;
	const struct arg_option words[] = {
		{ .name = "--config", .value = &file },
		{ .name = "--force", .flag = &force },
		{ .name = NULL },
	};
	struct gateway gw;
	int code;

	argc = args_interface(argv, words);
	if (argc < 0)
		return EXIT_MISUSED;
	if (!argc) {
		msg_error(argv[0], "which interface? (\"natctl reload IF\")");
		return EXIT_MISUSED;
	}
	options_init(&options);
	options.ifname = argv[1];
	options.force = force;
	/* Without a gateway it does not matter what the file says, nor that there is none. */
	code = gateway_open(&gw, argv[1]);
	if (code)
		return code;
	gateway_close(&gw);
	code = config_read(&options, file, true);
	if (code)
		return code;
	return machine_can_attach(argv[1]) ? locked(&options) : EXIT_FAILED;
}
