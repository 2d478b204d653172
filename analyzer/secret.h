/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secret.h - several secrets out of a run's seed, for hashes that nobody is to foresee. Header-only. */
#ifndef LASTACK_ANALYZER_SECRET_H
#define LASTACK_ANALYZER_SECRET_H

#include <stdint.h>

/* The n-th: SplitMix64 (Steele, Lea, Flood 2014) from the seed on. */
static inline uint64_t secret_of(uint64_t seed, uint64_t n)
{
	uint64_t z = seed + n * 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

#endif
