/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ranges.c - a set of connections, each by its pair and its packets. */
#include "ui/ranges.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { BITS_MAX = 28 };

uint64_t pair_number(const struct host host[static 2], const uint16_t port[static 2], uint64_t seed)
{
	struct {
		struct host host[2];
		uint16_t port[2];
	} pair;
	int order = memcmp(&host[0], &host[1], sizeof host[0]);
	int low = order > 0 || (order == 0 && port[0] > port[1]);

	pair.host[0] = host[low];
	pair.host[1] = host[!low];
	pair.port[0] = port[low];
	pair.port[1] = port[!low];
	_Static_assert(sizeof pair == 36, "no padding, it would be hashed");
	return XXH3_64bits_withSeed(&pair, sizeof pair, seed);
}

bool ranges_add(struct ranges *r, struct range range)
{
	if (r->count == r->size) {
		size_t size = r->size ? 2 * r->size : 64;
		struct range *bigger = realloc(r->at, size * sizeof *bigger);

		if (!bigger)
			return false;
		r->at = bigger;
		r->size = size;
	}
	r->at[r->count++] = range;
	return true;
}

void ranges_forget(struct ranges *r, uint64_t packet)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++)
		if (r->at[i].last >= packet)
			r->at[kept++] = r->at[i];
	r->count = kept;
}

static int compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->pair != y->pair)
		return x->pair < y->pair ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Ranges of one pair that overlap or adjoin become one. */
static void join(struct ranges *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct range *last = kept > 0 ? &r->at[kept - 1] : NULL;

		if (!last || last->pair != r->at[i].pair || r->at[i].first > last->last + 1)
			r->at[kept++] = r->at[i];
		else if (r->at[i].last > last->last)
			last->last = r->at[i].last;
	}
	r->count = kept;
}

static size_t bucket_of(const struct ranges *r, uint64_t pair)
{
	return (size_t)(pair >> (64 - r->bits));
}

bool ranges_seal(struct ranges *r)
{
	size_t buckets, next = 0;

	if (r->count > 0)
		qsort(r->at, r->count, sizeof *r->at, compare);
	join(r);
	for (r->bits = 1; r->bits < BITS_MAX && r->count >> r->bits > 0; r->bits++)
		;
	buckets = (size_t)1 << r->bits;
	r->index = malloc((buckets + 1) * sizeof *r->index);
	if (!r->index)
		return false;
	for (size_t i = 0; i < r->count; i++) {
		while (next <= bucket_of(r, r->at[i].pair))
			r->index[next++] = i;
	}
	while (next <= buckets)
		r->index[next++] = r->count;
	return true;
}

/* The last range that is not behind (pair, packet), among from to end - 1; end if there is none. */
static size_t last_before(const struct ranges *r, size_t from, size_t end, uint64_t pair, uint64_t packet)
{
	const struct range wanted = { .pair = pair, .first = packet };
	size_t low = from, high = end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&r->at[middle], &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > from ? low - 1 : end;
}

bool ranges_have(const struct ranges *r, uint64_t pair, uint64_t packet)
{
	size_t bucket = bucket_of(r, pair), end = r->index[bucket + 1];
	size_t i = last_before(r, r->index[bucket], end, pair, packet);

	return i != end && r->at[i].pair == pair && packet <= r->at[i].last;
}

void ranges_free(struct ranges *r)
{
	free(r->at);
	free(r->index);
	*r = (struct ranges){ 0 };
}
