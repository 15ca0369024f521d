// SPDX-License-Identifier: GPL-2.0-only
/*
 * msg.c - what natctl says besides its output.
 */
#include "msg.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <bpf/libbpf.h>

#include "cmd.h"
#include "text.h"

#define LINE_MAX_BYTES 1024
#define IDENT "natctl"
#define PREFIX IDENT ": "

/* Here and not in main.c: the unit tests link this file and have a main of their own. */
struct global global;

static bool to_syslog;

/*
 * One write to an unbuffered stream is one line in a log, whoever else writes to it.
 * Quoted text comes from outside, and is cleaned.
 */
static void say(int priority, const char *object, const char *kind, const char *fmt, va_list args)
{
	char line[LINE_MAX_BYTES];
	int used = snprintf(line, sizeof(line), PREFIX "%s%s%s", object ? object : "",
			    object ? ": " : "", kind);

	if (used < 0 || used >= (int)sizeof(line))
		return;
	vsnprintf(line + used, sizeof(line) - used, fmt, args);
	text_clean(line, 0);
	if (to_syslog) {
		syslog(priority, "%s", line + strlen(PREFIX));
		return;
	}
	fflush(stdout);
	fprintf(stderr, "%s\n", line);
}

const char *msg_place(char text[MSG_PLACE_MAX], const char *file, unsigned int line)
{
	/* The end of a path tells more than its beginning, and its line most. */
	size_t most = MSG_PLACE_MAX - 32, len = strlen(file);
	size_t skip = len > most ? len - most : 0;

	snprintf(text, MSG_PLACE_MAX, "%s%s:%u", skip ? "..." : "", file + skip, line);
	return text;
}

void msg_error(const char *object, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_ERR, object, "", fmt, args);
	va_end(args);
}

void msg_warn(const char *object, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_WARNING, object, "warning: ", fmt, args);
	va_end(args);
}

void msg_note(const char *object, const char *fmt, ...)
{
	va_list args;

	if (global.quiet)
		return;
	va_start(args, fmt);
	say(LOG_NOTICE, object, "", fmt, args);
	va_end(args);
}

void msg_warn_once(int *last, const char *object, const char *what, int err)
{
	if (err && err != *last)
		msg_warn(object, "%s: %s", what, strerror(-err));
	*last = err;
}

void msg_to_syslog(void)
{
	openlog(IDENT, LOG_PID, LOG_DAEMON);
	to_syslog = true;
}

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	if (!global.verbose)
		return 0;
	fputs("  ", stderr);
	return vfprintf(stderr, fmt, args);
}

void msg_libbpf(void)
{
	libbpf_set_print(print_libbpf);
}
