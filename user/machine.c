// SPDX-License-Identifier: GPL-2.0-only
/* machine.c - may this process, on this kernel, attach and detach? */
#include "machine.h"

#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "msg.h"
#include "proc.h"

#define KERNEL_MAJOR 6
#define KERNEL_MINOR 1

static const struct needed {
	const char *name;
	int capability;
	bool admin_will_do; /* CAP_SYS_ADMIN includes it */
} needs[] = {
	{ "CAP_NET_ADMIN", CAP_NET_ADMIN, false },
	{ "CAP_NET_RAW", CAP_NET_RAW, false }, /* the keeper's, raw.c */
	{ "CAP_BPF", CAP_BPF, true },
	{ "CAP_PERFMON", CAP_PERFMON, true },
};

static bool has(uint64_t capabilities, int capability)
{
	return capabilities >> capability & 1;
}

static bool kernel_is_new_enough(const char *ifname)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return true; /* the verifier will tell */
	if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR))
		return true;
	msg_error(ifname, "this kernel is %s (natctl needs Linux %d.%d or newer)", name.release,
		  KERNEL_MAJOR, KERNEL_MINOR);
	return false;
}

bool machine_can_attach(const char *ifname)
{
	char missing[128] = "";
	uint64_t capabilities;

	if (!kernel_is_new_enough(ifname))
		return false;
	if (proc_capabilities(&capabilities))
		return true; /* the kernel will refuse what is not allowed */
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (!has(capabilities, needs[i].capability) &&
		    !(needs[i].admin_will_do && has(capabilities, CAP_SYS_ADMIN)))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing),
				 "%s%s", *missing ? ", " : "", needs[i].name);
	if (!*missing)
		return true;
	msg_error(ifname, "not permitted: missing capability %s (run as root)", missing);
	return false;
}
