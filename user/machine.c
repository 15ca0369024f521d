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

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

bool machine_lacks_kernel(struct machine_lack *lack)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return false; /* the verifier will tell */
	if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR))
		return false;
	snprintf(lack->text, sizeof(lack->text), "this kernel is %s", name.release);
	lack->remedy = "natctl needs Linux " TEXT(KERNEL_MAJOR) "." TEXT(KERNEL_MINOR) " or newer";
	return true;
}

bool machine_lacks_capabilities(struct machine_lack *lack)
{
	char missing[128] = "";
	uint64_t capabilities;

	if (proc_capabilities(&capabilities))
		return false; /* the kernel will refuse what is not allowed */
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (!has(capabilities, needs[i].capability) &&
		    !(needs[i].admin_will_do && has(capabilities, CAP_SYS_ADMIN)))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing),
				 "%s%s", *missing ? ", " : "", needs[i].name);
	snprintf(lack->text, sizeof(lack->text), "not permitted: missing capability %s", missing);
	lack->remedy = "run as root";
	return *missing;
}

bool machine_can_attach(const char *ifname)
{
	struct machine_lack lack;

	if (!machine_lacks_kernel(&lack) && !machine_lacks_capabilities(&lack))
		return true;
	msg_error(ifname, "%s (%s)", lack.text, lack.remedy);
	return false;
}
