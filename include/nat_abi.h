/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nat_abi.h - what lives in the maps: the contract of the programs and of natctl.
 *
 * One file for each idea; this one has them all, and the number that says which layout it is.
 */
#ifndef NAT_ABI_H
#define NAT_ABI_H

#include "nat_control.h"
#include "nat_endpoint.h"
#include "nat_gateway.h"
#include "nat_lane.h"
#include "nat_life.h"
#include "nat_ports.h"
#include "nat_reasons.h"
#include "nat_request.h"
#include "nat_settings.h"
#include "nat_tables.h"
#include "nat_types.h"

/* Of every map: their kinds, keys and values. Maps of another version are not adopted. The
 * asserts at the end of each file pin the sizes; whoever changes one counts this up. */
#define NAT_LAYOUT_VERSION 6

#endif /* NAT_ABI_H */
