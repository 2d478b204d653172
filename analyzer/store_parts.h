/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store_parts.h - what store.c (following connections) and store_rows.c (reporting them) share; see store.h.
 */
#ifndef LASTACK_ANALYZER_STORE_PARTS_H
#define LASTACK_ANALYZER_STORE_PARTS_H

#include "analyzer/store.h"

/* What a RST said, as it is kept. A pool's objects are a multiple of 8 bytes. */
struct kept_text {
	_Alignas(8) struct rst_text says;
};

/* A record that has ended and is not reported yet. */
struct waiting {
	uint64_t first_packet;
	uint32_t flow, closing; /* of one that is packed closing is 0 */
	struct ending ending;
};

/* 0, or -1 with errno = ENOMEM; store_rows_end() is due either way. */
int store_rows_init(struct store *store);

void store_rows_end(struct store *store);

uint64_t store_rows_memory(const struct store *store); /* bytes held */

/* For store_init() and store_destroy(); bytes held. */
void store_packed_init(struct store *store, bool at_once);
void store_packed_end(struct store *store);
uint64_t store_packed_memory(const struct store *store);

/* Starts to fetch a flow, packed or not; 0 = none. */
void store_fetch(const struct store *store, uint32_t index);

/* The same for what belongs to a flow, which is there: its evidence, and its slot in the table. */
void store_fetch_parts(const struct store *store, uint32_t index);

/* The same for the next two in a queue: what belongs to the first, and the second. next = the first, 0 =
 * none. */
void store_fetch_successors(const struct store *store, uint32_t next);

/* The flow has left table and queues: its record waits to be reported. The waiting one is copied. */
void store_wait(struct store *store, const struct waiting *waiting);

/* Reports the record of a flow that has ended so, and forgets it. */
void store_report(struct store *store, uint32_t index, const struct ending *ending);

/* Gives back all that was kept of a flow, which is not packed. */
void store_forget(struct store *store, uint32_t index);

/* Gives back what was kept of a packed flow but what its closing names. */
void store_forget_packed(struct store *store, uint32_t index);

/* Whether the end of this flow's record shows that a RST did not close it: store_doubted(). */
static inline bool store_is_doubted(const struct flow *f, const struct closing *c)
{
	return c != NULL && c->doubt.ns != 0 && closing_by_rst(c) && !flow_both_closed(f);
}

/* TIME-WAIT, or what else is over, comes to its end. */
static inline enum record_end store_natural_end(const struct flow *f, const struct closing *c)
{
	bool time_wait = c != NULL && (c->end[CLIENT].time_wait.ns != 0 || c->end[SERVER].time_wait.ns != 0);

	return time_wait && (f->bits & FLOW_CLOSED) ? RECORD_TIME_WAIT : RECORD_CLOSED;
}

/* A RST that its receiver outlived, unanswered, did not close anything: that is known 'by' now. True if so.
 */
bool store_doubted(struct store *store, uint32_t index, struct mark by);

#endif
