/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pieces.c - a sorted array of ranges without overlaps. */
#include "dissect/pieces.h"

#include <stdlib.h>
#include <string.h>

/* The first piece that ends beyond 'start'. */
static uint16_t piece_beyond(const struct pieces *pieces, uint16_t start)
{
	uint16_t low = 0, high = pieces->count;

	while (low < high) {
		uint16_t middle = (uint16_t)((low + high) / 2);

		if (pieces->piece[middle].end > start)
			high = middle;
		else
			low = (uint16_t)(middle + 1);
	}
	return low;
}

/* Whether the pieces from number i on hold all of start to end - 1. */
static bool covered(const struct pieces *pieces, uint16_t i, uint16_t start, uint16_t end)
{
	for (; i < pieces->count && pieces->piece[i].start <= start && start < end; i++)
		start = pieces->piece[i].end;
	return start >= end;
}

static bool same(const struct pieces *pieces, const struct piece *old, const struct piece *piece, bool last)
{
	bool was_last = old->end == pieces->total;

	return old->start == piece->start && old->end == piece->end && old->hash == piece->hash &&
	       last == was_last;
}

/* Another end, or bytes beyond the end. */
static bool contradicts_total(const struct pieces *pieces, const struct piece *piece, bool last)
{
	uint16_t furthest = pieces->count ? pieces->piece[pieces->count - 1].end : 0;

	if (last && furthest > piece->end)
		return true;
	return pieces->total != 0 && (last ? piece->end != pieces->total : piece->end > pieces->total);
}

enum pieces_fit pieces_fit(const struct pieces *pieces, const struct piece *piece, bool last)
{
	uint16_t i = piece_beyond(pieces, piece->start);
	bool overlaps = i < pieces->count && pieces->piece[i].start < piece->end;

	if (overlaps && same(pieces, &pieces->piece[i], piece, last))
		return PIECES_SAME;
	if (contradicts_total(pieces, piece, last))
		return PIECES_CONFLICT;
	if (!overlaps)
		return PIECES_FIT;
	return covered(pieces, i, piece->start, piece->end) ? PIECES_BRINGS_NOTHING : PIECES_CONFLICT;
}

static bool make_room(struct pieces *pieces)
{
	uint16_t room = pieces->room ? (uint16_t)(pieces->room * 2) : 4;
	struct piece *more = realloc(pieces->piece, room * sizeof *more);

	if (!more)
		return false;
	pieces->piece = more;
	pieces->room = room;
	return true;
}

bool pieces_add(struct pieces *pieces, const struct piece *piece, bool last)
{
	uint16_t i = piece_beyond(pieces, piece->start);
	struct piece *at;

	if (pieces->count == pieces->room && !make_room(pieces))
		return false;
	at = pieces->piece + i;
	memmove(at + 1, at, (size_t)(pieces->count - i) * sizeof *at);
	*at = *piece;
	pieces->count++;
	pieces->received = (uint16_t)(pieces->received + piece->end - piece->start);
	if (last)
		pieces->total = piece->end;
	return true;
}
