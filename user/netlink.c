// SPDX-License-Identifier: GPL-2.0-only
/* netlink.c - one request, its answers, over libmnl. */
#include "netlink.h"

#include <errno.h>
#include <time.h>

struct nlmsghdr *netlink_request(void *buffer, int type, int flags, size_t size, void **extra)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	*extra = mnl_nlmsg_put_extra_header(request, size);
	return request;
}

int netlink_talk(int bus, struct nlmsghdr *request, mnl_cb_t fn, void *data)
{
	/* Dumps come in up to 32 KiB at a time; a smaller buffer only costs round trips. */
	char buffer[32768];
	struct mnl_socket *socket;
	unsigned int port;
	ssize_t len;
	int err = 0;

	socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!socket)
		return -errno;
	request->nlmsg_seq = time(NULL);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		goto failed;
	port = mnl_socket_get_portid(socket);
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		goto failed;
	do {
		len = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (len < 0)
			goto failed;
		err = mnl_cb_run(buffer, len, request->nlmsg_seq, port, fn, data);
	} while (err > MNL_CB_STOP && (request->nlmsg_flags & (NLM_F_DUMP | NLM_F_ACK)));
	if (err >= 0) {
		mnl_socket_close(socket);
		return 0;
	}
failed:
	err = -errno;
	mnl_socket_close(socket);
	return err;
}
