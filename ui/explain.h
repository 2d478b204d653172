/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain.h - --explain: while the captures are read, the records that selectors mean are kept; then the
 * captures are read again and the packets of these connections collected; then all is told.
 *
 * Memory is bounded: so many connections are explained, and how many more there were is said.
 */
#ifndef LASTACK_UI_EXPLAIN_H
#define LASTACK_UI_EXPLAIN_H

#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "dissect/content.h"
#include "dissect/dissect.h"
#include "ui/page.h"
#include "ui/select.h"
#include "ui/selector.h"
#include "ui/timers.h"

enum { EXPLAIN_MAX = 50 }; /* connections explained, the first that ended */

struct explain_options {
	const struct selector *selectors; /* not owned */
	size_t selector_count;
	struct only only;	     /* of these connections only such */
	const struct timers *timers; /* for their names; not owned */
	bool several_inputs;
};

struct explain;

/* NULL with errno = ENOMEM. */
struct explain *explain_new(const struct explain_options *options);

/*
 * The sink of the first reading; owned. Its segment() is NULL where no selector is a packet's number. Call
 * explain_takes() for a record before the next one comes.
 */
struct sink *explain_sink(struct explain *explain);

/* Has one more connection explained, whatever the selectors. False with errno = ENOMEM, or ENOSPC. */
bool explain_add(struct explain *explain, const struct record *record);

/* Whether some selector means this record, and --only takes it. */
bool explain_takes(const struct explain *explain, const struct record *record);

/*
 * Reads the captures again (rewound by the caller) by a dissector that has seen nothing yet, as they were
 * read for the first time: with a tracker of these options. contents (not owned, must last until
 * explain_print() is done) are given what the connections sent, NULL = that is not wanted. False with
 * errno = ENOMEM.
 */
bool explain_read(struct explain *explain, struct captures *captures, struct dissector *dissector,
		  struct contents *contents, const struct tracker_options *options);

/* Writes everything to page->out. 'forgotten' packets could not be read again. */
void explain_print(const struct explain *explain, struct page *page, const struct captures *captures,
		   uint64_t forgotten);

/*
 * Complains about every selector that means no connection, or only such that --only leaves out. False when
 * there is one that means none.
 */
bool explain_found_all(const struct explain *explain);

void explain_free(struct explain *explain); /* NULL is fine */

#endif
