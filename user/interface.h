/* SPDX-License-Identifier: GPL-2.0-only */
/* interface.h - the rows of a marker: the interfaces on which there is something to undo. */
#ifndef INTERFACE_H
#define INTERFACE_H

#include "gateway.h"

/** interface_at() - The row of that index */
struct nat_interface *interface_at(struct gateway *gw, __u32 i);

/** interface_is_own() - Is it the row of the gateway's own interface? */
bool interface_is_own(const struct gateway *gw, const struct nat_interface *row);

/** interface_find() - Return: the row of an interface, or NULL */
struct nat_interface *interface_find(struct gateway *gw, unsigned int ifindex);

/** interface_find_dead() - The row of a listed one that was not there at the last look, or NULL */
struct nat_interface *interface_find_dead(struct gateway *gw, const char *name);

/** interface_lives() - Is it there? Takes note of the name that it has by now */
bool interface_lives(struct nat_interface *row);

/** interface_clear() - Nothing is to be undone there */
void interface_clear(struct nat_interface *row);

/**
 * interface_add() - A new row, with nothing to be undone
 * @ifindex: 0 if it is not there yet
 *
 * Return: NULL, having warned, when the table is full
 */
struct nat_interface *interface_add(struct gateway *gw, const char *name, unsigned int ifindex);

/** interface_remove() - Remove the row of that index; those after it move up */
void interface_remove(struct gateway *gw, __u32 i);

/** interface_was() - Did @before have a row for the interface of @row? */
bool interface_was(const struct nat_marker *before, const struct nat_interface *row);

#endif /* INTERFACE_H */
