// SPDX-License-Identifier: GPL-2.0-only
/*
 * raw.c - send what the data path cannot: ICMP errors of our own, and packets as they are.
 *
 * How it works: everything goes out by the routing table, and so through the programs at the
 * WAN interface, which know both for the gateway's own. Nothing is done about what cannot be
 * sent: these are replacements for packets that have been dropped already.
 */
#include "raw.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IP_NODEFRAG
#define IP_NODEFRAG 22 /* in the kernel's headers, not in the C library's */
#endif

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

/* A raw ICMP socket gets a copy of every ICMP message that arrives. */
static int receive_nothing(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &drop };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

int raw_open(struct raw *raw)
{
	const int type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int err;

	raw->errors = socket(AF_INET, type, IPPROTO_ICMP);
	raw->packets = socket(AF_INET, type, IPPROTO_RAW);
	if (raw->errors < 0 || raw->packets < 0)
		return -errno;
	err = receive_nothing(raw->errors);
	/* An address of the pool that the interface does not own may be the source. */
	if (!err)
		err = set(raw->errors, IPPROTO_IP, IP_TRANSPARENT, 1);
	if (!err)
		err = set(raw->errors, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	/* Or connection tracking would wait for the first fragment, which does not come here. */
	if (!err)
		err = set(raw->packets, IPPROTO_IP, IP_NODEFRAG, 1);
	return err;
}

void raw_close(struct raw *raw)
{
	if (raw->errors >= 0)
		close(raw->errors);
	if (raw->packets >= 0)
		close(raw->packets);
}

/* Append an item of ancillary data. */
static void add(struct msghdr *message, int type, const void *data, size_t len)
{
	struct cmsghdr *item = (void *)((char *)message->msg_control + message->msg_controllen);

	*item = (struct cmsghdr){ .cmsg_level = IPPROTO_IP,
				  .cmsg_type = type,
				  .cmsg_len = CMSG_LEN(len) };
	memcpy(CMSG_DATA(item), data, len);
	message->msg_controllen += CMSG_SPACE(len);
}

void raw_send_error(const struct raw *raw, const struct icmp_answer *answer, __be32 from)
{
	struct {
		_Alignas(struct cmsghdr) char tos[CMSG_SPACE(sizeof(int))];
		char source[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} room = {};
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = answer->to };
	struct iovec part = { .iov_base = (void *)answer->message, .iov_len = answer->len };
	struct msghdr message = { .msg_name = &to,
				  .msg_namelen = sizeof(to),
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &room };
	struct in_pktinfo source = { .ipi_spec_dst.s_addr = from };
	int tos = answer->tos;

	add(&message, IP_TOS, &tos, sizeof(tos));
	if (from)
		add(&message, IP_PKTINFO, &source, sizeof(source));
	sendmsg(raw->errors, &message, 0);
}

void raw_send_packet(const struct raw *raw, const __u8 *packet, size_t len, __be32 to)
{
	struct sockaddr_in where = { .sin_family = AF_INET, .sin_addr.s_addr = to };

	sendto(raw->packets, packet, len, 0, (struct sockaddr *)&where, sizeof(where));
}
