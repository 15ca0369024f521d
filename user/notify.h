/* SPDX-License-Identifier: GPL-2.0-only */
/* notify.h - tell the service manager how the gateway is (systemd Type=notify). */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "gateway.h"

/**
 * notify_open() - Take from the environment where the service manager listens
 *
 * Out of it, too: whatever is started from here on is not the service. Until this is called, and
 * where nobody listens, the other functions do nothing.
 */
void notify_open(void);

/** notify_ready() - It is up; this process is the service from now on */
void notify_ready(const struct gateway *gw);

/** notify_changed() - Its addresses may be others now */
void notify_changed(const struct gateway *gw);

/** notify_alive() - To be called every second or so: tells the watchdog, if that is due */
void notify_alive(void);

/** notify_stopping() - This process ends. @status: what becomes of the gateway, or NULL */
void notify_stopping(const char *status);

#endif /* NOTIFY_H */
