/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waiting.c - see waiting.h. Entries form a ring in order of arrival, through entry 0, which is its head;
 * those whose connections have the same hash form a chain; and free ones another.
 */
#include "analyzer/waiting.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

enum { WAITING_MOST = 1 << 24 };

struct entry {
	struct waiting_end end;
	uint32_t older, newer; /* in the ring */
	uint32_t next;	       /* in the chain of its hash, or of the free; 0 = none */
};

struct waiting {
	uint64_t seed;
	uint32_t mask;	  /* of the chains, whose number is a power of two */
	uint32_t *chains; /* the first entry of each, 0 = none */
	struct entry *entries;
	uint32_t free; /* the first that was used and is free again */
	uint32_t used; /* entries that were ever used */
	uint32_t most;
	size_t count;
};

struct waiting *waiting_new(size_t most, uint64_t seed)
{
	struct waiting *w;
	uint32_t chains = 2;

	if (most < 1 || most > WAITING_MOST) {
		errno = EINVAL;
		return NULL;
	}
	w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	while (chains < most)
		chains *= 2;
	w->seed = seed;
	w->most = (uint32_t)most;
	w->mask = chains - 1;
	w->chains = calloc(chains, sizeof *w->chains);
	w->entries = calloc(most + 1, sizeof *w->entries);
	if (w->chains && w->entries)
		return w;
	waiting_free(w);
	errno = ENOMEM;
	return NULL;
}

/* What leads to the connection's entry: a chain's head or an entry's 'next'; leads to 0 when it is not there.
 */
static uint32_t *link_to(struct waiting *w, uint64_t connection)
{
	uint64_t hash = XXH3_64bits_withSeed(&connection, sizeof connection, w->seed);
	uint32_t *link = &w->chains[hash & w->mask];

	while (*link != 0 && w->entries[*link].end.connection != connection)
		link = &w->entries[*link].next;
	return link;
}

/* The number of an entry to use; 0 = there is none left. */
static uint32_t take_free(struct waiting *w)
{
	uint32_t i = w->free;

	if (i != 0)
		w->free = w->entries[i].next;
	else if (w->used < w->most)
		i = ++w->used;
	return i;
}

void waiting_enter(struct waiting *w, const struct waiting_end *end)
{
	struct entry *head = &w->entries[0], *entry;
	uint32_t i;

	waiting_leave(w, end->connection);
	i = take_free(w);
	if (i == 0)
		return;
	entry = &w->entries[i];
	*entry = (struct entry){ .end = *end, .older = head->older };
	w->entries[head->older].newer = i;
	head->older = i;
	*link_to(w, end->connection) = i;
	w->count++;
}

void waiting_leave(struct waiting *w, uint64_t connection)
{
	uint32_t *link = link_to(w, connection), i = *link;
	struct entry *entry = &w->entries[i];

	if (i == 0)
		return;
	*link = entry->next;
	w->entries[entry->older].newer = entry->newer;
	w->entries[entry->newer].older = entry->older;
	entry->next = w->free;
	w->free = i;
	w->count--;
}

size_t waiting_longest(const struct waiting *w, struct waiting_end *out, size_t n)
{
	size_t found = 0;

	for (uint32_t i = w->entries[0].newer; i != 0 && found < n; i = w->entries[i].newer)
		out[found++] = w->entries[i].end;
	return found;
}

size_t waiting_count(const struct waiting *w)
{
	return w->count;
}

void waiting_free(struct waiting *w)
{
	if (!w)
		return;
	free(w->chains);
	free(w->entries);
	free(w);
}
