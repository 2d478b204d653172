/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - from a pair of addresses and ports to the index of its flow.
 *
 * Open addressing with linear probing over 8-byte slots; deletion shifts back, so there
 * are no tombstones. The hash is keyed (nobody can aim collisions) and the same for both
 * directions of a connection.
 */
#ifndef LASTACK_ANALYZER_TABLE_H
#define LASTACK_ANALYZER_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/fetch.h"
#include "analyzer/table_hash.h"
#include "dissect/segment.h"

struct table_slot {
	uint32_t hash;
	uint32_t flow; /* 0 = empty */
};

struct table {
	struct table_slot *slots;
	uint32_t mask; /* slots - 1 */
	uint32_t count;
};

/* 0, or -1 with errno = ENOMEM. */
int table_init(struct table *table);

/* Starts to fetch the slots of a hash into the cache. */
static inline void table_prefetch(const struct table *table, uint32_t hash)
{
	fetch_line(&table->slots[hash & table->mask]);
}

/*
 * The first slot of that hash at or after 'from' (start with hash); *at is where it is, to go on
 * from at + 1. Flow 0 = no more. The caller compares the flows themselves.
 */
static inline uint32_t table_find(const struct table *table, uint32_t hash, uint32_t from, uint32_t *at)
{
	uint32_t i = from & table->mask;

	while (table->slots[i].hash != hash && table->slots[i].flow != 0)
		i = (i + 1) & table->mask;
	*at = i;
	return table->slots[i].flow;
}

/* The flow that is most likely meant by a hash, to fetch it ahead; 0 = none is near. */
static inline uint32_t table_guess(const struct table *table, uint32_t hash)
{
	enum { NEAR = 4 };

	for (uint32_t i = hash; i != hash + NEAR; i++) {
		const struct table_slot *slot = &table->slots[i & table->mask];

		if (slot->hash == hash || slot->flow == 0)
			return slot->flow;
	}
	return 0;
}

/* Adds a flow whose pair is not there yet. 0, or -1 with errno = ENOMEM. */
int table_add(struct table *table, uint32_t hash, uint32_t flow);

/* Makes the slot that names 'flow' name 'by' instead (same pair). */
void table_replace(struct table *table, uint32_t hash, uint32_t flow, uint32_t by);

void table_remove(struct table *table, uint32_t hash, uint32_t flow);

uint64_t table_memory(const struct table *table);

void table_end(struct table *table);

#endif
