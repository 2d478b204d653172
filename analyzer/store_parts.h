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
	uint32_t flow, closing;
	struct ending ending;
};

/* 0, or -1 with errno = ENOMEM; store_rows_end() is due either way. */
int store_rows_init(struct store *store);

void store_rows_end(struct store *store);

uint64_t store_rows_memory(const struct store *store); /* bytes held */

/* The flow has left table and queues: its record waits to be reported. */
void store_wait(struct store *store, uint32_t index, const struct ending *ending);

/* Reports the record of a flow that has ended so, and forgets it. */
void store_report(struct store *store, uint32_t index, const struct ending *ending);

/* Gives back all that was kept of a flow. */
void store_forget(struct store *store, uint32_t index);

/* A RST that its receiver outlived, unanswered, did not close anything: that is known 'by' now. True if so.
 */
bool store_doubted(struct store *store, uint32_t index, struct mark by);

#endif
