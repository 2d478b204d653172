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

struct waiting {
	uint64_t first_packet;
	uint32_t flow, closing;
	struct ending ending;
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

/* Gives back all that was kept of a flow. */
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

static void make_record(const struct store *store, uint32_t index, const struct ending *ending, bool brief,
			struct record *record)
{
	const struct flow *f = flow_at(store, index);
	const struct closing *c = closing_of(store, f);
	const struct kept_text *text = c != NULL && c->text != 0 ? pool_at(&store->texts, c->text) : NULL;

	report(f, c, ending, text != NULL ? &text->says : NULL, &store->causes, brief, record);
	losses_weigh(&store->losses, f, c, record);
}

void store_look(const struct store *store, uint32_t index, struct record *record)
{
	const struct ending now = { .at = store->now, .why = RECORD_END, .time_wait = store->time_wait };

	make_record(store, index, &now, false, record);
}

static void report_one(struct store *store, const struct waiting *w)
{
	struct record record;

	make_record(store, w->flow, &w->ending, store->sink->brief, &record);
	store->sink->record(store->sink, &record);
}

/* Starts to fetch what a report looks at. */
static void fetch_waiting(const struct store *store, const struct waiting *w)
{
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
		report_one(store, &store->waiting[i]);
		store_forget(store, store->waiting[i].flow);
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

void store_wait(struct store *store, uint32_t index, const struct ending *ending)
{
	const struct flow *f = flow_at(store, index);

	if (store->waiting_count == store->waiting_room)
		make_waiting_room(store);
	store->waiting[store->waiting_count++] =
		(struct waiting){ f->first_packet, index, f->closing, *ending };
}

/* ---- the end ---- */

/* A row of the last moment: it waits to be reported already, or its flow is still known. */
struct last {
	uint64_t first_packet;
	uint32_t at; /* index among those waiting, or of the flow */
	bool waits;
};

static int by_packet(const void *a, const void *b)
{
	const struct last *x = a, *y = b;

	return (x->first_packet > y->first_packet) - (x->first_packet < y->first_packet);
}

static void report_last(struct store *store, const struct last *last)
{
	const struct waiting still_known = {
		.flow = last->at,
		.ending = { .at = store->now, .why = RECORD_END, .time_wait = store->time_wait },
	};
	const struct waiting *w = last->waits ? &store->waiting[last->at] : &still_known;

	if (!last->waits)
		store_doubted(store, last->at, (struct mark){ 0, store->now });
	report_one(store, w);
	store_forget(store, w->flow);
}

static const struct queue *queue_number(const struct store *store, int n)
{
	return &store->parts[n / QUEUE_COUNT].queues[n % QUEUE_COUNT];
}

/* All rows of the last moment, in no order yet; gives their number. */
static size_t collect_last(const struct store *store, size_t waiting, struct last *all)
{
	size_t n = 0;

	for (uint32_t i = 0; i < waiting; i++)
		all[n++] = (struct last){ store->waiting[i].first_packet, i, true };
	for (int queue = 0; queue < store->part_count * QUEUE_COUNT; queue++)
		for (uint32_t i = queue_number(store, queue)->head; i != 0; i = flow_at(store, i)->next)
			all[n++] = (struct last){ flow_at(store, i)->first_packet, i, false };
	return n;
}

/* Without memory to sort them, the rows at least are all there. */
static void report_unsorted(struct store *store, size_t waiting)
{
	for (uint32_t i = 0; i < waiting; i++)
		report_last(store, &(struct last){ .at = i, .waits = true });
	for (int queue = 0; queue < store->part_count * QUEUE_COUNT; queue++) {
		for (uint32_t i = queue_number(store, queue)->head, next; i != 0; i = next) {
			next = flow_at(store, i)->next;
			report_last(store, &(struct last){ .at = i });
		}
	}
}

int store_finish(struct store *store)
{
	size_t waiting, n;
	struct last *all;

	store_flush(store);
	waiting = store->waiting_count;
	store->waiting_count = 0;
	all = calloc((size_t)store->flows.count + 1, sizeof *all);
	if (all == NULL) {
		report_unsorted(store, waiting);
		return -1;
	}
	n = collect_last(store, waiting, all);
	qsort(all, n, sizeof *all, by_packet);
	for (size_t i = 0; i < n; i++) {
		if (i + 2 * FETCHED_AHEAD < n && !all[i + 2 * FETCHED_AHEAD].waits)
			store_prefetch(store, all[i + 2 * FETCHED_AHEAD].at);
		if (i + FETCHED_AHEAD < n && !all[i + FETCHED_AHEAD].waits)
			store_prefetch_closing(store, flow_at(store, all[i + FETCHED_AHEAD].at)->closing);
		report_last(store, &all[i]);
	}
	free(all);
	return store->unordered ? -1 : 0;
}
