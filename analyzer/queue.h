/* SPDX-License-Identifier: GPL-2.0-or-later */
/* queue.h - the queues that flows are in: in the order in which they run out, linked by index
 * (store_queue.h). */
#ifndef LASTACK_ANALYZER_QUEUE_H
#define LASTACK_ANALYZER_QUEUE_H

#include <stdint.h>

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

#endif
