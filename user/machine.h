/* SPDX-License-Identifier: GPL-2.0-only */
/* machine.h - may this process, on this kernel, attach and detach? */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>

/** struct machine_lack - What is missing, and what to do about it, for a message */
struct machine_lack {
	char text[192];
	const char *remedy;
};

/** machine_lacks_kernel() - Is this kernel too old? Fills @lack if so */
bool machine_lacks_kernel(struct machine_lack *lack);

/** machine_lacks_capabilities() - Does this process lack any? Fills @lack if so */
bool machine_lacks_capabilities(struct machine_lack *lack);

/** machine_can_attach() - Neither of them; says what is missing */
bool machine_can_attach(const char *ifname);

#endif /* MACHINE_H */
