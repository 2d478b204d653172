/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live.h - rows into an output for months: written soon, never half, with files that follow one another, and
 * going on after a disk was full.
 *
 * Rows are held until live_tick() has them written, half a second later at most, or until there are too many
 * of them. Where that fails, what was written of an unfinished row is taken away again, complained about once
 * a minute, and tried again every second; meanwhile rows are held as long as there is room in memory, and
 * then they are lost, and counted.
 *
 * That is so for every error but those that no waiting mends: nobody reads any more (EPIPE), or it never was
 * an output (EBADF, EINVAL). These end it: see live_output(). A write to a pipe that is full waits for its
 * reader; what is captured waits in the kernel for so long, and what it has no room for is counted as
 * dropped.
 */
#ifndef LASTACK_UI_LIVE_H
#define LASTACK_UI_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include "ui/output.h"
#include "ui/series.h"

struct live;

struct live_options {
	struct series_options series; /* its name "-": standard output */
	const char *head;	      /* stands before the rows of every file; NULL = nothing. Copied */
	size_t head_length;
	const char *begin; /* what a file without a head begins with, if there are rows in it */
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
struct live *live_open(const struct live_options *options, int64_t wall_ns);

void live_use(struct live *live, struct opener *opener); /* from now on */

/*
 * The output as it is: its descriptor and name change with its files. Its error is set once it has ended.
 * Owned by live.
 */
struct output *live_output(struct live *live);

/* A whole row, with its newline, of at most LIVE_ROW_MAX bytes. */
enum { LIVE_ROW_MAX = 128 * 1024 };
void live_row(struct live *live, const char *row, size_t n);

/* To be called every 100 ms or so, with the time (ns since 1970). */
void live_tick(struct live *live, int64_t wall_ns);

/* At the next tick: lets go of the file and opens it again by its name, which somebody may have moved away.
 */
void live_reopen(struct live *live);

/* Writes what is held, and the head if it is missing, now. */
void live_flush(struct live *live);

struct output_counts live_counts(const struct live *live);

/*
 * Writes what is held and closes it. False when rows were lost or it had ended; the first was complained
 * about, the second only stands in live_output()->error.
 */
bool live_close(struct live *live);

void live_free(struct live *live); /* NULL is fine */

#endif
