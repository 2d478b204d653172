/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spread.c - see spread.h. */
#include "ui/spread.h"

#include <math.h>

#define NS_PER_US 1000

static int step_of(int64_t ns)
{
	int step = ns < NS_PER_US ? 0 : (int)(4 * log2((double)ns / NS_PER_US));

	return step < SPREAD_STEPS ? step : SPREAD_STEPS - 1;
}

void spread_add(struct spread *s, int64_t ns, uint64_t connection)
{
	if (ns < 0)
		return;
	s->steps[step_of(ns)]++;
	if (s->n++ == 0 || ns > s->longest) {
		s->longest = ns;
		s->longest_connection = connection;
	}
}

int64_t spread_median(const struct spread *s)
{
	uint64_t before = 0;
	int step = 0;
	int64_t middle;

	if (s->n == 0)
		return -1;
	while (step < SPREAD_STEPS - 1 && (before += s->steps[step]) * 2 < s->n)
		step++;
	middle = (int64_t)(NS_PER_US * exp2((step + 0.5) / 4));
	return middle < s->longest ? middle : s->longest;
}
