/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rhythm.h - whether something comes at a fixed interval, from a few of its latest spacings. Pure. */
#ifndef LASTACK_ANALYZER_RHYTHM_H
#define LASTACK_ANALYZER_RHYTHM_H

#include <stdint.h>

#include "dissect/segment.h"

enum {
	RHYTHM_LATEST = 8, /* spacings remembered */
	RHYTHM_LEAST = 4,  /* fewer show no rhythm */
};

/* Zero-filled: nothing came yet. */
struct rhythm {
	struct moment last; /* the latest moment */
	int64_t spacing[RHYTHM_LATEST];
	uint64_t count; /* moments so far */
};

/* Something came. Moments may be anything; those out of order by a little do no harm. */
void rhythm_add(struct rhythm *rhythm, struct moment at);

/*
 * The interval, ns: the median of the latest spacings. Regular are at least RHYTHM_LEAST spacings, three
 * quarters of them within a tenth of a median that is not 0; for all else 0. One that was missed, or a short
 * pause, does not spoil it.
 */
int64_t rhythm_interval(const struct rhythm *rhythm);

#endif
