/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_parts.h - what live.c (rows, times, complaints) and live_file.c (files) share; see live.h. */
#ifndef LASTACK_UI_LIVE_PARTS_H
#define LASTACK_UI_LIVE_PARTS_H

#include "ui/complain.h"
#include "ui/live.h"

enum {
	BATCH_BYTES = 2 * LIVE_ROW_MAX,
	BATCH_ROWS = 4096,
};

struct live {
	struct output output;
	struct series *series; /* NULL: standard output */
	bool regular;	       /* it is a regular file */
	off_t size;	       /* of a file of the series, as we know it */
	char *head;	       /* owned */
	size_t head_length;
	size_t head_out; /* bytes of it that the file holds */

	char bytes[BATCH_BYTES];   /* rows that are not written yet */
	uint32_t ends[BATCH_ROWS]; /* where they end in bytes */
	size_t first, rows;	   /* those before 'first' are written */
	size_t out;		   /* bytes of the first that could not be taken away again */

	int64_t now;	     /* of the last tick */
	int64_t flushed;     /* when it was last written */
	int trouble;	     /* why writing failed, 0 = it did not */
	int64_t tried;	     /* when that was tried */
	bool said;	     /* that it failed */
	uint64_t unsaid;     /* rows lost that have not been told of */
	bool reopen;	     /* to be opened again */
	bool stuck;	     /* no other file could be opened */
	int64_t stuck_tried; /* when that was tried */
	struct complain_pace pace, stuck_pace;
	struct output_counts counts;
};

/* Something could not be written; what is done about it is live.c's. */
void live_trouble(struct live *live, int error);

/* Whether so much time has gone by, or the clock was set back. */
bool live_elapsed(const struct live *live, int64_t since, int64_t ns);

/* Where row i begins among the bytes, or where all end. */
static inline size_t live_row_start(const struct live *live, size_t i)
{
	return i > 0 ? live->ends[i - 1] : 0;
}

/*
 * Writes the head, if it is missing, and the rows held, into as many files as they need. False after
 * live_trouble(): then the rows from live->first on are still to be written.
 */
bool live_write(struct live *live);

/* Notes what the file that was opened is, and what it holds. */
void live_look(struct live *live);

/* On to a file that holds nothing, or the one of this time's name. False after a complaint: all is as before.
 */
bool live_next_file(struct live *live);
bool live_same_file(struct live *live);

#endif
