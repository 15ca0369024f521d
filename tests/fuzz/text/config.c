// SPDX-License-Identifier: GPL-2.0-only
/*
 * config.c - a configuration file that anybody may have written.
 *
 * What is refused must be refused in one line, which names the file and has no control character
 * in it, whatever the file had.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

#define FILE_NAME "eth1.conf"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void expect_message(const char *said, size_t len)
{
	if (!len || said[len - 1] != '\n' || strncmp(said, "natctl: " FILE_NAME, 17))
		abort();
	for (size_t i = 0; i + 1 < len; i++)
		if (iscntrl((unsigned char)said[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct options options;
	FILE *real = stderr;
	char *said = NULL;
	size_t len = 0;
	int code;

	options_init(&options);
	options.ifname = "eth1";
	stderr = open_memstream(&said, &len);
	code = config_parse(&options, FILE_NAME, (const char *)data, size);
	fclose(stderr);
	stderr = real;
	if (code)
		expect_message(said, len);
	else if (len)
		abort();
	free(said);
	return 0;
}
