/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * msg.h - what natctl says besides its output: one line, on stderr, in one shape.
 *
 *	natctl: <object>: <what failed>: <why> (<what to do>)
 *
 * lower case, no full stop, offending text in quotes.
 */
#ifndef MSG_H
#define MSG_H

#define MSG_PLACE_MAX 512 /* bytes */

/**
 * msg_place() - Of a file and a line the object of a message: "/etc/natctl/eth1.conf:7"
 *
 * Of a path that is too long its end.
 *
 * Return: @text
 */
const char *msg_place(char text[MSG_PLACE_MAX], const char *file, unsigned int line);

/** msg_error() - Something was not done. @object may be NULL */
void msg_error(const char *object, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** msg_warn() - It was done, but the person should know this */
void msg_warn(const char *object, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** msg_note() - A remark on what was decided; silent with -q */
void msg_note(const char *object, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * msg_warn_once() - Warn of what failed, but not while it keeps failing in the same way
 * @last: What the caller keeps between calls, at first 0
 * @err:  0 or -errno
 */
void msg_warn_once(int *last, const char *object, const char *what, int err);

/** msg_to_syslog() - From here on all goes to the system log, not to stderr */
void msg_to_syslog(void);

/** msg_libbpf() - Route libbpf's messages: shown with -v only, indented */
void msg_libbpf(void);

#endif /* MSG_H */
