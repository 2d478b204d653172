/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table_hash.h - what a pair of addresses and ports is looked up by. Header-only.
 *
 * Every segment pays for it: inline, so that the secrets of a seed are made once for all segments of a loop.
 */
#ifndef LASTACK_ANALYZER_TABLE_HASH_H
#define LASTACK_ANALYZER_TABLE_HASH_H

#include <stdint.h>
#include <string.h>

#include "analyzer/secret.h"
#include "dissect/segment.h"

/* One end: both halves of its address, and its port, under secrets. */
static inline uint64_t table_hash_end(const struct host *host, uint16_t port, const uint64_t secret[static 3])
{
	uint64_t word[2];

	memcpy(word, host, sizeof word);
	unsigned __int128 product =
		(unsigned __int128)(word[0] + port * secret[0] + secret[1]) * (word[1] + secret[2]);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The secrets of a seed. */
static inline void table_secrets(uint64_t secret[static 3], uint64_t seed)
{
	for (unsigned n = 0; n < 3; n++)
		secret[n] = secret_of(seed, n + 1);
}

/*
 * The hash of a pair under the secrets of a seed; direction does not matter, as the ends are added up.
 *
 * It is what XXH3 does to inputs of 17 to 32 bytes (XXH3_mix16B() of each half, their sum, an avalanche): a
 * product of two words, each of them moved by a secret of 64 bits, folded. Who does not know the secrets does
 * not know which words give the same. Both ends have the same secrets here, so that none need come first; the
 * port is multiplied by one, as an address that was chosen for it could else take it back.
 */
static inline uint32_t table_hash_pair(const struct host *host, uint16_t port, const struct host *other_host,
				       uint16_t other_port, const uint64_t secret[static 3])
{
	uint64_t sum = table_hash_end(host, port, secret) + table_hash_end(other_host, other_port, secret);

	return (uint32_t)((sum ^ sum >> 32) * 0x165667919e3779f9u >> 32);
}

/* The same of a segment's pair under a seed; the secrets are values of this loop's own. */
static inline uint32_t table_hash(const struct segment *s, uint64_t seed)
{
	const uint64_t secret[3] = { secret_of(seed, 1), secret_of(seed, 2), secret_of(seed, 3) };

	return table_hash_pair(&s->src, s->sport, &s->dst, s->dport, secret);
}

#endif
