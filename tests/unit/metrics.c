// SPDX-License-Identifier: GPL-2.0-only
/* metrics.c - the page that Prometheus reads: its form, and what its samples are made of. */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "reasons.h"

/* A page of @count gateways; freed with the case. */
static const char *page(struct metrics_view *views, int count)
{
	struct metrics metrics = { views, count };
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	CHECK(file);
	metrics_print(file, &metrics);
	CHECK(!fclose(file));
	check_defer(free, text);
	return text;
}

static struct metrics_view *gateways(int count)
{
	struct metrics_view *views = calloc(count, sizeof(*views));

	CHECK(views);
	check_defer(free, views);
	for (int i = 0; i < count; i++) {
		snprintf(views[i].name, sizeof(views[i].name), "eth%d", i + 1);
		views[i].is_known = views[i].is_up = true;
	}
	return views;
}

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (; text && *text; text = strchr(text, '\n'), text += !!text)
		if (!strncmp(text, line, len) && (text[len] == '\n' || !text[len]))
			return true;
	return false;
}

TEST(without_gateways_only_the_build_is_told)
{
	const char *text = page(NULL, 0);

	CHECK(has_line(text, "natctl_build_info{version=\"" NATCTL_VERSION "\"} 1"));
	CHECK(!strstr(text, "natctl_up"));
}

TEST(labels_are_escaped)
{
	struct metrics_view *views = gateways(1);

	strcpy(views->name, "a\"b\\c\nd");
	CHECK(has_line(page(views, 1), "natctl_up{ifname=\"a\\\"b\\\\c\\nd\"} 1"));
}

TEST(of_a_gateway_that_cannot_be_read_only_that_is_told)
{
	struct metrics_view *views = gateways(2);
	const char *text;

	views[0].is_known = views[0].is_up = false;
	text = page(views, 2);
	CHECK(has_line(text, "natctl_up{ifname=\"eth1\"} 0"));
	CHECK(has_line(text, "natctl_up{ifname=\"eth2\"} 1"));
	CHECK(has_line(text, "natctl_bindings{ifname=\"eth2\"} 0"));
	CHECK(!strstr(text, "natctl_bindings{ifname=\"eth1\"}"));
}

/* Prometheus refuses a page in which a metric comes twice. */
TEST(all_samples_of_a_metric_stand_together)
{
	const char *text = page(gateways(2), 2);
	char name[64];

	for (unsigned int i = 0; metrics_info(i).name; i++) {
		const char *help;

		snprintf(name, sizeof(name), "# HELP %s ", metrics_info(i).name);
		check_note("%s", name);
		help = strstr(text, name);
		CHECK(help);
		CHECK(!strstr(help + 1, name));
		snprintf(name, sizeof(name), "%s{", metrics_info(i).name);
		for (const char *one = strstr(text, name); one; one = strstr(one + 1, name)) {
			const char *between = strstr(help + 1, "# HELP ");

			CHECK(one > help && (!between || one < between));
		}
	}
}

TEST(every_reason_is_in_one_metric_of_its_verdict)
{
	static const char *const metric[] = {
		[NAT_KIND_PASSED] = "natctl_passed_to_stack_total",
		[NAT_KIND_DROPPED] = "natctl_drops_total",
	};
	struct metrics_view *views = gateways(1);
	unsigned long long total[NAT_KIND_DROPPED + 1] = {};
	const char *text;
	char line[160];

	for (int i = 0; i < NAT_REASON_MAX; i++) {
		views->packets[i] = 1000 + i;
		total[reasons[i].kind] += views->packets[i];
	}
	text = page(views, 1);
	for (int i = 0; i < NAT_REASON_MAX; i++) {
		if (reasons[i].kind == NAT_KIND_TRANSLATED)
			continue;
		snprintf(line, sizeof(line), "%s{ifname=\"eth1\",reason=\"%s\"} %d",
			 metric[reasons[i].kind], reasons[i].name, 1000 + i);
		check_note("%s", line);
		CHECK(has_line(text, line));
	}
	for (int kind = NAT_KIND_TRANSLATED; kind <= NAT_KIND_DROPPED; kind++) {
		snprintf(line, sizeof(line),
			 "natctl_packets_total{ifname=\"eth1\",verdict=\"%s\"} %llu",
			 reason_verdicts[kind], total[kind]);
		check_note("%s", line);
		CHECK(has_line(text, line));
	}
}

/* The sum over directions is what was translated: a new reason must get a direction. */
TEST(every_translated_packet_has_a_direction)
{
	struct metrics_view *views = gateways(1);
	unsigned long long expected = 0, total = 0;
	const char *one, *name = "natctl_translated_packets_total{";

	for (int i = 0; i < NAT_REASON_MAX; i++) {
		views->packets[i] = 1 + i;
		expected += reasons[i].kind == NAT_KIND_TRANSLATED ? views->packets[i] : 0;
	}
	for (one = strstr(page(views, 1), name); one; one = strstr(one + 1, name))
		total += strtoull(strchr(one, '}') + 2, NULL, 10);
	CHECK_EQ(total, expected);
}

TEST(sessions_by_protocol_and_state)
{
	struct metrics_view *views = gateways(1);
	const char *text;

	views->sessions[NAT_PROTO_TCP][NAT_STATE_ESTABLISHED] = 3;
	views->sessions[NAT_PROTO_ESP][NAT_STATE_LIVE] = 1;
	text = page(views, 1);
	CHECK(has_line(text,
		       "natctl_sessions{ifname=\"eth1\",proto=\"tcp\",state=\"established\"} 3"));
	CHECK(has_line(text, "natctl_sessions{ifname=\"eth1\",proto=\"esp\",state=\"active\"} 1"));
	CHECK(has_line(text, "natctl_sessions{ifname=\"eth1\",proto=\"udp\",state=\"active\"} 0"));
	CHECK(!strstr(text, "proto=\"gre\""));
}

TEST(an_address_that_is_away_is_not_told)
{
	struct metrics_view *views = gateways(1);

	views->pool = (struct nat_pool){ .count = 1, .addr = { htonl(0xcb007107) } };
	CHECK(has_line(page(views, 1),
		       "natctl_external_address_info{ifname=\"eth1\",address=\"203.0.113.7\"} 1"));
	views->pool.is_away = 1;
	CHECK(!strstr(page(views, 1), "natctl_external_address_info{"));
}
