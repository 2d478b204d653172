/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pieces.h - which bytes of a datagram have come; not the bytes themselves. */
#ifndef LASTACK_DISSECT_PIECES_H
#define LASTACK_DISSECT_PIECES_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes start to end - 1. */
struct piece {
	uint16_t start, end;
	uint32_t hash; /* of its bytes */
};

/* All zero is none. The pieces never overlap. */
struct pieces {
	uint16_t total;	   /* bytes of the datagram, 0 = its last piece has not come */
	uint16_t received; /* bytes so far; all have come when it is total */
	uint16_t count, room;
	struct piece *piece; /* in order of start; free() it */
};

enum pieces_fit {
	PIECES_FIT,	       /* new bytes only */
	PIECES_SAME,	       /* the very piece that came before */
	PIECES_BRINGS_NOTHING, /* bytes that came before, but not this piece */
	PIECES_CONFLICT,       /* old and new bytes, or another end of the datagram */
};

/* How one more piece, the last of its datagram or not, fits. */
enum pieces_fit pieces_fit(const struct pieces *pieces, const struct piece *piece, bool last);

/* Adds one that fits. False: out of memory, nothing changed. */
bool pieces_add(struct pieces *pieces, const struct piece *piece, bool last);

#endif
