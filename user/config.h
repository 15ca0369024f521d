/* SPDX-License-Identifier: GPL-2.0-only */
/* config.h - configuration files: the options of attach, one a line. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stddef.h>

#include "options.h"

/**
 * config_read() - Read and check the configuration file of an interface
 * @options: In: the defaults, @ifname and @force. Out: what the file says
 * @file:    What --config says: a path, or "none". NULL: the interface's own file
 * @needed:  It is an error that the interface has none
 *
 * Return: EXIT_DONE; after a message EXIT_MISUSED for what the file says, EXIT_FAILED for a file
 * that cannot be read or trusted; @options is then not to be used
 */
int config_read(struct options *options, const char *file, bool needed);

/**
 * config_parse() - The same with the text of a file
 * @file: Its name, for messages; to stay as long as @options
 *
 * Return: EXIT_DONE or EXIT_MISUSED
 */
int config_parse(struct options *options, const char *file, const char *text, size_t len);

#endif /* CONFIG_H */
