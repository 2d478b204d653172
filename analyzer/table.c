/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.c - see table.h. */
#include "analyzer/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_SLOTS = 1 << 7 };

/* A host as two words. */
struct words {
	uint64_t w[2];
};

static inline struct words words_of(const struct host *h)
{
	struct words words;

	memcpy(&words, h, sizeof words);
	return words;
}

/* True of two IPv4 addresses: nothing but 0 and ::ffff before the last 32 bits. */
static inline bool both_ipv4(const struct host *a, const struct host *b)
{
	uint32_t middle_a, middle_b;
	const uint8_t mapped[4] = { 0, 0, 0xff, 0xff };
	uint32_t expected;

	memcpy(&middle_a, a->addr + 8, sizeof middle_a);
	memcpy(&middle_b, b->addr + 8, sizeof middle_b);
	memcpy(&expected, mapped, sizeof expected);
	return (words_of(a).w[0] | words_of(b).w[0] | (middle_a ^ expected) | (middle_b ^ expected)) == 0;
}

/* An end of a connection over IPv4 in one word. */
static inline uint64_t end_of(const struct host *h, uint16_t port)
{
	uint32_t address;

	memcpy(&address, h->addr + 12, sizeof address);
	return (uint64_t)address << 16 | port;
}

static uint32_t hash_ipv6(const struct segment *s, uint64_t seed)
{
	struct words src = words_of(&s->src), dst = words_of(&s->dst), a = src, b = dst;
	uint64_t ports = (uint64_t)s->sport << 16 | s->dport;
	int order = src.w[1] != dst.w[1]   ? (src.w[1] < dst.w[1] ? -1 : 1)
		    : src.w[0] != dst.w[0] ? (src.w[0] < dst.w[0] ? -1 : 1)
					   : (s->sport <= s->dport ? -1 : 1);

	if (order > 0) {
		a = dst;
		b = src;
		ports = (uint64_t)s->dport << 16 | s->sport;
	}
	uint64_t pair[5] = { ports, a.w[0], a.w[1], b.w[0], b.w[1] };

	return (uint32_t)XXH3_64bits_withSeed(pair, sizeof pair, seed);
}

/*
 * Whole words, the smaller end first: any order will do that both directions agree on, and what is written in
 * smaller pieces than it is read makes the processor wait.
 */
uint32_t table_hash(const struct segment *s, uint64_t seed)
{
	uint64_t src, dst, pair[2];

	if (!both_ipv4(&s->src, &s->dst))
		return hash_ipv6(s, seed);
	src = end_of(&s->src, s->sport);
	dst = end_of(&s->dst, s->dport);
	pair[0] = src < dst ? src : dst;
	pair[1] = src < dst ? dst : src;
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
	/* At most half full: nearly every flow is found where it is looked for first. */
	if (t->count > t->mask / 2 && grow(t) == -1)
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
