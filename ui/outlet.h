/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outlet.h - rows into an output for months: written soon, never half, with files that follow one another,
 * and going on after a disk was full.
 *
 * Rows are held until outlet_tick() has them written, half a second later at most, or until there are too
 * many of them. Where that fails, what was written of an unfinished row is taken away again, complained about
 * once a minute, and tried again every second; meanwhile rows are held as long as there is room in memory,
 * and then they are lost, and counted.
 *
 * That is so for every error but those that no waiting mends: nobody reads any more (EPIPE), or it never was
 * an output (EBADF, EINVAL). These end it: see outlet_output(). A write to a pipe that is full waits for its
 * reader; what is captured waits in the kernel for so long, and what it has no room for is counted as
 * dropped.
 */
#ifndef LASTACK_UI_OUTLET_H
#define LASTACK_UI_OUTLET_H

#include <stddef.h>
#include <stdint.h>

#include "ui/output.h"
#include "ui/series.h"

struct outlet;

struct outlet_options {
	struct series_options series; /* its name "-": standard output */
	const char *head;	      /* stands before the rows of every file; NULL = nothing. Copied */
	size_t head_length;
	const char *begin; /* what a file without a head begins with, if there are rows in it */

	/* Outputs that are open already, which must not be the same file. */
	const struct output *const *others;
	size_t other_count;
};

/* All since the start. */
struct output_counts {
	uint64_t rows;	    /* written whole */
	uint64_t lost_rows; /* that could not be written */
	uint64_t errors;    /* tries that failed */
	uint64_t rotations; /* new files begun, the first not counted */
};

/*
 * Opens the output at that time (ns since 1970), to go on at the end of what it holds. NULL after a
 * complaint.
 */
struct outlet *outlet_open(const struct outlet_options *options, int64_t wall_ns);

void outlet_use(struct outlet *outlet, struct opener *opener); /* from now on */

/*
 * The output as it is: its descriptor and name change with its files. Its error is set once it has ended.
 * Owned by outlet.
 */
struct output *outlet_output(struct outlet *outlet);

/* A whole row, with its newline, of at most OUTLET_ROW_MAX bytes. */
enum { OUTLET_ROW_MAX = 128 * 1024 };
void outlet_row(struct outlet *outlet, const char *row, size_t n);

/* To be called every 100 ms or so, with the time (ns since 1970). */
void outlet_tick(struct outlet *outlet, int64_t wall_ns);

/* At the next tick: lets go of the file and opens it again by its name, which somebody may have moved away.
 */
void outlet_reopen(struct outlet *outlet);

/* Writes what is held, and the head if it is missing, now. */
void outlet_flush(struct outlet *outlet);

struct output_counts outlet_counts(const struct outlet *outlet);

/*
 * Writes what is held and closes it. False when rows were lost, went into a file that had no name any more,
 * or it had ended; the last only stands in outlet_output()->error, the others were complained about.
 */
bool outlet_close(struct outlet *outlet);

void outlet_free(struct outlet *outlet); /* NULL is fine */

#endif
