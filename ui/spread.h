/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spread.h - durations in little memory: their median, to within a tenth, and the longest.
 */
#ifndef LASTACK_UI_SPREAD_H
#define LASTACK_UI_SPREAD_H

#include <stdint.h>

enum { SPREAD_STEPS = 160 }; /* four for each doubling, from a microsecond to twelve days */

struct spread {
	uint64_t n;
	int64_t longest;	     /* ns */
	uint64_t longest_connection; /* whose it is: its first packet */
	uint32_t steps[SPREAD_STEPS];
};

/* All zero before. ns below 0 is not known, and not added. */
void spread_add(struct spread *spread, int64_t ns, uint64_t connection);

/* The middle of the step that holds the median, not more than the longest; -1 when there is none. */
int64_t spread_median(const struct spread *spread);

#endif
