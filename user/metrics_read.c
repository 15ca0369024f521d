// SPDX-License-Identifier: GPL-2.0-only
/* metrics_read.c - what the metrics say of the gateways, read once for a page. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "ethtool.h"
#include "metrics.h"
#include "pool.h"
#include "text.h"
#include "walk.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

/** struct walked - A view that is being filled by a walk */
struct walked {
	struct metrics_view *view;
	__u32 now;
};

static int count_session(const void *key, const void *value, void *data)
{
	const struct nat_external_key *endpoints = key;
	const struct nat_session *session = value;
	struct walked *walked = data;
	__u32 state = life_state(session->life);

	if (life_is_usable(session->life, walked->now) && state < NAT_STATE_MAX)
		walked->view->sessions[endpoints->external.proto][state]++;
	return 0;
}

static int count_host(const void *key, const void *value, void *data)
{
	const struct nat_host *host = value;
	struct walked *walked = data;

	(void)key;
	walked->view->host_rows++;
	walked->view->hosts += life_low(host->life) != 0;
	return 0;
}

static int read_tables(struct metrics_view *view, const struct gateway *gw)
{
	struct walked walked = { view, gateway_now() };
	int err = walk_map(gw->fd[GATEWAY_sessions], count_session, &walked);

	return err ? err : walk_map(gw->fd[GATEWAY_hosts], count_host, &walked);
}

static int read_ports(struct metrics_view *view, const struct gateway *gw)
{
	struct ports ports;
	int err = ports_open(&ports, gw, false);

	if (err)
		return err;
	for (__u32 i = 0; i < view->pool.count && i < ports.count / NAT_CLAIMS_MAX; i++)
		ports_usage(&ports, i, 1, &view->settings, view->ports[i]);
	ports_close(&ports);
	return 0;
}

static void read_room(struct metrics_view *view, const struct gateway *gw)
{
	for (int i = 0; i < GATEWAY_MAP_MAX; i++) {
		struct bpf_map_info info = {};
		__u32 len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(gw->fd[i], &info, &len))
			view->room[i] = info.max_entries;
	}
}

static void read_tag(char *tag, const char *path)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_obj_get(path);

	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		for (size_t i = 0; i < sizeof(info.tag); i++)
			sprintf(tag + 2 * i, "%02x", info.tag[i]);
	close(fd);
}

/* Return: are all there that should be? */
static bool read_hooks(struct metrics_view *view, const struct gateway *gw)
{
	char path[PATH_MAX];
	bool all = true;

	for (int i = 0; i < HOOK_WAN_MAX; i++) {
		struct metrics_hook *hook = &view->hooks[i];

		if (i == HOOK_XDP_WAN_IN && gw->marker.ingress != NAT_INGRESS_XDP)
			continue;
		hook->way = hook_find(i, gw, gw->ifindex);
		all &= hook->way != HOOK_ABSENT;
		if (snprintf(path, sizeof(path), "%s/progs/%s", gw->dir, hook_program(i, false)) <
		    (int)sizeof(path))
			read_tag(hook->tag, path);
	}
	return all;
}

static int read_view(struct metrics_view *view, const struct gateway *gw)
{
	int err;

	if (bpf_map_lookup_elem(gw->fd[GATEWAY_settings], &ONLY, &view->settings) ||
	    bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &view->usage))
		return -errno;
	err = pool_read(gw, &view->pool);
	if (!err)
		err = counters_read(gw, view->packets);
	if (!err)
		err = read_ports(view, gw);
	if (!err)
		err = read_tables(view, gw);
	if (err)
		return err;
	read_room(view, gw);
	ethtool_driver(gw->name, view->driver);
	view->is_keeper_alive = gateway_keeper_alive(&gw->marker);
	view->is_up = read_hooks(view, gw);
	view->is_known = true;
	return 0;
}

int metrics_read(struct metrics *metrics)
{
	struct gateway_name *names = NULL;
	enum gateway_state state;
	char bpffs[PATH_MAX];
	struct gateway gw;
	int err, count;

	memset(metrics, 0, sizeof(*metrics));
	err = gateway_bpffs(bpffs, false);
	if (err)
		return err == -ENOENT ? 0 : err;
	count = gateway_names(bpffs, &names);
	metrics->views = count > 0 ? calloc(count, sizeof(*metrics->views)) : NULL;
	if (count > 0 && !metrics->views)
		count = -ENOMEM;
	for (int i = 0; i < count; i++) {
		struct metrics_view *view = &metrics->views[i];

		strcpy(view->name, names[i].text);
		if (!gateway_find(&gw, bpffs, view->name, &state) && state == GATEWAY_ATTACHED)
			read_view(view, &gw);
		gateway_close(&gw);
		/* Prometheus refuses a page that is not UTF-8. */
		text_clean(view->name, 0);
		metrics->count++;
	}
	free(names);
	return count < 0 ? count : 0;
}

void metrics_free(struct metrics *metrics)
{
	free(metrics->views);
	metrics->views = NULL;
	metrics->count = 0;
}
