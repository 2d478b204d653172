/* SPDX-License-Identifier: GPL-2.0-or-later */
/* changes.c - see changes.h. */
#include "analyzer/changes.h"

/* A state of the way, by how many lie before it; before the first of them nothing is known. */
static enum state state_at(const struct way *way, int n)
{
	return n == 0 ? STATE_UNKNOWN : way->states[n - 1];
}

static int64_t since(struct moment from, struct moment to)
{
	return to.ns > from.ns ? to.ns - from.ns : 0;
}

/* One end's changes: back to where its two ways part, then forward. */
static void tell_side(struct store *store, uint32_t index, fact_list before, fact_list after,
		      struct change *change)
{
	struct moment *entered = entered_at(store, index)->at[change->side];
	const struct way old = *facts_way(before), new = *facts_way(after);
	int n = old.count, m = new.count, common = 0;

	while (common < n && common < m && old.states[common] == new.states[common])
		common++;
	change->retracted = true;
	for (int i = n; i > common; i--) {
		change->from = old.states[i - 1];
		change->to = state_at(&old, i - 1);
		change->held = since(entered[i - 1], change->at);
		store->sink->change(store->sink, change);
	}
	change->retracted = false;
	for (int i = common; i < m; i++) {
		change->from = state_at(&new, i);
		change->to = new.states[i];
		change->held = i == 0 ? UNKNOWN_NS : since(entered[i - 1], change->at);
		entered[i] = change->at;
		store->sink->change(store->sink, change);
	}
}

void changes_tell(struct store *store, uint32_t index, const struct knowledge *before,
		  const struct knowledge *after, struct mark by, enum side first)
{
	const struct flow *f = flow_at(store, index);
	const enum side sides[2] = { first, other(first) };
	struct change change = {
		.at = by.at,
		.start = f->start,
		.connection = f->first_packet,
		.packet = by.packet,
		.host = { f->host[CLIENT], f->host[SERVER] },
		.port = { f->port[CLIENT], f->port[SERVER] },
	};

	for (int i = 0; i < 2; i++) {
		change.side = sides[i];
		if (before->facts[sides[i]] != after->facts[sides[i]])
			tell_side(store, index, before->facts[sides[i]], after->facts[sides[i]], &change);
	}
}
