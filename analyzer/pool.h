/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool.h - objects of one size, named by a 32-bit index, in slabs that never move.
 *
 * But for the first, slabs are taken several at once, so many that they fill huge pages to the last byte.
 * They become the machine's memory as they are used. Freed objects are used again, newest first; slabs are
 * given back with the pool only. Index 0 names none.
 */
#ifndef LASTACK_ANALYZER_POOL_H
#define LASTACK_ANALYZER_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Indexes have 29 bits: those above them are free for who names objects of several pools. */
enum { POOL_SLAB_BITS = 13, POOL_SLAB = 1 << POOL_SLAB_BITS, POOL_INDEX_BITS = 29 };

struct pool {
	unsigned char **slabs;
	size_t size;	   /* of an object: a multiple of 8 */
	uint32_t together; /* slabs that are taken at once */
	bool sparse;	   /* may be set: perhaps it is hardly used, so that its first pages are small */
	uint32_t slab_count, slab_room;
	uint32_t used;	/* indexes ever given out, 0 included */
	uint32_t free;	/* first of the freed ones, chained through their first bytes */
	uint32_t count; /* in use now */
};

void pool_init(struct pool *pool, size_t size);

/* A zeroed object's index; 0 with errno = ENOMEM. */
uint32_t pool_take(struct pool *pool);

/*
 * For a pool that goes along with another and whose objects bear that one's indexes: makes sure that index
 * has a place, and zeroes it. Not to be mixed with pool_take(). 0, or -1 with errno = ENOMEM.
 */
int pool_follow(struct pool *pool, uint32_t index);

void pool_give(struct pool *pool, uint32_t index);

/* The object; index must be one in use. */
static inline void *pool_at(const struct pool *pool, uint32_t index)
{
	return pool->slabs[index >> POOL_SLAB_BITS] + (size_t)(index & (POOL_SLAB - 1)) * pool->size;
}

/* The same where the size is known when this is compiled, which is cheaper. */
static inline void *pool_at_sized(const struct pool *pool, uint32_t index, size_t size)
{
	return pool->slabs[index >> POOL_SLAB_BITS] + (size_t)(index & (POOL_SLAB - 1)) * size;
}

/* Bytes held. */
uint64_t pool_memory(const struct pool *pool);

void pool_end(struct pool *pool);

#endif
