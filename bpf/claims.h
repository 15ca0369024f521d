/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * claims.h - the port pool: claim and release one of 65,536 ports in constant time.
 *
 * How it works
 *
 * A claim set (struct nat_claims) has one bit a port, in 1,024 words. Whoever turns
 * the bit from 0 to 1 with an atomic OR owns the port; there is no other lock.
 *
 * To find a free port among few, two levels are enough. `full` has one bit for every
 * word and parity: "no port of this parity is left there". 1,024 of them are 16
 * words, so a search looks at 16 words, picks a random clear bit, and picks a random
 * free port in the word it stands for. That costs the same at 1 % and at 100 % fill.
 *
 *	full[parity]   16 words       1 bit = one word of 64 ports
 *	claimed|host   1,024 words    1 bit = one port
 *
 * A `full` bit is a hint. It may be 0 although the word is full: the search then finds
 * nothing there, repairs it and looks again. It must never stay 1 although a port is
 * free, or that port would be lost. So:
 *
 *   claimer:  claim bit := 1;  word full?  full bit := 1;  still full?  else full bit := 0
 *   releaser: claim bit := 0;  full bit := 0
 *
 * If the release comes after the claimer's second look, its clearing comes after the
 * claimer's setting. If it comes before, the second look sees it. Either way the bit
 * ends at 0.
 *
 * Which port, in this order:
 *   1. the one asked for: port preservation (RFC 4787 section 4.2.1)
 *   2. a few uniformly random ones of the wanted parity (RFC 6056 algorithm 2): enough
 *      while the range is not nearly full, and without any bias
 *   3. the search, wanted parity first, then the other: parity gives way before
 *      refusal (RFC 4787 REQ-4); a class, which is a range, never does
 * "First free" is used nowhere: ports stay hard to guess and a gap favours nobody
 * (RFC 6056 section 5). Step 3 prefers ports in crowded words over those in empty ones,
 * which matters only when steps 1 and 2 have failed.
 */
#ifndef CLAIMS_H
#define CLAIMS_H

#include "nat_abi.h"

#define CLAIM_NONE (-1)

/* Random probes before the search: at 50 % fill they miss once in 16 times. */
#define CLAIM_PROBES 4

/* Attempts of the search: four for the edges of the range, where groups and words can be
 * full within it and not as a whole, the rest for ports lost to other CPUs. */
#define CLAIM_ATTEMPTS 8

#define CLAIM_PARITY_EVEN 0x5555555555555555ULL

/** struct claim_range - Ports @first to @last, host order, inclusive */
struct claim_range {
	__u32 first;
	__u32 last;
};

static __always_inline __u64 claim_parity_mask(__u32 parity)
{
	return CLAIM_PARITY_EVEN << (parity & 1);
}

/**
 * claim_index() - Bound an array index where the verifier can see it
 *
 * The compiler knows the bound already and would leave the mask out.
 */
static __always_inline __u64 claim_index(__u64 index, __u64 mask)
{
	asm volatile("" : "+r"(index));
	return index & mask;
}

/**
 * claim_if_negative() - All ones if @n is negative, else 0
 *
 * The verifier follows both sides of every branch, so the searches below have none. The
 * compiler would put them back where it recognises a comparison; the empty assembler
 * statements hide it.
 */
static __always_inline __u64 claim_if_negative(__s64 n)
{
	asm volatile("" : "+r"(n));
	n >>= 63;
	asm volatile("" : "+r"(n));
	return n;
}

/** claim_below() - The lowest @n ones; @n outside 0 to 64 is taken as the nearer of them */
static __always_inline __u64 claim_below(__s64 n)
{
	n &= ~claim_if_negative(n);
	n = 64 + ((n - 64) & claim_if_negative(n - 64));
	return ~(~0ULL << (n >> 1) << (n - (n >> 1)));
}

/** claim_bits() - Ones at the positions @first to @last of the 64 that begin at @base */
static __always_inline __u64 claim_bits(__u32 base, __u32 first, __u32 last)
{
	return claim_below((__s64)last + 1 - base) & ~claim_below((__s64)first - base);
}

/** claim_popcount() - Number of ones; in parallel, as BPF has no instruction for it */
static __always_inline __u32 claim_popcount(__u64 word)
{
	word -= (word >> 1) & 0x5555555555555555ULL;
	word = (word & 0x3333333333333333ULL) + ((word >> 2) & 0x3333333333333333ULL);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (word * 0x0101010101010101ULL) >> 56;
}

/** claim_nth_bit() - Position of the @n-th one of a word, counting from 0; halves it six times */
static __always_inline __u32 claim_nth_bit(__u64 word, __s64 n)
{
	__u64 position = 0;

	for (__u32 width = 32; width; width >>= 1) {
		__s64 ones = claim_popcount(word & ((1ULL << width) - 1));
		__u64 upper = ~claim_if_negative(n - ones);

		n -= ones & upper;
		position += width & upper;
		word >>= width & upper;
	}
	return position & 63;
}

/** claim_random_bit() - A random one of a word that is not 0 */
static __always_inline __u32 claim_random_bit(__u64 word, __u32 random)
{
	return claim_nth_bit(word, (__u64)(random & 0xffff) * claim_popcount(word) >> 16);
}

/** claim_taken() - The ports of a word that cannot be claimed */
static __always_inline __u64 claim_taken(const struct nat_claims *set, __u32 word)
{
	__u64 index = claim_index(word, NAT_PORT_WORDS - 1);

	return *(const volatile __u64 *)&set->claimed[index] |
	       *(const volatile __u64 *)&set->host[index];
}

/** claim_hints() - The hints of 64 words, for one parity */
static __always_inline __u64 *claim_hints(struct nat_claims *set, __u32 parity, __u32 group)
{
	return &set->full[claim_index(parity, 1)][claim_index(group, NAT_FULL_WORDS - 1)];
}

/** claim_note_full() - Keep the hint of one word and parity; see the head of this file */
static __always_inline void claim_note_full(struct nat_claims *set, __u32 word, __u32 parity)
{
	__u64 mask = claim_parity_mask(parity);
	__u64 *hints = claim_hints(set, parity, word >> 6);
	__u64 hint = 1ULL << (word & 63);

	if ((claim_taken(set, word) & mask) != mask)
		return;
	__sync_fetch_and_or(hints, hint);
	if ((claim_taken(set, word) & mask) != mask)
		__sync_fetch_and_and(hints, ~hint);
}

/**
 * claim_port() - Claim one given port
 * @port:	 Host order
 * @ignore_host: Claim it although a local socket holds it: for that socket's traffic
 *
 * Return: true if it is ours now
 */
static __always_inline bool claim_port(struct nat_claims *set, __u32 port, bool ignore_host)
{
	__u64 word = claim_index(port >> 6, NAT_PORT_WORDS - 1);
	__u64 bit = 1ULL << (port & 63);

	if (!ignore_host && set->host[word] & bit)
		return false;
	if (*(const volatile __u64 *)&set->claimed[word] & bit)
		return false; /* a look is cheaper than a locked write */
	if (__sync_fetch_and_or(&set->claimed[word], bit) & bit)
		return false;
	__sync_fetch_and_add(&set->used, 1);
	claim_note_full(set, word, port & 1);
	return true;
}

/** claim_release() - Give a claimed port back */
static __always_inline void claim_release(struct nat_claims *set, __u32 port)
{
	__u64 word = claim_index(port >> 6, NAT_PORT_WORDS - 1);

	__sync_fetch_and_and(&set->claimed[word], ~(1ULL << (port & 63)));
	__sync_fetch_and_add(&set->used, -1);
	__sync_fetch_and_and(claim_hints(set, port, word >> 6), ~(1ULL << (word & 63)));
}

/** claim_open_groups() - Bit i: the 64 words of full[parity][i] have a free port somewhere */
static __always_inline __u64 claim_open_groups(struct nat_claims *set, __u32 parity)
{
	__u64 groups = 0;

	for (__u32 i = 0; i < NAT_FULL_WORDS; i++) {
		__u64 open = ~*(const volatile __u64 *)claim_hints(set, parity, i);

		groups |= ((open | -open) >> 63) << i;
	}
	return groups;
}

/**
 * struct claim_hunt - A search under way
 * @range, @parity, @random: What is wanted; @random twice 32 bits
 * @first, @last: Words still to be looked at; one at an edge of the range that has
 *		  nothing to give is taken out
 * @groups:	  Groups of 64 words still to be looked at
 */
struct claim_hunt {
	struct claim_range range;
	__u32 parity;
	__u32 random[2];
	__u32 first;
	__u32 last;
	__u64 groups;
};

/**
 * claim_attempt() - One step of a search: a random group, word and port
 *
 * Return: The port, host order, which is ours now; or CLAIM_NONE, and there is hope as long as
 * @hunt->groups is not 0
 */
VERIFIED_ONCE __s32 claim_attempt(struct nat_claims *set, struct claim_hunt *hunt)
{
	__u32 group, word, port;
	__u64 open, free;

	if (!set || !hunt || !hunt->groups)
		return CLAIM_NONE;
	group = claim_random_bit(hunt->groups, hunt->random[0]);
	open = ~*(const volatile __u64 *)claim_hints(set, hunt->parity, group) &
	       claim_bits(group << 6, hunt->first, hunt->last);
	if (!open) {
		hunt->groups &= ~(1ULL << group);
		return CLAIM_NONE;
	}
	word = (group << 6) + claim_random_bit(open, hunt->random[0] >> 16);
	free = ~claim_taken(set, word) & claim_parity_mask(hunt->parity) &
	       claim_bits(word << 6, hunt->range.first, hunt->range.last);
	if (!free) {
		claim_note_full(set, word, hunt->parity);
		hunt->first += word == hunt->first;
		hunt->last -= word == hunt->last;
		return CLAIM_NONE;
	}
	port = (word << 6) + claim_random_bit(free, hunt->random[1]);
	return claim_port(set, port, false) ? (__s32)port : CLAIM_NONE;
}

/** claim_search_parity() - Claim a random free port of one parity */
static __always_inline __s32 claim_search_parity(struct nat_claims *set, struct claim_hunt *hunt,
						 __u32 parity)
{
	__s32 port = CLAIM_NONE;

	hunt->parity = parity;
	hunt->first = hunt->range.first >> 6;
	hunt->last = hunt->range.last >> 6;
	hunt->groups =
		claim_open_groups(set, parity) & claim_bits(0, hunt->first >> 6, hunt->last >> 6);
	for (__u32 i = 0; i < CLAIM_ATTEMPTS && hunt->groups && port == CLAIM_NONE; i++)
		port = claim_attempt(set, hunt);
	return port;
}

/**
 * claim_search() - Claim a random free port of a range, if there is one
 * @parity: Wanted; the other one is taken when there is none of it
 * @random: Two random words
 *
 * Return: The port, host order, or CLAIM_NONE
 */
static __always_inline __s32 claim_search(struct nat_claims *set, const struct claim_range *range,
					  __u32 parity, const __u32 random[2])
{
	struct claim_hunt hunt = { .range = *range, .random = { random[0], random[1] } };
	__s32 port = claim_search_parity(set, &hunt, parity);

	return port != CLAIM_NONE ? port : claim_search_parity(set, &hunt, parity ^ 1);
}

/**
 * claim_probe() - Claim a uniformly random port of a range and parity, with some luck
 * @seed: 64 random bits
 *
 * Return: The port, host order, or CLAIM_NONE
 */
VERIFIED_ONCE __s32 claim_probe(struct nat_claims *set, const struct claim_range *range,
				__u32 parity, __u64 seed)
{
	__u32 span;

	if (!set || !range)
		return CLAIM_NONE;
	span = range->last - range->first + 1;
	for (__u32 i = 0; i < CLAIM_PROBES; i++, seed >>= 16) {
		__u32 port = range->first + ((seed & 0xffff) * span >> 16);

		port = (port & ~1U) | (parity & 1);
		if (port >= range->first && port <= range->last && claim_port(set, port, false))
			return port;
	}
	return CLAIM_NONE;
}

#endif /* CLAIMS_H */
