/* SPDX-License-Identifier: GPL-2.0-only */
/* wipe.h - make maps what they were when they were made. */
#ifndef WIPE_H
#define WIPE_H

#include "gateway.h"

/** wipe() - Empty every map but `requests`, which the self-test does not use. Return: 0 or -errno
 */
int wipe(const struct gateway *gw);

#endif /* WIPE_H */
