/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.c - see table.h. */
#include "analyzer/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1 << 7, CACHE_LINE = 64 };

/* Of that many slots, all empty. NULL with errno = ENOMEM. */
static struct table_group *new_groups(size_t slots)
{
	size_t size = slots / TABLE_GROUP * sizeof(struct table_group);
	struct table_group *groups = aligned_alloc(CACHE_LINE, size);

	return groups == NULL ? NULL : memset(groups, 0, size);
}

int table_init(struct table *t)
{
	*t = (struct table){ .groups = new_groups(FIRST_SLOTS), .mask = FIRST_SLOTS - 1 };
	return t->groups == NULL ? -1 : 0;
}

static inline uint32_t *hash_at(const struct table *t, uint32_t slot)
{
	return &t->groups[slot / TABLE_GROUP].hash[slot % TABLE_GROUP];
}

static inline uint32_t *flow_at(const struct table *t, uint32_t slot)
{
	return &t->groups[slot / TABLE_GROUP].flow[slot % TABLE_GROUP];
}

static void put(struct table *t, uint32_t hash, uint32_t flow)
{
	uint32_t i = table_home(t, hash);

	while (*flow_at(t, i) != 0)
		i = (i + 1) & t->mask;
	*hash_at(t, i) = hash;
	*flow_at(t, i) = flow;
}

static int grow(struct table *t)
{
	struct table old = *t;
	uint32_t slots = (old.mask + 1) * 2;

	if (slots == 0) {
		errno = ENOMEM;
		return -1;
	}
	t->groups = new_groups(slots);
	if (t->groups == NULL) {
		t->groups = old.groups;
		return -1;
	}
	t->mask = slots - 1;
	for (uint32_t i = 0; i <= old.mask; i++)
		if (*flow_at(&old, i) != 0)
			put(t, *hash_at(&old, i), *flow_at(&old, i));
	free(old.groups);
	return 0;
}

int table_add(struct table *t, uint32_t hash, uint32_t flow)
{
	/* At most half full: nearly every flow is found where it is looked for first. */
	if (t->count > t->mask / 2 && grow(t) == -1)
		return -1;
	put(t, hash, flow);
	t->count++;
	return 0;
}

/* Where the slot is that names 'flow', or the empty one behind where it would be. */
static uint32_t slot_of(const struct table *t, uint32_t hash, uint32_t flow)
{
	uint32_t i = table_home(t, hash);

	while (*flow_at(t, i) != flow && *flow_at(t, i) != 0)
		i = (i + 1) & t->mask;
	return i;
}

bool table_replace(struct table *t, uint32_t hash, uint32_t flow, uint32_t by)
{
	uint32_t i = slot_of(t, hash, flow);

	if (*flow_at(t, i) == 0)
		return false;
	*flow_at(t, i) = by;
	return true;
}

bool table_remove(struct table *t, uint32_t hash, uint32_t flow)
{
	uint32_t hole = slot_of(t, hash, flow);

	if (*flow_at(t, hole) == 0)
		return false;
	/* Whatever follows and would rather stand in the hole, or before it, moves there. */
	for (uint32_t i = (hole + 1) & t->mask; *flow_at(t, i) != 0; i = (i + 1) & t->mask) {
		uint32_t home = table_home(t, *hash_at(t, i));

		if (((i - home) & t->mask) >= ((i - hole) & t->mask)) {
			*hash_at(t, hole) = *hash_at(t, i);
			*flow_at(t, hole) = *flow_at(t, i);
			hole = i;
		}
	}
	*flow_at(t, hole) = 0;
	t->count--;
	return true;
}

uint64_t table_memory(const struct table *t)
{
	return ((uint64_t)t->mask + 1) / TABLE_GROUP * sizeof *t->groups;
}

void table_end(struct table *t)
{
	free(t->groups);
	*t = (struct table){ 0 };
}
