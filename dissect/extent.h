/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extent.h - which bytes of one direction of a connection have been seen: arithmetic only, no payload.
 * Private to dissect/.
 *
 * Offsets count from the stream's first byte. All below 'next' has come, or was given up; beyond it lie
 * islands, with holes before each.
 */
#ifndef LASTACK_DISSECT_EXTENT_H
#define LASTACK_DISSECT_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	EXTENT_ISLANDS_MAX = 256,
	EXTENT_PIECE = 1024, /* what a piece beyond a hole costs on top of its bytes */
};

/* All zero is an empty one; what it holds is freed by extent_clear(). */
struct extent {
	uint64_t next;
	struct island {
		uint64_t from, to;
		size_t queued; /* what the pieces that made it cost */
	} * islands;	       /* EXTENT_ISLANDS_MAX, sorted, none touches another; NULL until needed */
	size_t count;
	size_t queued; /* of all islands */
};

/* One beyond the last byte that came. */
uint64_t extent_end(const struct extent *e);

/* Whether from..to (from < to) has a byte that has not come. */
bool extent_lacks(const struct extent *e, uint64_t from, uint64_t to);

/*
 * Bytes from..to (from < to) have come. False: nothing is changed, because there are too many islands
 * (give up a hole first) or memory is out.
 */
bool extent_add(struct extent *e, uint64_t from, uint64_t to);

/* Gives up the first hole, if there is one. Returns how many bytes it had, 0 = none. */
uint64_t extent_give_up(struct extent *e);

void extent_clear(struct extent *e);

#endif
