/* SPDX-License-Identifier: GPL-2.0-only */
/* link.h - a gateway's own interface goes down and up, is renamed, goes and returns. */
#ifndef LINK_H
#define LINK_H

#include "gateway.h"

/**
 * struct link - What was last seen of it
 * @header_len: Bytes before the IP header: for these the pinned programs were loaded
 * @is_up:      It can send
 * @is_gone:    It is not there
 */
struct link {
	int header_len;
	bool is_up;
	bool is_gone;
};

/** link_look() - Begin: nothing has changed yet */
void link_look(struct link *link, const struct gateway *gw);

/**
 * link_follow() - Bring a gateway in line with its interface, and say in a line what has changed
 * @gw: The keeper's; its marker as it is. The caller holds the lock
 *
 * While the interface is gone, forwarding is as before attach, and the tables wait. If one of its
 * name appears, the pinned programs are put onto that.
 *
 * Return: 0 or -errno
 */
int link_follow(struct link *link, struct gateway *gw);

/**
 * link_leave() - Let go of an interface that has gone: hooks, forwarding, internal interfaces
 * @gw: Its marker is changed, and written
 *
 * Return: 0 or the first -errno
 */
int link_leave(struct gateway *gw);

#endif /* LINK_H */
