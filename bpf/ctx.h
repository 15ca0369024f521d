/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctx.h - what ctx_xdp.h and ctx_tc.h have in common.
 */
#ifndef CTX_H
#define CTX_H

#include "pkt.h"

/**
 * ctx_pointer() - Load the packet pointer that the context has at @off
 *
 * In the source it is a 32-bit load; the verifier makes it a pointer. In assembler, since
 * the compiler would otherwise copy it with a 32-bit move, after which it is none.
 */
static __always_inline void *ctx_pointer(const void *ctx, const __u32 off)
{
	void *pointer;

	asm volatile("%[pointer] = *(u32 *)(%[ctx] + %[off])"
		     : [pointer] "=r"(pointer)
		     : [ctx] "r"(ctx), [off] "i"(off));
	return pointer;
}

#endif /* CTX_H */
