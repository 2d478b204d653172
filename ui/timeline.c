/* SPDX-License-Identifier: GPL-2.0-or-later */
/* timeline.c - see timeline.h. */
#include "ui/timeline.h"

#include <string.h>

#define NS_PER_S	 INT64_C(1000000000)
#define FIRST_STEP_WHOLE (NS_PER_S / 1000)

void timeline_init(struct timeline *t, bool whole)
{
	*t = (struct timeline){ .whole = whole, .step = whole ? FIRST_STEP_WHOLE : NS_PER_S };
}

/* Rounded down, also before 1970. */
static int64_t divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Steps become twice as long. */
static void fold(struct timeline *t)
{
	int64_t first = divide(t->first, 2);
	uint32_t folded[TIMELINE_STEPS][TIMELINE_KINDS] = { 0 };
	int n = 0;

	for (int i = 0; i < t->n; i++) {
		n = (int)(divide(t->first + i, 2) - first);
		for (int kind = 0; kind < TIMELINE_KINDS; kind++)
			folded[n][kind] += t->counts[i][kind];
	}
	memcpy(t->counts, folded, sizeof folded);
	t->first = first;
	t->step *= 2;
	t->n = t->n > 0 ? n + 1 : 0;
}

/* The first steps go. */
static void slide(struct timeline *t, int64_t by)
{
	int gone = by < t->n ? (int)by : t->n;

	memmove(t->counts, t->counts + gone, (size_t)(t->n - gone) * sizeof *t->counts);
	memset(t->counts + (t->n - gone), 0, (size_t)gone * sizeof *t->counts);
	t->n -= gone;
	t->first += by;
}

/* Makes room for steps before the first. */
static void grow_back(struct timeline *t, int by)
{
	memmove(t->counts + by, t->counts, (size_t)t->n * sizeof *t->counts);
	memset(t->counts, 0, (size_t)by * sizeof *t->counts);
	t->n += by;
	t->first -= by;
}

/* The index of the step of that time, made now if it is new; -1 = it is too old. */
static int reach(struct timeline *t, struct moment at)
{
	int64_t i;

	if (t->n == 0) {
		t->first = divide(at.ns, t->step);
		t->n = 1;
		return 0;
	}
	for (i = divide(at.ns, t->step) - t->first;
	     t->whole && (i >= TIMELINE_STEPS || i < t->n - TIMELINE_STEPS);
	     i = divide(at.ns, t->step) - t->first)
		fold(t);
	if (i >= TIMELINE_STEPS) {
		slide(t, i - TIMELINE_STEPS + 1);
		i = TIMELINE_STEPS - 1;
	}
	if (i < 0 && !t->whole)
		return -1;
	if (i < 0) {
		grow_back(t, (int)-i);
		i = 0;
	}
	if (i >= t->n)
		t->n = (int)i + 1;
	return (int)i;
}

void timeline_add(struct timeline *t, struct moment at, int kind, int by)
{
	int i = reach(t, at);

	if (i >= 0 && (by > 0 || t->counts[i][kind] > 0))
		t->counts[i][kind] += (uint32_t)by;
}

void timeline_reach(struct timeline *t, struct moment now)
{
	reach(t, now);
}

static uint64_t sum_of(const uint32_t *counts, unsigned kinds)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < TIMELINE_KINDS; kind++)
		sum += kinds >> kind & 1 ? counts[kind] : 0;
	return sum;
}

int64_t timeline_columns(const struct timeline *t, unsigned kinds, int64_t span, uint64_t *out, int n)
{
	int64_t steps = t->whole ? t->n : span / t->step;
	int64_t each = n > 0 && steps > n ? (steps + n - 1) / n : 1;
	int64_t last;

	/* Columns begin at multiples of their length, so that what was drawn stays as it was. */
	while (t->whole && n > 0 && divide(t->first + t->n - 1, each) - divide(t->first, each) >= n)
		each++;
	last = divide(t->first + t->n - 1, each);
	for (int i = 0; i < n; i++)
		out[i] = 0;
	for (int i = 0; i < t->n; i++) {
		int64_t column = n - 1 - (last - divide(t->first + i, each));

		if (column >= 0)
			out[column] += sum_of(t->counts[i], kinds);
	}
	return each * t->step;
}

uint64_t timeline_recent(const struct timeline *t, unsigned kinds, int64_t span)
{
	int64_t steps = span / t->step > 0 ? span / t->step : 1;
	uint64_t sum = 0;

	for (int i = t->n - 1; i >= 0 && i >= t->n - steps; i--)
		sum += sum_of(t->counts[i], kinds);
	return sum;
}
