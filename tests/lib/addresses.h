/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * addresses.h - change the only external address, in the order of pool_write() in user/pool.c.
 */
#ifndef ADDRESSES_H
#define ADDRESSES_H

#include <stdbool.h>

/** address_add() - Make it known, and give it to whoever comes */
void address_add(const char *text);

/** address_away() - The interface has lost it, and no other has come; or it is back */
void address_away(const char *text, bool is_away);

/** address_forget() - From here on it is nobody's */
void address_forget(const char *text);

/** address_flush() - End what hangs on it */
void address_flush(const char *text);

/** address_replace() - All three */
void address_replace(const char *old, const char *new);

#endif /* ADDRESSES_H */
