/* SPDX-License-Identifier: GPL-2.0-only */
/* machine.h - may this process, on this kernel, attach and detach? */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>

/** machine_can_attach() - Kernel version and capabilities; says what is missing */
bool machine_can_attach(const char *ifname);

#endif /* MACHINE_H */
