// SPDX-License-Identifier: GPL-2.0-only
/* configure.c - write what attach was told into a gateway's maps. */
#include "configure.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "msg.h"
#include "netif.h"
#include "nets.h"
#include "pool.h"
#include "statics.h"
#include "ports.h"

static const __u32 ONLY = 0; /* the key of every map of one entry */

static const struct nat_prefix everything = { .len = 0, .addr = 0 };

/* The key of a binding depends on it: what was made the other way would not be found. */
static int change_mapping(const struct gateway *gw)
{
	struct nat_flush_args args = { 0 };
	int err = gateway_flush(gw, &args);

	if (!err && args.sessions)
		msg_note(gw->name, "mapping has changed: %u sessions were ended", args.sessions);
	return err;
}

static int write_settings(struct gateway *gw, const struct options *options, bool fresh,
			  struct nat_settings *settings)
{
	int err = fresh ? 0 : gateway_settings(gw, settings);
	bool mapping_changes;

	if (err)
		return err;
	mapping_changes =
		!fresh && options->given[NAT_SETTING_MAPPING] &&
		options->value[NAT_SETTING_MAPPING] != settings->value[NAT_SETTING_MAPPING];
	for (enum nat_setting i = 0; i < NAT_SETTING_MAX; i++)
		if (fresh || options->given[i])
			settings->value[i] = options->value[i];
	if (!settings->value[NAT_SETTING_MAX_SESSIONS])
		settings->value[NAT_SETTING_MAX_SESSIONS] = gw->marker.max_sessions;
	if (bpf_map_update_elem(gw->fd[GATEWAY_settings], &ONLY, settings, BPF_ANY))
		return -errno;
	return mapping_changes ? change_mapping(gw) : 0;
}

static int write_nets(struct gateway *gw, const struct options *options, bool fresh)
{
	int err = 0;

	if (options->internal.given)
		err = nets_write(gw, GATEWAY_internal_nets, options->internal.prefix,
				 options->internal.count);
	else if (fresh)
		err = nets_write(gw, GATEWAY_internal_nets, &everything, 1);
	if (!err && options->excluded.given)
		err = nets_write(gw, GATEWAY_excluded_nets, options->excluded.prefix,
				 options->excluded.count);
	return err;
}

static int primary_pool(const struct gateway *gw, struct nat_pool *pool)
{
	struct netif_addr *addrs;
	int count = netif_addrs(&addrs);

	if (count < 0)
		return count;
	memset(pool, 0, sizeof(*pool));
	pool->addr[0] = netif_primary(addrs, count, gw->ifindex);
	pool->count = 1;
	free(addrs);
	return pool->addr[0] ? 0 : -EADDRNOTAVAIL;
}

int configure_addresses(struct gateway *gw, const struct options *options, bool fresh,
			struct nat_pool *pool)
{
	int err = 0;

	if (fresh || options->address_given)
		gw->marker.address_auto = options->address_auto;
	if (gw->marker.address_auto)
		err = primary_pool(gw, pool);
	else if (fresh || options->address_given)
		*pool = options->pool;
	else
		err = pool_read(gw, pool);
	/* Away for the moment: as in follow(), the last one stays until there is another. */
	if (!fresh && err == -EADDRNOTAVAIL)
		err = pool_read(gw, pool);
	return err;
}

static int write_pool(struct gateway *gw, const struct options *options, bool fresh,
		      struct nat_pool *pool)
{
	int err = configure_addresses(gw, options, fresh, pool);

	if (!err)
		err = pool_write(gw, pool);
	if (!err && statics_follow(gw, pool) == -EAGAIN)
		msg_warn(gw->name,
			 "some port forwards stay at an address that has left, their ports being "
			 "taken (\"natctl forward list %s\"; forward them anew)",
			 gw->name);
	return err;
}

/* Without socket diagnosis the data path still asks the kernel before it claims a port;
 * only random choices then hit local sockets more often and are made again. */
static int write_ports(const struct gateway *gw, const struct nat_pool *pool,
		       const struct nat_settings *settings)
{
	struct ports ports;
	int err = ports_open(&ports, gw, true);

	if (err)
		return err;
	err = ports_refresh(&ports, pool, settings);
	ports_close(&ports);
	if (err != -ENOENT)
		return err;
	msg_note(gw->name, "the kernel does not list sockets (\"modprobe tcp_diag udp_diag\")");
	return 0;
}

int configured(const struct gateway *gw, struct options *options)
{
	struct nat_settings settings;
	int err;

	memset(options, 0, sizeof(*options));
	err = gateway_settings(gw, &settings);
	for (enum nat_setting i = 0; !err && i < NAT_SETTING_MAX; i++) {
		options->value[i] = settings.value[i];
		options->given[i] = true;
	}
	options->address_given = true;
	options->address_auto = gw->marker.address_auto;
	options->internal.given = true;
	options->excluded.given = true;
	if (!err)
		err = pool_read(gw, &options->pool);
	if (!err)
		err = nets_read(gw, GATEWAY_internal_nets, options->internal.prefix,
				NAT_PREFIXES_MAX, &options->internal.count);
	if (!err)
		err = nets_read(gw, GATEWAY_excluded_nets, options->excluded.prefix,
				NAT_PREFIXES_MAX, &options->excluded.count);
	return err;
}

int configure(struct gateway *gw, const struct options *options, bool fresh)
{
	struct nat_settings settings;
	struct nat_pool pool;
	const char *what = "settings";
	int err;

	err = write_settings(gw, options, fresh, &settings);
	if (!err) {
		what = "prefixes";
		err = write_nets(gw, options, fresh);
	}
	if (!err) {
		what = "external addresses";
		err = write_pool(gw, options, fresh, &pool);
	}
	if (!err) {
		what = "ports";
		err = write_ports(gw, &pool, &settings);
	}
	if (err)
		msg_error(gw->name, "cannot set the %s: %s", what, strerror(-err));
	return err;
}
