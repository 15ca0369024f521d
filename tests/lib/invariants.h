/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * invariants.h - what must be true of the maps at any moment between two packets.
 */
#ifndef INVARIANTS_H
#define INVARIANTS_H

/**
 * invariants_check() - Fail the case if the maps contradict each other
 *
 * Runs at the end of every case of tests/prog. What is checked is in invariants.c.
 */
void invariants_check(void);

#endif /* INVARIANTS_H */
