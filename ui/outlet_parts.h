/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outlet_parts.h - what outlet.c (rows, times, complaints) and outlet_file.c (files) share; see outlet.h. */
#ifndef LASTACK_UI_OUTLET_PARTS_H
#define LASTACK_UI_OUTLET_PARTS_H

#include "ui/complain.h"
#include "ui/outlet.h"

enum {
	BATCH_BYTES = 2 * OUTLET_ROW_MAX,
	BATCH_ROWS = 4096,
};

struct outlet {
	struct output output;
	struct series *series; /* NULL: standard output */
	bool regular;	       /* it is a regular file */
	bool named;	       /* and had a name when it was opened, as file systems say that tell */
	bool nameless;	       /* rows went into one whose name was gone: nobody will find them */
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

/* Something could not be written; what is done about it is outlet.c's. */
void outlet_trouble(struct outlet *outlet, int error);

/* Whether so much time has gone by, or the clock was set back. */
bool outlet_elapsed(const struct outlet *outlet, int64_t since, int64_t ns);

/* Where row i begins among the bytes, or where all end. */
static inline size_t outlet_row_start(const struct outlet *outlet, size_t i)
{
	return i > 0 ? outlet->ends[i - 1] : 0;
}

/*
 * Writes the head, if it is missing, and the rows held, into as many files as they need. False after
 * outlet_trouble(): then the rows from outlet->first on are still to be written.
 */
bool outlet_write(struct outlet *outlet);

/* Notes what the file that was opened is, and what it holds. */
void outlet_look(struct outlet *outlet);

/* On to a file that holds nothing, or the one of this time's name. False after a complaint: all is as before.
 */
bool outlet_next_file(struct outlet *outlet);
bool outlet_same_file(struct outlet *outlet);

#endif
