/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store_queue.h - flows in a queue, packed or not: doubly linked, by index (queue.h). */
#ifndef LASTACK_ANALYZER_STORE_QUEUE_H
#define LASTACK_ANALYZER_STORE_QUEUE_H

#include "analyzer/store.h"

static inline uint32_t *prev_of(const struct store *store, uint32_t index)
{
	return store_is_packed(index) ? &packed_at(store, index)->prev : &flow_at(store, index)->prev;
}

static inline uint32_t *next_of(const struct store *store, uint32_t index)
{
	return store_is_packed(index) ? &packed_at(store, index)->next : &flow_at(store, index)->next;
}

/* When a flow runs out, packed or not. */
static inline struct moment deadline_of(const struct store *store, uint32_t index)
{
	if (store_is_packed(index))
		return moment_after(packed_at(store, index)->closed_at, store->time_wait);
	return store_deadline(store, flow_at(store, index));
}

/* The same as those below for any, packed or not: few are. */
void queue_leave_any(const struct store *store, struct queue *q, uint32_t index);
void queue_insert_after_any(const struct store *store, struct queue *q, uint32_t index, uint32_t after);

/* Takes a flow, which is not packed, out. */
static inline void queue_leave(const struct store *store, struct queue *q, uint32_t index, struct flow *f)
{
	if (store_is_packed(f->prev | f->next)) {
		queue_leave_any(store, q, index);
		return;
	}
	if (f->prev != 0)
		flow_at(store, f->prev)->next = f->next;
	else
		q->head = f->next;
	if (f->next != 0)
		flow_at(store, f->next)->prev = f->prev;
	else
		q->tail = f->prev;
	f->prev = f->next = 0;
}

/* Puts the flow, which is not packed, right after 'after', at the head where that is 0. */
static inline void queue_insert_after(const struct store *store, struct queue *q, uint32_t index,
				      struct flow *f, uint32_t after)
{
	uint32_t *link, next;

	if (store_is_packed(after)) {
		queue_insert_after_any(store, q, index, after);
		return;
	}
	link = after != 0 ? &flow_at(store, after)->next : &q->head;
	next = *link;
	if (store_is_packed(next)) {
		queue_insert_after_any(store, q, index, after);
		return;
	}
	f->prev = after;
	f->next = next;
	*link = index;
	if (next != 0)
		flow_at(store, next)->prev = index;
	else
		q->tail = index;
}

/* Puts a flow in the place of another, each of them packed or not. */
void queue_replace(const struct store *store, struct queue *q, uint32_t index, uint32_t by);

#endif
