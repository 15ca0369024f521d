/* SPDX-License-Identifier: GPL-2.0-only */
/* teardown.h - undo what attach did, all of it or what there is of it. */
#ifndef TEARDOWN_H
#define TEARDOWN_H

#include "gateway.h"

/**
 * teardown() - Undo in reverse order; every step is tried, whatever became of the others
 * @gw:    From gateway_find(), under the lock
 * @state: What that said; not GATEWAY_ABSENT
 *
 * Return: EXIT_DONE, or EXIT_FAILED after a message that names what is left
 */
int teardown(struct gateway *gw, enum gateway_state state);

#endif /* TEARDOWN_H */
