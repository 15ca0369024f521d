/* SPDX-License-Identifier: GPL-2.0-only */
/* requests.h - do what the data path asks of the keeper (nat_request.h). */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "early.h"
#include "gateway.h"
#include "raw.h"

struct ring_buffer;

/**
 * struct requests - The ring, and what is done with it
 * @inject:     From inject_open()
 * @left:       Requests that may still be done before others have their turn
 * @is_waiting: Something has come whose time is to be watched: set here, cleared by the user
 */
struct requests {
	const struct gateway *gw;
	int inject;
	struct ring_buffer *ring;
	struct early early;
	struct raw raw;
	int left;
	bool is_waiting;
};

/**
 * requests_open() - Begin to listen; what was asked before, of nobody, is thrown away
 *
 * Return: 0 or -errno
 */
int requests_open(struct requests *requests, const struct gateway *gw);

void requests_close(struct requests *requests);

/** requests_fd() - To be watched for input */
int requests_fd(const struct requests *requests);

/** requests_hear() - Do what has been asked, or some of it: the descriptor tells if there is more
 */
void requests_hear(struct requests *requests);

/** requests_expire() - Forget fragments that wait for too long. Return: are there still others? */
bool requests_expire(struct requests *requests);

#endif /* REQUESTS_H */
