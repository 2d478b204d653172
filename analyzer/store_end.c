/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_end.c - the end of the observation: every record ends, in order of their first packets; see store.h.
 *
 * Memory may be short by now, and so none is taken: each queue is sorted as the chain that it is (most are in
 * order already, as flows come to them when they are opened), and then a heap gives the first of all of them.
 */
#include "analyzer/store_parts.h"
#include "analyzer/store_queue.h"

enum { CHAINS_MAX = TRACKER_PARTS * QUEUE_COUNT, RUNS_MAX = 33 };

/* Flows in order, chained by 'next'. */
struct chain {
	uint64_t first_packet; /* of the first flow */
	uint32_t flow;	       /* that one */
};

/* The first of all chains is at 0, the two after chain i are at 2i + 1 and 2i + 2. */
struct heap {
	struct chain chains[CHAINS_MAX];
	int count;
};

/* ---- a queue as a chain, sorted ---- */

/* Takes the flows at the beginning of a chain that are in order. */
static uint32_t take_run(const struct store *store, uint32_t *chain)
{
	uint32_t first = *chain, last = first, next;

	while ((next = *next_of(store, last)) != 0 &&
	       store_first_packet(store, next) > store_first_packet(store, last))
		last = next;
	*next_of(store, last) = 0;
	*chain = next;
	return first;
}

static uint32_t merge(const struct store *store, uint32_t a, uint32_t b)
{
	uint32_t merged = 0, *link = &merged;

	while (a != 0 && b != 0) {
		uint32_t *less = store_first_packet(store, a) < store_first_packet(store, b) ? &a : &b;
		uint32_t *next = next_of(store, *less);

		*link = *less;
		link = next;
		*less = *next;
	}
	*link = a != 0 ? a : b;
	return merged;
}

/* A merge sort of lists from the bottom up: runs[i] is of 2^i of the runs there were, or empty. */
static uint32_t sort(const struct store *store, uint32_t chain)
{
	uint32_t runs[RUNS_MAX] = { 0 }, sorted = 0;

	while (chain != 0) {
		uint32_t run = take_run(store, &chain);
		int i;

		for (i = 0; runs[i] != 0; i++) {
			run = merge(store, runs[i], run);
			runs[i] = 0;
		}
		runs[i] = run;
	}
	for (int i = 0; i < RUNS_MAX; i++)
		sorted = merge(store, runs[i], sorted);
	return sorted;
}

/* ---- the first of all chains ---- */

/* The chain at i may be behind others below it now. */
static void sift_down(struct heap *heap, int i)
{
	struct chain *chains = heap->chains, moved = chains[i];

	for (int below; (below = 2 * i + 1) < heap->count; i = below) {
		if (below + 1 < heap->count && chains[below + 1].first_packet < chains[below].first_packet)
			below++;
		if (moved.first_packet < chains[below].first_packet)
			break;
		chains[i] = chains[below];
	}
	chains[i] = moved;
}

static void gather(const struct store *store, struct heap *heap)
{
	heap->count = 0;
	for (int i = 0; i < store->part_count * QUEUE_COUNT; i++) {
		const struct queue *queue = &store->parts[i / QUEUE_COUNT].queues[i % QUEUE_COUNT];
		uint32_t flow = sort(store, queue->head);

		if (flow != 0)
			heap->chains[heap->count++] = (struct chain){ store_first_packet(store, flow), flow };
	}
	for (int i = heap->count / 2 - 1; i >= 0; i--)
		sift_down(heap, i);
}

/* The flow that comes first; its chain goes on with the next one, which is fetched, as is the one after it.
 */
static uint32_t take_first(const struct store *store, struct heap *heap)
{
	struct chain *chain = &heap->chains[0];
	uint32_t first = chain->flow, next = *next_of(store, first);

	if (next != 0) {
		*chain = (struct chain){ store_first_packet(store, next), next };
		if (store_is_flow(next))
			store_prefetch_closing(store, flow_at(store, next)->closing);
		store_fetch(store, *next_of(store, next));
	} else {
		*chain = heap->chains[--heap->count];
	}
	sift_down(heap, 0);
	return first;
}

/* ---- all of them ---- */

static void report_known(struct store *store, uint32_t flow)
{
	const struct ending ending = { .at = store->now, .why = RECORD_END, .time_wait = store->time_wait };

	store_doubted(store, flow, (struct mark){ 0, store->now });
	store_report(store, flow, &ending);
}

int store_finish(struct store *store)
{
	struct heap heap;
	size_t waiting, at = 0;

	store_flush(store);
	waiting = store->waiting_count; /* of the last moment, in order */
	store->waiting_count = 0;
	gather(store, &heap);
	while (heap.count > 0 || at < waiting) {
		const struct waiting *w = &store->waiting[at];

		if (at < waiting && (heap.count == 0 || w->first_packet < heap.chains[0].first_packet)) {
			store_report(store, w->flow, &w->ending);
			at++;
		} else {
			report_known(store, take_first(store, &heap));
		}
	}
	return store->unordered ? -1 : 0;
}
