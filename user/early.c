// SPDX-License-Identifier: GPL-2.0-only
/*
 * early.c - fragments that came before the first one of their datagram.
 *
 * How it works: what the map `early` counts is kept here, under the same key and for the
 * same time, so the bounds of the data path (NAT_EARLY_MAX datagrams, NAT_EARLY_FRAGMENTS of
 * each, a slot of a source is taken over by its next datagram) are also those of every loop
 * here. Memory has a bound of its own, because fragments differ in size.
 */
#include "early.h"

#include <errno.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>

#include "checksum.h"

/** struct early_fragment - @next: of the same datagram; @packet: from the IPv4 header on */
struct early_fragment {
	struct early_fragment *next;
	__u16 len;
	__u8 packet[];
};

static __u16 offset_of(const __u8 *packet)
{
	__be16 word;

	memcpy(&word, packet + offsetof(struct iphdr, frag_off), sizeof(word));
	return ntohs(word) & IP_OFFMASK;
}

static size_t cost(const struct early_fragment *fragment)
{
	return sizeof(*fragment) + fragment->len;
}

static struct early_datagram *find(const struct early *early, const struct nat_fragment_key *key)
{
	for (size_t i = 0; i < early->count; i++)
		if (!memcmp(&early->datagrams[i].key, key, sizeof(*key)))
			return &early->datagrams[i];
	return NULL;
}

static bool is_of(const struct early_datagram *datagram, const struct nat_request *request)
{
	return datagram->dst == request->dst && datagram->id == request->id;
}

/* The last one takes its place in the array. */
static void forget(struct early *early, struct early_datagram *datagram)
{
	struct early_fragment *next;

	for (struct early_fragment *at = datagram->fragments; at; at = next) {
		next = at->next;
		early->octets -= cost(at);
		free(at);
	}
	*datagram = early->datagrams[--early->count];
}

static void forget_oldest(struct early *early)
{
	struct early_datagram *oldest = early->datagrams;

	for (size_t i = 1; i < early->count; i++)
		if (early->datagrams[i].deadline < oldest->deadline)
			oldest = &early->datagrams[i];
	forget(early, oldest);
}

static void insert(struct early_datagram *datagram, struct early_fragment *fragment)
{
	struct early_fragment **at = &datagram->fragments;

	while (*at && offset_of((*at)->packet) <= offset_of(fragment->packet))
		at = &(*at)->next;
	fragment->next = *at;
	*at = fragment;
}

int early_open(struct early *early)
{
	*early =
		(struct early){ .datagrams = calloc(NAT_EARLY_MAX, sizeof(struct early_datagram)) };
	return early->datagrams ? 0 : -ENOMEM;
}

void early_close(struct early *early)
{
	while (early->count)
		forget(early, early->datagrams);
	free(early->datagrams);
	early->datagrams = NULL;
}

void early_hold(struct early *early, const struct nat_request *request, __u32 now, __u32 deadline)
{
	struct early_datagram *datagram = find(early, &request->datagram);
	struct early_fragment *fragment;

	if (request->len < (request->packet[0] & 0xf) * 4 || request->len < sizeof(struct iphdr) ||
	    request->len > sizeof(request->packet))
		return;
	fragment = malloc(sizeof(*fragment) + request->len);
	if (!fragment)
		return;
	fragment->len = request->len;
	memcpy(fragment->packet, request->packet, request->len);

	if (datagram && (!is_of(datagram, request) || now >= datagram->deadline)) {
		forget(early, datagram);
		datagram = NULL;
	}
	/* May forget this very datagram, if it alone is that large. */
	while (early->octets + cost(fragment) > EARLY_OCTETS_MAX) {
		forget_oldest(early);
		datagram = find(early, &request->datagram);
	}
	if (!datagram && early->count == NAT_EARLY_MAX)
		forget_oldest(early);
	if (!datagram) {
		datagram = &early->datagrams[early->count++];
		*datagram = (struct early_datagram){ .key = request->datagram,
						     .dst = request->dst,
						     .id = request->id,
						     .deadline = deadline };
	}
	early->octets += cost(fragment);
	insert(datagram, fragment);
}

void early_release(struct early *early, const struct nat_request *request,
		   void (*take)(void *data, __u8 *packet, size_t len), void *data)
{
	struct early_datagram *datagram = find(early, &request->datagram);

	if (!datagram || !is_of(datagram, request))
		return;
	for (struct early_fragment *at = datagram->fragments; at; at = at->next)
		take(data, at->packet, at->len);
	forget(early, datagram);
}

void early_expire(struct early *early, __u32 now)
{
	/* From behind: what takes a place has been looked at. */
	for (size_t i = early->count; i--;)
		if (now >= early->datagrams[i].deadline)
			forget(early, &early->datagrams[i]);
}

void early_translate(__u8 *packet, const struct nat_fragment *note, int hops)
{
	struct iphdr ip;

	memcpy(&ip, packet, sizeof(ip));
	ip.saddr = note->new_src;
	ip.daddr = note->new_dst;
	ip.id = note->new_id;
	ip.ttl = (__u8)(ip.ttl + hops);
	ip.check = 0;
	memcpy(packet, &ip, sizeof(ip));
	ip.check = checksum(packet, (size_t)ip.ihl * 4);
	memcpy(packet, &ip, sizeof(ip));
}
