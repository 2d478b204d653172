/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - how far the reading of captures is: one line on standard error that is written over again and
 * again, from the second second on, and wiped in the end.
 *
 * As with pv and curl: only on a terminal that can wipe a line, not with --quiet, not where rows go to a
 * terminal too, and only for files, whose sizes are known. It is the reading thread's, which has the
 * captures; a complaint wipes it and it comes back below.
 */
#ifndef LASTACK_UI_PROGRESS_H
#define LASTACK_UI_PROGRESS_H

#include "dissect/capture.h"
#include "ui/format.h"
#include "ui/options.h"

/* To be held by value, and zeroed: then nothing is ever shown. */
struct progress {
	bool wanted;
	bool shown;
	int64_t began, due; /* ns of a clock that does not run backwards */
	size_t steps;	    /* frames since the last look */
};

/* Begins, where it is wanted. */
void progress_begin(struct progress *progress, const struct options *options);

/* Looks at the clock. */
void progress_look(struct progress *progress, const struct captures *captures);

/* To be called after every few frames, or none: looks at the clock every few thousand. */
static inline void progress_step(struct progress *progress, const struct captures *captures, size_t frames)
{
	progress->steps += frames;
	if (progress->steps < 4096 || !progress->wanted)
		return;
	progress->steps = 0;
	progress_look(progress, captures);
}

/* Wipes it. */
void progress_end(struct progress *progress);

/* The line: so many of all bytes, and packets, in ns. */
void progress_text(struct text *text, uint64_t done, uint64_t all, uint64_t packets, int64_t ns);

#endif
