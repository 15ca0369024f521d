/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.h - text from outside, before a person or another program reads it.
 *
 * Interfaces can have any octets in their names but "/", ":" and white space, so can paths: an
 * escape sequence would repaint a terminal, a newline make two lines of a log.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

/**
 * text_char() - How many octets has the character at @text?
 *
 * Return: 1 to 4 for one of UTF-8 (RFC 3629); 0 if it is a control character, or none at all
 */
size_t text_char(const char *text);

/**
 * text_clean() - Replace what is no character, or one of control, by "?", octet by octet
 * @but: One that may stay, or 0
 */
void text_clean(char *text, char but);

#endif /* TEXT_H */
