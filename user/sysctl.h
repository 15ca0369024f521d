/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl.h - net.ipv4.conf.IF.forwarding, and what else of an interface is only read. */
#ifndef SYSCTL_H
#define SYSCTL_H

/** sysctl_forwarding_read() - Return: 0 or -errno, -ENOENT when the interface has gone */
int sysctl_forwarding_read(const char *ifname, int *value);

/** sysctl_forwarding_write() - Return: 0 or -errno, as above */
int sysctl_forwarding_write(const char *ifname, int value);

/**
 * sysctl_read() - net.@family.conf.@ifname.@key
 * @family: "ipv4" or "ipv6"
 * @ifname: Or "all"
 *
 * Return: 0 or -errno
 */
int sysctl_read(const char *family, const char *ifname, const char *key, int *value);

/**
 * sysctl_name() - How an interface is written in sysctl's language: with a slash for a dot
 * @text: IF_NAMESIZE bytes
 *
 * Return: @text
 */
const char *sysctl_name(char *text, const char *ifname);

#endif /* SYSCTL_H */
