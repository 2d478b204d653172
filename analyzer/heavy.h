/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * heavy.h - the keys that weigh most, counted in bounded memory and constant time.
 *
 * A table of at most 'max' keys. When it is full, the lighter half is dropped, which costs
 * constant time a key in the mean. So a key that weighs more than heavy_missed() is always there, a
 * flood of keys seen once cannot push it out, and what a kept key says may lack at most
 * that much. What is kept depends on keys and weights alone, never on the seed.
 */
#ifndef LASTACK_ANALYZER_HEAVY_H
#define LASTACK_ANALYZER_HEAVY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heavy;

struct heavy_options {
	size_t key_size;   /* bytes; keys are compared as bytes, so padding must be zero */
	size_t value_size; /* bytes the caller keeps with each key */
	size_t max;	   /* keys held at once, 2 to 2^30 */
	uint64_t seed;	   /* of the hash */
};

/* NULL with errno = ENOMEM or EINVAL. Grows as needed, so that few keys take little memory. */
struct heavy *heavy_new(const struct heavy_options *options);

/*
 * Adds weight (> 0) to a key. Returns its value, zero-filled when the key is new, valid until the next
 * call. Never fails: where memory is refused, fewer keys are held.
 */
void *heavy_add(struct heavy *heavy, const void *key, uint64_t weight);

/*
 * For tables that are larger than the cache, and callers who know a key some time before they add it:
 * heavy_fetch() starts to fetch where the key is looked for, and heavy_fetch_on(), once that has had time to
 * come, what it names; heavy_add_fetched() then is heavy_add() of that key. The first two change nothing, and
 * what became of the table meanwhile does not matter.
 */
struct heavy_fetch {
	struct heavy *heavy; /* NULL = nothing is to be fetched */
	uint32_t hash;	     /* of the key */
};
struct heavy_fetch heavy_fetch(struct heavy *heavy, const void *key);

/* Part of heavy_fetch_on(): there is something to be fetched. */
void heavy_fetch_entry(const struct heavy_fetch *fetch);

static inline void heavy_fetch_on(const struct heavy_fetch *fetch)
{
	if (fetch->heavy != NULL)
		heavy_fetch_entry(fetch);
}

void *heavy_add_fetched(const struct heavy_fetch *fetch, const void *key, uint64_t weight);

/*
 * Takes weight off a key, at most what it has. Returns its value, valid until the next call; NULL when the
 * key is not held. A key that weighs nothing is held until there is need of its room, and dropped first.
 */
void *heavy_take(struct heavy *heavy, const void *key, uint64_t weight);

/* What a key that is not held can weigh at most; 0 = none was ever dropped, all is exact. */
uint64_t heavy_missed(const struct heavy *heavy);

size_t heavy_count(const struct heavy *heavy); /* keys held */

/* Key, value and weight number i < heavy_count(), in no meaningful order. */
struct heavy_entry {
	const void *key;
	const void *value;
	uint64_t weight;
};
struct heavy_entry heavy_at(const struct heavy *heavy, size_t i);

/*
 * Fills best with the first n entries of at least that weight by the order 'before' (a total
 * order, so that the result is the same for any seed); returns how many there are, at most n. Meant for
 * small n. Valid until the next heavy_add().
 */
size_t heavy_top(const struct heavy *heavy, uint64_t least,
		 bool (*before)(const struct heavy_entry *a, const struct heavy_entry *b),
		 struct heavy_entry *best, size_t n);

void heavy_free(struct heavy *heavy); /* NULL is fine */

#endif
