/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch.h - memory on its way to the cache before it is looked at. Changes nothing that can be seen. */
#ifndef LASTACK_ANALYZER_FETCH_H
#define LASTACK_ANALYZER_FETCH_H

#include <stddef.h>

/*
 * Starts to fetch the cache line at that address. GCC (12 at least) takes a function that does nothing but
 * __builtin_prefetch() for one without any effect and drops calls of it: the empty asm keeps them.
 */
static inline void fetch_line(const void *at)
{
	__builtin_prefetch(at, 1);
	__asm__ volatile("" : : "r"(at));
}

/* Starts to fetch all cache lines of an object. */
static inline void prefetch(const void *object, size_t size)
{
	for (size_t line = 0; line < size; line += 64)
		fetch_line((const char *)object + line);
}

#endif
