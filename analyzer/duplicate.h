/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * duplicate.h - is this frame one that a mirror port, "any" or a second interface showed already?
 *
 * Remembers a fingerprint of recent segments: the same pair and direction, IP ID, SEQ, ACK, flags,
 * length and checksum within 1 ms (design/verdicts.md 2). Fixed memory; forgets the oldest.
 */
#ifndef LASTACK_ANALYZER_DUPLICATE_H
#define LASTACK_ANALYZER_DUPLICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/fetch.h"
#include "dissect/segment.h"

enum {
	DUPLICATE_PARTS = 64,  /* a connection's segments all go to one */
	DUPLICATE_SLOTS = 512, /* segments remembered a part */
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

struct duplicate_key duplicate_key(const struct segment *segment, uint64_t seed);

/* Starts to fetch what duplicate_seen() will look at. */
static inline void duplicate_prefetch(const struct duplicates *d, struct duplicate_key key)
{
	fetch_line(&d->slots[key.place]);
}

/* True if a segment with that key passed within the last millisecond before 'at'; remembers it else. */
bool duplicate_seen(struct duplicates *d, struct duplicate_key key, struct moment at);

#endif
