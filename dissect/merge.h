/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * merge.h - the frames of several inputs in the order of their times.
 *
 * Where times are equal, the order of the command line decides. Within an input frames keep their order, also
 * where its clock was set back: what follows a frame that was the first of all, and is earlier than it, is
 * the first of all again. Frames stay in their input's buffer: the one given out last is replaced only when
 * the next is asked for.
 */
#ifndef LASTACK_DISSECT_MERGE_H
#define LASTACK_DISSECT_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/frame.h"
#include "dissect/input.h"

enum { MERGE_AHEAD = 16 };

/* An input and its next frame. */
struct head {
	size_t order; /* on the command line */
	struct input *input;
	struct frame frame;
	bool drop; /* by the filter: only its time counts */
	/* What follows and was at hand, from 'used' to 'taken'. */
	struct frame ahead[MERGE_AHEAD];
	size_t used, taken;
	uint64_t first; /* packets of the first reading ... */
	uint64_t left;	/* ... that are to come again */
};

/* To be held by value. */
struct merge {
	struct head *heads; /* all inputs, in order of the command line */
	size_t heads_count;
	struct head **heap; /* those that have a frame, the smallest first */
	size_t count;
	bool begun; /* heap[0]'s frame was given out */
	bool again; /* the inputs are not read for the first time */
	bool lost;  /* one of them has become shorter since: that is the end */
};

/* Room for n inputs. False with errno = ENOMEM; merge_destroy() is due either way. */
bool merge_init(struct merge *m, size_t n);

/* Takes over an input; not after the first merge_next(). */
void merge_add(struct merge *m, struct input *input);

/* The next frame, all but its packet number, or one to drop; valid until the next call. NULL = no more. */
const struct head *merge_next(struct merge *m);

/*
 * Frames that follow and are at hand, at most 'room', as merge_next() would give them, all but their packet
 * numbers. Returns how many; 0 = merge_next() knows. They are valid until that is called, as what it gave
 * still is. Only in the first reading.
 */
size_t merge_take(struct merge *m, struct frame *frames, size_t room);

/* The only input that is left, if there is nothing to merge any more; else NULL. */
struct input *merge_only(const struct merge *m);

/* As input_progress(), of all inputs together. */
bool merge_progress(const struct merge *m, uint64_t *done, uint64_t *all);

/*
 * Begins again with those inputs that can be read again. No more of each is given than was read then. 0, or
 * -1 with errno.
 */
int merge_rewind(struct merge *m);

void merge_destroy(struct merge *m); /* a zeroed one is fine */

#endif
