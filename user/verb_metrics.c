// SPDX-License-Identifier: GPL-2.0-only
/* verb_metrics.c - `natctl metrics`: every gateway in numbers, for Prometheus. */
#include <stdio.h>

#include "args.h"
#include "cmd.h"
#include "metrics.h"
#include "msg.h"

const char metrics_details[] =
	"Prints what Prometheus reads (text format 0.0.4), of every gateway. Changes\n"
	"nothing.\n"
	"\n"
	"Options:\n"
	"  --listen ADDR:PORT|unix:PATH\n"
	"                            answer HTTP requests for /metrics, until SIGINT or\n"
	"                            SIGTERM, without any capability; an IPv6 address is\n"
	"                            written in brackets\n"
	"\n"
	"A walk through all sessions is a part of it. Who can reach the port can read it:\n"
	"better a loopback address, or a proxy that asks for a password.\n"
	"\n"
	"Examples:\n"
	"  natctl metrics >/var/lib/prometheus/node-exporter/natctl.prom\n"
	"  natctl metrics --listen 127.0.0.1:9469\n"
	"  natctl metrics --listen unix:/run/natctl-metrics.sock\n";

static int print_once(void)
{
	struct metrics metrics;
	int err = metrics_read(&metrics), code = EXIT_DONE;

	if (err) {
		code = gateway_cannot_open("metrics", err);
	} else {
		metrics_print(stdout, &metrics);
		if (!metrics.count)
			code = EXIT_NOT_ATTACHED;
	}
	metrics_free(&metrics);
	return code;
}

int metrics_main(int argc, char **argv)
{
	const char *where = NULL;
	const struct arg_option options[] = {
		{ .name = "--listen", .value = &where },
		{ .name = NULL },
	};

	argc = args_take(argv, options);
	if (argc < 0)
		return EXIT_MISUSED;
	if (argc) {
		msg_error("metrics", "takes no arguments: \"%s\"", argv[1]);
		return EXIT_MISUSED;
	}
	return where ? metrics_serve(where) : print_once();
}
