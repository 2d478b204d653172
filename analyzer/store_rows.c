/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_rows.c - records that have ended, until they are reported; see store.h.
 *
 * Nothing is reported until store_flush(): then all that ended before now goes in order, with the sinks'
 * tables in the cache meanwhile, and what ended at this very moment stays, as more may. So the order of rows
 * depends on when store_flush() is called, and on nothing that several trackers would see differently.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/store_parts.h"

enum {
	WAITING_ROOM = 4096, /* records, to begin with */
	FETCHED_AHEAD = 8,   /* flows on their way to the cache while records end one after another */
};

int store_rows_init(struct store *store)
{
	store->waiting = calloc(WAITING_ROOM, sizeof *store->waiting);
	store->sorting = calloc(WAITING_ROOM, sizeof *store->sorting);
	store->waiting_room = WAITING_ROOM;
	return store->waiting == NULL || store->sorting == NULL ? -1 : 0;
}

void store_rows_end(struct store *store)
{
	free(store->waiting);
	free(store->sorting);
}

uint64_t store_rows_memory(const struct store *store)
{
	return 2 * store->waiting_room * sizeof *store->waiting;
}

/* The order of rows: design/verdicts.md 8. */
static inline bool is_after(const struct waiting *a, const struct waiting *b)
{
	if (a->ending.at.ns != b->ending.at.ns)
		return a->ending.at.ns > b->ending.at.ns;
	return a->first_packet > b->first_packet;
}

void store_forget(struct store *store, uint32_t index)
{
	struct flow *f = flow_at(store, index);
	const struct closing *c = closing_of(store, f);

	f->bits = 0; /* whoever has guessed that it would be needed (tracker.c) finds nothing to predict */
	if (c != NULL && c->text != 0)
		pool_give(&store->texts, c->text);
	if (c != NULL)
		pool_give(&store->closings, f->closing);
	pool_give(&store->flows, index);
}

static void make_record(const struct store *store, const struct flow *f, const struct closing *c,
			const struct ending *ending, bool brief, struct record *record)
{
	const struct kept_text *text = c != NULL && c->text != 0 ? pool_at(&store->texts, c->text) : NULL;

	report(f, c, ending, text != NULL ? &text->says : NULL, &store->causes, brief, record);
	losses_weigh(&store->losses, f, c, record);
}

void store_look(const struct store *store, uint32_t index, struct record *record)
{
	const struct ending now = { .at = store->now, .why = RECORD_END, .time_wait = store->time_wait };

	if (store_is_packed(index)) {
		struct closing c;
		struct flow f;

		unpack(packed_at(store, index), packed_size(index), &f, &c);
		make_record(store, &f, &c, &now, false, record);
	} else {
		const struct flow *f = flow_at(store, index);

		make_record(store, f, closing_of(store, f), &now, false, record);
	}
}

/* Not inlined: most are not packed, and this needs much room. */
__attribute__((noinline)) static void report_packed(struct store *store, uint32_t index,
						    const struct ending *ending)
{
	struct record record;
	struct closing c;
	struct flow f;

	unpack(packed_at(store, index), packed_size(index), &f, &c);
	make_record(store, &f, &c, ending, store->sink->brief, &record);
	store->sink->record(store->sink, &record);
	if (c.text != 0)
		pool_give(&store->texts, c.text);
	store_forget_packed(store, index);
}

void store_report(struct store *store, uint32_t index, const struct ending *ending)
{
	const struct flow *f;
	struct record record;

	if (store_is_packed(index)) {
		report_packed(store, index, ending);
		return;
	}
	f = flow_at(store, index);
	make_record(store, f, closing_of(store, f), ending, store->sink->brief, &record);
	store->sink->record(store->sink, &record);
	store_forget(store, index);
}

/* Starts to fetch what a report looks at. */
static void fetch_waiting(const struct store *store, const struct waiting *w)
{
	if (store_is_packed(w->flow)) {
		prefetch(packed_at(store, w->flow), packed_size(w->flow));
		return;
	}
	store_prefetch(store, w->flow);
	store_prefetch_closing(store, w->closing);
}

/* Those that nothing else fetches ahead of. Called a little early, when they may not be in order yet. */
static void fetch_first(const struct store *store)
{
	for (size_t i = 0; i < FETCHED_AHEAD && i < store->waiting_count; i++)
		fetch_waiting(store, &store->waiting[i]);
}

/* The first n of those waiting, which are in order. */
static void report_first(struct store *store, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i + FETCHED_AHEAD < n)
			fetch_waiting(store, &store->waiting[i + FETCHED_AHEAD]);
		store_report(store, store->waiting[i].flow, &store->waiting[i].ending);
	}
}

/* How many are in order already, from the first on. */
static size_t run_of(const struct waiting *w, size_t n)
{
	size_t run = n < 1 ? n : 1;

	while (run < n && !is_after(&w[run - 1], &w[run]))
		run++;
	return run;
}

static void merge_runs(const struct waiting *a, size_t an, const struct waiting *b, size_t bn,
		       struct waiting *to)
{
	while (an > 0 && bn > 0) {
		bool take_b = is_after(a, b);

		*to++ = take_b ? *b : *a;
		a += !take_b;
		an -= !take_b;
		b += take_b;
		bn -= take_b;
	}
	memcpy(to, a, an * sizeof *to);
	memcpy(to + an, b, bn * sizeof *to);
}

/*
 * Each part's queues are in order, or nearly so: a natural merge sort (Knuth, The Art of Computer Programming
 * 3, 5.2.4) merges neighbouring runs until there is one.
 */
static void sort_waiting(struct store *store)
{
	size_t n = store->waiting_count;

	while (run_of(store->waiting, n) < n) {
		struct waiting *from = store->waiting, *to = store->sorting;

		for (size_t at = 0, a, b; at < n; at += a + b) {
			a = run_of(from + at, n - at);
			b = run_of(from + at + a, n - at - a);
			merge_runs(from + at, a, from + at + a, b, to + at);
		}
		store->waiting = to;
		store->sorting = from;
	}
}

static void report_waiting(struct store *store, bool all)
{
	size_t n = store->waiting_count, first = n;
	struct waiting *w;

	fetch_first(store);
	sort_waiting(store);
	w = store->waiting;
	while (!all && first > 0 && w[first - 1].ending.at.ns >= store->now.ns)
		first--;
	report_first(store, first);
	memmove(w, w + first, (n - first) * sizeof *w);
	store->waiting_count = n - first;
}

void store_flush(struct store *store)
{
	report_waiting(store, false);
}

void store_flush_all(struct store *store)
{
	report_waiting(store, true);
}

/* Without memory for more, those that wait go now, and rows are not in order any more. */
static void make_waiting_room(struct store *store)
{
	size_t room = store->waiting_room * 2;
	struct waiting *more = realloc(store->waiting, room * sizeof *more);
	struct waiting *as_many = more == NULL ? NULL : realloc(store->sorting, room * sizeof *as_many);

	if (more != NULL)
		store->waiting = more;
	if (as_many != NULL) {
		store->sorting = as_many;
		store->waiting_room = room;
		return;
	}
	store->unordered = true;
	store_flush_all(store);
}

void store_wait(struct store *store, const struct waiting *waiting)
{
	if (store->waiting_count == store->waiting_room)
		make_waiting_room(store);
	store->waiting[store->waiting_count++] = *waiting;
}
