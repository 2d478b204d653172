/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tail.h - the last bytes of a stream that comes in order, and which of them are lost. Private to dissect/.
 *
 * A stream has two parts, before and behind a mark, and each has a tail of its own.
 */
#ifndef LASTACK_DISSECT_TAIL_H
#define LASTACK_DISSECT_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAIL_PARTS = 2 }; /* 0 = before the mark, 1 = behind it */

#define TAIL_NO_MARK UINT64_MAX

/* Begin with tail_init(); what it holds is freed by tail_clear(). */
struct tail {
	size_t size;   /* bytes kept of each part */
	uint64_t next; /* bytes that came so far, lost ones included */
	uint64_t mark; /* the first byte of part 1; may be moved as long as it is not behind next */
	struct tail_ring {
		uint8_t *bytes; /* size bytes, then as many flags: not 0 = lost; NULL until needed */
		uint64_t count; /* bytes that came in all */
	} part[TAIL_PARTS];
};

void tail_init(struct tail *tail, size_t size);

/* 'length' more bytes, or with bytes = NULL so many that are lost. False when memory is out. */
bool tail_add(struct tail *tail, const uint8_t *bytes, uint64_t length);

/*
 * Copies the last bytes of a part, oldest first, and their flags (0 or 1); both have room for tail->size.
 * Returns how many these are. A lost byte is 0.
 */
size_t tail_copy(const struct tail *tail, unsigned part, uint8_t *bytes, uint8_t *lost);

void tail_clear(struct tail *tail);

#endif
