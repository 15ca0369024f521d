/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl.h - net.ipv4.conf.IF.forwarding. */
#ifndef SYSCTL_H
#define SYSCTL_H

/** sysctl_forwarding_read() - Return: 0 or -errno, -ENOENT when the interface has gone */
int sysctl_forwarding_read(const char *ifname, int *value);

/** sysctl_forwarding_write() - Return: 0 or -errno, as above */
int sysctl_forwarding_write(const char *ifname, int value);

/**
 * sysctl_read() - net.ipv4.conf.@ifname.@key
 * @ifname: Or "all"
 *
 * Return: 0 or -errno
 */
int sysctl_read(const char *ifname, const char *key, int *value);

#endif /* SYSCTL_H */
