// SPDX-License-Identifier: GPL-2.0-only
/*
 * config.c - configuration files: the options of attach, one a line.
 *
 *	# /etc/natctl/eth1.conf
 *	ports 40000-49999
 *	lan br0			# what stands behind a "#" is for people
 *	timeout udp=300
 *	forward tcp 8080 192.168.99.1:80
 *
 * How it works: a line is cut into words, the first says what the others mean. All that one
 * word introduces is a row of the table in options.c; take_line() is the place for what
 * takes more than one. The file is read whole before any of it is believed, and every
 * line is judged with those above it, so that a message can name the line.
 *
 * Who can write the file decides what leaves this machine and what gets in, so it must be
 * as hard to write as sudo's: root's, or his who runs natctl, and nobody else's to write.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "msg.h"
#include "value.h"

#define DIRECTORY "/etc/natctl"
#define DIRECTORY_OF_NETNS "/etc/netns/%s/natctl" /* as `ip netns exec` would show it */
#define SIZE_MOST (1 << 20)
#define LINE_MOST 1000 /* octets, without its end */
#define WORDS_MOST 10  /* of the longest forward, and one too many */

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* ---- a line ------------------------------------------------------------------------------ */

/* Cut in place, up to a word that begins with "#". Return: how many there are, even if more */
static unsigned int cut(char *line, char *words[WORDS_MOST])
{
	unsigned int count = 0;
	char *word;

	while ((word = strsep(&line, " \t"))) {
		if (*word == '#')
			break;
		if (*word && count++ < WORDS_MOST)
			words[count - 1] = word;
	}
	return count;
}

/* What may stand once: was it in a line before? */
static bool is_new(const struct options *options, const unsigned int before[OPTIONS_ONCE_MAX])
{
	struct options_place place;

	for (int i = 0; i < OPTIONS_ONCE_MAX; i++) {
		if (!before[i] || options->line[i] == before[i])
			continue;
		options_place(&place, options, options->at, NULL);
		msg_error(place.object, "%s has been said on line %u (leave out one of them)",
			  i < NAT_SETTING_MAX ? value_settings[i].name : "ingress", before[i]);
		return false;
	}
	return true;
}

/* The words of `natctl forward add`, those of its options without their dashes. */
static bool take_forward(struct options *options, char **words, unsigned int count)
{
	struct options_forwards *forwards = &options->forwards;
	struct options_place place;
	char *rest[WORDS_MOST];
	char why[256];

	forwards->given = true;
	memcpy(rest, words + 1, (count - 1) * sizeof(*rest));
	rest[count - 1] = NULL;
	options_place(&place, options, options->at, NULL);
	if (forwards->count == OPTIONS_FORWARDS_MAX)
		msg_error(place.object, "more than %d forwards (ranges take one line)",
			  OPTIONS_FORWARDS_MAX);
	else if (!static_parse(&forwards->rule[forwards->count], rest, true, why, sizeof(why)))
		msg_error(place.object, "forward: %s", why);
	else {
		forwards->rule[forwards->count].file = options->file;
		forwards->rule[forwards->count].line = options->at;
		return ++forwards->count;
	}
	return false;
}

static bool take_line(struct options *options, char **words, unsigned int count)
{
	unsigned int before[OPTIONS_ONCE_MAX];
	struct options_place place;

	if (!strcmp(words[0], "forward"))
		return take_forward(options, words, count < WORDS_MOST ? count : WORDS_MOST);
	memcpy(before, options->line, sizeof(before));
	if (options_take(options, words[0], count > 1 ? words[1] : NULL, true) < 0)
		return false;
	if (count > 2) {
		options_place(&place, options, options->at, NULL);
		msg_error(place.object,
			  "%s takes one value: \"%s\" is too much (a comment begins with \"#\")",
			  words[0], words[2]);
		return false;
	}
	return is_new(options, before) && options_check(options);
}

/* Is it text? @len: without the end of the line */
static bool is_clean(const struct options *options, const char *line, size_t len)
{
	struct options_place place;

	options_place(&place, options, options->at, NULL);
	if (len > LINE_MOST) {
		msg_error(place.object, "the line is too long: %zu octets (%d at most)", len,
			  LINE_MOST);
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char octet = line[i];

		if ((octet >= ' ' && octet != 0x7f) || octet == '\t')
			continue;
		msg_error(place.object, "octet %zu is a control character: 0x%02x (remove it)",
			  i + 1, octet);
		return false;
	}
	return true;
}

static bool parse_line(struct options *options, const char *line, size_t len)
{
	char copy[LINE_MOST + 1], *words[WORDS_MOST];
	unsigned int count;

	if (len && line[len - 1] == '\r')
		len--;
	if (!is_clean(options, line, len))
		return false;
	memcpy(copy, line, len);
	copy[len] = '\0';
	count = cut(copy, words);
	return !count || take_line(options, words, count);
}

int config_parse(struct options *options, const char *file, const char *text, size_t len)
{
	const char *end = text + len;

	options->file = file;
	if (len >= strlen(BYTE_ORDER_MARK) &&
	    !memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)))
		text += strlen(BYTE_ORDER_MARK);
	for (options->at = 1; text < end; options->at++) {
		const char *newline = memchr(text, '\n', end - text);
		size_t line_len = (newline ? newline : end) - text;

		if (!parse_line(options, text, line_len))
			return EXIT_MISUSED;
		text += line_len + 1;
	}
	options->at = 0;
	return EXIT_DONE;
}

/* ---- a file ------------------------------------------------------------------------------ */

/* Why a file cannot be believed, or NULL. */
static const char *why_not(const struct stat *info)
{
	if (S_ISDIR(info->st_mode))
		return "it is a directory";
	if (!S_ISREG(info->st_mode))
		return "it is not a regular file (\"none\" stands for no file)";
	if (info->st_uid && info->st_uid != geteuid())
		return "it is neither root's nor yours (\"chown root\" it)";
	if (info->st_mode & S_IWOTH || (info->st_mode & S_IWGRP && info->st_gid))
		return "others can write to it (\"chmod go-w\" it)";
	if (info->st_size > SIZE_MOST)
		return "it is larger than 1 MiB";
	return NULL;
}

/* Return: octets read, at most @room; or -errno */
static ssize_t read_whole(int fd, char *text, size_t room)
{
	size_t len = 0;
	ssize_t more;

	do {
		more = read(fd, text + len, room - len);
		if (more > 0)
			len += more;
	} while (more > 0 || (more < 0 && errno == EINTR));
	return more < 0 ? -errno : (ssize_t)len;
}

static int read_open(struct options *options, const char *path, int fd)
{
	struct stat info;
	const char *why = fstat(fd, &info) ? strerror(errno) : why_not(&info);
	char *text = why ? NULL : malloc(SIZE_MOST + 1);
	ssize_t len = text ? read_whole(fd, text, SIZE_MOST + 1) : -ENOMEM;
	int code = EXIT_FAILED;

	if (why)
		msg_error(path, "cannot be used: %s", why);
	else if (len < 0 || len > SIZE_MOST)
		msg_error(path, "cannot be read: %s", strerror(len < 0 ? -len : EFBIG));
	else
		code = config_parse(options, path, text, len);
	free(text);
	return code;
}

/* Of the interface by that name, in the network namespace of that name. */
static bool default_path(const char *ifname, char *path, size_t size)
{
	char dir[NAME_MAX + sizeof(DIRECTORY_OF_NETNS)] = DIRECTORY;

	/* What cannot be an interface has no file; whoever looks for the interface says so. */
	if (strchr(ifname, '/') || strlen(ifname) >= NAME_MAX)
		return false;
	if (global.netns)
		snprintf(dir, sizeof(dir), DIRECTORY_OF_NETNS, global.netns);
	snprintf(path, size, "%s/%s.conf", dir, ifname);
	return true;
}

int config_read(struct options *options, const char *file, bool needed)
{
	static char own[PATH_MAX]; /* for options->file */
	const char *path = file ? file : own;
	int fd, err, code;

	if (file && !strcmp(file, "none"))
		return EXIT_DONE;
	if (!file && !default_path(options->ifname, own, sizeof(own)))
		return EXIT_DONE;
	/* What is no regular file is refused, but opening it must not block. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		err = errno;
		if (!file && !needed && err == ENOENT)
			return EXIT_DONE;
		msg_error(path, "cannot be read: %s%s", strerror(err),
			  err == ENOENT && !file ? " (write it, or name one with --config)" : "");
		return EXIT_FAILED;
	}
	code = read_open(options, path, fd);
	close(fd);
	return code;
}
