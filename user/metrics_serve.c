// SPDX-License-Identifier: GPL-2.0-only
/*
 * metrics_serve.c - `natctl metrics --listen`: the page over HTTP.
 *
 * How it works: the socket is made here, all capabilities are given up, then libmicrohttpd answers
 * in one thread, one request after the other, while this one waits for a signal. Every page is made
 * of what the maps say at that moment; nothing is kept between two.
 *
 * The library is loaded when it is needed. Linked in, it would double what the start of every
 * natctl costs, and the memory of every keeper (docs/decisions/0025).
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd.h"
#include "metrics.h"
#include "msg.h"
#include "privileges.h"
#include "value.h"

#define VERB "metrics"
#define UNIX "unix:"
#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

#define LIBRARY "libmicrohttpd.so.12"
#define LIBRARY_PACKAGE "libmicrohttpd12"

#define CLIENTS_MOST 16
#define PATIENCE 10U /* seconds that a client may take to say something */
#define BACKLOG 16

/* ---- the library ---------------------------------------------------------------------------- */

#define FUNCTIONS(X)                                                                               \
	X(MHD_start_daemon)                                                                        \
	X(MHD_stop_daemon)                                                                         \
	X(MHD_create_response_from_buffer)                                                         \
	X(MHD_add_response_header)                                                                 \
	X(MHD_queue_response)                                                                      \
	X(MHD_destroy_response)

static struct {
#define X(name) __typeof__(name) *name;
	FUNCTIONS(X)
#undef X
} http;

static bool http_load(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		msg_error(VERB, "cannot listen: %s (install " LIBRARY_PACKAGE ")", dlerror());
		return false;
	}
#define X(name) http.name = (__typeof__(name) *)dlsym(library, #name);
	FUNCTIONS(X)
#undef X
#define X(name) &&http.name
	if (true FUNCTIONS(X))
		return true;
#undef X
	msg_error(VERB, "cannot listen: " LIBRARY " is not what it should be");
	return false;
}

/* ---- answers -------------------------------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status, char *text,
			      size_t len, enum MHD_ResponseMemoryMode whose)
{
	struct MHD_Response *response = http.MHD_create_response_from_buffer(len, text, whose);
	enum MHD_Result done;

	if (!response)
		return MHD_NO;
	http.MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, CONTENT_TYPE);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		http.MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	done = http.MHD_queue_response(connection, status, response);
	http.MHD_destroy_response(response);
	return done;
}

static enum MHD_Result answer_short(struct MHD_Connection *connection, unsigned int status,
				    const char *text)
{
	return answer(connection, status, (char *)text, strlen(text), MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer_page(struct MHD_Connection *connection)
{
	struct metrics metrics;
	char *text = NULL;
	size_t len = 0;
	FILE *file;
	int err = metrics_read(&metrics);

	file = err ? NULL : open_memstream(&text, &len);
	if (file)
		metrics_print(file, &metrics);
	metrics_free(&metrics);
	if (!file || fclose(file)) {
		free(text);
		return answer_short(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
				    "the gateways cannot be read\n");
	}
	return answer(connection, MHD_HTTP_OK, text, len, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	static int is_known;

	(void)data, (void)version, (void)upload;
	/* The first call is about the headers: an answer now would end the connection. */
	if (!*request) {
		*request = &is_known;
		return MHD_YES;
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_short(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only to be read\n");
	if (!strcmp(url, "/metrics"))
		return answer_page(connection);
	return answer_short(connection, !strcmp(url, "/") ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND,
			    "natctl: see /metrics\n");
}

/* ---- the socket ----------------------------------------------------------------------------- */

/* A socket on which nobody listens any more is in the way of its successor. */
static void unix_clear(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat info;

	if (fd >= 0 && !lstat(addr->sun_path, &info) && S_ISSOCK(info.st_mode) &&
	    connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) && errno == ECONNREFUSED)
		unlink(addr->sun_path);
	if (fd >= 0)
		close(fd);
}

/* For whoever may connect the owner can say: nobody else, unless the mode is changed. */
static int listen_unix(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, err = 0;
	mode_t mask;

	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return -EINVAL;
	strcpy(addr.sun_path, path);
	unix_clear(&addr);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	mask = umask(0117);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, BACKLOG))
		err = -errno;
	umask(mask);
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* ADDR:PORT into its two halves; brackets around ADDR go. */
static bool split(const char *where, char *addr, size_t size, const char **port)
{
	const char *colon = strrchr(where, ':');
	size_t len = colon ? colon - where : 0;
	uint32_t number;

	/* 0: any that is free */
	if (!len || len >= size || !value_number(colon + 1, 0, UINT16_MAX, &number))
		return false;
	if (*where == '[' && where[len - 1] == ']') {
		where++;
		len -= 2;
	} else if (memchr(where, ':', len)) {
		return false; /* an IPv6 address, of which nobody can tell the port */
	}
	memcpy(addr, where, len);
	addr[len] = '\0';
	*port = colon + 1;
	return true;
}

static int listen_ip(const char *where)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char addr[INET6_ADDRSTRLEN];
	const char *port;
	int fd, on = 1, err = 0;

	if (!split(where, addr, sizeof(addr), &port) || getaddrinfo(addr, port, &hints, &found))
		return -EINVAL;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, found->ai_addr, found->ai_addrlen) || listen(fd, BACKLOG))
		err = -errno;
	freeaddrinfo(found);
	if (!err)
		return fd;
	if (fd >= 0)
		close(fd);
	return err;
}

/* The kernel may have been asked to choose the port. */
static void say_where(int fd, const char *where)
{
	char addr[INET6_ADDRSTRLEN], port[8];
	struct sockaddr_storage own = {};
	socklen_t len = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &len) || own.ss_family == AF_UNIX ||
	    getnameinfo((struct sockaddr *)&own, len, addr, sizeof(addr), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		msg_note(VERB, "listening on %s", where);
	else
		msg_note(VERB,
			 own.ss_family == AF_INET6 ? "listening on [%s]:%s" : "listening on %s:%s",
			 addr, port);
}

/* ---- both ----------------------------------------------------------------------------------- */

/* Return: an exit code, when a signal has come */
static int serve(int fd, const char *where)
{
	struct MHD_Daemon *daemon;
	sigset_t ends;
	int err;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL); /* for the library's thread, too */
	err = privileges_drop(PRIVILEGES_READER);
	if (err)
		msg_warn(VERB, "cannot give up privileges: %s", strerror(-err));
	daemon = http.MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL,
				       MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				       CLIENTS_MOST, MHD_OPTION_CONNECTION_TIMEOUT, PATIENCE,
				       MHD_OPTION_END);
	if (!daemon) {
		msg_error(VERB, "cannot serve on %s: the library does not start", where);
		return EXIT_FAILED;
	}
	say_where(fd, where);
	sigwaitinfo(&ends, NULL);
	http.MHD_stop_daemon(daemon); /* closes @fd */
	return EXIT_DONE;
}

int metrics_serve(const char *where)
{
	const char *path = strncmp(where, UNIX, strlen(UNIX)) ? NULL : where + strlen(UNIX);
	int fd, code, err;

	if (!http_load())
		return EXIT_FAILED;
	err = gateway_bpffs_hold();
	if (err && err != -ENOENT)
		return gateway_cannot_open(VERB, err);
	fd = path ? listen_unix(path) : listen_ip(where);
	if (fd == -EINVAL) {
		msg_error(VERB,
			  "--listen cannot be \"%s\" (valid: ADDR:PORT, [ADDR]:PORT or unix:PATH)",
			  where);
		return EXIT_MISUSED;
	}
	if (fd < 0) {
		msg_error(VERB, "cannot listen on %s: %s", where, strerror(-fd));
		return EXIT_FAILED;
	}
	code = serve(fd, where);
	if (path)
		unlink(path);
	return code;
}
