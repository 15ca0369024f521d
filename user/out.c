// SPDX-License-Identifier: GPL-2.0-only
/*
 * out.c - rows and fields, to people as text or to programs as JSON.
 *
 * How it works: nothing is kept but a stack of open brackets, so a table of any size
 * streams. field() is the only place that writes a comma and a key, and escape() the
 * only one that writes a string: whatever the caller does, the JSON parses. No call
 * returns an error; the first failing write is remembered and out_finish() turns it
 * into the exit code, because a full disk is found out at the last flush at the
 * earliest and a caller that checks each field checks too soon.
 */
#include "out.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "msg.h"
#include "text.h"

#define LINE_MAX_BYTES 1024

/* errno of the first failure on standard output: by the last flush it is gone. */
static int stdout_error;

static void check(struct out *out, int result)
{
	if (result >= 0 || out->error)
		return;
	out->error = errno ? errno : EIO;
	if (out->file == stdout)
		stdout_error = out->error;
}

static void put(struct out *out, const char *text)
{
	check(out, fputs(text, out->file));
}

static void put_number(struct out *out, uint64_t number)
{
	check(out, fprintf(out->file, "%" PRIu64, number));
}

/* RFC 8259 section 7. Octets that are no UTF-8 become U+FFFD each: section 8.1. */
static void escape(struct out *out, const char *text)
{
	put(out, "\"");
	while (*text) {
		unsigned char c = (unsigned char)*text;
		size_t len = text_char(text);

		if (!len)
			check(out, fprintf(out->file, "\\u%04x", c < 0x80 ? c : 0xfffd));
		else
			check(out, fprintf(out->file, "%s%.*s", c == '"' || c == '\\' ? "\\" : "",
					   (int)len, text));
		text += len ? len : 1;
	}
	put(out, "\"");
}

/* What stands before a value: the comma if one is due, and the key. */
static void field(struct out *out, const char *key)
{
	if (out->depth) {
		if (out->filled[out->depth - 1])
			put(out, ",");
		out->filled[out->depth - 1] = true;
	}
	if (key) {
		escape(out, key);
		put(out, ":");
	}
}

static void bracket_open(struct out *out, const char *key, const char *opener, char closer)
{
	if (!out->json || out->depth == OUT_DEPTH_MAX)
		return;
	field(out, key);
	put(out, opener);
	out->closer[out->depth] = closer;
	out->filled[out->depth] = false;
	out->depth++;
}

static void bracket_close(struct out *out)
{
	if (!out->json || !out->depth)
		return;
	out->depth--;
	/* Rows stand on lines of their own, so does the end of their list. */
	if (!out->depth && out->closer[0] == ']')
		put(out, "\n");
	check(out, putc(out->closer[out->depth], out->file));
	if (!out->depth)
		put(out, "\n");
}

void out_open(struct out *out, FILE *file, bool json)
{
	*out = (struct out){ .file = file, .json = json };
}

int out_close(struct out *out)
{
	while (out->depth)
		bracket_close(out);
	check(out, fflush(out->file));
	return out->error;
}

int out_finish(int code)
{
	errno = 0;
	if (fflush(stdout) && !stdout_error)
		stdout_error = errno;
	if (!stdout_error && ferror(stdout))
		stdout_error = EIO;
	if (!stdout_error)
		return code;
	if (stdout_error != EPIPE)
		msg_error("standard output", "cannot write: %s", strerror(stdout_error));
	return code ? code : EXIT_FAILED;
}

void out_list_begin(struct out *out, const char *key)
{
	bracket_open(out, key, "[", ']');
}

void out_list_end(struct out *out)
{
	bracket_close(out);
}

void out_object_begin(struct out *out, const char *key)
{
	bracket_open(out, key, "{", '}');
}

void out_object_end(struct out *out)
{
	bracket_close(out);
}

void out_row_begin(struct out *out)
{
	if (!out->json)
		return;
	field(out, NULL);
	if (out->depth == 1)
		put(out, "\n");
	if (out->depth == OUT_DEPTH_MAX)
		return;
	put(out, "{");
	out->closer[out->depth] = '}';
	out->filled[out->depth] = false;
	out->depth++;
}

void out_row_end(struct out *out)
{
	if (!out->json)
		put(out, "\n");
	bracket_close(out);
}

void out_text(struct out *out, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES], *text = line;
	va_list args, again;
	int len;

	if (out->json)
		return;
	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(line, sizeof(line), fmt, args);
	if (len >= (int)sizeof(line))
		len = vasprintf(&text, fmt, again);
	va_end(again);
	va_end(args);
	check(out, len);
	if (len < 0)
		return;
	text_clean(text, '\n');
	put(out, text);
	if (text != line)
		free(text);
}

void out_done(const char *object, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	int used = snprintf(line, sizeof(line), "%s: ", object);
	va_list args;

	va_start(args, fmt);
	vsnprintf(line + used, sizeof(line) - used, fmt, args);
	va_end(args);
	text_clean(line, 0);
	puts(line);
}

void out_word(struct out *out, const char *key, const char *before, const char *word)
{
	if (!out->json) {
		if (before && word)
			out_text(out, "%s%s", before, word);
		return;
	}
	field(out, key);
	if (word)
		escape(out, word);
	else
		put(out, "null");
}

/* A value that is a number in JSON and @text in the text. */
static void number_as(struct out *out, const char *key, const char *before, uint64_t number,
		      const char *text)
{
	if (!out->json) {
		if (before)
			out_text(out, "%s%s", before, text);
		return;
	}
	field(out, key);
	put_number(out, number);
}

void out_number(struct out *out, const char *key, const char *before, uint64_t number)
{
	char text[OUT_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	number_as(out, key, before, number, text);
}

void out_count(struct out *out, const char *key, const char *before, uint64_t count)
{
	char text[OUT_TEXT_MAX];

	number_as(out, key, before, count, out_count_text(text, count));
}

void out_seconds(struct out *out, const char *key, const char *before, uint64_t seconds)
{
	char text[OUT_TEXT_MAX];

	number_as(out, key, before, seconds, out_seconds_text(text, seconds));
}

void out_bool(struct out *out, const char *key, const char *before, bool value)
{
	if (!out->json) {
		out_word(out, key, before, value ? "yes" : "no");
		return;
	}
	field(out, key);
	put(out, value ? "true" : "false");
}

void out_addr(struct out *out, const char *key, const char *before, __be32 addr)
{
	char text[OUT_TEXT_MAX];

	out_word(out, key, before, out_addr_text(text, addr));
}

void out_endpoint(struct out *out, const char *key, const char *before, __be32 addr, __be16 port)
{
	char text[OUT_TEXT_MAX];

	if (!out->json) {
		out_word(out, key, before, out_endpoint_text(text, addr, port));
		return;
	}
	out_object_begin(out, key);
	out_addr(out, "addr", NULL, addr);
	out_number(out, "port", NULL, ntohs(port));
	out_object_end(out);
}

char *out_count_text(char *text, uint64_t count)
{
	static const char units[] = "kMGTPE";
	uint64_t unit = 1000;
	int i = 0;

	if (count < 1000) {
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64, count);
		return text;
	}
	for (; count / unit >= 1000; i++)
		unit *= 1000;
	if (count / unit < 10 && count % unit / (unit / 10))
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64 ".%" PRIu64 "%c", count / unit,
			 count % unit / (unit / 10), units[i]);
	else
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64 "%c", count / unit, units[i]);
	return text;
}

char *out_seconds_text(char *text, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		char name;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;
	uint64_t rest;
	int used;

	while (units[i].seconds > seconds && units[i].seconds > 1)
		i++;
	used = snprintf(text, OUT_TEXT_MAX, "%" PRIu64 "%c", seconds / units[i].seconds,
			units[i].name);
	rest = units[i].seconds > 1 ? seconds % units[i].seconds / units[i + 1].seconds : 0;
	if (rest)
		snprintf(text + used, OUT_TEXT_MAX - used, "%" PRIu64 "%c", rest,
			 units[i + 1].name);
	return text;
}

char *out_addr_text(char *text, __be32 addr)
{
	inet_ntop(AF_INET, &addr, text, OUT_TEXT_MAX);
	return text;
}

char *out_endpoint_text(char *text, __be32 addr, __be16 port)
{
	out_addr_text(text, addr);
	snprintf(text + strlen(text), OUT_TEXT_MAX - strlen(text), ":%u", ntohs(port));
	return text;
}
