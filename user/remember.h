/* SPDX-License-Identifier: GPL-2.0-only */
/* remember.h - what a gateway was told, kept by whoever changes it until that has succeeded. */
#ifndef REMEMBER_H
#define REMEMBER_H

#include "gateway.h"
#include "options.h"

/** struct remembered - @options: settings, prefixes, addresses; @marker: internal interfaces */
struct remembered {
	struct nat_marker marker;
	struct options options;
};

/** remember() - Note what is in force. Prints its message. Return: 0 or -errno */
int remember(const struct gateway *gw, struct remembered *before);

/**
 * put_back() - Put in force again what was
 *
 * Sessions that a change of mapping or address has ended stay so. The marker is written.
 *
 * Return: 0, or the first -errno; the rest is put back all the same
 */
int put_back(struct gateway *gw, const struct remembered *before);

#endif /* REMEMBER_H */
