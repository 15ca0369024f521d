/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * invariants.h - what must be true of the maps at any moment between two packets.
 */
#ifndef INVARIANTS_H
#define INVARIANTS_H

#include <stdbool.h>

/**
 * invariants_check() - Fail the case if the maps contradict each other
 *
 * Runs at the end of every case of tests/prog. What is checked is in invariants.c.
 */
void invariants_check(void);

/**
 * invariants_were_flushed - Was there a flush while packets were under way?
 *
 * Then a session that was being opened may be alive although its binding has been ended: it opened
 * after the flush, so to speak, and the next packet revives the binding.
 */
extern bool invariants_were_flushed;

#endif /* INVARIANTS_H */
