/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * duplicate.h - is this frame one that a mirror port, "any" or a second interface showed already?
 *
 * Remembers a fingerprint of recent segments: the same pair and direction, IP ID, SEQ, ACK, flags,
 * length and checksum within 1 ms (design/verdicts.md 2). Fixed memory; forgets the oldest.
 */
#ifndef LASTACK_ANALYZER_DUPLICATE_H
#define LASTACK_ANALYZER_DUPLICATE_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "analyzer/fetch.h"
#include "analyzer/secret.h"
#include "dissect/segment.h"

enum {
	DUPLICATE_PARTS_BITS = 6,
	DUPLICATE_SLOTS_BITS = 9,
	DUPLICATE_PARTS = 1 << DUPLICATE_PARTS_BITS, /* a connection's segments all go to one */
	DUPLICATE_SLOTS = 1 << DUPLICATE_SLOTS_BITS, /* segments remembered a part */
};

/*
 * Two hashes of what all frames of one segment have in common. 'place' says where it is remembered: it does
 * not depend on the seed, so that the same capture forgets the same segments in every run, however many
 * trackers share the parts. 'print' does, so that nobody can make a segment that passes for another.
 */
struct duplicate_key {
	uint32_t place, print;
};

struct duplicates {
	struct duplicate_slot {
		uint32_t print; /* 0 = never used */
		uint32_t time;	/* in units of 2^10 ns, modulo */
	} slots[DUPLICATE_PARTS * DUPLICATE_SLOTS];
};

/* Both ends in one word, the same for both directions and on every machine. */
static inline uint64_t duplicate_pair(const struct segment *s)
{
	uint64_t src[2], dst[2];

	memcpy(src, &s->src, sizeof src);
	memcpy(dst, &s->dst, sizeof dst);
	return (le64toh(src[0]) + le64toh(dst[0])) * 3 ^ (le64toh(src[1]) + le64toh(dst[1])) ^
	       (uint64_t)(s->sport ^ s->dport) << 20;
}

/* Spreads a word over 2^bits places. */
static inline uint32_t duplicate_spread(uint64_t word, unsigned bits)
{
	return (uint32_t)(word * 0x9e3779b97f4a7c15u >> (64 - bits));
}

/*
 * 'print' is the folded product of two words that hold all of it, the first of them moved by secrets. IP IDs
 * do not tell all segments apart, so the timestamps option must; being of no more use for the place, it is
 * not in there.
 */
static inline struct duplicate_key duplicate_key(const struct segment *s, uint64_t seed)
{
	uint64_t numbers = (uint64_t)s->seq.n << 32 | s->ack.n;
	uint64_t shape = (uint64_t)s->ip_id << 48 | (uint64_t)s->checksum << 32 | (s->len << 8 ^ s->flags);
	uint64_t pair = duplicate_pair(s), place = numbers ^ shape;
	/* The source port tells the directions apart. */
	unsigned __int128 product =
		(unsigned __int128)(numbers + secret_of(seed, 4) + s->tsval * secret_of(seed, 5)) *
		(shape ^ pair ^ (uint64_t)s->sport << 40 ^ 0xe7037ed1a0b428dbu);

	return (struct duplicate_key){
		.place = duplicate_spread(pair, DUPLICATE_PARTS_BITS) << DUPLICATE_SLOTS_BITS |
			 duplicate_spread(place, DUPLICATE_SLOTS_BITS),
		.print = (uint32_t)(((uint64_t)product ^ (uint64_t)(product >> 64)) >> 32) | 1,
	};
}

/* Starts to fetch what duplicate_seen() will look at. */
static inline void duplicate_prefetch(const struct duplicates *d, struct duplicate_key key)
{
	fetch_line(&d->slots[key.place]);
}

/* True if a segment with that key passed within the last millisecond before 'at'; remembers it else. */
bool duplicate_seen(struct duplicates *d, struct duplicate_key key, struct moment at);

#endif
