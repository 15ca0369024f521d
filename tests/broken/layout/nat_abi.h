/* SPDX-License-Identifier: GPL-2.0-only */
/* nat_abi.h - of a natctl that thinks its maps are laid out otherwise. */
#include "../../../include/nat_abi.h"

#undef NAT_LAYOUT_VERSION
#define NAT_LAYOUT_VERSION 99
