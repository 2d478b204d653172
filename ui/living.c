/* SPDX-License-Identifier: GPL-2.0-or-later */
/* living.c - see living.h. */
#include "ui/living.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 64 };

static uint32_t home(const struct living *l, uint64_t connection)
{
	/* Numbers of packets follow each other: Fibonacci's multiplier spreads them. */
	return (uint32_t)(((connection ^ l->seed) * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - l->table_bits));
}

static bool grow(struct living *l)
{
	uint32_t size = l->size ? 2 * l->size : FIRST_SIZE, bits = 1;
	struct live *slots = realloc(l->slots, size * sizeof *slots);
	uint32_t *table;

	if (!slots)
		return false;
	l->slots = slots;
	while ((UINT32_C(1) << bits) < 2 * size)
		bits++;
	table = calloc((size_t)1 << bits, sizeof *table);
	if (!table)
		return false;
	free(l->table);
	l->table = table;
	l->table_bits = bits;
	l->size = size;
	for (uint32_t i = 1; i < l->used; i++) {
		uint32_t at;

		if (l->slots[i].connection == 0)
			continue;
		at = home(l, l->slots[i].connection);
		while (table[at] != 0)
			at = (at + 1) & ((UINT32_C(1) << bits) - 1);
		table[at] = i;
	}
	return true;
}

bool living_init(struct living *l, size_t most, uint64_t seed)
{
	l->most = (uint32_t)most;
	l->seed = seed;
	l->used = 1;
	return grow(l);
}

/* Where in the table it is, or the empty place where it would be. */
static uint32_t place(const struct living *l, uint64_t connection)
{
	uint32_t at = home(l, connection);

	while (l->table[at] != 0 && l->slots[l->table[at]].connection != connection)
		at = (at + 1) & ((UINT32_C(1) << l->table_bits) - 1);
	return at;
}

struct live *living_find(const struct living *l, uint64_t connection)
{
	uint32_t slot = l->table[place(l, connection)];

	return slot == 0 ? NULL : &l->slots[slot];
}

void living_list(struct living *l, struct live *live)
{
	uint32_t slot = (uint32_t)(live - l->slots);

	live->older = l->newest;
	live->newer = 0;
	if (l->newest != 0)
		l->slots[l->newest].newer = slot;
	l->newest = slot;
	l->count++;
}

void living_unlist(struct living *l, struct live *live)
{
	if (live->newer != 0)
		l->slots[live->newer].older = live->older;
	else
		l->newest = live->older;
	if (live->older != 0)
		l->slots[live->older].newer = live->newer;
	l->count--;
}

struct live *living_add(struct living *l, uint64_t connection)
{
	struct live *live;

	if (l->held >= l->most)
		return NULL;
	if (l->free == 0 && l->used == l->size && !grow(l))
		return NULL;
	if (l->free != 0) {
		live = &l->slots[l->free];
		l->free = live->older;
	} else {
		live = &l->slots[l->used++];
	}
	memset(live, 0, sizeof *live);
	live->connection = connection;
	l->table[place(l, connection)] = (uint32_t)(live - l->slots);
	l->held++;
	living_list(l, live);
	return live;
}

void living_remove(struct living *l, struct live *live)
{
	uint32_t mask = (UINT32_C(1) << l->table_bits) - 1;
	uint32_t hole = place(l, live->connection);

	if (!live->closed)
		living_unlist(l, live);
	/* What was pushed on by the one that goes moves up. */
	for (uint32_t at = (hole + 1) & mask; l->table[at] != 0; at = (at + 1) & mask) {
		uint32_t wants = home(l, l->slots[l->table[at]].connection);

		if (((at - wants) & mask) < ((at - hole) & mask))
			continue;
		l->table[hole] = l->table[at];
		hole = at;
	}
	l->table[hole] = 0;
	live->connection = 0;
	live->older = l->free;
	l->free = (uint32_t)(live - l->slots);
	l->held--;
}

void living_free(struct living *l)
{
	free(l->slots);
	free(l->table);
}
