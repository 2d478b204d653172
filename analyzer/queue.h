/* SPDX-License-Identifier: GPL-2.0-or-later */
/* queue.h - flows in the order in which they run out: doubly linked through the flows, by index. */
#ifndef LASTACK_ANALYZER_QUEUE_H
#define LASTACK_ANALYZER_QUEUE_H

#include "analyzer/flow.h"
#include "analyzer/pool.h"

/*
 * Flows that are worth the same when memory is needed: the first that holds, and those given up first come
 * first. What costs its sender one packet to make is worth least, and an established connection most: a
 * flood of anything else leaves it alone. As long as nothing may have to go soon, those that do not run out
 * by themselves are all in the last one (store.h, 'crowded').
 */
enum queue_name {
	QUEUE_SYN,    /* SYNs, unanswered */
	QUEUE_CLOSED, /* over: kept 2MSL for late packets, all else is known */
	/* From here on only --idle lets one run out. */
	QUEUE_ONE_SIDED,   /* only one end was heard of */
	QUEUE_HANDSHAKE,   /* not established yet */
	QUEUE_HALF_CLOSED, /* a FIN was seen */
	QUEUE_LIVE,
	QUEUE_COUNT
};

struct queue {
	uint32_t head, tail; /* 0 = empty */
};

static inline void queue_leave(struct queue *q, const struct pool *flows, uint32_t index)
{
	struct flow *f = pool_at(flows, index);

	if (f->prev != 0)
		((struct flow *)pool_at(flows, f->prev))->next = f->next;
	else
		q->head = f->next;
	if (f->next != 0)
		((struct flow *)pool_at(flows, f->next))->prev = f->prev;
	else
		q->tail = f->prev;
	f->prev = f->next = 0;
}

/* Puts the flow right after 'after', at the head where that is 0. */
static inline void queue_insert_after(struct queue *q, const struct pool *flows, uint32_t index,
				      uint32_t after)
{
	struct flow *f = pool_at(flows, index);

	f->prev = after;
	f->next = after != 0 ? ((struct flow *)pool_at(flows, after))->next : q->head;
	if (f->next != 0)
		((struct flow *)pool_at(flows, f->next))->prev = index;
	else
		q->tail = index;
	if (after != 0)
		((struct flow *)pool_at(flows, after))->next = index;
	else
		q->head = index;
}

#endif
