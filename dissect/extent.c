/* SPDX-License-Identifier: GPL-2.0-or-later */
/* extent.c - a number, and a short list of islands beyond it. */
#include "dissect/extent.h"

#include <stdlib.h>
#include <string.h>

uint64_t extent_end(const struct extent *e)
{
	return e->count > 0 ? e->islands[e->count - 1].to : e->next;
}

/* The first island that ends at 'at' or beyond. */
static size_t find(const struct extent *e, uint64_t at)
{
	size_t low = 0, high = e->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (e->islands[middle].to < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool extent_lacks(const struct extent *e, uint64_t from, uint64_t to)
{
	size_t i;

	if (from < e->next)
		from = e->next;
	if (to <= from)
		return false;
	i = find(e, from);
	return i == e->count || e->islands[i].from > from || e->islands[i].to < to;
}

static void remove_islands(struct extent *e, size_t first, size_t n)
{
	memmove(e->islands + first, e->islands + first + n, (e->count - first - n) * sizeof *e->islands);
	e->count -= n;
}

/* Takes in the islands that next has reached. */
static void advance(struct extent *e)
{
	size_t n = 0;

	while (n < e->count && e->islands[n].from <= e->next) {
		if (e->islands[n].to > e->next)
			e->next = e->islands[n].to;
		e->queued -= e->islands[n].queued;
		n++;
	}
	if (n > 0)
		remove_islands(e, 0, n);
}

static bool room_for_island(struct extent *e, size_t at)
{
	if (!e->islands)
		e->islands = malloc(EXTENT_ISLANDS_MAX * sizeof *e->islands);
	if (!e->islands || e->count == EXTENT_ISLANDS_MAX)
		return false;
	memmove(e->islands + at + 1, e->islands + at, (e->count - at) * sizeof *e->islands);
	e->count++;
	return true;
}

/* Joins from..to and all islands that it touches, from number 'at' on; there is one at least. */
static void join(struct extent *e, size_t at, struct island piece)
{
	size_t n = 0;

	while (at + n < e->count && e->islands[at + n].from <= piece.to) {
		const struct island *other = &e->islands[at + n];

		piece.from = other->from < piece.from ? other->from : piece.from;
		piece.to = other->to > piece.to ? other->to : piece.to;
		piece.queued += other->queued;
		n++;
	}
	e->islands[at] = piece;
	remove_islands(e, at + 1, n - 1);
}

static bool add_beyond(struct extent *e, uint64_t from, uint64_t to)
{
	struct island piece = { .from = from, .to = to, .queued = (size_t)(to - from) + EXTENT_PIECE };
	size_t at = find(e, from);

	if (at < e->count && e->islands[at].from <= to)
		join(e, at, piece);
	else if (room_for_island(e, at))
		e->islands[at] = piece;
	else
		return false;
	e->queued += (size_t)(to - from) + EXTENT_PIECE;
	return true;
}

bool extent_add(struct extent *e, uint64_t from, uint64_t to)
{
	if (from > e->next)
		return add_beyond(e, from, to);
	if (to > e->next)
		e->next = to;
	advance(e);
	return true;
}

uint64_t extent_give_up(struct extent *e)
{
	uint64_t hole;

	if (e->count == 0)
		return 0;
	hole = e->islands[0].from - e->next;
	e->next = e->islands[0].from;
	advance(e);
	return hole;
}

void extent_clear(struct extent *e)
{
	free(e->islands);
	*e = (struct extent){ 0 };
}
