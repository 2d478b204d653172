/* SPDX-License-Identifier: GPL-2.0-or-later */
/* random.h - a small repeatable source of random numbers (SplitMix64): the same seed gives the same capture.
 */
#ifndef LASTACK_BENCH_RANDOM_H
#define LASTACK_BENCH_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 ... n - 1; 0 when n is 0. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)(((random_next(r) >> 32) * n) >> 32);
}

/* low ... high - 1. */
static inline int64_t random_between(struct random *r, int64_t low, int64_t high)
{
	return low + (int64_t)(random_next(r) % (uint64_t)(high - low));
}

#endif
