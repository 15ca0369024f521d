// SPDX-License-Identifier: GPL-2.0-only
/* remember.c - what a gateway was told, kept by whoever changes it until that has succeeded. */
#include "remember.h"

#include <string.h>

#include "configure.h"
#include "internal.h"
#include "msg.h"

int remember(const struct gateway *gw, struct remembered *before)
{
	int err = configured(gw, &before->options);

	before->marker = gw->marker;
	if (err)
		msg_error(gw->name, "cannot read what is in force: %s", strerror(-err));
	return err;
}

int put_back(struct gateway *gw, const struct remembered *before)
{
	int first, err;

	gw->marker.no_sysctl = before->marker.no_sysctl;
	gw->marker.fast = before->marker.fast;
	first = configure(gw, &before->options, false);
	/* Writes the marker. */
	err = internal_restore(gw, &before->marker);
	return first ? first : err;
}
