/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rotation.h - when an output begins a new file, and what its files are called.
 *
 * A name is made by strftime(3) in local time, as by tcpdump -G. Only conversions whose text is told from
 * other names by its form are taken, and only in the last part of the path: who removes old files must know
 * his own, and the folder must be known from the start.
 *
 * Where a name is taken already, a number stands before what follows its last point: rows-20261120.1.csv.
 */
#ifndef LASTACK_UI_ROTATION_H
#define LASTACK_UI_ROTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/format.h"

struct rotation {
	uint64_t size;	/* bytes that a file may hold, 0 = any number */
	int64_t period; /* ns, 0 = no end by time */
};

/* Whether there is to be more than one file. */
static inline bool rotation_wanted(const struct rotation *rotation)
{
	return rotation->size > 0 || rotation->period > 0;
}

/*
 * Reads a size (512K, 100M, 1G: powers of 1024) or a time (30s, 10m, 1h, 1d), and sets that one of *rotation.
 * False with a reason in why.
 */
bool rotation_parse(struct rotation *rotation, const char *argument, struct text *why);

/* Whether names can be made from the pattern: the conversions are known, and there is one. False with why. */
bool rotation_pattern_valid(const char *pattern, struct text *why);

/*
 * Reads the local time zone once and for all; without it the C library would look for its file again and
 * again, also when it may not open files any more. To be called before any other thread exists.
 */
void rotation_zone(void);

/*
 * The name for a time (ns since 1970); number 0 = without one. The pattern is a valid one. False when the
 * text has no room for it and its end ('\0', which is put there).
 */
bool rotation_name(const char *pattern, int64_t wall_ns, uint64_t number, struct text *name);

/*
 * Whether a file name (the last part of a path) is one that rotation_name() makes from the pattern at some
 * time with some number, which *number then is.
 */
bool rotation_matches(const char *pattern, const char *name, uint64_t *number);

/* The last part of a path. */
const char *rotation_base(const char *path);

/*
 * When a file begun at wall_ns has to end, later than that: at the next multiple of the period since 1970 in
 * local time (an hour: full hours; a day: midnights, also where the clocks change). INT64_MAX without a
 * period.
 */
int64_t rotation_next(const struct rotation *rotation, int64_t wall_ns);

#endif
