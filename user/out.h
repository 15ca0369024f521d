/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * out.h - rows and fields, to people as text or to programs as JSON.
 *
 * A noun has one row function. Each of its fields names its JSON key and the text
 * that stands before it on the line, and the mode of the stream picks:
 *
 *	out_row_begin(out);
 *	out_word(out, "interface", NULL, name);           NULL: not in the text
 *	out_word(out, "state", "   ", "established");
 *	out_seconds(out, "idle_s", "   idle ", idle);
 *	out_row_end(out);
 *
 * gives "   established   idle 4s\n" or {"interface":"eth1","state":"established","idle_s":4}.
 */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/types.h>

#define OUT_DEPTH_MAX 8
#define OUT_TEXT_MAX 32 /* bytes, for every out_*_text() below */

/**
 * struct out - An output stream
 * @file:   Where to
 * @json:   JSON instead of text
 * @error:  errno of the first write that failed, or 0
 * @depth:  Open brackets
 * @closer: The bracket that closes each
 * @filled: Does each already hold something, so that a comma is due?
 */
struct out {
	FILE *file;
	bool json;
	int error;
	unsigned int depth;
	char closer[OUT_DEPTH_MAX];
	bool filled[OUT_DEPTH_MAX];
};

/** out_open() - Begin. Everything below may then be called on a broken stream too */
void out_open(struct out *out, FILE *file, bool json);

/**
 * out_close() - Close every bracket that is open and flush
 *
 * Safe after a failure in the middle: what was written stays well-formed.
 *
 * Return: 0, or the errno of the first write that failed
 */
int out_close(struct out *out);

/** out_done() - A line of text on standard output: what was done, and to whom */
void out_done(const char *object, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * out_finish() - The last thing a process does with standard output
 * @code: Its exit code so far
 *
 * Return: @code, or EXIT_FAILED when something that was printed did not arrive: with a
 * message, except when the reader went away (EPIPE), which `natctl ... | head` means to do
 */
int out_finish(int code);

/* ---- structure; in text only rows show ---------------------------------------------------- */

/** out_list_begin(), out_list_end() - An array; @key NULL inside a list or at the top */
void out_list_begin(struct out *out, const char *key);
void out_list_end(struct out *out);

/** out_object_begin(), out_object_end() - An object; @key NULL as above */
void out_object_begin(struct out *out, const char *key);
void out_object_end(struct out *out);

/** out_row_begin(), out_row_end() - An object of the outermost list; a line in both modes */
void out_row_begin(struct out *out);
void out_row_end(struct out *out);

/* ---- fields: @key NULL inside a list; @before NULL: JSON only ------------------------------ */

/** out_text() - Only in the text */
void out_text(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** out_word() - A string; @word NULL is null in JSON and nothing in the text */
void out_word(struct out *out, const char *key, const char *before, const char *word);

/** out_number() - All its digits in both modes */
void out_number(struct out *out, const char *key, const char *before, uint64_t number);

/** out_count() - In the text short: 940, 27k, 1.2M */
void out_count(struct out *out, const char *key, const char *before, uint64_t count);

/** out_seconds() - In the text a duration: 4s, 3m12s, 2h3m */
void out_seconds(struct out *out, const char *key, const char *before, uint64_t seconds);

/** out_bool() - true or false; in the text yes or no */
void out_bool(struct out *out, const char *key, const char *before, bool value);

/** out_addr() - An IPv4 address in network order */
void out_addr(struct out *out, const char *key, const char *before, __be32 addr);

/** out_endpoint() - {"addr":"10.0.0.5","port":51514}; in the text 10.0.0.5:51514; network order */
void out_endpoint(struct out *out, const char *key, const char *before, __be32 addr, __be16 port);

/* ---- text alone --------------------------------------------------------------------------- */

/** out_count_text() - Three digits at most, cut rather than rounded. Return: @text */
char *out_count_text(char *text, uint64_t count);

/** out_seconds_text() - The two largest units. Return: @text */
char *out_seconds_text(char *text, uint64_t seconds);

/** out_addr_text() - Return: @text */
char *out_addr_text(char *text, __be32 addr);

/** out_endpoint_text() - Return: @text */
char *out_endpoint_text(char *text, __be32 addr, __be16 port);

#endif /* OUT_H */
