// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - main() of a test tier; apart from check.c, so that others can use the library.
 */
#include "check.h"

int main(int argc, char **argv)
{
	return check_main(argc, argv);
}
