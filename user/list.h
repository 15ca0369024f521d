/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list.h - a listing of rows from one or all gateways: sorted if it is short, streamed if not.
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway.h"
#include "out.h"

/**
 * struct list - What a listing verb fills in, and the state behind it
 * @noun:     For messages and for the key of --count: "sessions"
 * @row_size: Bytes
 * @compare:  Order of two rows, for qsort(); no two rows may be equal in it
 * @print:    The row function
 * @read:     Hands every row of @gateway to list_add(). Return: 0 or -errno; to stop, list_add()'s
 * @ifname:   The gateway to read; NULL for all
 * @hold_all: Sort however many there are
 * @count_only: Print only the number of rows
 * @gateway:  The one being read
 * @several:  It is one of several: say which in the text, too
 * @out:      Where @print writes
 */
struct list {
	const char *noun;
	size_t row_size;
	int (*compare)(const void *a, const void *b);
	void (*print)(struct list *list, const void *row);
	int (*read)(struct list *list);
	const char *ifname;
	bool hold_all;
	bool count_only;

	struct gateway gateway;
	bool several;
	struct out out;
	char *held;
	size_t held_count;
	size_t held_room;
	bool is_streaming;
	uint64_t total;
};

/** list_add() - Take over a copy of a row. Return: 0, or -errno to stop reading */
int list_add(struct list *list, const void *row);

/**
 * list_place() - An endpoint; the text has no port where the protocol has none
 * @proto: enum nat_proto
 */
void list_place(struct list *list, const char *key, const char *before, __u8 proto, __be32 addr,
		__be16 port);

/** list_run() - Read, sort, print. Return: an enum exit_code, having printed its messages */
int list_run(struct list *list);

#endif /* LIST_H */
