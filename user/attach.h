/* SPDX-License-Identifier: GPL-2.0-only */
/* attach.h - make a gateway, or replace the programs of one. */
#ifndef ATTACH_H
#define ATTACH_H

#include "gateway.h"
#include "netif.h"
#include "options.h"

struct nat_bpf;

/**
 * struct attach - One run of attach, checked so far as it can be without changing anything
 * @lan:        As given; in an upgrade without --lan as it was
 * @header_len: Bytes before the IP header
 * @xdp:        XDP is wanted; with --ingress auto the driver may still decline
 * @why_tc:     Why it is not, for the note; NULL when it was asked for
 * @fast:       With the express lane
 * @remake:     An upgrade that needs larger tables, and may have new ones (remake.h)
 * @gw:         In: where the pins go, or the gateway to upgrade. Out: the gateway
 */
struct attach {
	const struct options *options;
	struct netif netif;
	struct options_lan lan;
	int header_len;
	bool xdp;
	const char *why_tc;
	bool fast;
	bool remake;
	struct gateway gw;
};

/** attach_fresh() - All or nothing. Prints its message. Return: an exit code */
int attach_fresh(struct attach *attach);

/**
 * attach_upgrade() - Programs of this binary on the maps of @attach->gw, with what was
 * given on the command line; sessions live on
 *
 * All or nothing, too, but for sessions that a change of --mapping or --address, or of tables,
 * has ended, and for the keeper: if a new one cannot be started there is none.
 *
 * Prints its message. Return: an exit code
 */
int attach_upgrade(struct attach *attach);

/** attach_check_interface() - Find it, and see that a gateway can be made of it. Says so if not */
bool attach_check_interface(struct attach *attach);

/** attach_choose_ingress() - By what was asked for, and what the interface can do. Likewise */
bool attach_choose_ingress(struct attach *attach);

/** attach_check_fast() - With --fast: are there interfaces to be fast with? Says so if not */
bool attach_check_fast(const struct attach *attach);

/** attach_has_address() - Where the pool is to be the primary address: is there one? Says so if not
 */
bool attach_has_address(const struct attach *attach);

/**
 * attach_check_internal() - Can the interfaces of --lan be internal? Fills @attach->lan
 * @before: Those that are internal already are not looked at, they may be away; or NULL
 *
 * Says so if one cannot.
 */
bool attach_check_internal(struct attach *attach, const struct options_lan *before);

/**
 * attach_fits() - Is there room for what an upgrade is to bring? Says so if not
 * @remake: NULL, or set to: no, but there may be, for --force is given
 */
bool attach_fits(const struct attach *attach, bool *remake);

/** attach_is_taken() - Does another program stand where ours must? Says so and returns true */
bool attach_is_taken(const struct attach *attach);

/**
 * attach_load() - Load the programs; nothing can be seen of them yet
 * @upgrade: On the maps of @attach->gw; else with maps of their own
 * @skel:    To be given to loader_unload()
 *
 * Prints its message. Return: 0 or -errno
 */
int attach_load(const struct attach *attach, bool upgrade, struct nat_bpf **skel);

/**
 * attach_reopen() - Open what is pinned now, as any other verb would
 *
 * Prints its own message. Return: 0 or -errno; of @attach->gw only `dir` is good then
 */
int attach_reopen(struct attach *attach);

/**
 * attach_forwards() - Put the port forwards of the file into force, beside those that there are
 * @done: To be undone if the rest fails; to be freed
 *
 * Prints its own message. Return: 0 or negative
 */
int attach_forwards(const struct attach *attach, struct statics_done *done);

/**
 * attach_keeper() - Start the keeper, or make this process ready to be it
 *
 * Prints its own message. Return: 0 or -errno
 */
int attach_keeper(struct attach *attach);

#endif /* ATTACH_H */
