/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timeline.h - how many connections opened and closed when, by kind, in a bounded number of steps.
 *
 * Watching, a step is a second and the oldest make room for the newest. Of captures the whole time is kept:
 * where it does not fit, steps become twice as long.
 */
#ifndef LASTACK_UI_TIMELINE_H
#define LASTACK_UI_TIMELINE_H

#include <stddef.h>

#include "analyzer/vocabulary.h"
#include "dissect/segment.h"

/* What happened: a close, or that a connection opened. */
enum { TIMELINE_OPENED = CLOSE_COUNT, TIMELINE_KINDS };

/* Kinds that are counted together, a bit for each. */
enum timeline_sum {
	TIMELINE_SUM_OPENED = 1 << TIMELINE_OPENED,
	TIMELINE_SUM_GRACEFUL = 1 << CLOSE_GRACEFUL | 1 << CLOSE_SIMULTANEOUS, /* both FINs */
	TIMELINE_SUM_RESET = 1 << CLOSE_RESET,
	TIMELINE_SUM_VANISHED = 1 << CLOSE_VANISHED,
	/* Never opened. */
	TIMELINE_SUM_FAILED =
		1 << CLOSE_REFUSED | 1 << CLOSE_UNREACHABLE | 1 << CLOSE_UNANSWERED | 1 << CLOSE_ABANDONED,
};

enum { TIMELINE_STEPS = 600 };

struct timeline {
	bool whole;    /* all the time is kept */
	int64_t step;  /* ns */
	int64_t first; /* number of the first step since 1970 */
	int n;	       /* steps used */
	uint32_t counts[TIMELINE_STEPS][TIMELINE_KINDS];
};

void timeline_init(struct timeline *timeline, bool whole);

/* One more, or with by = -1 one less, at that time. What is older than the oldest step is not kept. */
void timeline_add(struct timeline *timeline, struct moment at, int kind, int by);

/* Time has come so far, and nothing may have happened. */
void timeline_reach(struct timeline *timeline, struct moment now);

/*
 * The newest steps as n columns (of whole steps), the last of which is the newest; returns the ns that one
 * stands for. Watching, at most 'span' ns are shown, and fewer where a step is a column.
 */
int64_t timeline_columns(const struct timeline *timeline, unsigned kinds, int64_t span, uint64_t *out, int n);

/* How many in the newest 'span' ns before the newest step's end. */
uint64_t timeline_recent(const struct timeline *timeline, unsigned kinds, int64_t span);

#endif
