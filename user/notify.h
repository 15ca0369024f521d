/* SPDX-License-Identifier: GPL-2.0-only */
/* notify.h - tell the service manager that the gateway is up (systemd Type=notify). */
#ifndef NOTIFY_H
#define NOTIFY_H

/** notify_ready() - Send READY=1 to NOTIFY_SOCKET, if that is set */
void notify_ready(void);

#endif /* NOTIFY_H */
