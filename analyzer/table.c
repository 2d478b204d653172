/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.c - see table.h. */
#include "analyzer/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_SLOTS = 1 << 12 };

/* A host as two words; those of IPv4 have only the upper half of the second to themselves. */
struct words {
	uint64_t w[2];
};

static inline struct words words_of(const struct host *h)
{
	struct words words;

	memcpy(&words, h, sizeof words);
	return words;
}

static bool both_ipv4(struct words a, struct words b)
{
	static const struct host mapped = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } };
	uint64_t prefix = words_of(&mapped).w[1], mask;
	const uint8_t low[8] = { 0xff, 0xff, 0xff, 0xff };

	memcpy(&mask, low, sizeof mask);
	return (a.w[0] | b.w[0] | ((a.w[1] ^ prefix) & mask) | ((b.w[1] ^ prefix) & mask)) == 0;
}

/* The address within the mapped one, in whatever byte order. */
static inline uint64_t ipv4_of(const struct host *h)
{
	uint32_t address;

	memcpy(&address, h->addr + 12, sizeof address);
	return address;
}

/* Any order will do, as long as both directions agree on it. */
static bool is_forward(struct words src, struct words dst, const struct segment *s)
{
	if (src.w[1] != dst.w[1])
		return src.w[1] < dst.w[1];
	if (src.w[0] != dst.w[0])
		return src.w[0] < dst.w[0];
	return s->sport <= s->dport;
}

uint32_t table_hash(const struct segment *s, uint64_t seed)
{
	struct words src = words_of(&s->src), dst = words_of(&s->dst);
	bool forward = is_forward(src, dst, s);
	struct words a = forward ? src : dst, b = forward ? dst : src;
	uint64_t ports = forward ? (uint64_t)s->sport << 16 | s->dport : (uint64_t)s->dport << 16 | s->sport;

	/* Whole words: what is written in smaller pieces than it is read makes the processor wait. */
	if (both_ipv4(src, dst)) {
		uint64_t pair[2] = { ipv4_of(forward ? &s->src : &s->dst) << 32 |
					     ipv4_of(forward ? &s->dst : &s->src),
				     ports };

		return (uint32_t)XXH3_64bits_withSeed(pair, sizeof pair, seed);
	}
	uint64_t pair[5] = { ports, a.w[0], a.w[1], b.w[0], b.w[1] };

	return (uint32_t)XXH3_64bits_withSeed(pair, sizeof pair, seed);
}

int table_init(struct table *t)
{
	*t = (struct table){ .slots = calloc(FIRST_SLOTS, sizeof *t->slots), .mask = FIRST_SLOTS - 1 };
	return t->slots == NULL ? -1 : 0;
}

static void put(struct table *t, struct table_slot slot)
{
	uint32_t i = slot.hash & t->mask;

	while (t->slots[i].flow != 0)
		i = (i + 1) & t->mask;
	t->slots[i] = slot;
}

static int grow(struct table *t)
{
	struct table old = *t;
	uint32_t slots = (old.mask + 1) * 2;

	if (slots == 0) {
		errno = ENOMEM;
		return -1;
	}
	t->slots = calloc(slots, sizeof *t->slots);
	if (t->slots == NULL) {
		t->slots = old.slots;
		return -1;
	}
	t->mask = slots - 1;
	for (uint32_t i = 0; i <= old.mask; i++)
		if (old.slots[i].flow != 0)
			put(t, old.slots[i]);
	free(old.slots);
	return 0;
}

int table_add(struct table *t, uint32_t hash, uint32_t flow)
{
	/* At most 5/8 full: probes stay short. */
	if (t->count >= (t->mask >> 3) * 5 && grow(t) == -1)
		return -1;
	put(t, (struct table_slot){ hash, flow });
	t->count++;
	return 0;
}

static uint32_t slot_of(const struct table *t, uint32_t hash, uint32_t flow)
{
	uint32_t i = hash & t->mask;

	while (t->slots[i].flow != flow)
		i = (i + 1) & t->mask;
	return i;
}

void table_replace(struct table *t, uint32_t hash, uint32_t flow, uint32_t by)
{
	t->slots[slot_of(t, hash, flow)].flow = by;
}

void table_remove(struct table *t, uint32_t hash, uint32_t flow)
{
	uint32_t hole = slot_of(t, hash, flow);

	/* Whatever follows and would rather stand in the hole, or before it, moves there. */
	for (uint32_t i = (hole + 1) & t->mask; t->slots[i].flow != 0; i = (i + 1) & t->mask) {
		uint32_t home = t->slots[i].hash & t->mask;

		if (((i - home) & t->mask) >= ((i - hole) & t->mask)) {
			t->slots[hole] = t->slots[i];
			hole = i;
		}
	}
	t->slots[hole].flow = 0;
	t->count--;
}

uint64_t table_memory(const struct table *t)
{
	return ((uint64_t)t->mask + 1) * sizeof *t->slots;
}

void table_end(struct table *t)
{
	free(t->slots);
	*t = (struct table){ 0 };
}
