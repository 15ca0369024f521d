/* SPDX-License-Identifier: GPL-2.0-only */
/* keeper_work.h - what the keeper does when one of its descriptors has something to say. */
#ifndef KEEPER_WORK_H
#define KEEPER_WORK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <time.h>

#include "gateway.h"
#include "link.h"
#include "ports.h"
#include "requests.h"
#include "sweep.h"

/**
 * struct keeper - One running
 * @maps_dir:   The directory of map pins, to see whether they are still there
 * @peers:      When another gateway last came to this namespace, or went
 * @seconds:    The timer for what waits for seconds only, and whether it runs
 * @changed:    There was news since follow() last succeeded
 * @is_locked:  Somebody else was at work when it was tried
 * @pause:      Ticks between two attempts of it, more with each that fails; @wait of them left
 * @follow_err, @sweep_err, @small_err: How that failed the last time, or 0
 * @is_over:    Time to end
 * @code:       And how: an exit code
 */
struct keeper {
	struct gateway *gw;
	struct ports ports;
	struct sweep sweep;
	struct requests requests;
	struct link link;
	struct mnl_socket *news;
	struct timespec peers;
	int timer;
	int seconds;
	bool seconds_run;
	int signals;
	int events;
	int maps_dir;
	unsigned int ticks;
	unsigned int pause;
	unsigned int wait;
	int follow_err;
	int sweep_err;
	int small_err;
	bool changed;
	bool is_locked;
	bool is_over;
	int code;
};

/** keeper_tick() - The timer: every second */
void keeper_tick(struct keeper *keeper);

/** keeper_tick_seconds() - The other timer: twice a second, while it runs */
void keeper_tick_seconds(struct keeper *keeper);

/** keeper_hear_requests() - The data path asks for something */
void keeper_hear_requests(struct keeper *keeper);

/** keeper_hear_signal() - SIGUSR1, or the end */
void keeper_hear_signal(struct keeper *keeper);

/** keeper_hear_news() - The kernel has told of interfaces or addresses */
void keeper_hear_news(struct keeper *keeper);

/** keeper_follow() - Look at them, under the lock; if that is taken, @keeper->is_locked says so */
void keeper_follow(struct keeper *keeper);

#endif /* KEEPER_WORK_H */
