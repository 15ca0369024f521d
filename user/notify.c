// SPDX-License-Identifier: GPL-2.0-only
/*
 * notify.c - tell the service manager how the gateway is: sd_notify(3), by hand.
 *
 * How it works: the manager has put the name of a datagram socket into the environment, and
 * takes lines KEY=VALUE there. Only the first message is waited for: nobody who is slow to listen
 * may hold up the keeper. A watchdog wants a ping at least every WATCHDOG_USEC microseconds; it
 * gets one each third of that. The keeper's tick is a second, so three seconds are the shortest
 * time that is kept with some room.
 */
#include "notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "out.h"
#include "pool.h"

#define TEXT_MAX 256
#define PINGS 3 /* in the time after which the watchdog bites */

#define USEC_PER_SEC 1000000ULL
#define NSEC_PER_USEC 1000ULL

/**
 * struct manager - Who listens
 * @fd:   -1 when nobody does
 * @ping: Microseconds between two pings, 0 for none
 * @last: When the last one was sent
 */
static struct manager {
	struct sockaddr_un addr;
	socklen_t len;
	int fd;
	uint64_t ping;
	uint64_t last;
} manager = { .fd = -1 };

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * USEC_PER_SEC + now.tv_nsec / NSEC_PER_USEC;
}

/* All of @text is digits; 0 if not, or if there is none. */
static uint64_t number(const char *text)
{
	char *end;
	uint64_t value;

	if (!text || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	return *end || errno ? 0 : value;
}

static uint64_t watchdog_usec(void)
{
	const char *pid = getenv("WATCHDOG_PID");

	/* Meant for another process that this one was started by. */
	if (pid && number(pid) != (uint64_t)getpid())
		return 0;
	return number(getenv("WATCHDOG_USEC"));
}

static void open_socket(const char *path)
{
	struct sockaddr_un *addr = &manager.addr;

	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(addr->sun_path))
		return;
	addr->sun_family = AF_UNIX;
	strcpy(addr->sun_path, path);
	/* The name ends where it ends: in the abstract namespace zeros would count. */
	manager.len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	if (*path == '@')
		addr->sun_path[0] = '\0';
	manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

void notify_open(void)
{
	open_socket(getenv("NOTIFY_SOCKET"));
	manager.ping = watchdog_usec() / PINGS;
	manager.last = now_usec();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void __attribute__((format(printf, 2, 3))) tell(int flags, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list args;

	if (manager.fd < 0)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sendto(manager.fd, text, strlen(text), flags | MSG_NOSIGNAL,
	       (struct sockaddr *)&manager.addr, manager.len);
}

/* What `systemctl status` shows: short, for it is one line among others. */
static void status_text(const struct gateway *gw, char *text)
{
	char addr[OUT_TEXT_MAX], more[32] = "";
	struct nat_pool pool;

	if (pool_read(gw, &pool) || !pool.count) {
		strcpy(text, "attached");
		return;
	}
	if (pool.count > 1)
		snprintf(more, sizeof(more), " and %u more", pool.count - 1);
	snprintf(text, TEXT_MAX / 2, "external address %s%s", out_addr_text(addr, pool.addr[0]),
		 more);
}

void notify_ready(const struct gateway *gw)
{
	char status[TEXT_MAX / 2];

	if (manager.fd < 0)
		return;
	status_text(gw, status);
	tell(0, "READY=1\nMAINPID=%d\nSTATUS=%s", getpid(), status);
}

void notify_changed(const struct gateway *gw)
{
	char status[TEXT_MAX / 2];

	if (manager.fd < 0)
		return;
	status_text(gw, status);
	tell(MSG_DONTWAIT, "STATUS=%s", status);
}

void notify_alive(void)
{
	uint64_t now = now_usec();

	if (!manager.ping || now - manager.last < manager.ping)
		return;
	manager.last = now;
	tell(MSG_DONTWAIT, "WATCHDOG=1");
}

void notify_stopping(const char *status)
{
	tell(MSG_DONTWAIT, "STOPPING=1%s%s", status ? "\nSTATUS=" : "", status ? status : "");
}
