// SPDX-License-Identifier: GPL-2.0-only
/* out.c - rows as text and as JSON, and what becomes of a stream that breaks. */
#include "out.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/** struct capture - An output stream into memory */
struct capture {
	struct out out;
	FILE *file;
	char *text;
	size_t len;
};

static void capture_free(void *data)
{
	struct capture *capture = data;

	fclose(capture->file);
	free(capture->text);
	free(capture);
}

static struct capture *capture_open(bool json)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	CHECK(capture);
	capture->file = open_memstream(&capture->text, &capture->len);
	CHECK(capture->file);
	check_defer(capture_free, capture);
	out_open(&capture->out, capture->file, json);
	return capture;
}

static const char *capture_close(struct capture *capture)
{
	CHECK_EQ(out_close(&capture->out), 0);
	fflush(capture->file);
	return capture->text;
}

/* The row function of a noun that has every kind of field. */
static void print_row(struct out *out)
{
	out_row_begin(out);
	out_word(out, "name", "", "wan");
	out_word(out, "hidden", NULL, "json only");
	out_endpoint(out, "internal", "   ", inet_addr("10.0.0.5"), htons(51514));
	out_addr(out, "addr", " -> ", inet_addr("203.0.113.7"));
	out_number(out, "exact", "   ", 27012);
	out_count(out, "packets", "/", 27012);
	out_seconds(out, "idle_s", "   idle ", 192);
	out_bool(out, "alive", "   alive ", true);
	out_text(out, "   text only");
	out_list_begin(out, "list");
	out_number(out, NULL, NULL, 1);
	out_number(out, NULL, NULL, 2);
	out_list_end(out);
	out_word(out, "nothing", NULL, NULL);
	out_row_end(out);
}

TEST(one_row_function_feeds_the_text)
{
	struct capture *capture = capture_open(false);

	out_list_begin(&capture->out, NULL);
	print_row(&capture->out);
	CHECK_STR(capture_close(capture),
		  "wan   10.0.0.5:51514 -> 203.0.113.7   27012/27k   idle 3m12s   alive yes"
		  "   text only\n");
}

TEST(one_row_function_feeds_the_json)
{
#define ROW                                                                                        \
	"{\"name\":\"wan\",\"hidden\":\"json only\","                                              \
	"\"internal\":{\"addr\":\"10.0.0.5\",\"port\":51514},\"addr\":\"203.0.113.7\","            \
	"\"exact\":27012,\"packets\":27012,\"idle_s\":192,\"alive\":true,"                         \
	"\"list\":[1,2],\"nothing\":null}"

	struct capture *capture = capture_open(true);

	out_list_begin(&capture->out, NULL);
	print_row(&capture->out);
	print_row(&capture->out);
	CHECK_STR(capture_close(capture), "[\n" ROW ",\n" ROW "\n]\n");
}

TEST(an_empty_list_is_a_list)
{
	struct capture *capture = capture_open(true);

	out_list_begin(&capture->out, NULL);
	CHECK_STR(capture_close(capture), "[\n]\n");
}

TEST(an_empty_object_is_an_object)
{
	struct capture *capture = capture_open(true);

	out_object_begin(&capture->out, NULL);
	out_object_begin(&capture->out, "inner");
	CHECK_STR(capture_close(capture), "{\"inner\":{}}\n");
}

TEST(strings_are_escaped)
{
	static const struct {
		const char *word, *json;
	} rows[] = {
		{ "", "[\"\"\n]\n" },
		{ "a\"b", "[\"a\\\"b\"\n]\n" },
		{ "a\\b", "[\"a\\\\b\"\n]\n" },
		{ "a\nb\tc", "[\"a\\u000ab\\u0009c\"\n]\n" },
		{ "\x01\x1f\x7f", "[\"\\u0001\\u001f\\u007f\"\n]\n" },
		{ "\xc3\xa4", "[\"\xc3\xa4\"\n]\n" },
		{ "\xc3\"\xff", "[\"\\ufffd\\\"\\ufffd\"\n]\n" },
		{ "%s%n", "[\"%s%n\"\n]\n" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct capture *capture = capture_open(true);

		check_note("row %zu", i);
		out_list_begin(&capture->out, NULL);
		out_word(&capture->out, NULL, NULL, rows[i].word);
		CHECK_STR(capture_close(capture), rows[i].json);
	}
}

TEST(text_has_no_control_characters_of_others)
{
	struct capture *capture = capture_open(false);
	char name[2000];

	out_word(&capture->out, NULL, "name ", "\x1b[31m\xff");
	out_text(&capture->out, " \"attach %s\"\n", "\x07\xc3\xa4");
	CHECK_STR(capture_close(capture), "name ?[31m? \"attach ?\xc3\xa4\"\n");
	/* Longer than the buffer that is enough for every other one. */
	memset(name, 'a', sizeof(name));
	strcpy(name + sizeof(name) - 2, "\x1b");
	capture = capture_open(false);
	out_word(&capture->out, NULL, "", name);
	name[sizeof(name) - 2] = '?';
	CHECK_STR(capture_close(capture), name);
}

TEST(brackets_left_open_are_closed)
{
	struct capture *capture = capture_open(true);

	out_list_begin(&capture->out, NULL);
	out_row_begin(&capture->out);
	out_object_begin(&capture->out, "in");
	out_number(&capture->out, "packets", NULL, 1);
	CHECK_STR(capture_close(capture), "[\n{\"in\":{\"packets\":1}}\n]\n");
}

TEST(a_full_disk_is_noticed)
{
	struct out out;
	FILE *full = fopen("/dev/full", "w");

	if (!full)
		SKIP("no /dev/full");
	out_open(&out, full, false);
	out_text(&out, "lost\n");
	CHECK_EQ(out_close(&out), ENOSPC);
	/* Still harmless to use, and still the first error. */
	out_text(&out, "lost too\n");
	CHECK_EQ(out_close(&out), ENOSPC);
	fclose(full);
}

TEST(counts_have_three_digits_at_most)
{
	static const struct {
		uint64_t count;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 940, "940" },
		{ 999, "999" },
		{ 1000, "1k" },
		{ 1099, "1k" },
		{ 1100, "1.1k" },
		{ 9999, "9.9k" },
		{ 10000, "10k" },
		{ 27012, "27k" },
		{ 999999, "999k" },
		{ 1234567, "1.2M" },
		{ 38123456, "38M" },
		{ 1000000000, "1G" },
		{ 5500000000000ULL, "5.5T" },
		{ UINT64_MAX, "18E" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		char text[OUT_TEXT_MAX];

		CHECK_STR(out_count_text(text, rows[i].count), rows[i].text);
	}
}

TEST(durations_have_two_units_at_most)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "0s" },
		{ 4, "4s" },
		{ 59, "59s" },
		{ 60, "1m" },
		{ 192, "3m12s" },
		{ 3599, "59m59s" },
		{ 3600, "1h" },
		{ 3659, "1h" },
		{ 7436, "2h3m" },
		{ 86399, "23h59m" },
		{ 86400, "1d" },
		{ 4000000, "46d7h" },
		{ UINT64_MAX, "213503982334601d7h" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		char text[OUT_TEXT_MAX];

		CHECK_STR(out_seconds_text(text, rows[i].seconds), rows[i].text);
	}
}

TEST(the_longest_endpoint_fits)
{
	char text[OUT_TEXT_MAX];

	CHECK_STR(out_endpoint_text(text, inet_addr("255.255.255.255"), htons(65535)),
		  "255.255.255.255:65535");
	CHECK_STR(out_endpoint_text(text, 0, 0), "0.0.0.0:0");
}
