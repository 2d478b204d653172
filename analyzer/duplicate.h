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

#include "dissect/segment.h"

enum {
	/* By the flow's hash: what one part forgets does not depend on the flows of another, nor on how many
	   trackers share the parts. */
	DUPLICATE_PARTS = 64,
	DUPLICATE_SLOTS = 512, /* segments remembered a part */
};

struct duplicates {
	uint64_t seed;
	struct duplicate_slot {
		uint32_t fingerprint;
		uint32_t time; /* in units of 2^10 ns, modulo */
	} slots[DUPLICATE_PARTS][DUPLICATE_SLOTS];
};

/* What all frames of one segment have in common, and no other segment of the last millisecond. */
uint64_t duplicate_fingerprint(const struct duplicates *d, const struct segment *segment, uint32_t flow_hash);

/* Starts to fetch what duplicate_seen() will look at. */
void duplicate_prefetch(const struct duplicates *d, uint64_t fingerprint, uint32_t flow_hash);

/*
 * True if a segment with that fingerprint, of a flow with that hash, passed within the last millisecond
 * before 'at'; remembers it else.
 */
bool duplicate_seen(struct duplicates *d, uint64_t fingerprint, uint32_t flow_hash, struct moment at);

#endif
