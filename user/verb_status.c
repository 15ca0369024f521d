// SPDX-License-Identifier: GPL-2.0-only
/* verb_status.c - `natctl status [IF]`: how a gateway, or every one, is doing. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "args.h"
#include "cmd.h"
#include "counters.h"
#include "gateway.h"
#include "lanes.h"
#include "msg.h"
#include "out.h"
#include "pool.h"
#include "ports.h"
#include "value.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

static const char *const set_names[NAT_CLAIMS_MAX] = {
	[NAT_CLAIMS_TCP] = "tcp",
	[NAT_CLAIMS_UDP] = "udp",
	[NAT_CLAIMS_ICMP] = "icmp",
};

/** struct status - Everything that is shown, read before anything is */
struct status {
	struct nat_settings settings;
	struct nat_usage usage;
	struct nat_pool pool;
	struct ports_usage ports[NAT_CLAIMS_MAX];
	uint64_t drops;
	bool keeper_alive;
};

static int read_status(const struct gateway *gw, struct status *status)
{
	uint64_t packets[NAT_REASON_MAX];
	struct ports ports;
	int err;

	if (bpf_map_lookup_elem(gw->fd[GATEWAY_settings], &ONLY, &status->settings) ||
	    bpf_map_lookup_elem(gw->fd[GATEWAY_usage], &ONLY, &status->usage))
		return -errno;
	err = pool_read(gw, &status->pool);
	if (!err)
		err = counters_read(gw, packets);
	if (!err)
		err = ports_open(&ports, gw, false);
	if (err)
		return err;
	ports_usage(&ports, 0, status->pool.count, &status->settings, status->ports);
	ports_close(&ports);
	status->drops = counters_total(packets, NAT_KIND_DROPPED);
	status->keeper_alive = gateway_keeper_alive(&gw->marker);
	return 0;
}

static void print_addresses(struct out *out, const struct nat_pool *pool)
{
	out_list_begin(out, "addresses");
	for (__u32 i = 0; i < pool->count; i++)
		out_addr(out, NULL, i ? ", " : "\n  addresses  ", pool->addr[i]);
	out_list_end(out);
	out_bool(out, "address_away", NULL, pool->is_away);
	if (pool->is_away)
		out_text(out, " (away: flows wait for it)");
}

static const char *const exits[] = {
	[NAT_LANE_CLOSED] = "none",
	[NAT_LANE_TC] = "tc",
	[NAT_LANE_XDP] = "xdp",
};

/* Where the lane leads in by, and how what comes in is sent out there. */
static void print_lane(struct out *out, const struct gateway *gw, const struct nat_interface *row)
{
	const __u8 *hooks = row->hooks;
	const char *entry = hooks[NAT_LAN_LANE_XDP] == NAT_HOOK_ON ? "xdp" :
			    hooks[NAT_LAN_LANE_TC] == NAT_HOOK_ON  ? "tc" :
								     "none";
	struct nat_lane lane = {};

	if (!gw->marker.fast)
		return;
	lanes_read(gw, row->ifindex, &lane);
	out_object_begin(out, "lane");
	out_word(out, "entry", " (lane: ", entry);
	out_word(out, "exit", " in, ", exits[lane.exit]);
	out_text(out, " out)");
	out_object_end(out);
}

/* Listed ones that are not there have a row, too. */
static void print_internal(struct out *out, const struct gateway *gw)
{
	unsigned int shown = 0;

	out_list_begin(out, "lan");
	for (__u32 i = 0; i < gw->marker.interface_count; i++) {
		const struct nat_interface *row = &gw->marker.interfaces[i];
		char name[IF_NAMESIZE];

		if (row->ifindex == gw->marker.ifindex || !if_indextoname(row->ifindex, name))
			continue;
		out_object_begin(out, NULL);
		out_word(out, "interface", shown++ ? ", " : "\n  internal   ", name);
		out_bool(out, "hairpin", NULL, row->hooks[NAT_LAN_HAIRPIN] == NAT_HOOK_ON);
		if (row->hooks[NAT_LAN_HAIRPIN] != NAT_HOOK_ON)
			out_text(out, " (no hairpin)");
		print_lane(out, gw, row);
		out_object_end(out);
	}
	out_list_end(out);
}

static void print_ports(struct out *out, const struct ports_usage usage[NAT_CLAIMS_MAX])
{
	out_object_begin(out, "ports");
	for (int set = 0; set < NAT_CLAIMS_MAX; set++) {
		out_text(out, "%s%s ", set ? ", " : "\n  ports      ", set_names[set]);
		out_object_begin(out, set_names[set]);
		out_number(out, "in_use", "", usage[set].in_use);
		out_number(out, "capacity", " of ", usage[set].capacity);
		out_object_end(out);
	}
	out_object_end(out);
}

static void print_keeper(struct out *out, const struct gateway *gw, bool alive)
{
	out_text(out, "\n  keeper     ");
	if (!gw->marker.keeper_pid)
		out_text(out, "none");
	else
		out_text(out, "%s, pid %u", alive ? "running" : "gone", gw->marker.keeper_pid);
	if (!alive)
		out_text(out, " (\"natctl attach %s\" starts one)", gw->name);
	out_object_begin(out, "keeper");
	out_number(out, "pid", NULL, gw->marker.keeper_pid);
	out_bool(out, "alive", NULL, alive);
	out_object_end(out);
}

/* Numbers as they are, words as they are typed. */
static void print_settings(struct out *out, const struct nat_settings *settings)
{
	out_object_begin(out, "settings");
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++) {
		char text[32];

		value_setting_text(i, settings->value[i], text);
		if (value_setting_is_number(i, settings->value[i]))
			out_number(out, value_settings[i].name, NULL, settings->value[i]);
		else
			out_word(out, value_settings[i].name, NULL, text);
	}
	out_object_end(out);
}

static void print_status(struct out *out, const struct gateway *gw, const struct status *status)
{
	out_row_begin(out);
	out_word(out, "interface", "", gw->name);
	out_word(out, "state", ": ", "attached");
	out_word(out, "ingress", ", ", gw->marker.ingress == NAT_INGRESS_XDP ? "xdp" : "tc");
	out_text(out, " in, tc out%s", gw->marker.fast ? ", fast" : "");
	out_bool(out, "fast", NULL, gw->marker.fast);
	print_addresses(out, &status->pool);
	print_internal(out, gw);
	out_number(out, "sessions", "\n  sessions   ", status->usage.sessions);
	out_number(out, "max_sessions", " of ", status->settings.value[NAT_SETTING_MAX_SESSIONS]);
	out_number(out, "bindings", ", bindings ", status->usage.bindings);
	print_ports(out, status->ports);
	out_number(out, "drops", "\n  drops      ", status->drops);
	print_keeper(out, gw, status->keeper_alive);
	out_word(out, "pin_path", "\n  pins       ", gw->dir);
	print_settings(out, &status->settings);
	out_row_end(out);
}

static int show(struct gateway *gw, void *out)
{
	struct status status;
	int err = read_status(gw, &status);

	if (err) {
		msg_error(gw->name, "cannot read the gateway: %s", strerror(-err));
		return EXIT_FAILED;
	}
	print_status(out, gw, &status);
	return EXIT_DONE;
}

static int show_one(const char *ifname, struct out *out)
{
	struct gateway gw;
	int code = gateway_open(&gw, ifname);

	if (code)
		return code;
	code = show(&gw, out);
	gateway_close(&gw);
	return code;
}

static int show_all(struct out *out)
{
	int code;

	out_list_begin(out, NULL);
	code = gateway_each(show, out);
	out_list_end(out);
	return code;
}

int status_main(int argc, char **argv)
{
	struct out out;
	int code;

	argc = args_interface(argv, NULL);
	if (argc < 0)
		return EXIT_MISUSED;
	out_open(&out, stdout, global.json);
	code = argc ? show_one(argv[1], &out) : show_all(&out);
	out_close(&out);
	return code;
}
