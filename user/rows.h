/* SPDX-License-Identifier: GPL-2.0-only */
/* rows.h - rows in memory, found by key: fill it, sort it, look things up. */
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>

/**
 * struct rows - @count rows, each beginning with its key
 * @key_size: Compared byte by byte
 */
struct rows {
	size_t row_size;
	size_t key_size;
	char *row;
	size_t count;
	size_t room;
};

/** rows_add() - Append a copy of a row; unsorts. Return: 0 or -ENOMEM */
int rows_add(struct rows *rows, const void *row);

void rows_sort(struct rows *rows);

/** rows_find() - After rows_sort(). Return: the row with this key, or NULL */
void *rows_find(const struct rows *rows, const void *key);

static inline void *rows_at(const struct rows *rows, size_t index)
{
	return rows->row + index * rows->row_size;
}

/** rows_free() - Forget all rows; it can be filled again */
void rows_free(struct rows *rows);

#endif /* ROWS_H */
