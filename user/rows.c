// SPDX-License-Identifier: GPL-2.0-only
/* rows.c - rows in memory, found by key: fill it, sort it, look things up. */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b, void *rows)
{
	return memcmp(a, b, ((struct rows *)rows)->key_size);
}

int rows_add(struct rows *rows, const void *row)
{
	if (rows->count == rows->room) {
		size_t room = rows->room ? rows->room * 2 : 256;
		char *grown = realloc(rows->row, room * rows->row_size);

		if (!grown)
			return -ENOMEM;
		rows->row = grown;
		rows->room = room;
	}
	memcpy(rows_at(rows, rows->count++), row, rows->row_size);
	return 0;
}

void rows_sort(struct rows *rows)
{
	if (rows->count > 1)
		qsort_r(rows->row, rows->count, rows->row_size, compare, rows);
}

void *rows_find(const struct rows *rows, const void *key)
{
	size_t low = 0, high = rows->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(key, rows_at(rows, middle), rows->key_size);

		if (!order)
			return rows_at(rows, middle);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void rows_free(struct rows *rows)
{
	free(rows->row);
	rows->row = NULL;
	rows->count = 0;
	rows->room = 0;
}
