/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * series.h - the files of one output, one after the other: a single one by its name, or a new one whenever
 * --rotate says so, of which --keep are kept.
 *
 * All is opened and removed through a struct opener, but for what series_new() finds in the folder.
 */
#ifndef LASTACK_UI_SERIES_H
#define LASTACK_UI_SERIES_H

#include <sys/types.h>

#include "ui/opener.h"
#include "ui/rotation.h"

struct series;

struct series_options {
	const char *name;	  /* of the file; with a rotation wanted, a valid pattern of it. Not owned */
	struct rotation rotation; /* nothing wanted: one file */
	uint64_t keep;		  /* files that are to be there at most, 0 = any number */
	struct opener *opener;
};

/* Opens nothing yet. NULL with errno. */
struct series *series_new(const struct series_options *options);

void series_use(struct series *series, struct opener *opener); /* from now on */

/*
 * Opens the file that rows belong in now, to go on after what it holds: at the start, and again after SIGHUP.
 * The same name as before unless the time makes another. A descriptor that the caller owns, or -1 with errno;
 * then all is as before, as with the next. The descriptor given before must still be open.
 *
 * A regular file is locked (flock(2), LOCK_EX) for as long as its descriptor is open. One that another
 * program has locked: EWOULDBLOCK at the start, and later where there is only one name; else it is a name
 * that is taken, and a number is added.
 */
int series_begin(struct series *series, int64_t wall_ns);

/* Opens a file that holds nothing. EEXIST: after very many tries. */
int series_next(struct series *series, int64_t wall_ns);

/* The name of the file opened last. */
const char *series_name(const struct series *series);

/* The name that was tried last, also in vain; "" = none. And why it was in vain, by errno. */
const char *series_tried(const struct series *series);
const char *series_reason(int error);

/* Whether it has had its time. */
bool series_due(struct series *series, int64_t wall_ns);

/* Whether a file of that size has no room for so many bytes more. */
bool series_full(const struct series *series, off_t size, size_t more);

void series_free(struct series *series); /* NULL is fine */

#endif
