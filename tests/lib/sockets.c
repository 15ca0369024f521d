// SPDX-License-Identifier: GPL-2.0-only
/* sockets.c - sockets of the gateway itself, for the programs to find. */
#include "sockets.h"

#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "packet.h"

#define GATEWAY "203.0.113.1"
#define SOCKETS_MAX 8

static int fds[SOCKETS_MAX];
static int open_count;

static struct sockaddr_in address(const char *text)
{
	struct nat_endpoint endpoint;

	endpoint_parse(text, NULL, &endpoint);
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = endpoint.port,
				     .sin_addr.s_addr = endpoint.addr };
}

void sockets_prepare(void)
{
	struct rtentry everywhere = { .rt_flags = RTF_UP, .rt_dev = (char[]){ "lo" } };
	struct ifreq own = { .ifr_name = "lo:1" }, up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct sockaddr_in any = { .sin_family = AF_INET }, gateway = address(GATEWAY);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	memcpy(&own.ifr_addr, &gateway, sizeof(gateway));
	memcpy(&everywhere.rt_dst, &any, sizeof(any));
	memcpy(&everywhere.rt_genmask, &any, sizeof(any));
	CHECK_EQ(ioctl(fd, SIOCSIFFLAGS, &up), 0);
	CHECK_EQ(ioctl(fd, SIOCSIFADDR, &own), 0);
	CHECK_EQ(ioctl(fd, SIOCADDRT, &everywhere), 0);
	close(fd);
}

void sockets_close(void)
{
	while (open_count)
		close(fds[--open_count]);
}

static void close_them(void *unused __attribute__((unused)))
{
	sockets_close();
}

static int socket_open(int type, const struct sockaddr_in *local)
{
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK(open_count < SOCKETS_MAX);
	if (!open_count)
		check_defer(close_them, NULL);
	fds[open_count++] = fd;
	CHECK_EQ(bind(fd, (const struct sockaddr *)local, sizeof(*local)), 0);
	return fd;
}

void socket_listen(int type, __u16 port)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket_open(type, &local);

	if (type == SOCK_STREAM)
		CHECK_EQ(listen(fd, 1), 0);
}

void socket_connect(int type, const char *local, const char *remote)
{
	struct sockaddr_in from = address(local), to = address(remote);
	int fd = socket_open(type, &from);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		check_fail(__FILE__, __LINE__, "connect %s to %s: %s", local, remote,
			   strerror(errno));
}
