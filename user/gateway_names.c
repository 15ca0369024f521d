// SPDX-License-Identifier: GPL-2.0-only
/* gateway_names.c - what the pins of a gateway are called. */
#include "gateway.h"

const char *const gateway_map_names[GATEWAY_MAP_MAX] = {
#define X(name) #name,
	GATEWAY_MAPS(X)
#undef X
};

const char *const gateway_control_names[GATEWAY_CONTROL_MAX] = {
#define X(name) "nat_" #name,
	GATEWAY_CONTROLS(X)
#undef X
};
