/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changes.h - tells a sink of every change of an end's state (record.h, struct change).
 *
 * An end's states are its facts folded (state.h), so what has changed is where the way of the facts after
 * a segment parts from the way of those before. What follows the parting on the old way is retracted.
 */
#ifndef LASTACK_ANALYZER_CHANGES_H
#define LASTACK_ANALYZER_CHANGES_H

#include "analyzer/record.h"
#include "analyzer/state.h"
#include "analyzer/store.h"

/* What is known of both ends at one moment, by enum side. */
struct knowledge {
	fact_list facts[2];
};

static inline struct knowledge knowledge_of(const struct flow *f)
{
	return (struct knowledge){ { f->end[CLIENT].facts, f->end[SERVER].facts } };
}

/* Somebody wants to know. What follows is to be called only then. */
static inline bool changes_wanted(const struct store *store)
{
	return store->sink->change != NULL;
}

/*
 * Tells what changed from 'before' to 'after', those of the side 'first' first. 'by' is the packet that
 * showed it, 0 = time did, and when.
 */
void changes_tell(struct store *store, uint32_t index, const struct knowledge *before,
		  const struct knowledge *after, struct mark by, enum side first);

#endif
