// SPDX-License-Identifier: GPL-2.0-only
/*
 * privileges.c - give up what a process that stays does not need.
 *
 * How it works: the keeper has opened all that takes more before it comes here: maps,
 * programs, raw sockets. What it does later to interfaces, addresses, routes, neighbours,
 * filters, links and sysctls of the network takes one capability. It is root and stays it,
 * for the pins are root's; no_new_privs and, where it may be cut, the bounding set see
 * to it that nothing it could start becomes more.
 */
#include "privileges.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORD_BITS 32

/* Ends at the first number that the kernel has no capability for. */
static int drop_bounding(uint64_t keep)
{
	for (int cap = 0; cap < 64; cap++) {
		int is_in = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (is_in < 0)
			return 0;
		if (is_in && !(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			return errno == EPERM ? 0 : -errno;
	}
	return 0;
}

static int drop_own(uint64_t keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, words))
		return -errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		words[i].permitted &= (uint32_t)(keep >> (i * WORD_BITS));
		words[i].effective = words[i].permitted;
		words[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, words) ? -errno : 0;
}

int privileges_drop(uint64_t keep)
{
	int err, first = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		first = -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		first = first ? first : -errno;
	/* Takes CAP_SETPCAP, so before that goes. Who has come without it was bounded already. */
	err = drop_bounding(keep);
	first = first ? first : err;
	err = drop_own(keep);
	return first ? first : err;
}
