/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * heavy.c - see heavy.h. Entries lie densely in one array in order of arrival; an
 * open-addressed index at most half full leads to them. Dropping is as in the "frequent
 * items" sketches of Misra and Gries, with the threshold not subtracted from who stays.
 */
#include "analyzer/heavy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/fetch.h"
#include "analyzer/secret.h"

enum { HEAVY_FIRST = 64, HEAVY_MOST = 1 << 30, BLOCK = 16, SECRETS = 6 };

/* The hash spares a look at entries whose keys are others, and making it again when the index grows. */
struct slot {
	uint32_t entry; /* its number + 1; 0 = free */
	uint32_t hash;	/* its key's; where the search for it begins are the lower bits of that */
};

struct heavy {
	struct heavy_options options;
	unsigned char *entries; /* stride bytes each: weight, key, padding, value */
	struct slot *index;	/* 2 * room of them, a power of two */
	uint64_t secrets[SECRETS];
	size_t stride, value_at;
	size_t room, count;
	uint64_t missed;
};

static size_t round_up(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static unsigned char *entry_of(const struct heavy *h, size_t i)
{
	return h->entries + i * h->stride;
}

static uint64_t weight_of(const struct heavy *h, size_t i)
{
	uint64_t weight;

	memcpy(&weight, entry_of(h, i), sizeof weight);
	return weight;
}

/* The bits in which eight bytes differ. */
static inline uint64_t difference(const unsigned char *a, const unsigned char *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x ^ y;
}

static inline uint64_t difference_of_16(const unsigned char *a, const unsigned char *b)
{
	return difference(a, b) | difference(a + 8, b + 8);
}

/* Keys of 16 to 48 bytes, as nearly all are, in steps that may overlap: a call of memcmp() costs more. */
static inline bool same_bytes(const unsigned char *a, const unsigned char *b, size_t n)
{
	if (n < 16 || n > 48)
		return memcmp(a, b, n) == 0;
	return (difference_of_16(a, b) | difference_of_16(a + n - 16, b + n - 16) |
		(n > 32 ? difference_of_16(a + 16, b + 16) : 0)) == 0;
}

static inline bool has_key(const struct heavy *h, uint32_t entry, const void *key)
{
	return same_bytes(entry_of(h, entry - 1) + sizeof(uint64_t), key, h->options.key_size);
}

/* Sixteen bytes under two secrets: what XXH3 makes of them (XXH3_mix16B()), see table_hash.h. */
static inline uint64_t hash_block(const unsigned char *at, const uint64_t secrets[2])
{
	uint64_t word[2];

	memcpy(word, at, sizeof word);
	unsigned __int128 product = (unsigned __int128)(word[0] + secrets[0]) * (word[1] + secrets[1]);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint32_t avalanche(uint64_t sum)
{
	return (uint32_t)((sum ^ sum >> 32) * 0x165667919e3779f9u >> 32);
}

/* The last block may overlap the one before it; a key that is shorter than a block is filled up with zeros.
 */
static inline uint32_t hash_of(const struct heavy *h, const void *key)
{
	const unsigned char *at = key;
	uint64_t sum = 0;
	size_t left = h->options.key_size;

	if (left < BLOCK) {
		unsigned char padded[BLOCK] = { 0 };

		memcpy(padded, key, left);
		return avalanche(hash_block(padded, h->secrets));
	}
	for (unsigned n = 0; left > BLOCK; left -= BLOCK, at += BLOCK, n = (n + 2) % (SECRETS - 2))
		sum += hash_block(at, h->secrets + n);
	return avalanche(sum + hash_block(at + left - BLOCK, h->secrets + SECRETS - 2));
}

/* Where the search for a hash begins. */
static inline size_t first_slot(const struct heavy *h, uint32_t hash)
{
	return hash & (2 * h->room - 1);
}

/* The index slot that holds the key, or the free one where it belongs, which gets its hash. */
static inline struct slot *slot_of(const struct heavy *h, const void *key, uint32_t hash)
{
	size_t mask = 2 * h->room - 1, at = first_slot(h, hash);

	while (h->index[at].entry != 0 && (h->index[at].hash != hash || !has_key(h, h->index[at].entry, key)))
		at = (at + 1) & mask;
	h->index[at].hash = hash;
	return &h->index[at];
}

/* The first free one for a key that is not there. */
static struct slot *free_slot(const struct heavy *h, uint32_t hash)
{
	size_t mask = 2 * h->room - 1, at = first_slot(h, hash);

	while (h->index[at].entry != 0)
		at = (at + 1) & mask;
	return &h->index[at];
}

/* After the entries have moved. */
static void rebuild_index(struct heavy *h)
{
	memset(h->index, 0, 2 * h->room * sizeof *h->index);
	for (size_t i = 0; i < h->count; i++) {
		uint32_t hash = hash_of(h, entry_of(h, i) + sizeof(uint64_t));

		*free_slot(h, hash) = (struct slot){ .entry = (uint32_t)i + 1, .hash = hash };
	}
}

/* Doubles the room; false when memory is refused, and nothing has changed. */
static bool grow(struct heavy *h)
{
	struct slot *index = calloc(4 * h->room, sizeof *index), *old = h->index;
	unsigned char *entries = index ? realloc(h->entries, 2 * h->room * h->stride) : NULL;

	if (!entries) {
		free(index);
		return false;
	}
	h->index = index;
	h->entries = entries;
	h->room *= 2;
	for (size_t i = 0; i < h->room; i++)
		if (old[i].entry != 0)
			*free_slot(h, old[i].hash) = old[i];
	free(old);
	return true;
}

static size_t count_up_to(const struct heavy *h, uint64_t weight)
{
	size_t n = 0;

	for (size_t i = 0; i < h->count; i++)
		n += weight_of(h, i) <= weight;
	return n;
}

/* The least weight that at least half of the entries do not exceed: usually found at once, as it is 1. */
static uint64_t median(const struct heavy *h)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < h->count; i++) {
		uint64_t weight = weight_of(h, i);

		low = weight < low ? weight : low;
		high = weight > high ? weight : high;
	}
	if (count_up_to(h, low) >= h->count / 2)
		return low;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (count_up_to(h, middle) >= h->count / 2)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void drop_lighter_half(struct heavy *h)
{
	uint64_t most = median(h);
	size_t kept = 0;

	for (size_t i = 0; i < h->count; i++)
		if (weight_of(h, i) > most)
			memmove(entry_of(h, kept++), entry_of(h, i), h->stride);
	h->count = kept;
	h->missed += most;
	rebuild_index(h);
}

static void make_room(struct heavy *h)
{
	bool full = h->count >= h->options.max;

	if (full || (h->count == h->room && !grow(h)))
		drop_lighter_half(h);
}

struct heavy *heavy_new(const struct heavy_options *options)
{
	struct heavy *h;

	if (options->key_size == 0 || options->max < 2 || options->max > HEAVY_MOST) {
		errno = EINVAL;
		return NULL;
	}
	h = calloc(1, sizeof *h);
	if (!h)
		return NULL;
	h->options = *options;
	for (unsigned i = 0; i < SECRETS; i++)
		h->secrets[i] = secret_of(options->seed, i + 1);
	h->room = HEAVY_FIRST;
	h->value_at = round_up(sizeof(uint64_t) + options->key_size);
	h->stride = round_up(h->value_at + options->value_size);
	h->entries = malloc(h->room * h->stride);
	h->index = calloc(2 * h->room, sizeof *h->index);
	if (!h->entries || !h->index) {
		heavy_free(h);
		errno = ENOMEM;
		return NULL;
	}
	return h;
}

struct heavy_fetch heavy_fetch(struct heavy *h, const void *key)
{
	const struct heavy_fetch fetch = { h, hash_of(h, key) };

	fetch_line(&h->index[first_slot(h, fetch.hash)]);
	return fetch;
}

void heavy_fetch_entry(const struct heavy_fetch *fetch)
{
	const struct heavy *h = fetch->heavy;
	const unsigned char *entry;
	size_t at = first_slot(h, fetch->hash);

	while (h->index[at].entry != 0 && h->index[at].hash != fetch->hash)
		at = (at + 1) & (2 * h->room - 1);
	if (h->index[at].entry == 0)
		return;
	entry = entry_of(h, h->index[at].entry - 1);
	prefetch(entry, h->stride);
	fetch_line(entry + h->stride - 1);
}

void *heavy_add_fetched(const struct heavy_fetch *fetch, const void *key, uint64_t weight)
{
	struct heavy *h = fetch->heavy;
	struct slot *slot = slot_of(h, key, fetch->hash);
	unsigned char *entry;

	if (slot->entry == 0) {
		if (h->count >= h->options.max || h->count == h->room) {
			make_room(h);
			slot = slot_of(h, key, fetch->hash);
		}
		*slot = (struct slot){ .entry = (uint32_t)++h->count, .hash = fetch->hash };
		entry = entry_of(h, h->count - 1);
		memset(entry, 0, h->stride);
		memcpy(entry + sizeof weight, key, h->options.key_size);
	}
	entry = entry_of(h, slot->entry - 1);
	weight += weight_of(h, slot->entry - 1);
	memcpy(entry, &weight, sizeof weight);
	return entry + h->value_at;
}

void *heavy_add(struct heavy *h, const void *key, uint64_t weight)
{
	return heavy_add_fetched(&(struct heavy_fetch){ h, hash_of(h, key) }, key, weight);
}

void *heavy_take(struct heavy *h, const void *key, uint64_t weight)
{
	struct slot *slot = slot_of(h, key, hash_of(h, key));
	unsigned char *entry;
	uint64_t has;

	if (slot->entry == 0)
		return NULL;
	has = weight_of(h, slot->entry - 1);
	has -= weight < has ? weight : has;
	entry = entry_of(h, slot->entry - 1);
	memcpy(entry, &has, sizeof has);
	return entry + h->value_at;
}

uint64_t heavy_missed(const struct heavy *h)
{
	return h->missed;
}

size_t heavy_count(const struct heavy *h)
{
	return h->count;
}

struct heavy_entry heavy_at(const struct heavy *h, size_t i)
{
	const unsigned char *entry = entry_of(h, i);

	return (struct heavy_entry){ .key = entry + sizeof(uint64_t),
				     .value = entry + h->value_at,
				     .weight = weight_of(h, i) };
}

size_t heavy_top(const struct heavy *h, uint64_t least,
		 bool (*before)(const struct heavy_entry *, const struct heavy_entry *),
		 struct heavy_entry *best, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < h->count && n > 0; i++) {
		struct heavy_entry entry = heavy_at(h, i);
		size_t at = found;

		if (entry.weight < least || (found == n && !before(&entry, &best[n - 1])))
			continue;
		if (found < n)
			found++;
		else
			at--;
		for (; at > 0 && before(&entry, &best[at - 1]); at--)
			best[at] = best[at - 1];
		best[at] = entry;
	}
	return found;
}

void heavy_free(struct heavy *h)
{
	if (!h)
		return;
	free(h->entries);
	free(h->index);
	free(h);
}
