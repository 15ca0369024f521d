// SPDX-License-Identifier: GPL-2.0-only
/*
 * requests.c - do what the data path asks of the keeper (nat_request.h).
 *
 * How it works
 *
 *	ERROR	  -> icmp_answer.c builds it, raw.c sends it
 *	HOLD	  -> early.c keeps the fragment; if its datagram is known by now: as RELEASE
 *	RELEASE	  -> what early.c has of the datagram is sent as the note in `fragments` says
 *	SYN	  -> the keeper sweeps the small tables for a while
 *
 * The programs enter a fragment in `early` before they hand it over, and we look for the
 * note after we have got it. So either we find the note, or whoever writes it finds the
 * entry and sends a RELEASE: none is forgotten between the two.
 *
 * What goes out is sent by a raw socket. What has come in is let in again behind the
 * translator: if connection tracking collects fragments in this machine, it does so for
 * arriving and for sent ones apart, and the first one has arrived. Where that cannot be
 * done, the raw socket has to do, and does if nobody collects them.
 *
 * How many errors a second has been decided by whoever asks for them (bpf/budget.h).
 */
#include "requests.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/ip_icmp.h>
#include <unistd.h>

#include "inject.h"

/* What was asked for longer ago, while the keeper was stopped, nobody waits for any more. */
#define STALE_TICKS 32

#define TURN 256 /* requests in a row */

static const __u32 ONLY = 0; /* the key of every map of one entry */

/*
 * Who answers a SYN that nobody wanted is the endpoint that it was sent to (RFC 5382 REQ-4).
 * All other errors go to internal hosts, who know us by the address that the kernel takes
 * (RFC 1812 section 4.3.2.4).
 */
static __be32 source_of(const struct requests *requests, const struct nat_request *request,
			const struct icmp_answer *answer)
{
	struct nat_external external;

	if (request->type != ICMP_DEST_UNREACH || request->code != ICMP_PORT_UNREACH ||
	    bpf_map_lookup_elem(requests->gw->fd[GATEWAY_externals], &answer->asked, &external))
		return 0;
	return answer->asked;
}

static void send_error(struct requests *requests, const struct nat_request *request)
{
	struct icmp_answer answer;

	if (icmp_answer_make(&answer, request))
		raw_send_error(&requests->raw, &answer, source_of(requests, request, &answer));
}

/** struct passage - How held fragments go on. @has_arrived: on the WAN interface */
struct passage {
	const struct requests *requests;
	struct nat_fragment note;
	bool has_arrived;
};

static void send_fragment(void *data, __u8 *packet, size_t len)
{
	const struct passage *passage = data;
	const struct requests *requests = passage->requests;

	/* The data path has counted its TTL down; so will the stack, when it forwards it. */
	early_translate(packet, &passage->note, passage->has_arrived);
	if (passage->has_arrived) {
		if (!inject_packet(requests->gw, requests->inject, packet, len))
			return;
		early_translate(packet, &passage->note, -1);
	}
	raw_send_packet(&requests->raw, packet, len, passage->note.new_dst);
}

static void release(struct requests *requests, const struct nat_request *request)
{
	struct passage passage = { .requests = requests };
	const struct nat_fragment *note = &passage.note;

	if (bpf_map_lookup_elem(requests->gw->fd[GATEWAY_fragments], &request->datagram,
				&passage.note) ||
	    note->dst != request->dst || note->id != request->id ||
	    !life_is_usable(note->life, gateway_now()))
		return;
	/* Of nobody else the source is not rewritten. */
	passage.has_arrived = note->new_src == request->datagram.src;
	early_release(&requests->early, request, send_fragment, &passage);
}

static void hold(struct requests *requests, const struct nat_request *request)
{
	struct nat_settings settings;
	__u32 now = gateway_now();

	if (bpf_map_lookup_elem(requests->gw->fd[GATEWAY_settings], &ONLY, &settings))
		return;
	early_hold(&requests->early, request, now,
		   now + ticks_from_seconds(settings.value[NAT_SETTING_EARLY]));
	requests->is_waiting = true;
	release(requests, request);
}

static void watch_syn(struct requests *requests, const struct nat_request *request)
{
	(void)request;
	requests->is_waiting = true;
}

static void (*const kinds[])(struct requests *requests, const struct nat_request *request) = {
	[NAT_REQUEST_ERROR] = send_error,
	[NAT_REQUEST_HOLD] = hold,
	[NAT_REQUEST_RELEASE] = release,
	[NAT_REQUEST_SYN] = watch_syn,
};

/* A negative return ends ring_buffer__consume(), this request being done. */
static int take(void *context, void *data, size_t size)
{
	const struct nat_request *request = data;
	struct requests *requests = context;

	if (size >= sizeof(*request) && gateway_now() - request->at <= STALE_TICKS &&
	    request->kind < sizeof(kinds) / sizeof(kinds[0]))
		kinds[request->kind](requests, request);
	return --requests->left > 0 ? 0 : -EAGAIN;
}

static int discard(void *context, void *data, size_t size)
{
	int *left = context;

	(void)data, (void)size;
	return --*left > 0 ? 0 : -EAGAIN;
}

/* What has lain there while there was no keeper would be answered long after anybody cares. */
static int discard_old(int fd)
{
	int left = NAT_REQUESTS_SIZE / sizeof(struct nat_request);
	struct ring_buffer *ring = ring_buffer__new(fd, discard, &left, NULL);

	if (!ring)
		return -errno;
	ring_buffer__consume(ring);
	ring_buffer__free(ring);
	return 0;
}

int requests_open(struct requests *requests, const struct gateway *gw)
{
	int fd = gw->fd[GATEWAY_requests];
	int err;

	*requests = (struct requests){ .gw = gw, .inject = inject_open(gw) };
	err = raw_open(&requests->raw);
	if (!err)
		err = early_open(&requests->early);
	if (!err)
		err = discard_old(fd);
	if (err)
		return err;
	requests->ring = ring_buffer__new(fd, take, requests, NULL);
	return requests->ring ? 0 : -errno;
}

void requests_close(struct requests *requests)
{
	ring_buffer__free(requests->ring);
	early_close(&requests->early);
	raw_close(&requests->raw);
	if (requests->inject >= 0)
		close(requests->inject);
}

int requests_fd(const struct requests *requests)
{
	return ring_buffer__epoll_fd(requests->ring);
}

void requests_hear(struct requests *requests)
{
	requests->left = TURN;
	ring_buffer__consume(requests->ring);
}

bool requests_expire(struct requests *requests)
{
	early_expire(&requests->early, gateway_now());
	return requests->early.count;
}
