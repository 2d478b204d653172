/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.c - see table.h. */
#include "analyzer/table.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 1 << 7 };

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
