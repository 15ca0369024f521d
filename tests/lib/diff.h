/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diff.h - where two frames differ, field by field.
 */
#ifndef DIFF_H
#define DIFF_H

#include <stddef.h>

#include "packet.h"

/**
 * frame_diff() - Describe how @actual differs from @expected
 * @text: Filled with one indented line a field; at least 2048 octets
 *
 * Return: number of fields that differ; 0 when the frames are equal
 */
int frame_diff(const struct frame *actual, const struct frame *expected, char *text, size_t size);

#endif /* DIFF_H */
