// SPDX-License-Identifier: GPL-2.0-only
/* sockets.c - sockets of the gateway itself, for the programs to find. */
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
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

static void route(int fd, const char *to, const char *mask, unsigned short flags)
{
	struct rtentry entry = { .rt_flags = RTF_UP | flags, .rt_dev = (char[]){ "lo" } };
	struct sockaddr_in dst = address(to), bits = address(mask);

	memcpy(&entry.rt_dst, &dst, sizeof(dst));
	memcpy(&entry.rt_genmask, &bits, sizeof(bits));
	CHECK_EQ(ioctl(fd, SIOCADDRT, &entry), 0);
}

/* Of this network namespace only. */
static void forward(void)
{
	int fd = open("/proc/sys/net/ipv4/conf/lo/forwarding", O_WRONLY);

	CHECK(fd >= 0 && write(fd, "1", 1) == 1);
	close(fd);
}

void sockets_prepare(void)
{
	struct ifreq own = { .ifr_name = "lo:1" }, up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct sockaddr_in gateway = address(GATEWAY);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	memcpy(&own.ifr_addr, &gateway, sizeof(gateway));
	CHECK_EQ(ioctl(fd, SIOCSIFFLAGS, &up), 0);
	CHECK_EQ(ioctl(fd, SIOCSIFADDR, &own), 0);
	route(fd, "0.0.0.0", "0.0.0.0", 0);
	route(fd, SOCKETS_NOWHERE, "255.255.0.0", RTF_REJECT);
	forward();
	/* Its neighbour, one for all addresses, is there from the first packet on. */
	gateway.sin_port = htons(9);
	CHECK_EQ(sendto(fd, "", 0, 0, (struct sockaddr *)&gateway, sizeof(gateway)), 0);
	close(fd);
}

void sockets_mtu(int mtu)
{
	struct ifreq own = { .ifr_name = "lo", .ifr_mtu = mtu };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	CHECK_EQ(ioctl(fd, SIOCSIFMTU, &own), 0);
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
