/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metrics.h - gateways in numbers, as Prometheus reads them.
 *
 * Reading and printing are apart: a page has all gateways of one metric together, so that each is
 * read first and the page made of what was read.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdint.h>
#include <stdio.h>

#include "gateway.h"
#include "hooks.h"
#include "ports.h"

/** struct metrics_hook - A packet program of a gateway; @tag: eight octets as hexadecimal digits */
struct metrics_hook {
	enum hook_way way;
	char tag[17];
};

/**
 * struct metrics_view - What was read of one gateway
 * @is_known:  It could be read; if not, there is only @name
 * @is_up:     At work, all its programs attached
 * @driver:    Of its interface; may be empty
 * @ports:     By address of @pool and enum nat_claim_set
 * @sessions:  Alive, by protocol and enum nat_state
 * @hosts:     Internal hosts that hold a binding
 * @host_rows: Entries of the map
 * @room:      Entries that each map can hold
 */
struct metrics_view {
	char name[IF_NAMESIZE];
	bool is_known;
	bool is_up;
	bool is_keeper_alive;
	char driver[32];
	struct metrics_hook hooks[HOOK_WAN_MAX];
	struct nat_pool pool;
	struct nat_settings settings;
	struct nat_usage usage;
	uint64_t packets[NAT_REASON_MAX];
	struct ports_usage ports[NAT_POOL_MAX][NAT_CLAIMS_MAX];
	uint64_t sessions[256][NAT_STATE_MAX];
	uint64_t hosts;
	uint64_t host_rows;
	uint32_t room[GATEWAY_MAP_MAX];
};

/** struct metrics - All gateways of this network namespace, sorted by name */
struct metrics {
	struct metrics_view *views;
	int count;
};

/**
 * metrics_read() - Look at all of them
 * @metrics: To be given to metrics_free(), whatever the result
 *
 * A gateway that cannot be read is down, which is a number, too.
 *
 * Return: 0, or -errno when it cannot be told which there are
 */
int metrics_read(struct metrics *metrics);

void metrics_free(struct metrics *metrics);

/** metrics_print() - Text exposition format 0.0.4, each metric with HELP and TYPE */
void metrics_print(FILE *file, const struct metrics *metrics);

/** struct metrics_info - A row of the table of metrics, for the manual */
struct metrics_info {
	const char *name;
	const char *type;
	const char *help;
};

/** metrics_info() - The row of that number; its name is NULL behind the last */
struct metrics_info metrics_info(unsigned int row);

/**
 * metrics_serve() - Answer HTTP until SIGINT or SIGTERM
 * @where: ADDR:PORT, [ADDR]:PORT or unix:PATH
 *
 * Prints its messages. Return: an exit code
 */
int metrics_serve(const char *where);

#endif /* METRICS_H */
