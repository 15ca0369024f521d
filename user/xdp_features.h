/* SPDX-License-Identifier: GPL-2.0-only */
/* xdp_features.h - what a driver can do for XDP, as the kernel says (Linux 6.3). */
#ifndef XDP_FEATURES_H
#define XDP_FEATURES_H

#include <stdbool.h>

/**
 * xdp_can_send() - Does the interface take frames that XDP redirects to it?
 *
 * Of a veth: only while the other end runs XDP or GRO; to any other frames are lost without a
 * word.
 *
 * Return: false too where the kernel cannot tell
 */
bool xdp_can_send(unsigned int ifindex);

#endif /* XDP_FEATURES_H */
