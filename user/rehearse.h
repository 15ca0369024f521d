/* SPDX-License-Identifier: GPL-2.0-only */
/* rehearse.h - could the port forwards that attach was told be made? */
#ifndef REHEARSE_H
#define REHEARSE_H

#include "attach.h"

/**
 * rehearse_forwards() - Make them in tables of their own, which go with the programs
 * @skel:    Loaded with maps of its own, that nobody uses
 * @upgrade: What is bound in those of @attach->gw is in the way, as it would be there
 *
 * Says what attach would say. Return: 0 or negative
 */
int rehearse_forwards(struct attach *attach, const struct nat_bpf *skel, bool upgrade);

#endif /* REHEARSE_H */
