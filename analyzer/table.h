/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - from a pair of addresses and ports to the index of its flow.
 *
 * Open addressing with linear probing over slots of 8 bytes, which stand in groups; deletion shifts back, so
 * there are no tombstones. The hash is keyed (nobody can aim collisions) and the same for both directions of
 * a connection.
 */
#ifndef LASTACK_ANALYZER_TABLE_H
#define LASTACK_ANALYZER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "analyzer/fetch.h"
#include "analyzer/table_hash.h"
#include "dissect/segment.h"

enum { TABLE_GROUP = 4 };

/* Slots that are looked at together: half a cache line, aligned as such. */
struct table_group {
	uint32_t hash[TABLE_GROUP];
	uint32_t flow[TABLE_GROUP]; /* 0 = empty */
};

struct table {
	struct table_group *groups;
	uint32_t mask; /* slots - 1; slot i is the (i % TABLE_GROUP)th of its group */
	uint32_t count;
};

/* Where a hash is looked for first: where a group begins. */
static inline uint32_t table_home(const struct table *table, uint32_t hash)
{
	return hash & table->mask & ~(uint32_t)(TABLE_GROUP - 1);
}

/* 0, or -1 with errno = ENOMEM. */
int table_init(struct table *table);

/* Starts to fetch the slots of a hash into the cache. */
static inline void table_prefetch(const struct table *table, uint32_t hash)
{
	fetch_line(&table->groups[table_home(table, hash) / TABLE_GROUP]);
}

/*
 * The first slot of that hash at or after 'from' (start with table_home()); *at is where it is, to go on
 * from at + 1. Flow 0 = no more. The caller compares the flows themselves.
 */
static inline uint32_t table_find(const struct table *table, uint32_t hash, uint32_t from, uint32_t *at)
{
	for (uint32_t i = from & table->mask;; i = (i + 1) & table->mask) {
		const struct table_group *group = &table->groups[i / TABLE_GROUP];
		uint32_t flow = group->flow[i % TABLE_GROUP];

		if (group->hash[i % TABLE_GROUP] == hash || flow == 0) {
			*at = i;
			return flow;
		}
	}
}

/* What stands in the first group that is looked at. */
struct table_glance {
	uint32_t flow; /* the one of that hash there, 0 = none; others may stand elsewhere */
	bool sure;     /* false: there are several, and 'flow' means nothing; or none */
};

/* Looks at the first group only. In which of its slots a flow stands nobody can foresee: nothing branches. */
static inline struct table_glance table_glance(const struct table *table, uint32_t hash)
{
	typedef uint32_t lanes __attribute__((vector_size(TABLE_GROUP * sizeof(uint32_t))));

	const struct table_group *group = &table->groups[table_home(table, hash) / TABLE_GROUP];
	uint64_t same[2], flow[2];
	lanes hashes, flows;

	memcpy(&hashes, group->hash, sizeof hashes);
	memcpy(&flows, group->flow, sizeof flows);
	hashes = (lanes)(hashes == hash); /* all bits where it is */
	flows &= hashes;
	hashes &= 1; /* so that sums of them stay within their halves */
	memcpy(same, &hashes, sizeof same);
	memcpy(flow, &flows, sizeof flow);
	same[0] += same[1];
	flow[0] |= flow[1];
	return (struct table_glance){ (uint32_t)(flow[0] | flow[0] >> 32),
				      (uint32_t)same[0] + (uint32_t)(same[0] >> 32) == 1 };
}

/* Adds a flow whose pair is not there yet. 0, or -1 with errno = ENOMEM. */
int table_add(struct table *table, uint32_t hash, uint32_t flow);

/* Makes the slot that names 'flow' name 'by' instead (same pair). False: none does. */
bool table_replace(struct table *table, uint32_t hash, uint32_t flow, uint32_t by);

/* Empties the slot that names 'flow'. False: none does. */
bool table_remove(struct table *table, uint32_t hash, uint32_t flow);

uint64_t table_memory(const struct table *table);

void table_end(struct table *table);

#endif
