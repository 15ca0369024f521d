/* SPDX-License-Identifier: GPL-2.0-only */
/* selftest.h - do programs that are loaded, but not attached yet, translate as they should? */
#ifndef SELFTEST_H
#define SELFTEST_H

struct nat_bpf;

#define SELFTEST_WHY_MAX 512 /* bytes */
#define SELFTEST_SESSIONS 16 /* that the session table must have room for */

/**
 * selftest() - Send packets through the programs and look at what becomes of them
 * @skel:       Loaded with maps of its own that are empty, and are again when it succeeds
 * @header_len: What it was loaded for
 * @why:        Filled on failure: which program, which packet, seen and expected
 *
 * Nothing leaves this process: the kernel runs the programs on packets that are handed to it
 * and hands them back.
 *
 * Return: 0, -EBADMSG if something is translated wrongly, or -errno of what is needed for it
 */
int selftest(const struct nat_bpf *skel, int header_len, char *why);

#endif /* SELFTEST_H */
