/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gateway.h - an attached gateway, as any verb finds it: a directory of pins in bpffs.
 *
 *	<bpffs>/natctl/<netns inode>/<interface>/maps/<map>     one per row of GATEWAY_MAPS
 *	<bpffs>/natctl/<netns inode>/<interface>/progs/<prog>
 *	<bpffs>/natctl/<netns inode>/<interface>/links/<prog>   absent for clsact filters
 *	<bpffs>/natctl/<netns inode>/<interface>/links/nat_tc_lan_in:<ifindex>
 *
 * The name is the interface's: if that changes, the pins follow (pins.c). bpffs allows no dot
 * in it: eth0.100 is written eth0:100, which no interface can be called.
 *
 * bpffs is /sys/fs/bpf, of this mount namespace or, where `ip netns exec` has hidden
 * it behind a fresh /sys, of the nearest ancestor process that has one
 * (/proc/<pid>/root/sys/fs/bpf). The map `marker` says whose directory it is: one
 * whose namespace cookie or ifindex does not match belongs to a gateway that has died
 * with its namespace or interface.
 *
 * Nothing is kept anywhere else: no file under /run, no file in /var.
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>

#include "nat_abi.h"

/* Pin names are map names; the enum indexes struct gateway's fd[]. */
#define GATEWAY_MAPS(X)                                                                            \
	X(bindings_fwd)                                                                            \
	X(bindings_rev)                                                                            \
	X(sessions)                                                                                \
	X(permits)                                                                                 \
	X(replies)                                                                                 \
	X(hosts)                                                                                   \
	X(fragments)                                                                               \
	X(sent_ids)                                                                                \
	X(early)                                                                                   \
	X(held_syns)                                                                               \
	X(requests)                                                                                \
	X(ports)                                                                                   \
	X(externals)                                                                               \
	X(pool)                                                                                    \
	X(internal_nets)                                                                           \
	X(excluded_nets)                                                                           \
	X(settings)                                                                                \
	X(usage)                                                                                   \
	X(lanes)                                                                                   \
	X(lane_devs)                                                                               \
	X(ids)                                                                                     \
	X(counters)                                                                                \
	X(marker)

enum gateway_map {
#define X(name) GATEWAY_##name,
	GATEWAY_MAPS(X)
#undef X
	GATEWAY_MAP_MAX,
};

extern const char *const gateway_map_names[GATEWAY_MAP_MAX];

/* The control programs, pinned as nat_<name>. */
#define GATEWAY_CONTROLS(X) X(reap) X(flush) X(forward)

enum gateway_control {
#define X(name) GATEWAY_CONTROL_##name,
	GATEWAY_CONTROLS(X)
#undef X
	GATEWAY_CONTROL_MAX,
};

extern const char *const gateway_control_names[GATEWAY_CONTROL_MAX];

/**
 * struct gateway - Filled by gateway_open(), released by gateway_close()
 * @name, @ifindex: The interface
 * @pins:   The name that its pin directory has: @name, or one that the interface had before
 * @dir:    Its pin directory, without a trailing slash
 * @fd:     One per map, or -1
 * @control_fd: One per control program, or -1
 * @marker: As read when it was opened
 */
struct gateway {
	char name[IF_NAMESIZE];
	unsigned int ifindex;
	char pins[IF_NAMESIZE];
	char dir[PATH_MAX];
	int fd[GATEWAY_MAP_MAX];
	int control_fd[GATEWAY_CONTROL_MAX];
	struct nat_marker marker;
};

/**
 * enum gateway_state - What is found where an interface's pins would be
 * @GATEWAY_ABSENT:     nothing
 * @GATEWAY_ATTACHED:   a gateway at work
 * @GATEWAY_UNFINISHED: an attach or detach is at work, or was killed half way
 * @GATEWAY_DEAD:       the leftover of a network namespace that is gone, whose inode
 *			number was given to this one: nothing of it is in force
 * @GATEWAY_GONE:       the interface has gone; there may be another one of its name. What was
 *			changed elsewhere (sysctls of internal interfaces) still stands, unless
 *			the keeper lives, who waits for it to return
 * @GATEWAY_RENAMED:    at work, but the interface has another name by now, which its pins
 *			have not followed yet
 * @GATEWAY_FOREIGN:    made by a natctl of another layout version
 */
enum gateway_state {
	GATEWAY_ABSENT,
	GATEWAY_ATTACHED,
	GATEWAY_UNFINISHED,
	GATEWAY_DEAD,
	GATEWAY_GONE,
	GATEWAY_RENAMED,
	GATEWAY_FOREIGN,
};

/**
 * gateway_bpffs() - Find bpffs
 * @path: Filled with its directory, PATH_MAX bytes
 * @mount: Mount it at /sys/fs/bpf if there is none anywhere (what `ip` does too)
 *
 * Return: 0; without @mount -ENOENT when there is none, -EACCES when there may be one
 * that this process cannot see; with it -errno of the mount
 */
int gateway_bpffs(char *path, bool mount);

/**
 * gateway_bpffs_hold() - Keep the one that is there for as long as this process lives
 *
 * For a process that will not be allowed to look for it again: gateway_bpffs() finds it then.
 *
 * Return: 0 or as gateway_bpffs()
 */
int gateway_bpffs_hold(void);

/**
 * gateway_path() - The pin directory of an interface in this network namespace
 * @bpffs: From gateway_bpffs()
 * @path:  PATH_MAX bytes
 *
 * Return: 0 or -errno
 */
int gateway_path(const char *bpffs, const char *ifname, char *path);

/**
 * gateway_level_open() - Open a directory above pins
 *
 * Return: a descriptor; -EUCLEAN if it is not a directory, or others than root or the caller can
 * write to it; or -errno
 */
int gateway_level_open(int above, const char *name);

/**
 * gateway_check_pins() - Are both directories above an interface's pins root's alone?
 *
 * What is below them then is, too.
 *
 * Return: 0, also when they are not there; -EUCLEAN or -errno, for gateway_strerror()
 */
int gateway_check_pins(const char *bpffs);

/** gateway_strerror() - strerror(-@err), and what to do about -EUCLEAN */
const char *gateway_strerror(int err);

/** gateway_init() - Nothing is open */
void gateway_init(struct gateway *gw);

/**
 * gateway_find() - Open whatever is pinned for an interface, without a word
 * @gw:    Filled with what there is; to be closed whatever the result
 * @bpffs: From gateway_bpffs()
 * @state: What it is
 *
 * Return: 0, or -errno when it cannot be told (-EPERM without CAP_BPF)
 */
int gateway_find(struct gateway *gw, const char *bpffs, const char *ifname,
		 enum gateway_state *state);

/**
 * gateway_settle() - Let the pins of an open gateway follow the name of its interface
 * @gw: @name and @pins change, not @dir. The caller holds the lock
 *
 * Where somebody else has seen to it, or the interface has gone, @name and @pins become what the
 * directory is called.
 *
 * Return: 0 or -errno
 */
int gateway_settle(struct gateway *gw);

/**
 * gateway_find_settled() - gateway_find(), under the lock: first let pins follow that have not
 *
 * So that a directory of this name, if there is one, is this interface's.
 */
int gateway_find_settled(struct gateway *gw, const char *bpffs, const char *ifname,
			 enum gateway_state *state);

/** gateway_is_whole() - Are all its maps and control programs open? */
bool gateway_is_whole(const struct gateway *gw);

/** gateway_name_of_pins() - Which interface's is a pin directory? @name: IF_NAMESIZE bytes */
void gateway_name_of_pins(char *name, const char *entry);

/** struct gateway_trouble - What is wrong with one, and what to do about it, for a message */
struct gateway_trouble {
	char text[160];
	char remedy[160];
};

/** gateway_trouble() - Is it neither at work nor absent? Fills @trouble if so */
bool gateway_trouble(const struct gateway *gw, enum gateway_state state,
		     struct gateway_trouble *trouble);

/** gateway_refuse() - Say why one that is not at work cannot be used. Return: an exit code */
int gateway_refuse(const struct gateway *gw, enum gateway_state state);

/**
 * gateway_open() - Open an attached gateway
 * @gw:     Filled
 * @ifname: The interface; NULL for the only one attached in this namespace
 *
 * Prints its own message.
 *
 * Return: 0; EXIT_MISUSED for what cannot be an interface, and for NULL when there are
 * several; EXIT_NOT_ATTACHED when there is none; EXIT_FAILED for a layout of another
 * version, missing capabilities and everything else
 */
int gateway_open(struct gateway *gw, const char *ifname);

void gateway_close(struct gateway *gw);

/** gateway_cannot_open() - Say why, of an interface or of all. Return: EXIT_FAILED */
int gateway_cannot_open(const char *object, int err);

/** struct gateway_name - Of an interface */
struct gateway_name {
	char text[IF_NAMESIZE];
};

/**
 * gateway_names() - Those that there are in this namespace, in whatever state, sorted
 * @bpffs: From gateway_bpffs()
 * @names: An array to free()
 *
 * Return: how many, or -errno
 */
int gateway_names(const char *bpffs, struct gateway_name **names);

/**
 * gateway_only() - Which interface is attached, if only one is?
 * @bpffs: From gateway_bpffs()
 * @name:  Filled, NAME_MAX + 1 bytes
 *
 * Return: EXIT_DONE, or what gateway_open() returns, having printed
 */
int gateway_only(const char *bpffs, char *name);

/**
 * gateway_each() - Call for every gateway attached in this namespace, sorted by name
 * @fn: Returns an exit code; the walk goes on after a failure
 *
 * Return: the largest exit code; EXIT_NOT_ATTACHED, after a message, only if none is at work
 */
int gateway_each(int (*fn)(struct gateway *gw, void *data), void *data);

/** gateway_marker_read() - Look again: @gw->marker. Return: 0 or -errno */
int gateway_marker_read(struct gateway *gw);

/** gateway_marker_write() - Store @gw->marker. Return: 0 or -errno */
int gateway_marker_write(struct gateway *gw);

/** gateway_now() - The current tick of the clock that deadlines are written in */
__u32 gateway_now(void);

/** gateway_settings() - Read all settings. Return: 0 or -errno, having printed */
int gateway_settings(const struct gateway *gw, struct nat_settings *settings);

/** gateway_reap() - One sweep of nat_reap; of @args, only `small` is looked at. Return: 0 or -errno
 */
int gateway_reap(const struct gateway *gw, struct nat_reap_args *args);

/** gateway_flush() - Run nat_flush. Return: 0 or -errno */
int gateway_flush(const struct gateway *gw, struct nat_flush_args *args);

/** gateway_forward() - Run nat_forward. Return: 0 or -errno; @args->result says the rest */
int gateway_forward(const struct gateway *gw, struct nat_forward_args *args);

/** gateway_netns_cookie() - Of this network namespace; 0 if the kernel does not say */
__u64 gateway_netns_cookie(void);

/** gateway_keeper_alive() - Is the keeper that the marker names still that process? */
bool gateway_keeper_alive(const struct nat_marker *marker);

#endif /* GATEWAY_H */
