/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool.c - see pool.h. */
#include "analyzer/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

void pool_init(struct pool *pool, size_t size)
{
	size_t bytes = POOL_SLAB * size, whole = bytes & -bytes; /* the greatest power of 2 that divides it */

	*pool = (struct pool){ .size = size,
			       .together = whole < HUGE_PAGE ? (uint32_t)(HUGE_PAGE / whole) : 1 };
}

/* Room for one more slab's address. */
static int more_slabs(struct pool *pool)
{
	uint32_t room = pool->slab_room == 0 ? 64 : pool->slab_room * 2;
	unsigned char **slabs;

	if (pool->slab_count < pool->slab_room)
		return 0;
	slabs = realloc(pool->slabs, room * sizeof *slabs);
	if (slabs == NULL)
		return -1;
	pool->slabs = slabs;
	pool->slab_room = room;
	return 0;
}

/* Whether that slab is the first of those that were taken with it: the very first is taken alone. */
static bool is_first(const struct pool *pool, uint32_t slab)
{
	return slab == 0 || (slab - 1) % pool->together == 0;
}

/* Memory for the next slabs. NULL with errno = ENOMEM. */
static unsigned char *take_memory(const struct pool *pool)
{
	size_t slabs = pool->slab_count == 0 ? 1 : pool->together, bytes = slabs * POOL_SLAB * pool->size;
	size_t whole = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	unsigned char *memory = aligned_alloc(HUGE_PAGE, whole);

	if (memory != NULL)
		(void)madvise(memory, bytes,
			      pool->sparse && pool->slab_count == 0 ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
	return memory;
}

static int add_slab(struct pool *pool)
{
	unsigned char *slab;

	if (pool->slab_count == 1 << (POOL_INDEX_BITS - POOL_SLAB_BITS)) {
		errno = ENOMEM;
		return -1;
	}
	if (more_slabs(pool) == -1)
		return -1;
	if (is_first(pool, pool->slab_count))
		slab = take_memory(pool);
	else
		slab = pool->slabs[pool->slab_count - 1] + POOL_SLAB * pool->size;
	if (slab == NULL)
		return -1;
	pool->slabs[pool->slab_count++] = slab;
	return 0;
}

uint32_t pool_take(struct pool *pool)
{
	uint32_t index = pool->free;

	if (index != 0) {
		memcpy(&pool->free, pool_at(pool, index), sizeof pool->free);
	} else {
		if (pool->used >> POOL_SLAB_BITS == pool->slab_count && add_slab(pool) == -1)
			return 0;
		if (pool->used == 0)
			pool->used = 1;
		index = pool->used++;
	}
	memset(pool_at(pool, index), 0, pool->size);
	pool->count++;
	return index;
}

int pool_follow(struct pool *pool, uint32_t index)
{
	while (index >> POOL_SLAB_BITS >= pool->slab_count)
		if (add_slab(pool) == -1)
			return -1;
	memset(pool_at(pool, index), 0, pool->size);
	return 0;
}

void pool_give(struct pool *pool, uint32_t index)
{
	memcpy(pool_at(pool, index), &pool->free, sizeof pool->free);
	pool->free = index;
	pool->count--;
}

uint64_t pool_memory(const struct pool *pool)
{
	return (uint64_t)pool->slab_count * POOL_SLAB * pool->size + pool->slab_room * sizeof *pool->slabs;
}

void pool_end(struct pool *pool)
{
	for (uint32_t i = 0; i < pool->slab_count; i++)
		if (is_first(pool, i))
			free(pool->slabs[i]);
	free(pool->slabs);
	*pool = (struct pool){ .size = pool->size, .together = pool->together, .sparse = pool->sparse };
}
